// Shown: what the four families of face models answer becomes the faces that their own decoders publish, worked out here by
// hand; an answer that does not fit the question or is not a number is an error, never an empty street.
import { describe, expect, test } from "vitest";
import type { Face } from "../../src/privacy/detector.ts";
import type { OutputTensor } from "../../src/privacy/onnx-session.ts";
import { parseFaceCard } from "../../src/privacy/own-model-card.ts";
import { type Answer, faceOutputs, facesIn } from "../../src/privacy/own-model-faces.ts";
import { withoutDoubles } from "../../src/privacy/own-model-outputs.ts";

const INPUT = { width: 64, height: 32, threshold: 0.2 };

function card(words: object): ReturnType<typeof parseFaceCard> {
  const plain = { channelOrder: "rgb", longSides: [64], threshold: 0.2, certain: 0.6 };
  return parseFaceCard(Buffer.from(JSON.stringify({ ...plain, ...words })));
}

/** A tensor of zeroes with some numbers in it, by place. */
function tensor(shape: readonly number[], numbers: Readonly<Record<number, number>> = {}): OutputTensor {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (const [place, value] of Object.entries(numbers)) values[Number(place)] = value;
  return { shape, values };
}

/** Each family with one face in its answer, at the place and of the size that `expected` says, scored 0.9 or thereabouts. */
const FAMILIES = {
  // Cell 10 of 8 x 4 cells of 8 pixels: column 2, row 1; a quarter and a half into it; 16 wide and 24 high.
  yunet: {
    card: card({ kind: "yunet", strides: [8] }),
    outputs: [
      tensor([1, 32, 1], { 10: 0.81 }),
      tensor([1, 32, 1], { 10: 1 }),
      tensor([1, 32, 4], { 40: 0.25, 41: 0.5, 42: Math.log(2), 43: Math.log(3) }),
    ],
    expected: { x: 18 - 8, y: 12 - 12, width: 16, height: 24, score: 0.9 },
  },
  // Place 21 of 2 x 32: the second anchor of cell 10, whose corner is at 16, 8.
  scrfd: {
    card: card({ kind: "scrfd", strides: [8] }),
    outputs: [tensor([64, 1], { 21: 0.9 }), tensor([64, 4], { 84: 1, 85: 0.5, 86: 2, 87: 1.5 })],
    expected: { x: 8, y: 4, width: 24, height: 16, score: 0.9 },
  },
  ultraface: {
    card: card({ kind: "ultraface" }),
    outputs: [tensor([1, 3, 2], { 2: 0.1, 3: 0.9 }), tensor([1, 3, 4], { 4: 0.25, 5: 0.5, 6: 0.5, 7: 1 })],
    expected: { x: 16, y: 16, width: 16, height: 16, score: 0.9 },
  },
  // Cell 35 of 16 x 8 cells of 4 pixels: column 3, row 2; heights and rows come first.
  centerface: {
    card: card({ kind: "centerface" }),
    outputs: [
      tensor([1, 1, 8, 16], { 35: 0.9 }),
      tensor([1, 2, 8, 16], { 35: Math.log(3), [128 + 35]: Math.log(2) }),
      tensor([1, 2, 8, 16], { 35: 0.25, [128 + 35]: -0.25 }),
    ],
    expected: { x: (3 - 0.25 + 0.5) * 4 - 4, y: (2 + 0.25 + 0.5) * 4 - 6, width: 8, height: 12, score: 0.9 },
  },
} as const;

function decode(family: keyof typeof FAMILIES, change: Partial<Answer> = {}): Face[] {
  const { card, outputs } = FAMILIES[family];
  return facesIn(card, { outputs, ...INPUT, ...change });
}

describe.each(["yunet", "scrfd", "ultraface", "centerface"] as const)("%s", (family) => {
  const { outputs, expected } = FAMILIES[family];

  test("gives the one face that is in its answer", () => {
    const faces = decode(family);
    expect(faces).toHaveLength(1);
    for (const side of ["x", "y", "width", "height", "score"] as const)
      expect(faces[0]?.[side], side).toBeCloseTo(expected[side], 4);
  });

  test("gives nobody below the threshold", () => {
    expect(decode(family, { threshold: 0.95 })).toEqual([]);
  });

  test("reads as many outputs as it decodes", () => {
    expect(faceOutputs(FAMILIES[family].card).count).toBe(outputs.length);
  });

  test.each(outputs.map((_, which) => which))("an output %i that is misshapen or missing is an error", (which) => {
    const longer = outputs.map((each, i) => (i === which ? tensor([1, each.values.length + 1]) : each));
    expect(() => decode(family, { outputs: longer })).toThrow(/shape/);
    const empty = outputs.map((each, i) => (i === which ? tensor([0]) : each));
    expect(() => decode(family, { outputs: empty })).toThrow(/shape/);
    expect(() => decode(family, { outputs: outputs.slice(0, which) })).toThrow(/gives no|shape/);
  });

  test.each(outputs.map((_, which) => which))("an output %i with a number that is none is an error", (which) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const broken = outputs.map((each, i) => {
        const values = Float32Array.from(each.values);
        if (i === which) values[values.length - 1] = bad;
        return { ...each, values };
      });
      expect(() => decode(family, { outputs: broken })).toThrow(/not finite/);
    }
  });

  test("an answer for a picture of another size is an error", () => {
    if (family === "ultraface") return; // Its boxes are fractions of any size.
    expect(() => decode(family, { width: 128 })).toThrow(/shape/);
  });
});

test("a size beyond all numbers is an error", () => {
  const { outputs } = FAMILIES.yunet;
  const huge = [outputs[0], outputs[1], tensor([1, 32, 4], { 42: 1000 })];
  expect(() => decode("yunet", { outputs: huge })).toThrow(/box that is none/);
});

test("a box whose corners are crossed is an error", () => {
  const crossed = [FAMILIES.ultraface.outputs[0], tensor([1, 3, 4], { 4: 0.5, 5: 0.5, 6: 0.25, 7: 1 })];
  expect(() => decode("ultraface", { outputs: crossed })).toThrow(/box that is none/);
});

test("of finds that lie over each other the best stays; neighbours are two", () => {
  const face = { x: 0, y: 0, width: 20, height: 20, score: 0.5 };
  const finds = [face, { ...face, x: 2, score: 0.9 }, { ...face, x: 15, score: 0.4 }];
  expect(withoutDoubles(finds, 0.45).map(({ x }) => x)).toEqual([2, 15]);
});
