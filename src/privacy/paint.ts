// Destroys pixels for good, then softens what is left for looks. Every painted pixel is a function of at most 36 coarse
// colours per face; a blur alone would keep the face (arXiv 1609.00408, 2506.12344).
import type { Box, Picture } from "./detector.ts";

/** Whole pixels within the picture. */
export type Region = Box;

/** The colours that are left of a region: `columns`·`rows` cells of red, green and blue, rows from the top. */
export type Mosaic = {
  readonly region: Region;
  readonly columns: number;
  readonly rows: number;
  readonly colours: Uint8Array;
};

/** Cells along the longer side of a face; the shorter has as many as keep them square. */
const CELLS_MAX = 6;
/** A cell is at least this wide and high, so that a tiny face has fewer cells and not its own pixels. */
const CELL_PX_MIN = 4;
/** Steps between the colours of a mosaic: 8 shades per channel, so that 36 cells hold 324 bits at most. */
const SHADE_STEP = 32;
/** Cells of a whole picture that could not be judged. */
const WHOLE = { columns: 16, rows: 12 } as const;
const FILL_SHADE = 96;
const MASK_SHADE = 48;

/** A box grown by `share` of its size and `px` pixels on each side, in whole pixels within the picture; null if none is left. */
export function growBox(
  box: Box,
  by: { readonly share: number; readonly px: number },
  within: Pick<Picture, "width" | "height">,
): Region | null {
  const left = Math.max(0, Math.floor(box.x - box.width * by.share - by.px));
  const top = Math.max(0, Math.floor(box.y - box.height * by.share - by.px));
  const right = Math.min(within.width, Math.ceil(box.x + box.width * (1 + by.share) + by.px));
  const bottom = Math.min(within.height, Math.ceil(box.y + box.height * (1 + by.share) + by.px));
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : null;
}

/**
 * Replaces each region, largest first, by flat cells of quantised mean colour, in place. Later regions see what earlier
 * ones left, so overlaps lose detail and never gain it. Throws RangeError if a region lies outside the picture.
 */
export function destroy(picture: Picture, regions: readonly Region[]): Mosaic[] {
  const largestFirst = regions.toSorted((a, b) => b.width * b.height - a.width * a.height);
  return largestFirst.map((region) => {
    const cellPx = Math.max(CELL_PX_MIN, Math.max(region.width, region.height) / CELLS_MAX);
    const columns = Math.max(1, Math.floor(region.width / cellPx));
    const rows = Math.max(1, Math.floor(region.height / cellPx));
    return flatten(picture, { region, columns, rows });
  });
}

/** Blends each mosaic's own cells into each other, in place. Reads nothing but the mosaics. */
export function soften(picture: Picture, mosaics: readonly Mosaic[]): void {
  for (const { region, columns, rows, colours } of mosaics) {
    const across = Array.from({ length: region.width }, (_, x) =>
      nearestCells({ at: x, length: region.width, cells: columns }),
    );
    for (let y = 0; y < region.height; y += 1) {
      const down = nearestCells({ at: y, length: region.height, cells: rows });
      const upper = colours.subarray(down.first * columns * 3, (down.first + 1) * columns * 3);
      const lower = colours.subarray(down.second * columns * 3, (down.second + 1) * columns * 3);
      const line = Float64Array.from(upper, (value, i) => value + ((lower[i] ?? 0) - value) * down.share);
      let at = ((region.y + y) * picture.width + region.x) * 3;
      for (const { first, second, share } of across) {
        for (let c = 0; c < 3; c += 1, at += 1) {
          const from = line[first * 3 + c] ?? 0;
          picture.rgb[at] = Math.round(from + ((line[second * 3 + c] ?? 0) - from) * share);
        }
      }
    }
  }
}

/** Replaces the whole picture by 16 x 12 flat cells, in place. */
export function destroyAll(picture: Picture): Region {
  const region = { x: 0, y: 0, width: picture.width, height: picture.height };
  flatten(picture, {
    region,
    columns: Math.min(WHOLE.columns, picture.width),
    rows: Math.min(WHOLE.rows, picture.height),
  });
  return region;
}

/** Replaces each region by one shade of grey that says nothing of it, in place. */
export function fill(picture: Picture, regions: readonly Region[]): void {
  for (const region of regions) {
    checkWithin(picture, region);
    for (let y = region.y; y < region.y + region.height; y += 1) {
      const at = (y * picture.width + region.x) * 3;
      picture.rgb.fill(FILL_SHADE, at, at + region.width * 3);
    }
  }
}

/**
 * Fills polygons (fractions of the picture) with grey, in place. What an edge winds around is filled, however often and in
 * whichever direction (non-zero rule), and so is each pixel that an edge touches: a mask drawn wrongly hides too much, never
 * nothing.
 */
