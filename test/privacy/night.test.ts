// Shown: which looks a dark picture gets, so that neither the scene is too dark for both of them nor a lit face too bright.
import { expect, test } from "vitest";
import { brightenings } from "../../src/privacy/night.ts";

/** Grey pixels: 10,000, of which the last few are lit. */
function scene({ dark, lit, litPixels }: { dark: number; lit: number; litPixels: number }): Uint8Array {
  const pixels = 10_000;
  return Uint8Array.from({ length: pixels * 3 }, (_, i) => (i < (pixels - litPixels) * 3 ? dark : lit));
}

test("by day there is one look, and nothing is stretched", () => {
  expect(brightenings(scene({ dark: 90, lit: 255, litPixels: 400 }))).toEqual([null]);
});

test("an evenly dark picture is stretched once", () => {
  expect(brightenings(scene({ dark: 20, lit: 20, litPixels: 0 }))).toEqual([{ low: 0, gain: 10 }]);
});

test("where the stretch washes out what is lit, the picture is looked at as it is, too", () => {
  const [stretched, asItIs, ...more] = brightenings(scene({ dark: 15, lit: 200, litPixels: 100 }));
  expect(stretched?.gain).toBeCloseTo(13.3, 1);
  expect(asItIs).toBeNull();
  expect(more).toEqual([]);
});

test("what is not washed out costs no second look", () => {
  expect(brightenings(scene({ dark: 60, lit: 90, litPixels: 100 }))).toHaveLength(1);
});

test("few bright pixels are a lamp far away or noise, not a face: no further look", () => {
  expect(brightenings(scene({ dark: 20, lit: 255, litPixels: 1 }))).toHaveLength(1);
});
