// Shown: a mask that was drawn wrongly hides too much, never nothing.
import { expect, test } from "vitest";
import { burnMasks } from "../../src/privacy/paint.ts";

const square = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.9, 0.9],
  [0.1, 0.9],
] as const;
test.each([
  ["closed by its first corner", [...square, square[0]], 1024],
  ["drawn twice round", [...square, ...square], 1024],
  ["with its corners in the wrong order", [square[0], square[2], square[1], square[3]], 500],
  [
    "that is a line",
    [
      [0.1, 0.5],
      [0.9, 0.5],
      [0.5, 0.5],
    ],
    32,
  ],
  [
    "thinner than a row",
    [
      [0.1, 0.503],
      [0.9, 0.503],
      [0.9, 0.509],
      [0.1, 0.509],
    ],
    32,
  ],
  [
    "along the picture's edge",
    [
      [1, 0],
      [1, 1],
      [1, 0.5],
    ],
    40,
  ],
  [
    "that is a star in one stroke, its middle too",
    [0, 2, 4, 1, 3].map((k) => [
      0.5 + 0.45 * Math.sin((k * 2 * Math.PI) / 5),
      0.5 - 0.45 * Math.cos((k * 2 * Math.PI) / 5),
    ]),
    360,
  ],
] as const)("a mask %s hides something all the same", (name, polygon, pixels) => {
  const masked = { rgb: Buffer.alloc(40 * 40 * 3, 255), width: 40, height: 40 };
  burnMasks(masked, [polygon.map(([x = 0, y = 0]) => [x, y] as const)]);
  let hidden = 0;
  for (let at = 0; at < masked.rgb.length; at += 3) hidden += Number(masked.rgb[at] === 48);
  expect(hidden).toBeGreaterThanOrEqual(pixels);
  if (name.includes("star")) expect(masked.rgb[(20 * 40 + 20) * 3]).toBe(48);
});
