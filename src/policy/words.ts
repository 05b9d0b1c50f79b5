// The policy in plain words of one language, for the page, the papers and the terminal. Each sentence is made from a rule, and a
// new rule does not compile until it is worded here. No HTML; names and purposes are people's, to be escaped where they are shown.
import type { Language, MessageKey } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import { type CameraWords, cameraWords, HOURS_MAX } from "./camera-words.ts";
import { type ChangeValue, type Said, sayChange } from "./change.ts";
import { ALL_DAY, quietSpans } from "./compare.ts";
import {
  CELL_KM,
  countWindowS,
  DAY_CLASSES,
  type Events,
  HOUR_CLASSES,
  hoursOf,
  PER_DAY,
  permitsLightOfMotion,
  SEASON_KEYS,
  toldMotion,
} from "./compare-events.ts";

/** One subject: its heading and its sentences. */
export type WordsOn = { readonly title: string; readonly sentences: readonly string[] };

/** In the order in which they are to be read. `quiet`: null where nothing is. */
export type PolicyWords = {
  readonly noticed: WordsOn;
  /** `sentences`: none, but where there is no camera. */
  readonly cameras: WordsOn & { readonly each: readonly CameraWords[] };
  readonly quiet: WordsOn | null;
  readonly kept: WordsOn;
  /** By which names the sensors are known outside, and how exactly the place is. */
  readonly outside: WordsOn;
  readonly never: WordsOn;
  readonly rights: WordsOn;
  readonly changes: WordsOn;
};

/** `today`: YYYY-MM-DD at the site. `cell`: gateway.cell, null where there is none; undefined where that is not known. */
export type WordsFor = {
  readonly policy: Policy;
  readonly language: Language;
  readonly today: string;
  readonly cell?: string | null;
};

export function policyWords(by: WordsFor): PolicyWords {
  const { policy, language, today } = by;
  const { languages, events } = policy;
  const on = (key: MessageKey, said: readonly Said[]): WordsOn => ({
    title: language.say(key),
    sentences: said.map((each) => sayChange(each, language)),
  });
  const about = (section: Section): Said[] =>
    Object.values(EVENT_WORDS).flatMap((word) => (word.section === section ? word.said(events, by) : []));
  const cameras = Object.entries(policy.cameras);
  const quiet = quietWords(policy);
  return {
    noticed: on("policy.sensed", about("noticed")),
    cameras: {
      title: language.say("policy.cameras", { count: cameras.length }),
      sentences: cameras.length === 0 ? [language.say("policy.cameras-none")] : [],
      each: cameras.map(([id, camera]) =>
        cameraWords(id, camera, { language, languages, today, motion: toldMotion(events).mode }),
      ),
    },
    quiet: quiet.length === 0 ? null : on("policy.quiet", quiet),
    kept: on("policy.kept", about("kept")),
    outside: on("policy.outside", about("outside")),
    never: on("sign.never", NEVER),
    rights: on("sign.rights", RIGHTS),
    changes: on("policy.changes", changesWords(policy)),
  };
}

type Section = "noticed" | "kept" | "outside";
type Word = { readonly section: Section; readonly said: (events: Events, by: WordsFor) => readonly Said[] };

/** In the order of the sentences. */
const EVENT_WORDS: { readonly [K in keyof Events]-?: Word } = {
  motion: { section: "noticed", said: motionWords },
  light: {
    section: "noticed",
    said: ({ light }) =>
      light ? [{ key: "change.light-on" }, { key: "policy.light-faults" }] : [{ key: "policy.light-none" }],
  },
  lightOfMotionSensors: {
    section: "noticed",
    said: (events) => {
      if (!events.light) return [];
      return [
        { key: permitsLightOfMotion(events) ? "change.motion-sensor-light-on" : "policy.motion-sensor-light-none" },
      ];
    },
  },
  perDay: {
    section: "noticed",
    said: (events) =>
      DAY_CLASSES.filter((name) => isTold(name, events)).flatMap((name) => {
        const limit = events.perDay[name];
        return limit === undefined ? [] : [{ key: PER_DAY[name][0], values: { now: limit } }];
      }),
  },
  fields: {
    section: "noticed",
    said: ({ fields }) => [
      { key: "policy.state" },
      ...(fields.batteryPct ? [{ key: "change.battery-on" } as const] : []),
      ...(fields.linkPct ? [{ key: "change.link-on" } as const] : []),
    ],
  },
  timeBucketS: {
    section: "noticed",
    said: ({ timeBucketS }) => [{ key: "policy.times", values: { step: { seconds: timeBucketS } } }],
  },
  retentionHours: { section: "kept", said: ({ retentionHours }) => [keptFor("policy.kept-all", retentionHours)] },
  retentionHoursOf: {
    section: "kept",
    said: (events) =>
      HOUR_CLASSES.filter((name) => isTold(name, events) && hoursOf(events, name) !== events.retentionHours).map(
        (name) => keptFor(KEPT[name], hoursOf(events, name)),
      ),
  },
  // What goes first from a full box is no matter of what is told.
  evictFirst: { section: "kept", said: () => [] },
  pseudonyms: {
    section: "outside",
    said: ({ pseudonyms }) => [{ key: "policy.names" }, { key: SEASON_KEYS[pseudonyms] }],
  },
  zones: { section: "outside", said: ({ zones }) => [{ key: zones ? "change.zones-on" : "policy.zones-none" }] },
  cellLetters: { section: "outside", said: ({ cellLetters }, { cell }) => [placeWords(cellLetters, cell)] },
};

