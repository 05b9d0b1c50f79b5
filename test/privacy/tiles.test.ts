// Shown: tiles cover every picture, share what they must, are small enough, and each place is some tile's own; and how much of
// a machine the redactor takes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { childArguments, isLowMemory, threadsFor } from "../../src/privacy/machine-fit.ts";
import { PRIVACY_LIMITS } from "../../src/privacy/privacy-limits.ts";
import { isOwn, planTiles, type Tile } from "../../src/privacy/tiles.ts";

const side = fc.integer({ min: 1, max: 1920 });

test("tiles cover the picture, each small enough, and neighbours share enough for a face", () => {
  fc.assert(
    fc.property(side, side, (width, height) => {
      const tiles = planTiles({ width, height });
      for (const { x, y, width: across, height: down } of tiles) {
        expect(across * down).toBeLessThanOrEqual(PRIVACY_LIMITS.tilePixels);
        expect(x + across).toBeLessThanOrEqual(width);
        expect(y + down).toBeLessThanOrEqual(height);
        expect([x % 64, y % 64]).toEqual([0, 0]);
      }
      for (const [at, length, whole] of [
        ["x", "width", width],
        ["y", "height", height],
      ] as const)
        expectShared(tiles, { at, length, whole });
    }),
  );
});

test("each place of a picture is some tile's own, that of a face on the seam both neighbours'", () => {
  fc.assert(
    fc.property(
      side,
      side,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (width, height, right, down) => {
        const spot = { x: width * right - 8, y: height * down - 8, width: 16, height: 16 };
        expect(planTiles({ width, height }).filter((tile) => isOwn(tile, spot)).length).toBeGreaterThan(0);
      },
    ),
  );
  const [left, right] = planTiles({ width: 1280, height: 720 });
  if (left === undefined || right === undefined) throw new Error("fewer than two tiles");
  const onSeam = { x: 620, y: 300, width: 40, height: 50 };
  expect([isOwn(left, onSeam), isOwn(right, onSeam)]).toEqual([true, true]);
  expect(isOwn(right, { ...onSeam, x: 560 })).toBe(false);
  expect(isOwn(left, { ...onSeam, x: 680 })).toBe(false);
});

test("a small picture is one tile, that of a usual camera two", () => {
  expect(planTiles({ width: 640, height: 360 })).toHaveLength(1);
  expect(planTiles({ width: 1280, height: 720 })).toHaveLength(2);
});

test("a machine with little memory is searched tile by tile, unless gateway.yaml says otherwise", () => {
  const GIB = 1024 ** 3;
  expect([GIB / 2, GIB, 2 * GIB, 8 * GIB].map((bytes) => isLowMemory("auto", bytes))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect([isLowMemory("yes", 8 * GIB), isLowMemory("no", GIB)]).toEqual([true, false]);
  expect(childArguments({ modelDirectory: "/model", lowMemory: "yes" })).toEqual(["/model", "--low-memory"]);
  expect(childArguments({ lowMemory: "no" })).toEqual([]);
});

test("one core stays with the broker, and no more threads run than are of use", () => {
  expect([1, 2, 3, 4, 64].map((cores) => threadsFor(cores))).toEqual([1, 1, 2, LIMITS.redactorThreads, 2]);
});

/** Along one side: the first tile begins at 0, the last ends at the end, and each next one begins before its neighbour's end. */
function expectShared(
  tiles: readonly Tile[],
  { at, length, whole }: { at: "x" | "y"; length: "width" | "height"; whole: number },
): void {
  const starts = [...new Set(tiles.map((tile) => tile[at]))].toSorted((a, b) => a - b);
  const ends = starts.map(
    (start) => start + Math.min(...tiles.filter((tile) => tile[at] === start).map((tile) => tile[length])),
  );
  expect(starts[0]).toBe(0);
  expect(ends.at(-1)).toBe(whole);
  for (const [nth, start] of starts.slice(1).entries())
    expect((ends[nth] ?? 0) - start).toBeGreaterThanOrEqual(PRIVACY_LIMITS.tileOverlap);
}
