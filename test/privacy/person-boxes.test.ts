// Shown: what person models answer becomes persons, and a person becomes the part of the box in which the head may be.
import { describe, expect, test } from "vitest";
import type { Face } from "../../src/privacy/detector.ts";
import type { OutputTensor } from "../../src/privacy/onnx-session.ts";
import { parsePersonCard } from "../../src/privacy/own-model-card.ts";
import { headOf, personsIn } from "../../src/privacy/person-boxes.ts";

const INPUT = { width: 64, height: 32, threshold: 0.5 };

function card(words: object): ReturnType<typeof parsePersonCard> {
  const plain = { channelOrder: "rgb", longSides: [64], threshold: 0.5, certain: 0.6 };
  return parsePersonCard(Buffer.from(JSON.stringify({ ...plain, ...words })));
}

function persons(
  of: ReturnType<typeof card>,
  outputs: readonly (readonly [readonly number[], readonly number[]])[],
): Face[] {
  const tensors = outputs.map(([shape, values]): OutputTensor => ({ shape, values: Float32Array.from(values) }));
  return personsIn(of, { ...INPUT, outputs: tensors });
}

describe("boxes", () => {
  const pixels = card({ kind: "boxes", units: "pixels" });
  const two = [
    [2, 4],
    [4, 2, 14, 30, 30, 4, 40, 28],
  ] as const;

  test("with a score each", () => {
    expect(persons(pixels, [two, [[2], [0.75, 0.25]]])).toEqual([{ x: 4, y: 2, width: 10, height: 28, score: 0.75 }]);
  });

  test("with a score for each class: only that of persons counts", () => {
    expect(
      persons(pixels, [
        two,
        [
          [2, 3],
          [0.9, 0.1, 0, 0, 0.75, 0.2],
        ],
      ]),
    ).toMatchObject([{ x: 30, score: 0.75 }]);
  });

  test("with the class of each as a third output", () => {
    expect(persons(pixels, [two, [[2], [0.75, 0.75]], [[2], [18, 1]]])).toMatchObject([{ x: 30 }]);
  });

  test("as fractions of the input", () => {
    const fractions = card({ kind: "boxes", units: "fractions" });
    const found = persons(fractions, [
      [
        [1, 1, 4],
        [0.25, 0.5, 0.5, 1],
      ],
      [[1, 1], [1]],
    ]);
    expect(found).toEqual([{ x: 16, y: 16, width: 16, height: 16, score: 1 }]);
  });

  test("none, of a picture in which nobody is", () => {
    expect(
      persons(pixels, [
        [[0, 4], []],
        [[0], []],
      ]),
    ).toEqual([]);
  });

  test("with scores or classes that do not belong to them are an error", () => {
    expect(() => persons(pixels, [two, [[3], [1, 1, 1]]])).toThrow(/shape/);
    expect(() => persons(pixels, [two, [[0], []]])).toThrow(/shape/);
    expect(() =>
      persons(card({ kind: "boxes", units: "pixels", classIndex: 7 }), [
        two,
        [
          [2, 3],
          [0, 0, 0, 0, 0, 0],
        ],
      ]),
    ).toThrow(/shape/);
    expect(() => persons(pixels, [two, [[2], [1, 1]], [[1], [1]]])).toThrow(/shape/);
    expect(() =>
      persons(pixels, [
        [[7], [0, 0, 0, 0, 0, 0, 0]],
        [[2], [1, 1]],
      ]),
    ).toThrow(/shape/);
    expect(() => persons(pixels, [two, [[2], [Number.NaN, 0]]])).toThrow(/not finite/);
    expect(() => persons(pixels, [two])).toThrow(/shape/);
  });
});

describe("yolox", () => {
  const yolox = card({ kind: "yolox", strides: [16, 32], classIndex: 1 });
  /** Eight cells of 16 pixels and two of 32, seven numbers each. */
  function answer(place: number, numbers: readonly number[]): readonly [readonly number[], readonly number[]] {
    const values = Array.from({ length: 70 }, () => 0);
    values.splice(place * 7, 7, ...numbers);
    return [[1, 10, 7], values];
  }

  test("a middle within its cell, logarithms of the size, and both scores as one", () => {
    // Cell 5: column 1, row 1.
    const [person] = persons(yolox, [answer(5, [0.5, 0, Math.log(2), Math.log(0.5), 0.8, 1, 0.9])]);
    expect(person?.x).toBeCloseTo(24 - 16);
    expect(person?.y).toBeCloseTo(16 - 4);
    expect(person?.width).toBeCloseTo(32);
    expect(person?.height).toBeCloseTo(8);
    expect(person?.score).toBeCloseTo(0.72);
  });

  test("the coarser cells come after the finer ones", () => {
    const [person] = persons(yolox, [answer(9, [0, 0, 0, 0, 1, 0, 1])]);
    expect(person).toMatchObject({ x: 32 - 16, y: -16, width: 32 });
  });

  test("another class is no person", () => {
    expect(persons(yolox, [answer(5, [0, 0, 0, 0, 1, 1, 0])])).toEqual([]);
  });

  test("an answer that does not fit the input, or has no such class, is an error", () => {
    expect(() => persons(yolox, [[[1, 9, 7], Array.from({ length: 63 }, () => 0)]])).toThrow(/shape/);
    expect(() => persons(yolox, [[[1, 10, 6], Array.from({ length: 60 }, () => 0)]])).toThrow(/class 1/);
    expect(() => persons(yolox, [answer(5, [0, 0, 900, 0, 1, 0, 1])])).toThrow(/none/);
    expect(() => persons(yolox, [])).toThrow(/class/);
  });
});

describe("the head of a person", () => {
  /** What is painted of somebody at 100, 100, by the size of the box: from where, how wide, and down to which part. */
  const POSTURES = [
    ["standing", 50, 150, 0.35],
    ["sitting, bent or cut off at the waist", 80, 120, 0.6],
    ["lying, crouching, or shown as head and shoulders", 100, 90, 1],
  ] as const;

  test.each(POSTURES)("%s: over the whole width, from a little above", (_posture, width, height, part) => {
    const head = headOf({ x: 100, y: 100, width, height, score: 0.7 });
    expect(head).toMatchObject({ x: 100, width, score: 0.7 });
    expect(head.y).toBeLessThan(100);
    expect(head.y + head.height).toBeCloseTo(100 + height * part);
  });

  test("holds the head of an adult, of a child, and of somebody with raised arms", () => {
    // Crown and chin as parts of the box's height (Drillis and Contini; two heads' length of arm above the crown).
    for (const [crown, chin] of [
      [0, 0.13],
      [0, 0.25],
      [0.2, 0.34],
    ] as const) {
      const head = headOf({ x: 0, y: 0, width: 40, height: 100, score: 1 });
      expect(head.y).toBeLessThanOrEqual(crown * 100);
      expect(head.y + head.height).toBeGreaterThanOrEqual(chin * 100);
    }
  });
});
