// Shown: each sentence about the policy follows from its rule, in each language, and none says more than the policy lets be known.
import fc from "fast-check";
import { expect, test } from "vitest";
import english from "../../src/languages/en.json" with { type: "json" };
import { languageOf, languageTags } from "../../src/languages/say.ts";
import { type PolicyWords, policyWords, type WordsFor } from "../../src/policy/words.ts";
import { timeOfDay } from "../../src/policy/time-words.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import { policies } from "../helpers/policies.ts";

const TODAY = "2026-06-01";
const EN = languageOf("en");
const MODEL = { file: "/m/a.onnx", sha256: "a".repeat(64) };
const CAMERA = { purpose: { es: "Ver la puerta" }, until: "2027-06-30" };

function policyWith(rules: object): Policy {
  const controller = { name: "Elm Street", contact: "privacy@elm.example" };
  return SCHEMAS.policy.parse({ version: 1, controller, ...rules });
}

function wordsOf(rules: object, by: Partial<WordsFor> = {}): PolicyWords {
  return policyWords({ policy: policyWith(rules), language: EN, today: TODAY, ...by });
}

/** Every text that there is, purposes too. */
function textsOf({ cameras, quiet, ...others }: PolicyWords): string[] {
  const sections = [...Object.values(others), cameras, ...(quiet === null ? [] : [quiet])];
  return [
    ...sections.flatMap(({ title, sentences }) => [title, ...sentences]),
    ...cameras.each.flatMap(({ purpose, sentences }) => [purpose.text, ...sentences]),
  ];
}

const NOTICED: readonly (readonly [rules: object, ...sentences: string[]])[] = [
  [{ motion: { mode: "none" } }, "Movement stays in the box: it is not told to anybody."],
  [{ motion: { mode: "each" } }, "Each movement is told.", "Sensors that notice movement also tell how bright it is."],
  [
    { motion: { mode: "counts", windowS: 900, atLeast: 3 } },
    "Of movement, only the number in 15 minutes is told, from 3 on.",
    "A smaller number waits until more time has passed. It is told then, or not at all.",
    "Sensors that notice movement do not tell how bright it is.",
  ],
  [{ lightOfMotionSensors: true }, "Sensors that notice movement also tell how bright it is."],
  [
    { light: true },
    "It is told how bright it is, and which lamps are on.",
    "It is told when a lamp stays dark at night, burns by day or flickers.",
  ],
  [{ light: false }, "Light stays in the box: it is not told to anybody."],
  [{ fields: { batteryPct: true } }, "It is told how full a device’s battery is."],
  [{ fields: { linkPct: true } }, "It is told how good a device’s radio link is."],
  [{ timeBucketS: 300 }, "The times that are told are in steps of 5 minutes."],
  [{ perDay: { "light.level": 24 } }, "One sensor tells how bright it is at most 24 times a day."],
  [{ perDay: { "light.level": 1 } }, "One sensor tells how bright it is at most once a day."],
  [{ perDay: { "light.level": 0 } }, "No sensor tells how bright it is."],
  [{ motion: { mode: "each" }, perDay: { motion: 0 } }, "Movement stays in the box: it is not told to anybody."],
  [{ motion: { mode: "counts", windowS: 60, atLeast: 1 } }, "How often something moves in 1 minute."],
];

test.each(NOTICED)("of events %j it says so", (events, ...sentences) => {
  expect(wordsOf({ events }).noticed.sentences).toEqual(expect.arrayContaining(sentences));
});

test("what the strictest policy does not tell, no sentence says that it is told", () => {
  expect(wordsOf({ events: { light: false, perDay: { motion: 3, "light.level": 3 } } }).noticed.sentences).toEqual([
    "Movement stays in the box: it is not told to anybody.",
    "Light stays in the box: it is not told to anybody.",
    "It is told whether the sensors work, and whether the box works.",
    "The times that are told are in steps of 1 minute.",
  ]);
  const counts = { motion: { mode: "counts", atLeast: 1 } };
  expect(wordsOf({ events: counts }).noticed.sentences, "no number is smaller than one").not.toContain(
    english["policy.motion-fewer"],
  );
});

test("hours are those of what is told, each class where it differs, and never more than anything is kept for", () => {
  const retentionHoursOf = { motion: 24, "light.state": 8760, house: 8760 };
  const kept = (events: object) => wordsOf({ events: { retentionHours: 8760, retentionHoursOf, ...events } }).kept;
  expect(kept({}).sentences).toEqual(["What could not be sent is deleted after 30 days."]);
  expect(kept({ motion: { mode: "each" } }).sentences).toEqual([
    "What could not be sent is deleted after 30 days.",
    "Movement is deleted after 24 hours if it could not be sent.",
  ]);
});

test("the place is told no finer than both the policy and the gateway's cell let it", () => {
  const place = (cellLetters: number, cell?: string | null): string | undefined =>
    wordsOf({ events: { cellLetters } }, cell === undefined ? {} : { cell }).outside.sentences.at(-1);
  expect(place(6)).toBe("The place is told as an area about 1 km wide.");
  expect(place(5, "u09tun")).toBe("The place is told as an area about 5 km wide.");
  expect(place(6, "u09t")).toBe("The place is told as an area about 39 km wide.");
  const nowhere = "It is not told in which area the sensors are.";
  expect([place(6, null), place(0, "u09tun"), place(0)]).toEqual([nowhere, nowhere, nowhere]);
});

