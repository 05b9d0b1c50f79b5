// A list in a YAML text grows and shrinks, and nothing else of the text changes, however it was written.
import fc from "fast-check";
import { expect, test } from "vitest";
import { addToList, removeFromList } from "../../src/core/yaml-list.ts";
import { readYaml } from "../../src/core/yaml.ts";

const PATH = ["cameras", "gate", "masks"];
const ITEM = '{ name: "b", polygon: [[0, 0], [1, 0], [1, 1]] }';

const FORMS: readonly (readonly [string, string, string])[] = [
  [
    "a group without the list",
    `# top
cameras:
  gate:   # the gate
    purpose: { en: "See" }   # why
    until: 2027-06-30        # last day

  # another one
  porch: { until: 2027-01-01 }
`,
    `    until: 2027-06-30        # last day
    masks:
      - ${ITEM}

  # another one`,
  ],
  [
    "a group in braces",
    "cameras:\n  gate: { until: 2027-06-30 } # short\n",
    `  gate: { until: 2027-06-30, masks: [${ITEM}] } # short\n`,
  ],
  [
    "an empty list",
    "cameras: { gate: { masks: [ ], until: 1 } } # all\n",
    `cameras: { gate: { masks: [${ITEM}], until: 1 } } # all\n`,
  ],
  [
    "a list that was left out after its name",
    "cameras:\n  gate:\n    masks:   # none yet\n    until: 1\n",
    `    masks: [${ITEM}]   # none yet\n`,
  ],
  [
    "a list in brackets on one line",
    "cameras:\n  gate:\n    masks: [ { name: a } ]   # hidden\n    until: 1\n",
    `    masks: [ { name: a }, ${ITEM} ]   # hidden\n`,
  ],
  [
    "a list in brackets over several lines",
    "cameras:\n  gate:\n    masks: [\n      { name: a }, # one\n      { name: c } # two\n    ]\n",
    `      { name: c },\n      ${ITEM} # two\n    ]\n`,
  ],
  [
    "a list with dashes and groups below them",
    "cameras:\n  gate:\n    masks:\n    # first\n    - name: a\n      polygon:\n        - [0, 0]\n        - [1, 1]   # corner\n    # after\n    until: 1\n",
    `        - [1, 1]   # corner\n    - ${ITEM}\n    # after\n`,
  ],
  [
    "a file without a last line end",
    "cameras:\n  gate:\n    masks:\n      - { name: a }",
    `{ name: a }\n      - ${ITEM}`,
  ],
  [
    "lines that end as on Windows",
    "cameras:\r\n  gate:\r\n    until: 1\r\n",
    `    until: 1\r\n    masks:\r\n      - ${ITEM}\r\n`,
  ],
];

test.each(FORMS)("%s takes one more", (_, text, expected) => {
  expect(addToList(text, PATH, ITEM)).toContain(expected);
});

test.each(FORMS)("%s is as it was when the item is taken out again, but for an empty list", (_, text) => {
  const added = addToList(text, PATH, ITEM) ?? "";
  const index = masksIn(added).length - 1;
  const back = removeFromList(added, PATH, index) ?? "";
  expect(masksIn(back)).toEqual(masksIn(text));
  expect(commentsIn(back)).toEqual(commentsIn(text));
  if (index > 0) expect(back.trimEnd()).toBe(text.trimEnd());
});

test("from each place of a list the right item goes, and its neighbours' comments stay", () => {
  const flow =
    "cameras:\n  gate:\n    masks: [\n      { name: a }, # one\n      { name: b },\n      { name: c }, # three\n    ]\n";
  const block =
    "cameras:\n  gate:\n    masks:\n      - name: a # one\n        x: 1\n      # of b\n      - { name: b }\n      - { name: c } # three\n";
  for (const text of [flow, block]) {
    expect(masksIn(removeFromList(text, PATH, 0) ?? "")).toMatchObject([{ name: "b" }, { name: "c" }]);
    expect(masksIn(removeFromList(text, PATH, 2) ?? "")).toMatchObject([{ name: "a" }, { name: "b" }]);
    const without = removeFromList(text, PATH, 1) ?? "";
    expect(masksIn(without)).toMatchObject([{ name: "a" }, { name: "c" }]);
    expect(commentsIn(without)).toEqual(commentsIn(text));
  }
});

test.each([
  ["an alias", "a: &m [ { name: a } ]\ncameras: { gate: { masks: *m } }\n"],
  ["a group that is an alias", "a: &g { until: 1 }\ncameras: { gate: *g }\n"],
  [
    "a list that another camera shares",
    "cameras:\n  gate: { masks: &m [{ name: a }, { name: b }] }\n  porch: { masks: *m }\n",
  ],
  ["no such group", "cameras: { porch: { until: 1 } }\n"],
  ["a text in place of the list", "cameras: { gate: { masks: none } }\n"],
  ["a text that is not YAML", "cameras: { gate: {\n"],
])("%s is refused rather than changed in another way", (_, text) => {
  expect(addToList(text, PATH, ITEM)).toBeNull();
  expect(removeFromList(text, PATH, 0)).toBeNull();
});

test("an item that is no YAML by itself is refused", () => {
  expect(addToList("cameras: { gate: { masks: [] } }\n", PATH, "] }, x: [")).toBeNull();
});

test("whatever is added, the rest of the text says what it said", () => {
  fc.assert(
    fc.property(fc.constantFrom(...FORMS.map(([, text]) => text)), fc.string({ maxLength: 30 }), (text, name) => {
      const after = addToList(text, PATH, JSON.stringify({ name }));
      if (after === null) return;
      expect(masksIn(after)).toEqual([...masksIn(text), { name }]);
      expect(commentsIn(after)).toEqual(commentsIn(text));
    }),
  );
});

function masksIn(text: string): unknown[] {
  const { value }: { value: unknown } = readYaml(text);
  const found: unknown = PATH.reduce<unknown>(
    (at, step) => (typeof at === "object" && at !== null ? Reflect.get(at, step) : null),
    value,
  );
  return Array.isArray(found) ? found : [];
}

function commentsIn(text: string): string[] {
  return text.match(/(?<=^|\s)# [a-z ]+/gm) ?? [];
}
