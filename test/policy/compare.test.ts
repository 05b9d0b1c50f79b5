// Shown: each rule of the policy, which way is tighter, and the sentence that people read about it, forth and back. The cases
// stand in fixtures/policy/changes.txt: a rule with two values, what is said from the first to the second (>), and back (<).
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import english from "../../src/languages/en.json" with { type: "json" };
import { languageOf, languageTags } from "../../src/languages/say.ts";
import { type PolicyChange, sayChange } from "../../src/policy/change.ts";
import { comparePolicies } from "../../src/policy/compare.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";

const CAMERA = { purpose: { en: "Is the gate open?" }, until: "2027-06-30" };
const BASE = {
  version: 1,
  controller: { name: "Elm Street", contact: "privacy@elm.example" },
  events: { motion: { mode: "counts", windowS: 900, atLeast: 3 } },
  cameras: { gate: CAMERA },
};
const square = (size: number, name = "window") => [
  {
    name,
    polygon: [
      [0, 0],
      [size, 0],
      [size, size],
    ],
  },
];
/** What the cases write for values that would be long. */
const NAMES: Readonly<Record<string, unknown>> = {
  CAMERA,
  MODEL: { file: "/m/a.onnx", sha256: "a".repeat(64) },
  OTHER: { file: "/m/b.onnx", sha256: "b".repeat(64) },
  MOVED: { file: "/elsewhere/a.onnx", sha256: "a".repeat(64) },
  SQUARE: square(0.5),
  WIDER: square(0.6),
  RENAMED: square(0.5, "door"),
};

type Case = {
  readonly rule: string;
  readonly before: Policy;
  readonly now: Policy;
  readonly there: readonly string[];
  /** Empty where the way back is not what is shown. */
  readonly back: readonly string[];
};

const CASES = readFileSync(new URL("../fixtures/policy/changes.txt", import.meta.url), "utf8")
  .split(/^(?=\S)/m)
  .map((text): Case => {
    const [rule = "", ...lines] = text.trimEnd().split("\n");
    const [, path = "", before = "", now = ""] = /^(\S+) (.*) > (.*)$/.exec(rule) ?? [];
    const behind = (mark: string): string[] =>
      lines.filter((line) => line.startsWith(`  ${mark} `)).map((line) => line.slice(4));
    return { rule, before: withRule(path, before), now: withRule(path, now), there: behind(">"), back: behind("<") };
  });

test.each(CASES)("$rule", ({ before, now, there, back }) => {
  expect(said(before, now)).toEqual(there);
  if (back.length > 0) expect(said(now, before)).toEqual(back);
});

test("each sentence about a change is one that some change makes, and every language can say it", () => {
  const changes = CASES.flatMap(({ before, now }) => [
    ...comparePolicies(before, now),
    ...comparePolicies(now, before),
  ]);
  const keys = Object.keys(english).filter((key) => /^change\.(?!none|tighter|looser|changed)/.test(key));
  expect(new Set(changes.map(({ key }): string => key))).toEqual(new Set(keys));
  for (const tag of languageTags())
    for (const change of changes)
      expect(sayChange(change, languageOf(tag)), tag).not.toMatch(/[{}]|undefined|\[object/);
});

test("what concerns one camera names it, also one with a name that every object has", () => {
  const withCamera = (id: string): Policy => SCHEMAS.policy.parse({ ...BASE, cameras: { [id]: CAMERA } });
  const none = SCHEMAS.policy.parse({ ...BASE, cameras: {} });
  const named = ({ effect, key, cameraId }: PolicyChange) => [effect, key, cameraId];
  expect(comparePolicies(none, withCamera("constructor")).map(named)).toEqual([
    ["looser", "change.camera-new", "constructor"],
  ]);
  expect(comparePolicies(withCamera("constructor"), none).map(named)).toEqual([
    ["tighter", "change.camera-gone", "constructor"],
  ]);
});

function said(before: Policy, now: Policy): string[] {
  return comparePolicies(before, now).map((change) => `${change.effect}: ${sayChange(change, languageOf("en"))}`);
}

/** The policy with one rule at a path, written as in JSON; `none` leaves it out. Below `unnamed`, zones are not told. */
function withRule(path: string, value: string): Policy {
  const isUnnamed = path.startsWith("unnamed/");
  const raw: unknown = structuredClone({ ...BASE, events: { ...BASE.events, zones: !isUnnamed } });
  const steps = path.split("/").slice(isUnnamed ? 1 : 0);
  const last = steps.pop() ?? "";
  const group = steps.reduce((group, step) => {
    if (Reflect.get(group, step) === undefined) Reflect.set(group, step, {});
    return objectIn(Reflect.get(group, step));
  }, objectIn(raw));
  if (value === "none") Reflect.deleteProperty(group, last);
  else Reflect.set(group, last, JSON.parse(value.replaceAll(/\b[A-Z]{4,}\b/g, (name) => JSON.stringify(NAMES[name]))));
  return SCHEMAS.policy.parse(raw);
}

function objectIn(value: unknown): object {
  if (typeof value !== "object" || value === null) throw new Error("no group of rules");
  return value;
}
