// The first look at a picture: as it is and, where it is hazy or much of it lies in the shadow of something bright, once more
// with the tones of the haze or the shadow spread. Canary and picture are looked at by the same code, or the canary would prove nothing.
import { type Detector, type Face, type Look, overlap, type Picture } from "./detector.ts";
import type { Stretch } from "./night.ts";

/** Why and how the tones are spread for another look. */
export type Spread = { readonly of: "haze" | "shadows"; readonly stretch: Stretch };

/** Finds in the shadows count only where the picture is dark, since all else was seen. */
const SHADOW_BRIGHT = 64;
/** A find of both looks is painted once when the boxes overlap this much. */
const SAME = 0.5;

/** Faces of the plain look and of the other one. Throws what the detector throws. */
export async function lookFirst(
  detector: Detector,
  picture: Picture,
  by: { readonly look: Look; readonly spread: Spread | null },
): Promise<Face[]> {
  const faces = await detector.detect(picture, by.look);
  if (by.spread === null) return faces;
  const { of, stretch } = by.spread;
  const threshold = of === "shadows" ? detector.tuning.shadowScore : by.look.threshold;
  const found = await detector.detect(picture, { ...by.look, threshold, stretch });
  const more = found
    .filter((face) => of === "haze" || meanLuma(picture, face) < SHADOW_BRIGHT)
    .filter((face) => faces.every((other) => overlap(other, face) < SAME));
  return [...faces, ...more];
}

function meanLuma({ rgb, width, height }: Picture, face: Face): number {
  const [left, right] = [Math.max(0, Math.floor(face.x)), Math.min(width, Math.ceil(face.x + face.width))];
  const [top, bottom] = [Math.max(0, Math.floor(face.y)), Math.min(height, Math.ceil(face.y + face.height))];
  let sum = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let at = (y * width + left) * 3; at < (y * width + right) * 3; at += 3)
      sum += (77 * (rgb[at] ?? 0) + 150 * (rgb[at + 1] ?? 0) + 29 * (rgb[at + 2] ?? 0)) >> 8;
  }
  return sum / Math.max(1, (right - left) * (bottom - top));
}
