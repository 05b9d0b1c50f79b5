// Rule by rule the tighter of two policies: what is in force while a looser one is announced. It allows nothing that either of
// them forbids, keeps the older purpose, model and text where nobody can tell which is tighter, and takes what is merely changed
// from the newer one. What cannot be both (more masks or quiet hours than the schema holds) is shut: it fails closed.
import type { CameraPolicyEntry, Policy } from "../settings/schema.ts";
import { stepsTighter } from "./change.ts";
import { ALL_DAY } from "./compare.ts";
import {
  cameraOf,
  cornersOf,
  isOtherPurpose,
  LEVELS,
  type Mask,
  modelOf,
  type Redact,
  UNSURE,
} from "./compare-cameras.ts";
import {
  countWindowS,
  DAY_CLASSES,
  type Events,
  HOUR_CLASSES,
  hoursOf,
  SEASONS,
  permitsLightOfMotion,
} from "./compare-events.ts";

/** As many as settings/schema.ts lets a file hold; a test holds them to it. */
const MASKS_MAX = 32;
const SPANS_MAX = 16;

/** A policy of its own, valid by the schema. A camera that only one of them names is left out. */
export function meetPolicies(before: Policy, now: Policy): Required<Policy> {
  return {
    version: now.version,
    draft: before.draft || now.draft,
    controller: now.controller,
    languages: now.languages,
    events: meetEvents(before.events, now.events),
    quiet: meetQuiet(before.quiet, now.quiet),
    changes: {
      noticeHours: Math.max(before.changes.noticeHours, now.changes.noticeHours),
    } satisfies Required<Policy["changes"]>,
    cameras: Object.fromEntries(
      Object.entries(now.cameras).flatMap(([id, camera]) => {
        const old = cameraOf(before.cameras, id);
        const met = old === undefined ? null : meetCamera(old, camera);
        return met === null ? [] : [[id, met] as const];
      }),
    ),
  };
}

function meetEvents(before: Events, now: Events): Required<Events> {
  return {
    timeBucketS: Math.max(before.timeBucketS, now.timeBucketS),
    retentionHours: Math.min(before.retentionHours, now.retentionHours),
    motion: meetMotion(before, now),
    light: before.light && now.light,
    fields: {
      batteryPct: before.fields.batteryPct && now.fields.batteryPct,
      linkPct: before.fields.linkPct && now.fields.linkPct,
    } satisfies Required<Events["fields"]>,
    retentionHoursOf: Object.fromEntries(
      HOUR_CLASSES.filter((name) => [before, now].some((each) => each.retentionHoursOf[name] !== undefined)).map(
        (name) => [name, Math.min(hoursOf(before, name), hoursOf(now, name))],
      ),
    ),
    // Where both tell motion one by one, it says nothing, and stays as it is written.
    lightOfMotionSensors:
      before.motion.mode === "each" && now.motion.mode === "each"
        ? now.lightOfMotionSensors
        : permitsLightOfMotion(before) && permitsLightOfMotion(now),
    perDay: Object.fromEntries(
      DAY_CLASSES.flatMap((name) => {
        const limits = [before.perDay[name], now.perDay[name]].filter((limit) => limit !== undefined);
        return limits.length === 0 ? [] : [[name, Math.min(...limits)]];
      }),
    ),
    pseudonyms: tighter(SEASONS, before.pseudonyms, now.pseudonyms),
    zones: before.zones && now.zones,
    cellLetters: Math.min(before.cellLetters, now.cellLetters),
    evictFirst: now.evictFirst,
  };
}

function meetMotion(before: Events, now: Events): Events["motion"] {
  const both = [before, now];
  if (both.some(({ motion }) => motion.mode === "none")) return { mode: "none" };
  const counting = both.flatMap(({ motion, timeBucketS }) =>
    motion.mode === "counts" ? [{ ...motion, countedS: countWindowS({ timeBucketS }, motion) }] : [],
  );
  if (counting.length === 0) return { mode: "each" };
  const timeBucketS = Math.max(before.timeBucketS, now.timeBucketS);
  const windowS = Math.max(...counting.map((each) => each.windowS));
  // Windows are whole time buckets: of the longer bucket they may come out shorter than they are of the shorter one.
  const longestS = Math.max(...counting.map(({ countedS }) => countedS));
  return {
    mode: "counts",
    windowS: countWindowS({ timeBucketS }, { windowS }) < longestS ? longestS : windowS,
    atLeast: Math.max(...counting.map(({ atLeast }) => atLeast)),
  };
}

function meetQuiet(before: Policy["quiet"], now: Policy["quiet"]): Required<Policy["quiet"]> {
  const written = new Set(now.hours.map(({ between }) => between.join(" ")));
  const hours = [...now.hours, ...before.hours.filter(({ between }) => !written.has(between.join(" ")))];
  return {
    zones: [...now.zones, ...before.zones.filter((zone) => !now.zones.includes(zone))],
    hours: hours.length > SPANS_MAX ? [{ between: [ALL_DAY[0], ALL_DAY[1]] }] : hours,
  };
}

/** Null where it would need more masks than a camera may have. */
function meetCamera(before: CameraPolicyEntry, now: CameraPolicyEntry): Required<CameraPolicyEntry> | null {
  const masks = meetMasks(before.masks, now.masks);
  if (masks.length > MASKS_MAX) return null;
  return {
    purpose: isOtherPurpose(before.purpose, now.purpose) ? before.purpose : now.purpose,
    until: before.until < now.until ? before.until : now.until,
    snapshotsPerDay: Math.min(before.snapshotsPerDay, now.snapshotsPerDay),
    retentionHours: Math.min(before.retentionHours, now.retentionHours),
    masks,
    redact: meetRedact(before.redact, now.redact),
  };
}

function meetMasks(before: readonly Mask[], now: readonly Mask[]): Mask[] {
  const written = new Set(now.map(cornersOf));
  return [...now, ...before.filter((mask) => !written.has(cornersOf(mask)))];
}

type Met = { readonly [K in keyof Required<Redact>]: Redact[K] | undefined };

function meetRedact(before: Redact, now: Redact): Redact {
  const isSamePersons = !before.persons || (now.persons && modelOf(before.personModel) === modelOf(now.personModel));
  const { model, personModel, ...rest } = {
    level: tighter(LEVELS, before.level, now.level),
    whenUnsure: tighter(UNSURE, before.whenUnsure, now.whenUnsure),
    model: modelOf(before.model) === modelOf(now.model) ? now.model : before.model,
    persons: before.persons || now.persons,
    personModel: isSamePersons ? now.personModel : before.personModel,
  } satisfies Met;
  return { ...rest, ...(model !== undefined && { model }), ...(personModel !== undefined && { personModel }) };
}

/** Of a row that goes from the loosest to the tightest. */
function tighter<T>(row: readonly T[], before: T, now: T): T {
  return stepsTighter(row, before, now) > 0 ? now : before;
}
