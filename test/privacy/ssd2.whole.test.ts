// Shown: the built-in detector finds what its measured prototype found and what a person sees, refuses weights that were not
// measured, and never calls numbers that are none an empty street. Faces: fixtures/faces.json.
import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Face, overlap, type Picture } from "../../src/privacy/detector.ts";
import { decodePicture, encodeJpeg, resizePicture } from "../../src/privacy/picture.ts";
import { lookOf } from "../../src/privacy/redact-levels.ts";
import { openSsd2 } from "../../src/privacy/ssd2.ts";
import { facesOfScale, joinScales } from "../../src/privacy/ssd2-faces.ts";
import { seededRandom } from "../helpers/random.ts";
import { modelDirectory, type SampleName, samplePhotograph } from "../helpers/sample-photographs.ts";

const Box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const Sample = z.object({
  width: z.number(),
  height: z.number(),
  prototype: z.array(z.tuple([...Box.def.items, z.number()])),
  byHand: z.array(Box),
});
const faces = z
  .object({ about: z.string() })
  .catchall(Sample)
  .parse(JSON.parse(await readFile(new URL("fixtures/faces.json", import.meta.url), "utf8")));
const SAMPLES = ["sample1", "sample2", "sample3", "sample4", "sample5", "sample6"] as const;

const detector = await openSsd2({ directory: modelDirectory, threads: 2 });
afterAll(() => detector[Symbol.asyncDispose]());

describe.each(SAMPLES)("%s", (name) => {
  test("has the prototype's boxes, with its scores", async () => {
    const picture = await decodePicture(await samplePhotograph(name));
    const found = await detector.detect(picture, lookOf("normal"));
    const expected = sampleOf(name).prototype;
    expect(found).toHaveLength(expected.length);
    expected.forEach((box, i) => {
      const face = found[i];
      if (face === undefined) throw new Error("fewer faces than boxes");
      expect(overlap(face, asBox(box)), `face ${i}`).toBeGreaterThan(0.98);
      expect(Math.abs(face.score - box[4]), `score of face ${i}`).toBeLessThan(0.005);
    });
  });

  test.each(["thorough", "strict"] as const)(
    "each face a person wrote down lies within a box at level %s",
    async (level) => {
      const picture = await decodePicture(await samplePhotograph(name));
      const found = await detector.detect(picture, lookOf(level));
      for (const box of sampleOf(name).byHand)
        expect(
          found.some((face) => overlap(face, asBox(box)) > 0.4),
          box.join(" "),
        ).toBe(true);
    },
  );
});

test("faces are found at a fifth of the light, and still when a lamp shines into the picture", async () => {
  const random = seededRandom(7);
  for (const hasLamp of [false, true]) {
    const picture = await small("sample5", 1280);
    for (let i = 0; i < picture.rgb.length; i += 1) {
      picture.rgb[i] = Math.min(255, Math.max(0, Math.round((picture.rgb[i] ?? 0) * 0.2 + (random() - 0.5) * 6)));
    }
    if (hasLamp) {
      for (let y = 0; y < 200; y += 1) picture.rgb.fill(250, y * 1280 * 3, (y * 1280 + 190) * 3);
    }
    const night = await decodePicture(await encodeJpeg(picture));
    const found = await detector.detect(night, lookOf("normal"));
    expect(recallOf(found, "sample5", 1280 / 1920), `lamp ${hasLamp}`).toBe(1);
  }
});

test("faces 35 pixels high are found", async () => {
  const picture = await small("sample6", 240);
  expect(recallOf(await detector.detect(picture, lookOf("normal")), "sample6", 240 / 1920)).toBe(1);
});

test("the picture that was looked at is unchanged", async () => {
  const picture = await small("sample1", 320);
  const before = Buffer.from(picture.rgb);
  await detector.detect(picture, lookOf("thorough"));
  expect(picture.rgb.equals(before)).toBe(true);
});

test("outputs that are not finite, missing or misshapen are an error, not an empty street", () => {
  const anchors = Array.from({ length: 6 }, () => [{ width: 32, height: 32 }]);
  const outputs = (change: (name: string, values: Float32Array) => Float32Array) =>
    new Map(
      anchors.flatMap((_, layer) =>
        (["box", "class"] as const).map((kind) => {
          const name = `${kind}${layer}`;
          const values = change(name, new Float32Array(kind === "box" ? 4 : 3).fill(-9));
          return [name, { shape: [1, values.length, 1, 1], values }] as const;
        }),
      ),
    );
  const decode = (change: (name: string, values: Float32Array) => Float32Array): Face[] =>
    facesOfScale({ outputs: outputs(change), anchors });
  expect(decode((_, values) => values)).toEqual([]);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(() => decode((name, values) => (name === "class3" ? values.fill(bad) : values))).toThrow(/not finite/);
    expect(() => decode((name, values) => (name === "box0" ? values.fill(bad) : values))).toThrow(/not finite/);
  }
  expect(() => decode((name, values) => (name === "box5" ? new Float32Array(8) : values))).toThrow(/shapes/);
  expect(() => facesOfScale({ outputs: new Map(), anchors })).toThrow(/no output/);
});

test("what both scales saw is one face, and surer than what one saw", () => {
  const face = { x: 100, y: 100, width: 40, height: 50, score: 0.5 };
  const nearby = { ...face, x: 104 };
  const both = joinScales({ fine: [face], coarse: [nearby], threshold: 0 });
  expect(both).toHaveLength(1);
  expect(both[0]?.x).toBeCloseTo(102);
  const alone = joinScales({ fine: [face], coarse: [], threshold: 0 });
  expect(both[0]?.score).toBeGreaterThan(alone[0]?.score ?? 1);
});

function sampleOf(name: SampleName): z.infer<typeof Sample> {
  const sample = faces[name];
  if (typeof sample !== "object") throw new Error(`no fixture for ${name}`);
  return sample;
}

function recallOf(found: readonly Face[], name: SampleName, scale: number): number {
  const expected = sampleOf(name).byHand.map((box) => asBox(box.map((value) => value * scale)));
  return expected.filter((box) => found.some((face) => overlap(face, box) > 0.3)).length / expected.length;
}

function asBox([x = 0, y = 0, width = 0, height = 0]: readonly number[]): {
  x: number;
  y: number;
  width: number;
  height: number;
} {
  return { x, y, width, height };
}

async function small(name: SampleName, width: number): Promise<Picture> {
  const picture = await decodePicture(await samplePhotograph(name));
  return await resizePicture(picture, { width, height: Math.round((picture.height * width) / picture.width) });
}
