// Shown, on random pictures and regions: what is painted over is gone. Every pixel inside is a function of at most 36
// quantised colours, so two originals that share these give the same output; pixels outside are untouched (promise 4).
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Picture } from "../../src/privacy/detector.ts";
import { burnMasks, destroy, destroyAll, fill, growBox, type Region, soften } from "../../src/privacy/paint.ts";
import { seededRandom } from "../helpers/random.ts";

const picture = fc
  .record({ width: fc.integer({ min: 8, max: 90 }), height: fc.integer({ min: 8, max: 90 }), seed: fc.nat() })
  .map((size) => noise(size));
const regionIn = ({ width, height }: Picture): fc.Arbitrary<Region> =>
  fc
    .record({
      x: fc.nat(width - 2),
      y: fc.nat(height - 2),
      w: fc.integer({ min: 1, max: width }),
      h: fc.integer({ min: 1, max: height }),
    })
    .map(({ x, y, w, h }) => ({ x, y, width: Math.min(w, width - x), height: Math.min(h, height - y) }));
const painted = picture.chain((each) =>
  fc.tuple(fc.constant(each), fc.array(regionIn(each), { minLength: 1, maxLength: 5 })),
);

test("each region keeps at most 6 x 6 colours of 8 shades, and cells are never single pixels of a large region", () => {
  fc.assert(
    fc.property(painted, ([original, regions]) => {
      const copy = clone(original);
      for (const { columns, rows, colours, region } of destroy(copy, regions)) {
        expect(columns * rows).toBeLessThanOrEqual(36);
        expect(columns === 1 || region.width / columns >= 4).toBe(true);
        expect(rows === 1 || region.height / rows >= 4).toBe(true);
        expect([...colours].every((shade) => shade % 32 === 16)).toBe(true);
      }
      for (const region of regions) {
        expect(coloursIn(copy, region).size).toBeLessThanOrEqual(36 * regions.length);
      }
    }),
  );
});

test("two originals whose cells have the same means are the same picture afterwards, softened or not", () => {
  fc.assert(
    fc.property(
      picture.chain((each) => fc.tuple(fc.constant(each), regionIn(each))),
      fc.nat(),
      ([original, region], seed) => {
        const [mosaic] = destroy(clone(original), [region]);
        if (mosaic === undefined) throw new Error("no mosaic");
        const other = shuffledWithinCells(original, mosaic, seed);
        const [a, b] = [clone(original), other];
        const [mosaicA, mosaicB] = [destroy(a, [region]), destroy(b, [region])];
        expect(a.rgb.equals(b.rgb)).toBe(true);
        soften(a, mosaicA);
        soften(b, mosaicB);
        expect(a.rgb.equals(b.rgb)).toBe(true);
      },
    ),
  );
});

test("softening reads nothing but the mosaics: whatever the picture holds by then, the region comes out the same", () => {
  fc.assert(
    fc.property(
      picture.chain((each) => fc.tuple(fc.constant(each), regionIn(each))),
      ([original, region]) => {
        const [a, b] = [clone(original), { ...original, rgb: Buffer.alloc(original.rgb.length, 99) }];
        const mosaics = destroy(a, [region]);
        soften(a, mosaics);
        soften(b, mosaics);
        expect(pixelsIn(a, region)).toEqual(pixelsIn(b, region));
      },
    ),
  );
});

test("pixels outside all regions are untouched, by mosaic and by fill", () => {
  fc.assert(
    fc.property(painted, ([original, regions]) => {
      const [mosaic, filled] = [clone(original), clone(original)];
      soften(mosaic, destroy(mosaic, regions));
      fill(filled, regions);
      forEachPixel(original, (x, y, at) => {
        if (regions.some((region) => holds(region, x, y))) return;
        for (const after of [mosaic, filled]) {
          if (after.rgb.compare(original.rgb, at, at + 3, at, at + 3) !== 0)
            throw new Error(`pixel ${x}, ${y} changed`);
        }
      });
      for (const region of regions) expect(coloursIn(filled, region).size).toBe(1);
    }),
  );
});

test("a whole picture becomes 16 x 12 cells", () => {
  const whole = noise({ width: 320, height: 240, seed: 3 });
  const region = destroyAll(whole);
  expect(region).toEqual({ x: 0, y: 0, width: 320, height: 240 });
  for (let row = 0; row < 12; row += 1) {
    for (let column = 0; column < 16; column += 1) {
      expect(coloursIn(whole, { x: column * 20, y: row * 20, width: 20, height: 20 }).size).toBe(1);
    }
  }
});

test("a region outside the picture is an error, never a smaller region", () => {
  const small = noise({ width: 20, height: 20, seed: 1 });
  for (const region of [
    { x: -1, y: 0, width: 5, height: 5 },
    { x: 16, y: 0, width: 5, height: 5 },
    { x: 0, y: 0.5, width: 5, height: 5 },
    { x: 0, y: 0, width: Number.NaN, height: 5 },
  ]) {
    expect(() => destroy(clone(small), [region])).toThrow(RangeError);
    expect(() => fill(clone(small), [region])).toThrow(RangeError);
  }
});

