// Shown: pictures in which the first look alone misses faces, soft ones and close ones: they are found, or nothing leaves.
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { openCanary } from "../../src/privacy/canary.ts";
import { redactPicture } from "../../src/privacy/redaction.ts";
import type { Redaction } from "../../src/privacy/redactor-protocol.ts";
import { openSsd2 } from "../../src/privacy/ssd2.ts";
import { modelDirectory, samplePhotograph } from "../helpers/sample-photographs.ts";

const detector = await openSsd2({ directory: modelDirectory, threads: 2 });
afterAll(() => detector[Symbol.asyncDispose]());
const canary = await openCanary(modelDirectory);

async function redact(encoded: Buffer): Promise<Redaction> {
  const ask = {
    kind: "redact",
    id: 1,
    level: "normal",
    whenUnsure: "withhold",
    masks: [],
    checkCanary: false,
  } as const;
  return await redactPicture(encoded, ask, { detector, canary, clock: systemClock });
}

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
