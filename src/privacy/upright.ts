// Turns decoded pixels as EXIF's orientation says (CIPA DC-008, 4.6.4). By hand, since libvips holds a picture that lies on
// its side twice while the decoder still holds it a third time: 70 MiB of 24 megapixels that a small machine lacks.
import type { Picture } from "./detector.ts";

/** Pixels of a block's side: its rows, read and written, fit a small processor's first cache. */
const BLOCK_SIDE = 32;

/**
 * The picture as it is to be seen, with `orientation` 1 to 8; any other is taken as 1. Where something is turned it is a new
 * picture, and the pixels of the one given are zeroed.
 */
export function turnUpright(picture: Picture, orientation: number | undefined): Picture {
  if (orientation === undefined || orientation < 2 || orientation > 8) return picture;
  const isSideways = orientation >= 5;
  const width = isSideways ? picture.height : picture.width;
  const height = isSideways ? picture.width : picture.height;
  const upright: Picture = { rgb: Buffer.allocUnsafe(picture.rgb.length), width, height };
  for (let top = 0; top < height; top += BLOCK_SIDE)
    for (let left = 0; left < width; left += BLOCK_SIDE)
      copyBlock({ from: picture, to: upright, orientation, left, top });
  picture.rgb.fill(0);
  return upright;
}

type Block = { from: Picture; to: Picture; orientation: number; left: number; top: number };

function copyBlock({ from, to, orientation, left, top }: Block): void {
  const { start, right, down } = walkOf(from, orientation);
  const rightEnd = Math.min(left + BLOCK_SIDE, to.width);
  const bottom = Math.min(top + BLOCK_SIDE, to.height);
  for (let y = top; y < bottom; y += 1) {
    let source = 3 * (start + left * right + y * down);
    let target = 3 * (y * to.width + left);
    for (let x = left; x < rightEnd; x += 1) {
      to.rgb[target] = from.rgb[source] ?? 0;
      to.rgb[target + 1] = from.rgb[source + 1] ?? 0;
      to.rgb[target + 2] = from.rgb[source + 2] ?? 0;
      target += 3;
      source += 3 * right;
    }
  }
}

/** Where in the stored picture the upper left pixel lies, and how many pixels on the next to the right and the next below. */
function walkOf({ width, height }: Picture, orientation: number): { start: number; right: number; down: number } {
  const isMirrored = [2, 3, 7, 8].includes(orientation);
  const isUpsideDown = [3, 4, 6, 7].includes(orientation);
  const start = (isMirrored ? width - 1 : 0) + (isUpsideDown ? (height - 1) * width : 0);
  const along = isMirrored ? -1 : 1;
  const across = isUpsideDown ? -width : width;
  return orientation >= 5 ? { start, right: across, down: along } : { start, right: along, down: across };
}
