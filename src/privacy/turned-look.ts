// A look at copies that lie on their left and right side: for people who lie, bend or fall, and cameras that hang askew. The
// built-in network knows faces that are up to 45° from upright; of faces of 20 px turned by 75 or 90° it found two thirds.
import { type Detector, type Face, type Look, type Picture, reductionOf } from "./detector.ts";
import { coveredShare } from "./look-again.ts";
import { growBox } from "./paint.ts";
import { resizePicture } from "./picture.ts";
import { DETECTION_SIDE } from "./redact-levels.ts";

/** A find whose middle is painted over so far already adds nothing. */
const KNOWN = 0.9;

/**
 * Faces in pixels of the picture as it stands, without those that the paint over `upright` covers. `look`: one long side, to
 * which the copies are reduced, and a threshold above the first look's, since much looks like a face once it is turned. The
 * picture is not changed; copies are zeroed (I1). Throws what the detector throws.
 */
export async function lookTurned(
  detector: Detector,
  picture: Picture,
  { look, upright }: { readonly look: Look; readonly upright: readonly Face[] },
): Promise<Face[]> {
  const reduction = reductionOf(picture, Math.max(...look.longSides));
  const size = { width: Math.round(picture.width / reduction), height: Math.round(picture.height / reduction) };
  const { share, px } = detector.tuning.grow;
  const grow = { share, px: px * reductionOf(picture, DETECTION_SIDE) };
  const painted = upright.flatMap((face) => growBox(face, grow, picture) ?? []);
  const small = await resizePicture(picture, size);
  const found: Face[] = [];
  try {
    for (const isClockwise of [true, false]) {
      const turned = turnQuarter(small, isClockwise);
      try {
        const faces = await detector.detect(turned, look);
        found.push(...faces.map((face) => turnBack(face, { ...size, isClockwise })));
      } finally {
        turned.rgb.fill(0);
      }
    }
  } finally {
    small.rgb.fill(0);
  }
  const [across, down] = [picture.width / size.width, picture.height / size.height];
  return found.map((face) => scaled(face, { across, down })).filter((face) => coveredShare(face, painted) < KNOWN);
}

/** A copy turned by 90°. */
export function turnQuarter({ rgb, width, height }: Picture, isClockwise: boolean): Picture {
  const turned = Buffer.alloc(rgb.length);
  for (let y = 0; y < height; y += 1) {
    const column = isClockwise ? height - 1 - y : y;
    for (let x = 0; x < width; x += 1) {
      const row = isClockwise ? x : width - 1 - x;
      const from = (y * width + x) * 3;
      const to = (row * height + column) * 3;
      turned[to] = rgb[from] ?? 0;
      turned[to + 1] = rgb[from + 1] ?? 0;
      turned[to + 2] = rgb[from + 2] ?? 0;
    }
  }
  return { rgb: turned, width: height, height: width };
}

/** Where a box of the turned copy lies in the upright one. */
export function turnBack(
  face: Face,
  { width, height, isClockwise }: { readonly width: number; readonly height: number; readonly isClockwise: boolean },
): Face {
  const x = isClockwise ? face.y : width - face.y - face.height;
  const y = isClockwise ? height - face.x - face.width : face.x;
  return { x, y, width: face.height, height: face.width, score: face.score };
}

function scaled(face: Face, { across, down }: { readonly across: number; readonly down: number }): Face {
  return {
    x: face.x * across,
    y: face.y * down,
    width: face.width * across,
    height: face.height * down,
    score: face.score,
  };
}
