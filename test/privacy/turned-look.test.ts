// Shown: what is found in a copy on its side is told where it lies in the picture as it stands, is told once, and the copies
// are gone afterwards. The detector is one that finds a red square.
import { expect, test } from "vitest";
import type { Detector, Face, Look, Picture } from "../../src/privacy/detector.ts";
import { SSD2_TUNING } from "../../src/privacy/redact-levels.ts";
import { lookTurned, turnBack, turnQuarter } from "../../src/privacy/turned-look.ts";

const look: Look = { longSides: [200], threshold: 0.25 };
const square = { x: 120, y: 20, width: 30, height: 50 };

/** A picture of 200 x 100 pixels, black but for one red rectangle. */
function withSquare({ x, y, width, height } = square): Picture {
  const rgb = Buffer.alloc(200 * 100 * 3);
  for (let row = y; row < y + height; row += 1)
    for (let column = x; column < x + width; column += 1) rgb[(row * 200 + column) * 3] = 255;
  return { rgb, width: 200, height: 100 };
}

/** The box around all red pixels. */
function findRed({ rgb, width }: Picture): Face[] {
  const places = Array.from({ length: rgb.length / 3 }, (_, i) => i).filter((i) => (rgb[i * 3] ?? 0) > 128);
  const [xs, ys] = [places.map((i) => i % width), places.map((i) => Math.floor(i / width))];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return [{ x, y, width: Math.max(...xs) + 1 - x, height: Math.max(...ys) + 1 - y, score: 0.5 }];
}

function detectorThat(detect: (picture: Picture, look: Look) => Face[]): Detector & { readonly seen: Picture[] } {
  const seen: Picture[] = [];
  return {
    modelSha256: "0".repeat(64),
    tuning: SSD2_TUNING,
    seen,
    async detect(picture, asked) {
      seen.push(picture);
      return detect(picture, asked);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

test("a find lies in the picture where it lies in the copy, whichever side that lies on", async () => {
  const detector = detectorThat(findRed);
  const found = await lookTurned(detector, withSquare(), { look, upright: [] });
  expect(detector.seen.map(({ width, height }) => [width, height])).toEqual([
    [100, 200],
    [100, 200],
  ]);
  expect(found).toEqual([
    { ...square, score: 0.5 },
    { ...square, score: 0.5 },
  ]);
});

test("a larger picture is reduced to the look's side, and finds are in its own pixels", async () => {
  const found = await lookTurned(detectorThat(findRed), withSquare(), {
    look: { ...look, longSides: [100] },
    upright: [],
  });
  for (const face of found) {
    expect(Math.abs(face.x - square.x)).toBeLessThanOrEqual(2);
    expect(Math.abs(face.y - square.y)).toBeLessThanOrEqual(2);
    expect(Math.abs(face.width - square.width)).toBeLessThanOrEqual(4);
  }
  expect(found).toHaveLength(2);
});

test("what the paint over upright faces covers is not told again", async () => {
  const upright = [{ ...square, score: 0.9 }];
  expect(await lookTurned(detectorThat(findRed), withSquare(), { look, upright })).toEqual([]);
});

test("copies are zeroed, also when the detector fails, and the picture is unchanged", async () => {
  const picture = withSquare();
  const before = Buffer.from(picture.rgb);
  const failing = detectorThat(() => {
    throw new Error("broken");
  });
  await expect(lookTurned(failing, picture, { look, upright: [] })).rejects.toThrow("broken");
  const well = detectorThat(findRed);
  await lookTurned(well, picture, { look, upright: [] });
  for (const { rgb } of [...failing.seen, ...well.seen]) expect(rgb.every((value) => value === 0)).toBe(true);
  expect(picture.rgb.equals(before)).toBe(true);
});

test("a quarter turn clockwise brings the top left pixel to the top right", () => {
  const picture = {
    rgb: Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]),
    width: 3,
    height: 2,
  };
  expect([...turnQuarter(picture, true).rgb]).toEqual([10, 11, 12, 1, 2, 3, 13, 14, 15, 4, 5, 6, 16, 17, 18, 7, 8, 9]);
  expect([...turnQuarter(turnQuarter(picture, true), false).rgb]).toEqual([...picture.rgb]);
  expect(turnBack({ x: 1, y: 0, width: 1, height: 1, score: 1 }, { width: 3, height: 2, isClockwise: true })).toEqual({
    x: 0,
    y: 0,
    width: 1,
    height: 1,
    score: 1,
  });
});
