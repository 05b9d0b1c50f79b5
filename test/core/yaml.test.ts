// Shown here: whatever a text holds, reading it ends in plain values or in mistakes with their line, and soon.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { readYaml, writeYaml } from "../../src/core/yaml.ts";

const said = (text: string): string[] =>
  readYaml(text).mistakes.map(({ line, column, text }) => `${line}:${column} ${text}`);

test("values keep their places", () => {
  const yaml = readYaml("a:\n  b: [1, { c: x }]\n");
  expect(yaml).toMatchObject({ value: { a: { b: [1, { c: "x" }] } }, isWhole: true, mistakes: [] });
  expect(yaml.placeOf(["a", "b"], "key")).toEqual({ line: 2, column: 3 });
  expect(yaml.placeOf(["a", "b", 1, "c"])).toEqual({ line: 2, column: 15 });
  expect(yaml.placeOf(["a", "b", 1, "missing"])).toEqual({ line: 2, column: 10 });
  expect(yaml.placeOf(["nowhere"])).toEqual({ line: 1, column: 1 });
});

test.each([
  ["a tab as indentation", "a:\n\tb: 1\n", "2:1 is indented with a tab; use spaces"],
  ["a key twice", "a: 1\nb: 2\na: 3\n", "3:1 a is written twice in the same group; remove one"],
  ["a key that is a number", "a:\n  1: x\n", "2:3 has the key 1, which is no text; put it in quotes"],
  ["a key that is a list", "? [a]\n: 1\n", "1:3 has a key that is no text"],
  ["a tag", "a: !secret b\n", "1:12 has the tag !secret; tags mean nothing here, so remove it"],
  ["a standard tag", "a: !!binary aGk=\n", "1:13 has the tag !!binary; tags mean nothing here, so remove it"],
  ["an alias of nothing", "a: *b\n", "1:4 *b stands for an anchor &b that is not written before it"],
  ["an alias of itself", "a: &b [*b]\n", "1:8 is nested too deeply"],
  [
    "a second document",
    "a: 1\n---\nb: 2\n",
    "2:1 begins a second document; one file holds one, so remove the line ---",
  ],
  ["the prototype as a key", "__proto__: { x: 1 }\n", "1:1 __proto__ is not known"],
])("%s is a mistake with its place", (_, text, mistake) => {
  expect(said(text)).toContain(mistake);
});

test("a merge key is no magic but an unknown key", () => {
  expect(readYaml("a: &x { b: 1 }\nc: { <<: *x }\n").value).toEqual({ a: { b: 1 }, c: { "<<": { b: 1 } } });
});

test("a byte order mark, Windows line ends and an empty text are read", () => {
  expect(readYaml("\uFEFFa: 1\r\nb: 2\r\n")).toMatchObject({ value: { a: 1, b: 2 }, mistakes: [] });
  expect(readYaml("")).toMatchObject({ value: null, isWhole: true, mistakes: [] });
});

test("ten aliases of ten aliases, ten deep, are refused instead of written out", () => {
  const lines = Array.from(
    { length: 10 },
    (_, n) =>
      `a${n}: &a${n} [${
        n === 0
          ? "lol"
          : Array(10)
              .fill(`*a${n - 1}`)
              .join(", ")
      }]`,
  );
  const startedMs = performance.now();
  expect(said(lines.join("\n"))).toEqual([expect.stringContaining("unfolds to too many values; use fewer aliases")]);
  expect(performance.now() - startedMs).toBeLessThan(3000);
});

test("60,000 keys, and nesting of 5,000 brackets or dashes, are answered soon", () => {
  const startedMs = performance.now();
  expect(said(Array.from({ length: 60_000 }, (_, n) => `k${n}: ${n}`).join("\n"))).toEqual([]);
  expect(said("[".repeat(5000)).length).toBeGreaterThan(0);
  expect(said("- ".repeat(5000)).length).toBeGreaterThan(0);
  expect(performance.now() - startedMs).toBeLessThan(8000);
});

test("any text ends in values or in mistakes with a line, never in an exception", () => {
  const pieces = fc.constantFrom(
    "a",
    ":",
    " ",
    "\n",
    "\t",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "!x ",
    "'",
    '"',
    "#",
    "? ",
    "|\n",
    ">",
    "---\n",
    "%",
    "\0",
    "1",
    "\uD800",
    "é",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 40 }).map((list) => list.join("")),
        fc.string(),
      ),
      (text) => {
        for (const { line, column } of readYaml(text).mistakes) expect(Math.min(line, column)).toBeGreaterThan(0);
        expect(readYaml(text).mistakes.length).toBeLessThanOrEqual(LIMITS.settingsFindings);
      },
    ),
    { numRuns: 500 },
  );
});

test("what is written is read back", () => {
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "grapheme" }),
      fc.integer(),
      fc.boolean(),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[a-z -:#]{1,8}$/), tie("any"), { maxKeys: 4 }),
    ),
  })).any;
  fc.assert(
    fc.property(value, (value) => {
      expect(readYaml(writeYaml({ value }))).toMatchObject({ mistakes: [], value: { value } });
    }),
  );
});

test("a tag on a key is a mistake with its line, too", () => {
  expect(readYaml("a: 1\n!x!b c: 2\n")).toMatchObject({
    isWhole: false,
    mistakes: [{ line: 2, column: 1, text: "has a tag; tags mean nothing here, so remove it" }],
  });
});
