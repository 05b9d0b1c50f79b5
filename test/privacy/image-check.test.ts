// Shown: what the gateway checks of the child's answer. Each lie a taken-over child could tell mints nothing (I2, I3).
import { createHash } from "node:crypto";
import sharp from "sharp";
import { expect, test } from "vitest";
import { faultOfImage } from "../../src/privacy/image-check.ts";
import type { ImageAnswer } from "../../src/privacy/redactor-protocol.ts";

const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: "#446688" } })
  .jpeg()
  .toBuffer();
const honest: ImageAnswer = {
  kind: "image",
  id: 1,
  outcome: "redacted",
  width: 64,
  height: 48,
  sha256: sha256(jpeg),
  boxes: [[0, 0, 20, 20, 0.9]],
  canary: true,
  searched: null,
  detail: null,
  ms: {},
};
const around = { jpeg, original: Buffer.from("another picture"), mayBeMosaic: false };

test("an answer that holds together is believed", () => {
  expect(faultOfImage(honest, around)).toBeNull();
  expect(faultOfImage({ ...honest, outcome: "empty", boxes: [] }, around)).toBeNull();
  const mosaic: ImageAnswer = { ...honest, outcome: "mosaic", boxes: [[0, 0, 64, 48, 1]] };
  expect(faultOfImage(mosaic, { ...around, mayBeMosaic: true })).toBeNull();
});

test.each<[string, Partial<ImageAnswer>, Partial<typeof around>]>([
  ["another digest", { sha256: "0".repeat(64) }, {}],
  ["the original itself", {}, { original: Buffer.from(jpeg) }],
  ["another size", { width: 63 }, {}],
  ["more pixels than any frame", { width: 30_000, height: 30_000 }, {}],
  ["bytes that are no JPEG", { sha256: sha256(Buffer.from("no")) }, { jpeg: Buffer.from("no") }],
  ["a region outside", { boxes: [[50, 0, 20, 20, 0.9]] }, {}],
  ["redacted without a region", { boxes: [] }, {}],
  ["empty with a region", { outcome: "empty" }, {}],
  ["a mosaic of a part", { outcome: "mosaic" }, { mayBeMosaic: true }],
  ["a mosaic that the policy does not allow", { outcome: "mosaic", boxes: [[0, 0, 64, 48, 1]] }, {}],
])("refused: %s", (_name, answer, change) => {
  expect(faultOfImage({ ...honest, ...answer }, { ...around, ...change })).not.toBeNull();
});

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
