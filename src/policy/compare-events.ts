// Rule by rule, what a newer policy tells more or less of events. A new rule does not compile until it is decided here.
import type { MessageKey } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import { changeOf, type PolicyChange, type Said, stepsTighter } from "./change.ts";

export type Events = Policy["events"];
type Compare<T> = (before: T, now: T) => readonly PolicyChange[];
type Counts = Extract<Events["motion"], { readonly mode: "counts" }>;
type HourClass = keyof Required<Events["retentionHoursOf"]>;
type DayClass = keyof Required<Events["perDay"]>;

/** From the loosest to the tightest. */
export const MOTION_MODES = ["each", "counts", "none"] as const satisfies readonly Events["motion"]["mode"][];
export const SEASONS = ["never", "yearly", "quarterly", "monthly"] as const satisfies readonly Events["pseudonyms"][];

/** About how many kilometres a geohash cell is wide, by its letters; 0 letters tell nothing. */
export const CELL_KM = [Number.POSITIVE_INFINITY, 5000, 1250, 156, 39, 5, 1] as const;

/** All differences in what is told of events, in the order of the schema. */
export function compareEvents(before: Events, now: Events): PolicyChange[] {
  return Object.values(RULES).flatMap((compare) => compare(before, now));
}

/** Seconds of the window in which motion is counted: the policy's, rounded up to whole time buckets, as event-maker.ts does. */
export function countWindowS(
  { timeBucketS }: Pick<Events, "timeBucketS">,
  { windowS }: Pick<Counts, "windowS">,
): number {
  return Math.ceil(windowS / timeBucketS) * timeBucketS;
}

/** For how long a class of events waits at most. */
export function hoursOf(events: Pick<Events, "retentionHours" | "retentionHoursOf">, name: HourClass): number {
  return events.retentionHoursOf[name] ?? events.retentionHours;
}

/** Whether light may be told of what senses motion too: where motion is told one by one, it says nothing more. */
export function permitsLightOfMotion({ motion, lightOfMotionSensors }: Events): boolean {
  return motion.mode === "each" || lightOfMotionSensors;
}

/** How motion is told in fact: a budget of none a day tells none. */
export function toldMotion({ motion, perDay }: Pick<Events, "motion" | "perDay">): Events["motion"] {
  return perDay.motion === 0 ? { mode: "none" } : motion;
}

const HOURS = {
  "light.level": "change.hours-light-level",
  "light.state": "change.hours-light-state",
  motion: "change.hours-motion",
  house: "change.hours-house",
} as const satisfies Record<HourClass, MessageKey>;

export const PER_DAY = {
  "light.level": ["change.per-day-light-level", "change.per-day-light-level-free"],
  "light.state": ["change.per-day-light-state", "change.per-day-light-state-free"],
  motion: ["change.per-day-motion", "change.per-day-motion-free"],
} as const satisfies Record<DayClass, readonly [limited: MessageKey, free: MessageKey]>;

export const SEASON_KEYS = {
  never: "change.names-never",
  yearly: "change.names-yearly",
  quarterly: "change.names-quarterly",
  monthly: "change.names-monthly",
} as const satisfies Record<Events["pseudonyms"], MessageKey>;

/** Counts, and the events that they are a rule of. */
type Counted = { readonly counts: Counts; readonly events: Events };

const COUNT_RULES: { readonly [K in Exclude<keyof Counts, "mode">]: Compare<Counted> } = {
  windowS: (before, now) => {
    const seconds = { before: countWindowS(before.events, before.counts), now: countWindowS(now.events, now.counts) };
    return changeOf(seconds.now - seconds.before, {
      key: "change.motion-window",
      values: { before: { seconds: seconds.before }, now: { seconds: seconds.now } },
    });
  },
  atLeast: ({ counts: before }, { counts: now }) =>
    changeOf(now.atLeast - before.atLeast, {
      key: "change.motion-at-least",
      values: { before: before.atLeast, now: now.atLeast },
    }),
};

const FIELD_RULES: { readonly [K in keyof Events["fields"]]: Compare<Events["fields"]> } = {
  batteryPct: (before, now) =>
    told(before.batteryPct, now.batteryPct, { on: "change.battery-on", off: "change.battery-off" }),
  linkPct: (before, now) => told(before.linkPct, now.linkPct, { on: "change.link-on", off: "change.link-off" }),
};

