// What stands on the sign, by the policy's rules: nothing that the policy does not say, nothing finer than it tells, and never more
// than there is room for. How it looks is in test/journeys/sign.test.ts.
import fc from "fast-check";
import { expect, test } from "vitest";
import { languageOf, languageTags } from "../../src/languages/say.ts";
import { type Sign, signOf } from "../../src/policy/sign.ts";
import { policies } from "../helpers/policies.ts";
import { cameraRule, fullPolicy, HOSTILE, hostilePolicy, signFor, signPolicy } from "../helpers/sign-policies.ts";

const english = languageOf("en");
const textsOf = (sign: Sign): readonly string[] => [
  sign.title,
  ...sign.head,
  ...[...sign.wide, ...sign.narrow].flatMap(({ title, lines }) => [title, ...lines.map(({ text }) => text)]),
  ...(sign.link === null ? [] : [sign.link.title, ...sign.link.lines, sign.link.url]),
  sign.foot,
];
const said = (more: object): string => textsOf(signOf(signFor(signPolicy(more)), english)).join("\n");

test("the sign says who, what for, what is told, for how long, which rights, and which policy it is of", () => {
  const text = said({});
  for (const words of [
    "Sensors and a camera work here",
    "Elm Street Association is responsible.",
    "Write to privacy@elm.example with a question or to object.",
    "See whether the gate was left open after dark",
    "How often something moves in 15 minutes, told from 3 on. Never a single movement.",
    "What is told goes to platform.example.",
    "At most 24 pictures a day.",
    "No pictures after 30 June 2027.",
    "Pictures are deleted in the box after 3 days, sent or not.",
    "Nobody is recognised by their face.",
    "You may object at any time.",
    "http://hedgerow.local:8080/transparency?lang=en",
    "Sign of 22 November 2026, policy abababababab",
  ])
    expect(text).toContain(words);
});

test("each sentence follows its rule", () => {
  expect(said({ events: { motion: { mode: "none" }, light: false } })).toMatch(
    /Movement is not told to anybody\.\nLight is not told to anybody\./,
  );
  expect(said({ events: { motion: { mode: "each" }, timeBucketS: 300 } })).toContain(
    "When something moves, to 5 minutes.",
  );
  expect(said({ events: { motion: { mode: "counts", atLeast: 1 } } })).not.toContain("Never a single movement");
  expect(said({ quiet: { zones: ["private-door"] } })).toContain("At some times or places nothing is told");
  expect(said({ quiet: { zones: ["private-door"] } })).not.toContain("private-door");
  expect(said({ events: { retentionHours: 24, retentionHoursOf: { house: 8760 } } })).toContain(
    "after 30 days at most",
  );
});

test("without cameras it speaks of none; one whose last day is over is none", () => {
  for (const cameras of [{}, { "gate-cam": cameraRule("old", { until: "2026-11-21" }) }]) {
    const text = said({ cameras });
    expect(text).toContain("Sensors work here\n");
    expect(text).not.toMatch(/[Cc]amera|[Pp]icture|face is|Faces/);
  }
});

test("a purpose is told in the sign's language, else in the first of the policy's that it is written in, and marked so", () => {
  const purpose = { fr: "Voir le portail", en: "See the gate" };
  const policy = signPolicy({ languages: ["fr", "en"], cameras: { "gate-cam": cameraRule(purpose) } });
  const lineIn = (tag: string) => signOf(signFor(policy), languageOf(tag)).wide[0]?.lines[0];
  expect(lineIn("en")).toEqual({ text: "See the gate" });
  expect(lineIn("de")).toEqual({ text: "Voir le portail", language: "fr" });
});

test("no link, no QR code; an address that is too long for one is none", () => {
  expect(signOf(signFor(signPolicy(), { link: null }), english).link).toBeNull();
  const url = `http://${"a".repeat(200)}.example/`;
  expect(signOf(signFor(signPolicy(), { link: { url, isLocal: false } }), english).link).toBeNull();
});

test("who receives is told where it is known, and that nobody does", () => {
  const about = (platforms: readonly string[] | null) =>
    textsOf(signOf(signFor(signPolicy(), { platforms }), english)).join("\n");
  expect(about([])).toContain("Nothing is sent anywhere.");
  expect(about(null)).not.toMatch(/is sent anywhere|goes to/);
});

test("type gets smaller first; then purposes are shortened, and the rest is left to the page by number", () => {
  const small = signOf(signFor(fullPolicy(1, 60)), english);
  const fuller = signOf(signFor(fullPolicy(4, 150)), english);
  const fullest = signOf(signFor(fullPolicy(40, 2000)), english);
  expect(fuller.size).toBeGreaterThan(small.size);
  expect(fuller.wide[0]?.lines).toHaveLength(4);
  const shown = fullest.wide[0]?.lines ?? [];
  const named = shown.filter(({ name }) => name !== undefined);
  expect(named.length).toBeGreaterThanOrEqual(3);
  expect(named.every(({ text }) => text.endsWith("…") && text.length <= 400)).toBe(true);
  expect(shown.at(-1)?.text).toBe(`${40 - named.length} more cameras: the box’s page says what they are for.`);
});

test("nobody's words break a line, turn the direction or run on", () => {
  const [first] = HOSTILE.split("\u202E");
  for (const tag of languageTags()) {
    const sign = signOf(signFor(hostilePolicy()), languageOf(tag));
    for (const text of textsOf(sign)) expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    expect(sign.head[0]?.length).toBeLessThan(200);
    expect(textsOf(sign).join("\n")).toContain(first);
  }
});

test("any policy has a sign in each language, with its own numbers and no zone's name", () => {
  fc.assert(
    fc.property(policies, fc.constantFrom(...languageTags()), (policy, tag) => {
      const sign = signOf(signFor(policy), languageOf(tag));
      expect(sign.size).toBeLessThanOrEqual(10);
      expect(textsOf(sign).every((text) => text.trim() !== "")).toBe(true);
      const text = textsOf(sign).join("\n");
      expect(text).not.toContain("private-door");
    }),
    { numRuns: 60 },
  );
});