export function burnMasks(picture: Picture, polygons: readonly (readonly (readonly [number, number])[])[]): void {
  const { rgb, width, height } = picture;
  for (const polygon of polygons) {
    const corners = polygon.map(([x, y]) => ({ x: x * width, y: y * height }));
    for (let y = 0; y < height; y += 1) {
      // Three lines through each row of pixels, and the edges themselves: what is thinner than the lines is not missed.
      const spans = [y, y + 0.5, y + 1].flatMap((line) => spansAt(corners, line));
      for (const [from, to] of [...spans, ...edgesIn(corners, y)]) {
        const left = Math.max(0, Math.min(width - 1, Math.floor(from)));
        const right = Math.min(width, Math.max(left + 1, Math.ceil(to)));
        rgb.fill(MASK_SHADE, (y * width + left) * 3, (y * width + right) * 3);
      }
    }
  }
}

function flatten(
  picture: Picture,
  { region, columns, rows }: { region: Region; columns: number; rows: number },
): Mosaic {
  checkWithin(picture, region);
  const colours = new Uint8Array(columns * rows * 3);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const cell = cellOf({ region, columns, rows, column, row });
      const colour = meanColour(picture, cell);
      colours.set(colour, (row * columns + column) * 3);
      for (let y = cell.y; y < cell.y + cell.height; y += 1) {
        const at = (y * picture.width + cell.x) * 3;
        picture.rgb.fill(colour, at, at + cell.width * 3);
      }
    }
  }
  return { region, columns, rows, colours };
}

function cellOf(of: { region: Region; columns: number; rows: number; column: number; row: number }): Region {
  const { region, columns, rows, column, row } = of;
  const left = region.x + Math.floor((region.width * column) / columns);
  const right = region.x + Math.floor((region.width * (column + 1)) / columns);
  const top = region.y + Math.floor((region.height * row) / rows);
  const bottom = region.y + Math.floor((region.height * (row + 1)) / rows);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Mean red, green and blue, each brought to the middle of its shade. */
function meanColour({ rgb, width }: Picture, cell: Region): Uint8Array {
  const sums = [0, 0, 0];
  for (let y = cell.y; y < cell.y + cell.height; y += 1) {
    for (let at = (y * width + cell.x) * 3; at < (y * width + cell.x + cell.width) * 3; at += 3) {
      for (let c = 0; c < 3; c += 1) sums[c] = (sums[c] ?? 0) + (rgb[at + c] ?? 0);
    }
  }
  const pixels = Math.max(1, cell.width * cell.height);
  return Uint8Array.from(sums, (sum) => Math.floor(sum / pixels / SHADE_STEP) * SHADE_STEP + SHADE_STEP / 2);
}

/** The two cells whose centres lie around a pixel, and how far it is from the first to the second. */
function nearestCells({ at, length, cells }: { at: number; length: number; cells: number }): {
  first: number;
  second: number;
  share: number;
} {
  const cell = Math.min(cells - 1, Math.max(0, ((at + 0.5) * cells) / length - 0.5));
  const first = Math.floor(cell);
  return { first, second: Math.min(cells - 1, first + 1), share: cell - first };
}

function checkWithin(picture: Picture, { x, y, width, height }: Region): void {
  const isWhole = [x, y, width, height].every((value) => Number.isInteger(value));
  const isWithin =
    x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= picture.width && y + height <= picture.height;
  if (!isWhole || !isWithin)
    throw new RangeError(`a region of ${width} x ${height} at ${x}, ${y} lies outside the picture`);
}

type Corner = { readonly x: number; readonly y: number };

/** Where a horizontal line is inside a polygon: pairs of x, by the non-zero rule. */
function spansAt(corners: readonly Corner[], line: number): [number, number][] {
  const crossings = edgesOf(corners)
    .filter(([from, to]) => from.y <= line !== to.y <= line)
    .map(([from, to]) => ({
      x: from.x + ((line - from.y) / (to.y - from.y)) * (to.x - from.x),
      turn: from.y <= line ? 1 : -1,
    }))
    .toSorted((a, b) => a.x - b.x);
  const spans: [number, number][] = [];
  let winding = 0;
  crossings.forEach(({ x, turn }, i) => {
    winding += turn;
    if (winding !== 0) spans.push([x, crossings[i + 1]?.x ?? x]);
  });
  return spans;
}

/** From where to where each edge runs within one row of pixels. */
function edgesIn(corners: readonly Corner[], row: number): [number, number][] {
  return edgesOf(corners).flatMap(([from, to]): [number, number][] => {
    const [upper, lower] = from.y <= to.y ? [from, to] : [to, from];
    if (lower.y < row || upper.y > row + 1) return [];
    // Shares of the edge from 0 to 1, never a slope: that of a nearly flat edge is infinite.
    const fall = lower.y - upper.y;
    const enters = upper.x + (fall === 0 ? 0 : (Math.max(row, upper.y) - upper.y) / fall) * (lower.x - upper.x);
    const leaves = upper.x + (fall === 0 ? 1 : (Math.min(row + 1, lower.y) - upper.y) / fall) * (lower.x - upper.x);
    return [[Math.min(enters, leaves), Math.max(enters, leaves)]];
  });
}

function edgesOf(corners: readonly Corner[]): (readonly [Corner, Corner])[] {
  return corners.map((to, i) => [corners[(i + corners.length - 1) % corners.length] ?? to, to]);
}