const RULES: { readonly [K in keyof Events]-?: Compare<Events> } = {
  timeBucketS: (before, now) =>
    changeOf(now.timeBucketS - before.timeBucketS, {
      key: "change.time-bucket",
      values: { before: { seconds: before.timeBucketS }, now: { seconds: now.timeBucketS } },
    }),
  retentionHours: (before, now) =>
    hoursChange("change.hours", { before: before.retentionHours, now: now.retentionHours }),
  motion: (before, now) => compareMotion(before, now),
  light: (before, now) => told(before.light, now.light, { on: "change.light-on", off: "change.light-off" }),
  fields: (before, now) => Object.values(FIELD_RULES).flatMap((compare) => compare(before.fields, now.fields)),
  retentionHoursOf: (before, now) =>
    HOUR_CLASSES.flatMap((name) =>
      // What goes by the general hours in both has been said with them.
      before.retentionHoursOf[name] === undefined && now.retentionHoursOf[name] === undefined
        ? []
        : hoursChange(HOURS[name], { before: hoursOf(before, name), now: hoursOf(now, name) }),
    ),
  lightOfMotionSensors: (before, now) =>
    told(before.light && permitsLightOfMotion(before), now.light && permitsLightOfMotion(now), {
      on: "change.motion-sensor-light-on",
      off: "change.motion-sensor-light-off",
    }),
  perDay: (before, now) => DAY_CLASSES.flatMap((name) => comparePerDay(name, before.perDay, now.perDay)),
  pseudonyms: (before, now) =>
    changeOf(stepsTighter(SEASONS, before.pseudonyms, now.pseudonyms), { key: SEASON_KEYS[now.pseudonyms] }),
  zones: (before, now) => told(before.zones, now.zones, { on: "change.zones-on", off: "change.zones-off" }),
  cellLetters: (before, now) => changeOf(before.cellLetters - now.cellLetters, cellSaid(before, now)),
  evictFirst: (before, now) =>
    before.evictFirst.join() === now.evictFirst.join()
      ? []
      : [{ effect: "changed", key: "change.evict-first", values: {} }],
};

export const HOUR_CLASSES = ["light.level", "light.state", "motion", "house"] as const satisfies readonly HourClass[];
export const DAY_CLASSES = ["light.level", "light.state", "motion"] as const satisfies readonly DayClass[];

function compareMotion(before: Events, now: Events): readonly PolicyChange[] {
  const [old, fresh] = [before.motion, now.motion];
  if (old.mode === "counts" && fresh.mode === "counts") {
    const [from, to] = [
      { counts: old, events: before },
      { counts: fresh, events: now },
    ];
    return Object.values(COUNT_RULES).flatMap((compare) => compare(from, to));
  }
  return changeOf(stepsTighter<Events["motion"]["mode"]>(MOTION_MODES, old.mode, fresh.mode), motionSaid(now));
}

function motionSaid(now: Events): Said {
  switch (now.motion.mode) {
    case "none":
      return { key: "change.motion-none" };
    case "each":
      return { key: "change.motion-each" };
    case "counts": {
      const seconds = countWindowS(now, now.motion);
      return { key: "change.motion-counts", values: { window: { seconds }, least: now.motion.atLeast } };
    }
  }
}

function comparePerDay(name: DayClass, before: Events["perDay"], now: Events["perDay"]): PolicyChange[] {
  const [limited, free] = PER_DAY[name];
  const most = { before: before[name] ?? Number.POSITIVE_INFINITY, now: now[name] ?? Number.POSITIVE_INFINITY };
  if (most.before === most.now) return [];
  if (most.now === Number.POSITIVE_INFINITY) return changeOf(-1, { key: free });
  return changeOf(most.before - most.now, { key: limited, values: { now: most.now } });
}

function cellSaid(before: Events, now: Events): Said {
  const km = { before: CELL_KM[before.cellLetters] ?? 1, now: CELL_KM[now.cellLetters] ?? 1 };
  if (now.cellLetters === 0) return { key: "change.cell-off" };
  if (before.cellLetters === 0) return { key: "change.cell-on", values: { now: km.now } };
  return { key: "change.cell", values: km };
}

function hoursChange(key: MessageKey, { before, now }: { before: number; now: number }): PolicyChange[] {
  return changeOf(before - now, { key, values: { before: { hours: before }, now: { hours: now } } });
}

/** `on`: what is said where something is told that was not. */
function told(before: boolean, now: boolean, { on, off }: { on: MessageKey; off: MessageKey }): PolicyChange[] {
  return changeOf(Number(before) - Number(now), { key: now ? on : off });
}
