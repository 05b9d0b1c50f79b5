// Cuts a picture into overlapping tiles that are searched one by one, so that a small machine's memory is enough, and says
// whose each find is: a face on the seam is found once, whole, in the tile that sees more of it.
import type { Box } from "./detector.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";

/** A part of a picture in whole pixels. `core`: the finds whose middle lies in it are this tile's. */
export type Tile = Box & { readonly core: Box };

type Strip = { readonly at: number; readonly length: number; readonly coreFrom: number; readonly coreTo: number };

/** Tiles begin at multiples of this: the network then has its cells where it has them in the whole picture. */
const GRID = 64;
/** Cores reach this far over the middle of an overlap: two looks place one face some pixels apart, and neither may disown it. */
const CORE_MARGIN = 16;
/** More strips than any picture within LIMITS.framePixels needs. */
const STRIPS_MAX = 16;

/**
 * The tiles that cover this picture with the fewest pixels in all; one if it is small enough. They overlap by
 * PRIVACY_LIMITS.tileOverlap at least. Throws RangeError for a picture that no number of tiles makes small enough.
 */
export function planTiles({ width, height }: { readonly width: number; readonly height: number }): Tile[] {
  let best: Tile[] = [];
  let fewest = Number.POSITIVE_INFINITY;
  for (let columns = 1; columns <= STRIPS_MAX; columns += 1) {
    for (let rows = 1; rows <= STRIPS_MAX; rows += 1) {
      const tiles = cross(stripsOf(width, columns), stripsOf(height, rows));
      const isSmall = tiles.every((tile) => tile.width * tile.height <= PRIVACY_LIMITS.tilePixels);
      const pixels = tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0);
      if (tiles.length > 0 && isSmall && pixels < fewest) [best, fewest] = [tiles, pixels];
    }
  }
  if (best.length === 0) throw new RangeError(`a picture of ${width} x ${height} pixels cannot be cut into tiles`);
  return best;
}

/** All of a picture, whose finds are its own wherever they lie. */
export function wholeAsTile({ width, height }: { readonly width: number; readonly height: number }): Tile {
  const everywhere = { x: -width, y: -height, width: 3 * width, height: 3 * height };
  return { x: 0, y: 0, width, height, core: everywhere };
}

/** Whether a find, in pixels of the whole picture, is this tile's to tell. */
export function isOwn(tile: Tile, { x, y, width, height }: Box): boolean {
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  const { core } = tile;
  return middleX >= core.x && middleX < core.x + core.width && middleY >= core.y && middleY < core.y + core.height;
}

/** Equal strips of a length, each but the last a multiple of the grid long. */
function stripsOf(length: number, count: number): Strip[] {
  if (count === 1) return [{ at: 0, length, coreFrom: -length, coreTo: 2 * length }];
  const stride = Math.ceil((length - PRIVACY_LIMITS.tileOverlap) / count / GRID) * GRID;
  const strip = stride + PRIVACY_LIMITS.tileOverlap;
  return Array.from({ length: count }, (_, nth) => {
    const at = nth * stride;
    const seamBefore = at + PRIVACY_LIMITS.tileOverlap / 2;
    const isLast = nth === count - 1;
    return {
      at,
      length: Math.min(strip, length - at),
      // A find may lie over the picture's edge, but not over the middle of an overlap.
      coreFrom: nth === 0 ? -length : seamBefore - CORE_MARGIN,
      coreTo: isLast ? 2 * length : seamBefore + stride + CORE_MARGIN,
    };
  });
}

/** None when a strip is empty: then so many are not needed. */
function cross(columns: readonly Strip[], rows: readonly Strip[]): Tile[] {
  if ([...columns, ...rows].some((strip) => strip.length <= PRIVACY_LIMITS.tileOverlap && strip.at > 0)) return [];
  return rows.flatMap((row) =>
    columns.map((column) => ({
      x: column.at,
      y: row.at,
      width: column.length,
      height: row.length,
      core: {
        x: column.coreFrom,
        y: row.coreFrom,
        width: column.coreTo - column.coreFrom,
        height: row.coreTo - row.coreFrom,
      },
    })),
  );
}
