// People's words in a sentence: one line, bounded, no letter cut in two, nothing that turns what follows.
import fc from "fast-check";
import { expect, test } from "vitest";
import { shortened } from "../../src/policy/plain.ts";

test("whatever is written becomes one well-formed line of at most so many units", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), fc.integer({ min: 1, max: 120 }), (words, charsMax) => {
      const line = shortened(words, charsMax);
      expect(line.length).toBeLessThanOrEqual(charsMax);
      expect(line.isWellFormed()).toBe(true);
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]| {2}/u);
    }),
  );
});

test("what fits stays as it is; what is cut ends between two letters, in an ellipsis", () => {
  expect(shortened("See the gate", 12)).toBe("See the gate");
  expect(shortened("See the gates", 12)).toBe("See the gat…");
  const family = "\u{1F468}\u200d\u{1F469}\u200d\u{1F467}\u200d\u{1F466}";
  expect(shortened(`ab${family}cdefgh`, 10)).toBe("ab…");
  expect(shortened(`a\u0301`.repeat(20), 10)).toBe(`${"a\u0301".repeat(4)}…`);
  expect(shortened("  two\n\tlines\u0000 ", 40)).toBe("two lines");
});
