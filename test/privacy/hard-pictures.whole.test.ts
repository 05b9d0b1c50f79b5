// Shown: pictures in which the first look alone misses faces, soft, hazy, backlit and close ones: they are found, or nothing leaves.
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import type { Detector } from "../../src/privacy/detector.ts";
import type { Redaction } from "../../src/privacy/redactor-protocol.ts";
import { openRedactHere } from "../helpers/redact-here.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";

const here = await openRedactHere();
afterAll(() => here[Symbol.asyncDispose]());
const { detector, redact } = here;

test.each([3, 5, 7, 9, 12])(
  "blurred by %i pixels at 1280: all four faces are found, or the picture is withheld",
  async (sigma) => {
    const soft = await sharp(await samplePhotograph("sample4"))
      .resize(1280)
      .blur(sigma)
      .jpeg()
      .toBuffer();
    const redaction = await redact(soft);
    if (redaction.kind === "image") expect(redaction.boxes.length).toBeGreaterThanOrEqual(4);
    else expect(redaction.why).toBe("unsure");
  },
);

const FACES = { sample1: 3, sample2: 3, sample5: 5, sample6: 4 } as const;

test.each([
  ["sample1", 0.1],
  ["sample2", 0.15],
  ["sample5", 0.2],
  ["sample5", 0.5],
  ["sample2", 0.5],
] as const)(
  "%s in haze, its contrast cut to %f: all faces are found, or the picture is withheld",
  async (name, contrast) => {
    const hazy = await sharp(await samplePhotograph(name))
      .resize(1280)
      .linear(contrast, 255 * (0.85 - contrast))
      .jpeg({ quality: 92 })
      .toBuffer();
    expectAllFaces(await redact(hazy), FACES[name]);
  },
);

test.each([
  ["sample1", 0.05],
  ["sample5", 0.08],
  ["sample5", 0.2],
  ["sample6", 0.05],
] as const)(
  "%s beside a bright doorway, %f as bright: all faces are found, or the picture is withheld",
  async (name, light) => {
    const backlit = await besideDoorway(
      await sharp(await samplePhotograph(name))
        .resize(960)
        .toBuffer(),
      light,
    );
    expectAllFaces(await redact(backlit), FACES[name]);
  },
);

test("a backlit picture without people is empty, with a canary as dark as its shadows", async () => {
  const part = { left: 0, top: 40, width: 480, height: 640 };
  const stairs = await sharp(await samplePhotograph("sample5"))
    .extract(part)
    .toBuffer();
  const redaction = await redact(await besideDoorway(stairs, 0.15));
  expect(redaction).toMatchObject({ kind: "image", outcome: "empty", canary: true, searched: { spread: "shadows" } });
});

test("a detector that does not see into the shadows is found out by the canary there", async () => {
  const part = { left: 0, top: 40, width: 480, height: 640 };
  const stairs = await sharp(await samplePhotograph("sample5"))
    .extract(part)
    .toBuffer();
  const byDayOnly: Detector = {
    ...detector,
    detect: (picture, look) => (look.stretch === undefined ? detector.detect(picture, look) : Promise.resolve([])),
  };
  const redaction = await redact(await besideDoorway(stairs, 0.05), {}, byDayOnly);
  expect(redaction).toMatchObject({ kind: "withheld", why: "unsure", canary: false });
});

function expectAllFaces(redaction: Redaction, faces: number): void {
  if (redaction.kind === "image") expect(redaction.boxes.length).toBeGreaterThanOrEqual(faces);
  else expect(redaction.why).toBe("unsure");
}

async function besideDoorway(picture: Buffer, light: number): Promise<Buffer> {
  const dark = await sharp(picture).linear(light, 0).toBuffer({ resolveWithObject: true });
  const { width, height } = dark.info;
  return await sharp({ create: { width: Math.round(width * 1.33), height, channels: 3, background: "#f4f4f0" } })
    .composite([{ input: dark.data, left: 0, top: 0 }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

test.each([0.3, 0.5, 0.65])("a face that fills %f of the picture's height is found", async (share) => {
  // The face of sample6 at the left: 213 x 272 pixels at 247, 487.
  const height = Math.round(272 / share);
  const width = Math.round((height * 4) / 3);
  const left = Math.max(0, Math.round(247 + 106 - width / 2));
  const part = { left, top: Math.max(0, Math.round(487 + 136 - height / 2)), width, height };
  const close = await sharp(await samplePhotograph("sample6"))
    .extract(part)
    .resize(1280)
    .jpeg()
    .toBuffer();
  const redaction = await redact(close);
  if (redaction.kind !== "image") throw new Error(redaction.detail);
  const scale = 1280 / width;
  const [middleX, middleY] = [(247 + 106 - part.left) * scale, (487 + 136 - part.top) * scale];
  const isCovered = redaction.boxes.some(
    ([x, y, w, h]) => x < middleX && middleX < x + w && y < middleY && middleY < y + h,
  );
  expect(isCovered).toBe(true);
});

test.each([
  ["the stretched scene washes it out", 0.15, 100],
  ["small, it is washed out", 0.15, 32],
  ["the scene is dim", 0.3, 64],
] as const)("a face in the light of a lamp is found in a dark scene: %s", async (_why, light, facePx) => {
  const scene = sharp(await samplePhotograph("sample5")).extract({ left: 0, top: 40, width: 480, height: 640 });
  const dark = await sharp(await scene.resize(1280, 720, { fit: "cover" }).toBuffer())
    .linear(light, 0)
    .toBuffer();
  // The face of sample6 at the left, and half a face around it.
  const scale = facePx / 272;
  const face = await sharp(await samplePhotograph("sample6"))
    .extract({ left: 140, top: 350, width: 426, height: 544 })
    .resize(Math.round(426 * scale), Math.round(544 * scale))
    .toBuffer();
  const lit = await sharp(dark)
    .composite([{ input: face, left: 600, top: 300 }])
    .jpeg({ quality: 90 })
    .toBuffer();
  const redaction = await redact(lit);
  if (redaction.kind !== "image") throw new Error(redaction.detail);
  const [middleX, middleY] = [600 + 213 * scale, 300 + 272 * scale];
  const isCovered = redaction.boxes.some(
    ([x, y, w, h]) => x < middleX && middleX < x + w && y < middleY && middleY < y + h,
  );
  expect(isCovered).toBe(true);
});
