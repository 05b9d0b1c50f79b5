// What the gateway checks of the redactor child's answer before it mints an image: the child parsed a stranger's bytes
// with native code, so it is not believed.
import { createHash } from "node:crypto";
import { LIMITS } from "../core/limits.ts";
import { faultOfBareJpeg } from "./picture-format.ts";
import type { ImageAnswer, RedactRequest } from "./redactor-protocol.ts";

/** Null if the answer holds together, else what is wrong with it. `original`: the frame's encoded bytes. */
export function faultOfImage(
  answer: ImageAnswer,
  { jpeg, original, mayBeMosaic }: { readonly jpeg: Buffer; readonly original: Buffer; readonly mayBeMosaic: boolean },
): string | null {
  const { width, height, boxes, outcome } = answer;
  if (width * height > LIMITS.framePixels) return "a picture larger than any frame";
  if (createHash("sha256").update(jpeg).digest("hex") !== answer.sha256)
    return "a picture that does not match its digest";
  if (jpeg.equals(original)) return "the original picture";
  const fault = faultOfBareJpeg(jpeg, answer);
  if (fault !== null) return `a picture with ${fault}`;
  if (boxes.some(([x, y, w, h]) => x + w > width || y + h > height)) return "a region outside the picture";
  switch (outcome) {
    case "empty":
      return boxes.length === 0 ? null : "regions in an empty picture";
    case "redacted":
      return boxes.length > 0 ? null : "a redacted picture without regions";
    case "mosaic": {
      const isWhole = boxes.length === 1 && boxes[0]?.[2] === width && boxes[0][3] === height;
      if (!isWhole) return "a mosaic of a part";
      return mayBeMosaic ? null : "a mosaic that the policy does not allow";
    }
  }
}

/** Silence needs evidence from this very picture; of a found face some minutes old evidence will do; a mosaic shows nothing. */
export function hasEvidence({ outcome, canary }: ImageAnswer, { checkCanary }: RedactRequest): boolean {
  switch (outcome) {
    case "mosaic":
      return true;
    case "redacted":
      return !checkCanary || canary === true;
    case "empty":
      return canary === true;
  }
}
