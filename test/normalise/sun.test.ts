// Where the sun stands, against times that almanacs give, and where a geohash lies.
import { expect, test } from "vitest";
import { placeOfCell, sunAltitudeDeg } from "../../src/normalise/sun.ts";

test("the sun stands as high as the almanac says", () => {
  const GREENWICH = { lat: 51.4779, lon: 0 };
  // Solstices and equinox of 2026 at true noon: 90° - latitude + declination.
  expect(sunAltitudeDeg(GREENWICH, Date.UTC(2026, 5, 21, 12, 2))).toBeCloseTo(90 - 51.478 + 23.44, 1);
  expect(sunAltitudeDeg(GREENWICH, Date.UTC(2026, 11, 21, 11, 58))).toBeCloseTo(90 - 51.478 - 23.44 + 0.05, 1);
  expect(sunAltitudeDeg({ lat: -33, lon: 151 }, Date.UTC(2026, 11, 21, 1, 54))).toBeGreaterThan(80);
  expect(sunAltitudeDeg({ lat: 69.6, lon: 19 }, Date.UTC(2026, 5, 21, 22, 46))).toBeGreaterThan(0);
  expect(sunAltitudeDeg({ lat: 69.6, lon: 19 }, Date.UTC(2026, 11, 21, 10, 42))).toBeLessThan(0);
});

test("a geohash is the middle of its cell", () => {
  // The examples of the public description: ezs42 and u4pruydqqvj.
  expect(placeOfCell("ezs42")).toEqual({ lat: expect.closeTo(42.605, 2), lon: expect.closeTo(-5.603, 2) });
  expect(placeOfCell("u4pruy")).toEqual({ lat: expect.closeTo(57.648, 2), lon: expect.closeTo(10.41, 2) });
  expect(placeOfCell("u09tun")).toEqual({ lat: expect.closeTo(48.86, 1), lon: expect.closeTo(2.34, 1) });
});

test("what is no geohash is no place", () => {
  for (const cell of ["", "a", "u09!", "U09"]) expect(placeOfCell(cell)).toBeNull();
});
