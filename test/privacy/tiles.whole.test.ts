// Shown: searched tile by tile, the detector finds the faces that it finds in the whole picture, also those that lie on a seam,
// in boxes that agree, once each; pictures that need no tiles are looked at as ever.
import { afterAll, describe, expect, test, vi } from "vitest";
import { type Face, overlap, type Picture } from "../../src/privacy/detector.ts";
import { decodePicture, resizePicture } from "../../src/privacy/picture.ts";
import { lookOf } from "../../src/privacy/redact-levels.ts";
import { openSsd2 } from "../../src/privacy/ssd2.ts";
import { planTiles } from "../../src/privacy/tiles.ts";
import { modelDirectory, type SampleName, samplePhotograph } from "../helpers/sample-photographs.ts";

const FRAME = { width: 1280, height: 720 };
/** Surer finds than those near the threshold, where a hair's difference decides. */
const SURE = 0.3;
// A dozen looks a test: on a busy machine some seconds each.
vi.setConfig({ testTimeout: 180_000 });
const [whole, tiled] = await Promise.all(
  [false, true].map((isLowMemory) => openSsd2({ directory: modelDirectory, threads: 2, isLowMemory })),
);
if (whole === undefined || tiled === undefined) throw new Error("unreachable");
afterAll(() => Promise.all([whole[Symbol.asyncDispose](), tiled[Symbol.asyncDispose]()]));

test("the frame of these tests has its one seam in the middle", () => {
  expect(planTiles(FRAME).map(({ x, width }) => [x, width])).toEqual([
    [0, 704],
    [576, 704],
  ]);
});

// Faces of half the overlap, of all of it, and of twice as much, which no tile sees whole.
describe.each([
  { zoom: 0.5, agreement: 0.8 },
  { zoom: 1, agreement: 0.7 },
  { zoom: 2, agreement: 0.5 },
])("photographs at $zoom of the frame's width", ({ zoom, agreement }) => {
  test.each(["sample1", "sample5", "sample6"] as const)(
    "%s: each face on the seam, and 40 pixels beside it",
    async (name) => {
      const photograph = await atWidth(name, FRAME.width * zoom);
      const faces = (await whole.detect(turned(photograph, 0), lookOf("normal"))).filter(({ score }) => score > 0.5);
      expect(faces.length).toBeGreaterThan(0);
      for (const face of faces.slice(0, 2)) {
        for (const beside of [0, 40]) {
          const picture = turned(photograph, face.x + face.width / 2 - FRAME.width / 2 + beside);
          const all = await whole.detect(picture, lookOf("normal"));
          const expected = all.filter(({ score }) => score > SURE);
          const found = await tiled.detect(picture, lookOf("normal"));
          expect(expected.length).toBeGreaterThan(0);
          for (const each of expected) expect(agreementWith(found, each)).toBeGreaterThan(agreement);
          expect(doublesIn(found)).toEqual([]);
          // A face that no tile sees whole may be found in pieces, too; one that fits is found once.
          if (zoom <= 1) expect(found.length).toBeLessThanOrEqual(all.length);
        }
      }
    },
  );
});

test("at level thorough the faces of six tiles are those of the whole", async () => {
  const photograph = await atWidth("sample5", 1920);
  const picture = { ...photograph, rgb: photograph.rgb.subarray(0, 1920 * 1080 * 3), height: 1080 };
  expect(planTiles(picture)).toHaveLength(6);
  const expected = (await whole.detect(picture, lookOf("thorough"))).filter(({ score }) => score > SURE);
  const found = await tiled.detect(picture, lookOf("thorough"));
  expect(expected.length).toBeGreaterThan(3);
  for (const each of expected) expect(agreementWith(found, each)).toBeGreaterThan(0.7);
});

test("a picture of one tile gives the very same boxes", async () => {
  const picture = await atWidth("sample5", 640);
  expect(await tiled.detect(picture, lookOf("normal"))).toEqual(await whole.detect(picture, lookOf("normal")));
});

async function atWidth(name: SampleName, width: number): Promise<Picture> {
  const picture = await decodePicture(await samplePhotograph(name));
  return await resizePicture(picture, { width, height: Math.round((picture.height * width) / picture.width) });
}

/** A frame full of the photograph, repeated to the right and below, that begins `shift` pixels into it. */
function turned(photograph: Picture, shift: number): Picture {
  const { width, height } = FRAME;
  const rgb = Buffer.alloc(width * height * 3);
  const from = ((Math.round(shift) % photograph.width) + photograph.width) % photograph.width;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; ) {
      const at = (from + x) % photograph.width;
      const run = Math.min(photograph.width - at, width - x);
      const source = ((y % photograph.height) * photograph.width + at) * 3;
      photograph.rgb.copy(rgb, (y * width + x) * 3, source, source + run * 3);
      x += run;
    }
  }
  return { rgb, width, height };
}

const agreementWith = (found: readonly Face[], face: Face): number =>
  Math.max(0, ...found.map((other) => overlap(other, face)));

/** A find of which most lies within a larger one. */
function doublesIn(found: readonly Face[]): Face[] {
  return found.filter((face, i) => found.some((other, j) => i !== j && overlap(face, other) > 0.5));
}
