// Whether a picture shows anything at all: "no faces" in a dark, blurred or covered picture is no evidence of an empty street.
import type { Picture } from "./detector.ts";
import type { Spread } from "./first-look.ts";
import { countBrightness, percentile } from "./night.ts";
import { resizePicture } from "./picture.ts";

/** Long side of the copy that is judged: fine enough for blur that hides faces, and a tenth of the detector's work. */
const JUDGED_SIDE = 512;
/** Brightness of the brightest 5 % below which noise hides faces: recall fell from 21 to 9 of 22 between 16 and 10. */
const DARKEST = 14;
/** Difference between the darkest and brightest 2 % below which the lens is covered, fogged or looks at a blank wall. */
const CONTRAST_MIN = 12;
/** Steepest edges (per mille) over contrast: sharp pictures have 0.4 to 0.7. Blurred to 0.1, 16 of 22 faces were found. */
const SHARPNESS_MIN = 0.13;
/** Softer than this, a coarser scale makes faces sharp again: at 0.11 to 0.17 it found 21 of 22 in place of 19. */
const SOFT = 0.3;

/** A scene is backlit when this share of it is darker than SHADOW while its brightest 5 % are brighter than LIT. */
const SHADOW_SHARE = 0.2;
const SHADOW = 40;
const LIT = 90;
/** The brightest of the dark part is brought to about this; beyond the largest gain noise shows in place of faces. */
const LIFTED = 100;
const GAIN = { min: 4, max: 10 } as const;
/** A white face in a scene by day is this many times as bright as what nineteen twentieths lie below. */
const WHITE_OVER_BRIGHT = 1.6;
/** What is darker than this at its brightest holds no face that anybody could know: black cars, bars beside the picture. */
const SHADOW_HIGH_MIN = 8;

/**
 * A picture without blacks, whose darkest 2 % are brighter than `low` and nearer to the brightest 2 % than `range`, is hazy:
 * with the contrast of photographs cut to 10 to 20 % no face was found, spread all were. By day `low` is 0 to 20.
 */
const HAZY = { low: 40, range: 140, spreadTo: 240 } as const;

/** The brightness that faces may have in a scene, darkest and brightest, 0 to 255. */
export type Tones = { readonly low: number; readonly high: number };

/** `doubt`: why nobody can tell what the picture shows, or null. `spread`: of a hazy or backlit picture. `tones`: of its dark part, if backlit. */
export type Sight = {
  readonly doubt: string | null;
  readonly isSoft: boolean;
  readonly spread: Spread | null;
  readonly tones: Tones;
};

/** Judges a decoded picture as it came, before masks are burnt in. */
export async function judgeSight(picture: Picture): Promise<Sight> {
  const factor = Math.min(1, JUDGED_SIDE / Math.max(picture.width, picture.height));
  const size = { width: Math.ceil(picture.width * factor), height: Math.ceil(picture.height * factor) };
  const small = await resizePicture(picture, size);
  const counts = countBrightness(small.rgb);
  const bright = percentile(counts, 0.95);
  const contrast = percentile(counts, 0.98) - percentile(counts, 0.02);
  const steepest = percentile(countEdges(small), 0.999);
  small.rgb.fill(0);
  const sharpness = steepest / Math.max(1, contrast);
  return {
    doubt: doubtIn({ bright, contrast, sharpness }),
    isSoft: sharpness < SOFT,
    ...tonesOf(counts, bright),
  };
}

function tonesOf(counts: Uint32Array, bright: number): Pick<Sight, "spread" | "tones"> {
  const dark = counts.map((count, value) => (value < SHADOW ? count : 0));
  const share = sum(dark) / Math.max(1, sum(counts));
  if (share < SHADOW_SHARE || bright < LIT) {
    const [low, brightest] = [percentile(counts, 0.02), percentile(counts, 0.98)];
    const tones = { low, high: Math.min(brightest, Math.round(bright * WHITE_OVER_BRIGHT)) };
    if (low < HAZY.low || brightest - low >= HAZY.range) return { spread: null, tones };
    return { spread: { of: "haze", stretch: { low, gain: HAZY.spreadTo / Math.max(1, brightest - low) } }, tones };
  }
  const gain = Math.min(GAIN.max, Math.max(GAIN.min, LIFTED / Math.max(1, percentile(dark, 0.95))));
  const high = Math.max(SHADOW_HIGH_MIN, percentile(dark, 0.98));
  return { spread: { of: "shadows", stretch: { low: 0, gain } }, tones: { low: percentile(dark, 0.02), high } };
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

function doubtIn({
  bright,
  contrast,
  sharpness,
}: {
  bright: number;
  contrast: number;
  sharpness: number;
}): string | null {
  if (bright < DARKEST) return "too dark to see faces";
  if (contrast < CONTRAST_MIN) return "nothing to see: the lens may be covered";
  return sharpness < SHARPNESS_MIN ? "too blurred to see faces" : null;
}

/** How many pixels differ by how much in brightness from the one to the right or below, whichever differs more. */
function countEdges({ rgb, width, height }: Picture): Uint32Array {
  const counts = new Uint32Array(256);
  const luma = (x: number, y: number): number => {
    const at = (y * width + x) * 3;
    return (77 * (rgb[at] ?? 0) + 150 * (rgb[at + 1] ?? 0) + 29 * (rgb[at + 2] ?? 0)) >> 8;
  };
  for (let y = 0; y + 1 < height; y += 1) {
    for (let x = 0; x + 1 < width; x += 1) {
      const here = luma(x, y);
      const step = Math.max(Math.abs(here - luma(x + 1, y)), Math.abs(here - luma(x, y + 1)));
      counts[step] = (counts[step] ?? 0) + 1;
    }
  }
  return counts;
}
