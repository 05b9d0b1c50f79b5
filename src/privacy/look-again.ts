// The second look: at what was encoded, not at what was meant. It catches a mask that was painted elsewhere than the face
// and a face that only shows once its surroundings are gone.
import type { Box, Detector, Face, Picture } from "./detector.ts";
import type { Region } from "./paint.ts";
import { decodeReduced } from "./picture.ts";

/** A face counts as painted when 90 % of its middle is: the measure of the promised recall. */
const MIDDLE = 0.6;
const COVERED = 0.9;
/** Points per side at which the middle is sampled. */
const POINTS = 12;

/** Faces in the encoded picture whose middle is not painted over, in pixels of the full picture. Throws what the detector throws. */
export async function uncoveredFaces(
  jpeg: Buffer,
  by: { readonly picture: Picture; readonly painted: readonly Region[]; readonly detector: Detector },
): Promise<Face[]> {
  const { again } = by.detector.tuning;
  const small = await decodeReduced(jpeg, Math.max(...again.longSides));
  const found = await by.detector.detect(small, again);
  const across = by.picture.width / small.width;
  const down = by.picture.height / small.height;
  return found
    .map(({ x, y, width, height, score }) => ({
      x: x * across,
      y: y * down,
      width: width * across,
      height: height * down,
      score,
    }))
    .filter((face) => coveredShare(face, by.painted) < COVERED);
}

/** The share of a face's middle that these regions cover. */
export function coveredShare({ x, y, width, height }: Box, painted: readonly Box[]): number {
  let covered = 0;
  for (let row = 0; row < POINTS; row += 1) {
    for (let column = 0; column < POINTS; column += 1) {
      const atX = x + width * ((1 - MIDDLE) / 2 + (MIDDLE * (column + 0.5)) / POINTS);
      const atY = y + height * ((1 - MIDDLE) / 2 + (MIDDLE * (row + 0.5)) / POINTS);
      const isCovered = painted.some(
        (each) => atX >= each.x && atX < each.x + each.width && atY >= each.y && atY < each.y + each.height,
      );
      covered += Number(isCovered);
    }
  }
  return covered / (POINTS * POINTS);
}