const KEPT = {
  "light.level": "policy.kept-light-level",
  "light.state": "policy.kept-light-state",
  motion: "policy.kept-motion",
  house: "policy.kept-house",
} as const satisfies Record<(typeof HOUR_CLASSES)[number], MessageKey>;

/** What no policy can allow: the program has no way to do it. */
const NEVER: readonly Said[] = [
  { key: "sign.never-sound" },
  { key: "sign.never-recognise" },
  { key: "sign.never-read" },
  { key: "policy.never-device" },
  { key: "sign.never-place" },
];

/** Access and erasure, objection, complaint (GDPR, articles 15, 17, 21 and 77). */
const RIGHTS: readonly Said[] = [
  { key: "sign.rights-ask" },
  { key: "sign.rights-object" },
  { key: "sign.rights-complain" },
];

function motionWords(events: Events): readonly Said[] {
  const { timeBucketS } = events;
  const motion = toldMotion(events);
  switch (motion.mode) {
    case "none":
      return [{ key: "policy.motion-none" }];
    case "each":
      return [{ key: "change.motion-each" }];
    case "counts": {
      const { atLeast } = motion;
      const values = { window: { seconds: countWindowS({ timeBucketS }, motion) }, least: atLeast };
      if (atLeast === 1) return [{ key: "sign.motion-counts-all", values }];
      return [{ key: "policy.motion-counts", values }, { key: "policy.motion-fewer" }];
    }
  }
}

function isTold(name: (typeof HOUR_CLASSES)[number], events: Events): boolean {
  const { light } = events;
  switch (name) {
    case "motion":
      return toldMotion(events).mode !== "none";
    case "light.level":
    case "light.state":
      return light;
    case "house":
      return true;
  }
}

function keptFor(key: MessageKey, hours: number): Said {
  return { key, values: { time: { hours: Math.min(hours, HOURS_MAX) } } };
}

/** No finer than both the policy and what gateway.yaml knows. */
function placeWords(cellLetters: number, cell: string | null | undefined): Said {
  const letters = Math.min(cellLetters, cell === undefined ? cellLetters : (cell ?? "").length);
  const km = CELL_KM[letters] ?? 1;
  return letters === 0 ? { key: "policy.place-none" } : { key: "change.cell-on", values: { now: km } };
}

/** A zone is named only where zones are told. */
function quietWords({ quiet, events }: Policy): readonly Said[] {
  const zones = [...new Set(quiet.zones)];
  const hours = [...quietSpans(quiet).values()].map(([from, to]): Said => {
    if (from === ALL_DAY[0] && to === ALL_DAY[1]) return { key: "policy.quiet-always" };
    return { key: "change.quiet-hours-on", values: { from: { time: from }, to: { time: to } } };
  });
  const named = zones.map((zone): Said => ({ key: "change.quiet-zone-on", values: { zone } }));
  const counted: Said = { key: "policy.quiet-zones", values: { count: zones.length } };
  return [...hours, ...(events.zones || zones.length === 0 ? named : [counted])];
}

function changesWords({ changes: { noticeHours } }: Policy): readonly Said[] {
  const time: ChangeValue = { hours: noticeHours };
  return [
    { key: "policy.changes-tighter" },
    noticeHours === 0 ? { key: "policy.changes-at-once" } : { key: "policy.changes-looser", values: { time } },
  ];
}
