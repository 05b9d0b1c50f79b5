// Shown: how many looks a dark picture gets, so that neither the scene is too dark for all of them nor a lit face too bright.
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

test("where the stretch washes out what is lit, gentler looks follow, down to the picture as it is", () => {
  const gains = brightenings(scene({ dark: 15, lit: 200, litPixels: 100 })).map((tones) => tones?.gain);
  expect(gains).toHaveLength(3);
  expect(gains[0]).toBeCloseTo(13.3, 1);
  expect(gains[1]).toBeCloseTo(3.8, 1);
  expect(gains[2]).toBe(1);
});

test("for every scene each brightness of a face that is more than noise is readable in one of the looks", () => {
  for (let dark = 1; dark < 90; dark += 4) {
    for (let lit = dark; lit <= 255; lit += 6) {
      const gains = brightenings(scene({ dark, lit, litPixels: 100 })).map((tones) => tones?.gain ?? 1);
      expect(gains.length).toBeLessThanOrEqual(4);
      const shown = gains.map((gain) => lit * gain);
      const isReadable = shown.some((value) => value <= 320 && value >= Math.min(lit * (gains[0] ?? 1), 75));
      expect(isReadable, `${lit} beside ${dark} at ${gains.join(", ")}`).toBe(true);
    }
  }
});

test("few bright pixels are a lamp far away or noise, not a face: no further look", () => {
  expect(brightenings(scene({ dark: 20, lit: 255, litPixels: 1 }))).toHaveLength(1);
});
