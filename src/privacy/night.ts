// Makes a dark, hazy or backlit picture readable for the detector, which was trained by day. Only its copy is changed.

/** A picture whose brightest 5 % (of 255) lie below this is stretched. */
const BRIGHT = 90;
/** Where they are brought to. */
const TARGET = 200;
/** Stretched further than this, noise shows in place of faces. */
const GAIN_MAX = 14;

export type Stretch = { readonly low: number; readonly gain: number };

/** Stretches the brightness of dark pixels in place. Leaves a picture by day as it is, and one by night with lit faces. */
export function brightenDark(rgb: Uint8Array): void {
  const bright = percentile(countBrightness(rgb), 0.95);
  if (bright >= BRIGHT) return;
  const gain = Math.min(GAIN_MAX, TARGET / Math.max(1, bright));
  stretch(rgb, { low: 0, gain });
}

/** Brings `low` to black and makes all else `gain` times as far from it, in place. */
export function stretch(rgb: Uint8Array, { low, gain }: Stretch): void {
  const curve = Uint8Array.from({ length: 256 }, (_, value) =>
    Math.max(0, Math.min(255, Math.round((value - low) * gain))),
  );
  for (let i = 0; i < rgb.length; i += 1) rgb[i] = curve[rgb[i] ?? 0] ?? 0;
}

/** How many pixels have which brightness (Rec. 601 luma, 0 to 255). */
export function countBrightness(rgb: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = 0; i + 2 < rgb.length; i += 3) {
    const luma = (77 * (rgb[i] ?? 0) + 150 * (rgb[i + 1] ?? 0) + 29 * (rgb[i + 2] ?? 0)) >> 8;
    counts[luma] = (counts[luma] ?? 0) + 1;
  }
  return counts;
}

/** The brightness below which this share of the pixels lies. */
export function percentile(counts: Uint32Array, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (let value = 0; value < counts.length; value += 1) {
    seen += counts[value] ?? 0;
    if (seen >= total * share) return value;
  }
  return 255;
}
