// A place as people type it becomes a field and never a point; what is no place is refused.
import fc from "fast-check";
import { expect, test } from "vitest";
import { placeOfCell } from "../../src/normalise/sun.ts";
import { cellOf, fieldOf } from "../../src/web/setup-place.ts";

test.each([
  ["48.8584, 2.2945", "u09tun"],
  ["48,8584; 2,2945", "u09tun"],
  ["48.8584 2.2945", "u09tun"],
  [" 48.8584°, 2.2945° ", "u09tun"],
  ["-33.8568, 151.2153", "r3gx2u"],
  ["0, 0", "s00000"],
  ["u09tunqu6", "u09tun"],
  ["U09TUN", "u09tun"],
])("%j is the field %s", (typed, cell) => {
  expect(cellOf(typed, 6)).toBe(cell);
  expect(cellOf(typed, 5)).toBe(cell.slice(0, 5));
});

test.each(["", "Paris", "Dresden", "91, 0", "0, 181", "48.8584", "u09tia", "1, 2, 3", "NaN, 2", "48.85,", "u0"])(
  "%j is no place",
  (typed) => {
    expect(cellOf(typed, 6)).toBeNull();
  },
);

test("the field holds the place that was typed, and its middle is the one by which the sun is reckoned", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -89, max: 89, noNaN: true }),
      fc.double({ min: -179, max: 179, noNaN: true }),
      (latitude, longitude) => {
        const cell = cellOf(`${latitude.toFixed(4)}, ${longitude.toFixed(4)}`, 6) ?? "";
        const field = fieldOf(cell);
        expect(Math.abs(field.latitude - latitude)).toBeLessThan(0.004);
        expect(Math.abs(field.longitude - longitude)).toBeLessThan(0.007);
        expect(placeOfCell(cell)).toEqual({ lat: field.latitude, lon: field.longitude });
        expect(field.heightKm).toBeCloseTo(0.61, 1);
        expect(field.widthKm).toBeLessThan(1.23);
      },
    ),
  );
});