test("a grown box holds the box and its margin as far as the picture goes", () => {
  const box = fc.record({
    x: fc.double({ min: -30, max: 110, noNaN: true }),
    y: fc.double({ min: -30, max: 110, noNaN: true }),
    width: fc.double({ min: 0.5, max: 90, noNaN: true }),
    height: fc.double({ min: 0.5, max: 90, noNaN: true }),
  });
  fc.assert(
    fc.property(box, (each) => {
      const grown = growBox(each, { share: 0.25, px: 3 }, { width: 100, height: 80 });
      if (grown === null) return;
      expect(grown.x).toBeLessThanOrEqual(Math.max(0, each.x - each.width * 0.25 - 3));
      expect(grown.x + grown.width).toBeGreaterThanOrEqual(Math.min(100, each.x + each.width * 1.25 + 3));
      expect(grown.y + grown.height).toBeLessThanOrEqual(80);
      expect(
        [grown.x, grown.y, grown.width, grown.height].every((value) => Number.isInteger(value) && value >= 0),
      ).toBe(true);
    }),
  );
});

describe("masks", () => {
  test("cover every pixel that the polygon touches and none far from it", () => {
    const polygon = [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.75, 0.75],
      [0.25, 0.75],
    ] as const;
    const masked = noise({ width: 40, height: 40, seed: 9 });
    const original = clone(masked);
    burnMasks(masked, [polygon]);
    expect(coloursIn(masked, { x: 10, y: 10, width: 20, height: 20 }).size).toBe(1);
    forEachPixel(original, (x, y, at) => {
      const isNear = x >= 9 && x <= 30 && y >= 9 && y <= 30;
      if (!isNear) expect(masked.rgb.subarray(at, at + 3)).toEqual(original.rgb.subarray(at, at + 3));
    });
  });

  test("of any shape hide each pixel whose centre they hold", () => {
    const corner = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.tuple(corner, corner, corner), (triangle) => {
        const masked = noise({ width: 30, height: 20, seed: 5 });
        burnMasks(masked, [triangle]);
        forEachPixel(masked, (x, y, at) => {
          if (isInTriangle(triangle, (x + 0.5) / 30, (y + 0.5) / 20))
            expect([...masked.rgb.subarray(at, at + 3)]).toEqual([48, 48, 48]);
        });
      }),
    );
  });
});

function noise({ width, height, seed }: { width: number; height: number; seed: number }): Picture {
  const random = seededRandom(seed);
  return {
    rgb: Buffer.from(Array.from({ length: width * height * 3 }, () => Math.floor(random() * 256))),
    width,
    height,
  };
}

function clone({ rgb, width, height }: Picture): Picture {
  return { rgb: Buffer.from(rgb), width, height };
}

/** The same pixels, elsewhere in their cell: same means, another face. */
function shuffledWithinCells(
  original: Picture,
  { region, columns, rows }: { region: Region; columns: number; rows: number },
  seed: number,
): Picture {
  const random = seededRandom(seed);
  const other = clone(original);
  const cells = new Map<string, number[]>();
  forEachPixel(original, (x, y, at) => {
    if (!holds(region, x, y)) return;
    const cell = (offset: number, length: number, count: number): number =>
      Array.from({ length: count }, (_, i) => Math.floor((length * (i + 1)) / count)).findIndex((end) => offset < end);
    const key = `${cell(x - region.x, region.width, columns)} ${cell(y - region.y, region.height, rows)}`;
    cells.set(key, [...(cells.get(key) ?? []), at]);
  });
  for (const places of cells.values()) {
    const shuffled = places.map((at) => ({ at, order: random() })).toSorted((a, b) => a.order - b.order);
    shuffled.forEach(({ at }, i) => original.rgb.copy(other.rgb, places[i] ?? 0, at, at + 3));
  }
  return other;
}

function forEachPixel({ width, height }: Picture, visit: (x: number, y: number, at: number) => void): void {
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) visit(x, y, (y * width + x) * 3);
}

function holds({ x, y, width, height }: Region, atX: number, atY: number): boolean {
  return atX >= x && atX < x + width && atY >= y && atY < y + height;
}

function pixelsIn(of: Picture, region: Region): string[] {
  const pixels: string[] = [];
  forEachPixel(of, (x, y, at) => {
    if (holds(region, x, y)) pixels.push(of.rgb.toString("hex", at, at + 3));
  });
  return pixels;
}

function coloursIn(of: Picture, region: Region): Set<string> {
  return new Set(pixelsIn(of, region));
}

function isInTriangle([a, b, c]: readonly (readonly [number, number])[], x: number, y: number): boolean {
  if (a === undefined || b === undefined || c === undefined) return false;
  const side = (p: readonly [number, number], q: readonly [number, number]): number =>
    (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]);
  const sides = [side(a, b), side(b, c), side(c, a)];
  return sides.every((value) => value > 1e-9) || sides.every((value) => value < -1e-9);
}
