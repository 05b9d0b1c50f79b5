// Shown: what stands beside an operator's model is read strictly, and its numbers mean at each level what the built-in model's do.
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parseFaceCard, parsePersonCard } from "../../src/privacy/own-model-card.ts";
import { tuningOf } from "../../src/privacy/own-model-tuning.ts";
import { lookOf, SSD2_TUNING, turnedLookOf } from "../../src/privacy/redact-levels.ts";

const YUNET = {
  kind: "yunet",
  title: "YuNet",
  licence: "MIT",
  longSides: [1280],
  channelOrder: "bgr",
  threshold: 0.3,
  certain: 0.6,
} as const;
const bytes = (card: object): Buffer => Buffer.from(JSON.stringify(card));

describe("a card", () => {
  test("needs few words", () => {
    expect(parseFaceCard(bytes(YUNET))).toMatchObject({
      strides: [8, 16, 32],
      stride: 32,
      mean: 0,
      std: 1,
      stretch: false,
    });
    const boxes = { ...YUNET, kind: "boxes", units: "pixels" };
    expect(parsePersonCard(bytes(boxes))).toMatchObject({ classIndex: 1, overlap: 0.45 });
  });

  test("as the README shows it is understood", async () => {
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    const [, shown = ""] = /```json\n(\{ "kind": "yunet".*)\n```/.exec(readme) ?? [];
    expect(parseFaceCard(Buffer.from(shown))).toMatchObject({ kind: "yunet", longSides: [1280] });
  });

  const WRONG = [
    ["no JSON", "{kind: yunet}", /not JSON/],
    ["an unknown key", { ...YUNET, treshold: 0.1 }, /treshold/],
    ["an unknown kind", { ...YUNET, kind: "retinaface" }, /kind/],
    ["no threshold", { ...YUNET, threshold: undefined }, /threshold/],
    ["a threshold that lets everything through", { ...YUNET, threshold: 0 }, /threshold/],
    ["a second look that is less sure than the first", { ...YUNET, certain: 0.2 }, /certain/],
    ["neither sides nor size", { ...YUNET, longSides: undefined }, /longSides/],
    ["both sides and size", { ...YUNET, size: { width: 640, height: 640 } }, /longSides/],
    [
      "a size that the stride does not divide",
      { ...YUNET, longSides: undefined, size: { width: 330, height: 64 } },
      /stride/,
    ],
    ["a side that fills the memory", { ...YUNET, longSides: [20_000] }, /longSides/],
    ["nothing to divide by", { ...YUNET, std: [1, 0, 1] }, /std/],
    ["another order of numbers", { ...YUNET, layout: "nhwc" }, /layout/],
    ["the card of a person model", { ...YUNET, kind: "yolox" }, /kind/],
  ] as const;

  test.each(WRONG)("with %s is refused, and says what", (_what, words, why) => {
    const file = typeof words === "string" ? Buffer.from(words) : bytes(words);
    expect(() => parseFaceCard(file)).toThrow(why);
  });
});

describe("levels", () => {
  const tuning = tuningOf(parseFaceCard(bytes(YUNET)));

  test("strict and soft lower a model's own threshold as they lower the built-in one's", () => {
    for (const [level, isSoft] of [
      ["strict", false],
      ["normal", true],
      ["thorough", true],
    ] as const) {
      const builtIn = lookOf(level, { isSoft }).threshold / lookOf("normal").threshold;
      const own = lookOf(level, { isSoft, tuning }).threshold / YUNET.threshold;
      expect(own, `${level} ${isSoft}`).toBeCloseTo(builtIn);
    }
  });

  test("thorough looks at a finer side too, a soft picture at a coarser one", () => {
    expect(lookOf("normal", { tuning }).longSides).toEqual([1280]);
    expect(lookOf("thorough", { tuning }).longSides).toEqual([1920, 1280]);
    expect(lookOf("normal", { tuning, isSoft: true }).longSides).toEqual([1280, 640]);
  });

  test("copies on their sides are looked at where they are with the built-in model", () => {
    for (const level of ["normal", "thorough", "strict"] as const)
      expect(turnedLookOf(level, tuning) === null, level).toBe(turnedLookOf(level, SSD2_TUNING) === null);
    expect(turnedLookOf("strict", tuning)?.longSides).toEqual([1280]);
    expect(turnedLookOf("strict", tuning)?.threshold).toBeCloseTo(0.45);
  });

  test("the second look has the model's own certainty", () => {
    expect(tuning.again).toEqual({ longSides: [640, 320], threshold: 0.6 });
    expect(tuning.again.threshold).not.toBe(SSD2_TUNING.again.threshold);
  });

  test("a model of one size has that at every level, and a lower threshold in place of a finer side", () => {
    const { longSides: _, ...sized } = { ...YUNET, size: { width: 640, height: 384 } };
    const fixed = tuningOf(parseFaceCard(bytes(sized)));
    for (const level of ["normal", "thorough", "strict"] as const)
      expect(lookOf(level, { tuning: fixed, isSoft: true }).longSides).toEqual([640]);
    expect(lookOf("thorough", { tuning: fixed }).threshold).toBeCloseTo(0.2);
  });
});
