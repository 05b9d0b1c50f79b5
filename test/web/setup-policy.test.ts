// What was agreed, from a form into the policy and back: nothing is lost on the way, and what nobody could have agreed is refused.
import { expect, test } from "vitest";
import { languageOf } from "../../src/languages/say.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import { policyAsIs, policyAsked, type TypedPolicy, typedPolicy } from "../../src/web/setup-policy.ts";
import { DEMO_POLICY } from "../../src/demo/demo-kit.ts";

const street = SCHEMAS.policy.parse({
  version: 1,
  controller: { name: "Elm Street Association", contact: "privacy@elm.example" },
  languages: ["fr", "en", "nl"],
  events: { timeBucketS: 60, motion: { mode: "counts", windowS: 600, atLeast: 5 }, perDay: { motion: 10 } },
  quiet: { hours: [{ between: ["22:00", "06:00"] }] },
  cameras: { "gate-cam": { purpose: { en: "See whether the gate is open" }, until: "2099-06-30" } },
});
const BY_SUN: Policy["quiet"]["hours"][number] = { between: ["sunset+30", "06:00"] };
const english = languageOf("en");
const draft = SCHEMAS.policy.parse({
  version: 1,
  draft: true,
  controller: { name: "to be named", contact: "to be named" },
  events: { motion: { mode: "counts" } },
});
const answers: TypedPolicy = { ...policyAsIs(draft), name: "Elm Street Association", contact: "privacy@elm.example" };

function agreed(change: Partial<TypedPolicy>, now: Policy = draft): Policy {
  const asked = policyAsked({ ...answers, ...change }, now, english);
  if (!("controller" in asked)) throw new Error(asked.join(" "));
  return asked;
}

test.each([
  ["the demonstration's", DEMO_POLICY],
  ["a street's", street],
  [
    "one by the sun",
    {
      ...street,
      quiet: { zones: ["porch"], hours: [BY_SUN] },
    },
  ],
])("%s policy comes through the form unchanged", (_, policy) => {
  expect(policyAsked(policyAsIs(policy), policy, english)).toEqual(policy);
});

test("each answer is written, and a draft stays one until somebody begins", () => {
  const policy = agreed({
    languages: ["ar", "en"],
    motion: "none",
    light: "no",
    keptHours: "24",
    zones: "no",
    cellLetters: "4",
    quietZones: "Private door, cellar، cellar",
    from: "22:00",
    to: "06:30",
  });
  expect(policy).toMatchObject({
    draft: true,
    controller: { name: "Elm Street Association", contact: "privacy@elm.example" },
    languages: ["en", "ar"],
    events: { motion: { mode: "none" }, light: false, retentionHours: 24, zones: false, cellLetters: 4 },
    quiet: { zones: ["private-door", "cellar"], hours: [{ between: ["22:00", "06:30"] }] },
  });
  expect(policyAsIs(policy).hours).toEqual([["22:00", "06:30"]]);
});

test("an hour that was unticked goes, and those that stay keep their words of the sun", () => {
  const form = (fields: Readonly<Record<string, string>>) => typedPolicy((name) => fields[name] ?? "");
  expect(form({ "keep-0": "sunset/23:00", "keep-2": "nonsense/23:00" }).hours).toEqual([["sunset", "23:00"]]);
});

test.each<[string, Partial<TypedPolicy>, RegExp]>([
  ["nobody who answers for the data", { name: "" }, /who answers for the data/],
  ["no way to reach them", { contact: "  ".trim() }, /how to reach them/],
  ["the words of the draft", { name: "to be named" }, /who answers for the data/],
  ["a name that no sign holds", { name: "x".repeat(121) }, /at most 120 letters/],
  ["no language", { languages: [] }, /at least one language/],
  ["no answer about movement", { motion: "" }, /answers to each question/],
  ["an answer that nobody was offered", { light: "perhaps" }, /answers to each question/],
  ["a time that the schema does not know", { keptHours: "99999" }, /answers to each question/],
  ["half a quiet hour", { from: "22:00" }, /a beginning and an end/],
  ["a quiet hour of no length", { from: "22:00", to: "22:00" }, /they differ/],
  ["a time that is none", { from: "25:00", to: "26:00" }, /a beginning and an end/],
  ["an area that cannot be written", { quietZones: "حديقة" }, /Latin letters/],
  [
    "too many hours",
    { hours: Array.from({ length: 17 }, () => ["01:00", "02:00"] as const) },
    /at most 16 quiet hours/,
  ],
])("%s is refused in a sentence", (_, change, said) => {
  const asked = policyAsked({ ...answers, ...change }, draft, english);
  expect(asked).toEqual(expect.arrayContaining([expect.stringMatching(said)]));
});