test("quiet zones are named where zones are told, and only counted where they are not", () => {
  const quiet = { zones: ["private-door", "yard"], hours: [{ between: ["22:00", "sunrise"] }] };
  expect(wordsOf({}).quiet).toBeNull();
  expect(wordsOf({ quiet }).quiet?.sentences).toEqual([
    "From 22:00 to sunrise, no movement and no light is told, and no camera looks.",
    "From the area private-door, no movement, no light and no picture is told.",
    "From the area yard, no movement, no light and no picture is told.",
  ]);
  const hidden = wordsOf({ quiet, events: { zones: false } });
  expect(hidden.quiet?.sentences.at(-1)).toBe("From 2 areas, no movement, no light and no picture is told.");
  expect(textsOf(hidden).join("\n")).not.toMatch(/private-door|yard/);
  expect(wordsOf({ quiet: { hours: [{ between: ["09:00", "09:00"] }] } }).quiet?.sentences).toEqual([
    "Movement and light are never told, and no camera looks.",
  ]);
});

test("a camera's words: its purpose in a language that it is written in, and one sentence for each rule", () => {
  const masks = ["window", "door"].map((name) => ({
    name,
    polygon: [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
  }));
  const redact = { level: "strict", whenUnsure: "mosaic", persons: true, model: MODEL, personModel: MODEL };
  const gate = { ...CAMERA, snapshotsPerDay: 1, retentionHours: 48, masks, redact };
  const { cameras } = wordsOf({ languages: ["en", "es"], cameras: { gate } });
  expect(cameras).toMatchObject({ title: "The camera", sentences: [] });
  expect(cameras.each).toEqual([
    {
      id: "gate",
      purpose: { text: "Ver la puerta", language: "es" },
      isOver: false,
      sentences: [
        "It may look until 30 June 2027.",
        "It takes at most 1 picture a day.",
        "Each picture is told with its time. That may show when something moved.",
        english["sign.faces"],
        "Faces on their side are looked for too, and what only might be a face is painted over.",
        "The heads of people are painted over even where no face was found.",
        "A program that the operator chose looks for faces.",
        "If faces could not be looked for in a picture, it is sent as 16 by 12 coloured squares.",
        "Areas that are always painted over: window and door",
        "Its pictures are deleted after 2 days, sent or not.",
      ],
    },
  ]);
});

test("where movements are not told one by one, it is said that a picture may tell one", () => {
  const tells = english["policy.camera-tells"];
  const said = (events: object, more: object = {}) =>
    wordsOf({ events, cameras: { gate: { ...CAMERA, ...more } } }).cameras.each[0]?.sentences;
  expect(said({ motion: { mode: "none" } })).toContain(tells);
  expect(said({ motion: { mode: "counts" } })).toContain(tells);
  expect(said({ motion: { mode: "each" } })).not.toContain(tells);
  expect(said({ motion: { mode: "none" } }, { snapshotsPerDay: 0 })).not.toContain(tells);
  expect(said({}, { snapshotsPerDay: 0 })).toContain("It takes no pictures.");
});

test("a camera's hours are never more than anything is kept for", () => {
  const { cameras } = wordsOf({ cameras: { gate: { ...CAMERA, retentionHours: 8760 } } });
  expect(cameras.each[0]?.sentences.at(-1)).toBe("Its pictures are deleted after 30 days, sent or not.");
});

test("a camera whose last day is over is said not to look any more", () => {
  const over = (today: string) => wordsOf({ cameras: { gate: CAMERA } }, { today }).cameras.each[0];
  expect(over("2027-06-30")).toMatchObject({ isOver: false });
  expect(over("2027-07-01")).toMatchObject({ isOver: true });
  expect(over("2027-07-01")?.sentences).toEqual([
    "It was allowed to look until 30 June 2027. It does not look any more.",
    "Its pictures are deleted after 3 days, sent or not.",
  ]);
  expect(wordsOf({}).cameras).toMatchObject({ sentences: ["No camera takes pictures."], each: [] });
});

test("how the policy may change is said with its notice", () => {
  const changes = (noticeHours: number) => wordsOf({ changes: { noticeHours } }).changes.sentences.at(-1);
  expect(changes(72)).toContain("is announced for 3 days before it holds");
  expect(changes(0)).toBe("A rule that allows more holds at once.");
});

test("any policy can be said in every language", () => {
  const holds = (policy: Policy): void => {
    for (const tag of languageTags()) {
      const texts = textsOf(policyWords({ policy, language: languageOf(tag), today: TODAY }));
      expect(texts.filter((text) => /[{}]|undefined|NaN|Infinity|\[object/.test(text) || text === "")).toEqual([]);
      if (!policy.events.zones) expect(texts.join("\n")).not.toContain("private-door");
    }
  };
  fc.assert(fc.property(policies, holds), { numRuns: Number(process.env["RUNS"] ?? 60) });
});

test("each sentence about policies is said of some policy", () => {
  const said = new Set<string>();
  const noting = { ...EN, say: (...[key, values]: Parameters<typeof EN.say>) => (said.add(key), EN.say(key, values)) };
  // The same policies each time.
  for (const policy of fc.sample(policies, { numRuns: 200, seed: 6 }))
    policyWords({ policy, language: noting, today: TODAY });
  const keys = Object.keys(english).filter((key) => key.startsWith("policy.") && !said.has(key));
  expect(keys.filter((key) => !key.startsWith("policy.time-"))).toEqual([]);
});

test.each([
  ["07:30", "07:30"],
  ["sunrise", "sunrise"],
  ["sunset", "sunset"],
  ["sunset+0", "sunset"],
  ["sunrise+1", "1 minute after sunrise"],
  ["sunrise-90", "90 minutes before sunrise"],
  ["sunset+030", "30 minutes after sunset"],
  ["sunset-15", "15 minutes before sunset"],
])("the time %s is said as %s", (time, words) => {
  expect(timeOfDay(time, EN)).toBe(words);
});
