// What becomes of an event that waits when the policy is another one (I10): it stays, it is said with less, or it goes. Only
// privacy may change what leaves (I4). Pure: whoever holds the entries asks, and does it.
//
// An entry is judged by what it says itself, and by the policy under which it was made or brought. Where that is not known any
// more (a damaged spool), or where an entry does not say what a rule asks for, it goes. A rule that became looser changes nothing.
import { isDeepStrictEqual } from "node:util";
import type { Sun } from "../core/day-times.ts";
import type { Policy } from "../settings/schema.ts";
import { isPictureLessHidden } from "./picture-rules.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { RHYTHMS } from "./seasons.ts";
import { createQuietMoments } from "./quiet-moments.ts";
import { ofCell, rounded, type Said, saidOf, textOf, withAttributes, withData, without } from "./said-event.ts";

/** An entry that waits, or was rejected. `body`: the CloudEvent's JSON, "" where it is damaged; `cameraId`: of its picture. */
export type Waiting = { readonly type: string; readonly body: string; readonly cameraId: string | null };

/** `ifOffered`: what becomes of it where a sink may have seen it, so that it cannot be said anew (I6). */
export type Tightened =
  | { readonly kind: "stays" }
  | { readonly kind: "erased" }
  | { readonly kind: "rewritten"; readonly body: string; readonly ifOffered: "stays" | "erased" };
export type Tighten = (entry: Waiting) => Tightened;

/** Whom a name outside means. `zone`: now. */
export type Named = {
  readonly kind: "device" | "camera";
  readonly id: string;
  readonly zone: string;
  readonly sensesMotion: boolean;
};

/** `before`: null where it is not known any more. `named`: null for a name that nobody of the kit has. */
export type TightenBy = {
  readonly before: Policy | null;
  readonly now: Policy;
  readonly named: (subject: string) => Named | null;
  readonly pseudonyms: Pick<Pseudonyms, "nameOf">;
  readonly timezone: string;
  readonly sun: Sun | null;
};

/** The house's own words hold no reading: they go for no policy, and where a sink has seen them they keep their times. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  "hedgerow.tombstone.v1",
  "hedgerow.gateway.status.v1",
  "hedgerow.policy.changed.v1",
  "hedgerow.erasure.requested.v1",
]);
/** What tells of somebody at a place and a time; the state of a device does not. */
const OF_THE_STREET: ReadonlySet<string> = new Set([
  "hedgerow.motion.detected.v1",
  "hedgerow.motion.count.v1",
  "hedgerow.light.level.v1",
  "hedgerow.light.state.v1",
  "hedgerow.light.fault.v1",
  "hedgerow.snapshot.redacted.v1",
  "hedgerow.snapshot.withheld.v1",
]);
/** What a zone is called where zones are not told. */
const ANY_ZONE = "site";

/** `moreHours`: quiet now, and not before; `isQuiet` goes by these. */
type Ruled = Omit<TightenBy, "before" | "timezone" | "sun"> & {
  readonly before: Policy;
  readonly moreHours: Policy["quiet"]["hours"];
  readonly isQuiet: ReturnType<typeof createQuietMoments>;
};
/** Gives the event as it may be said, itself where the rule changes nothing, and null where it goes. */
type Rule = (said: Said, by: Ruled) => Said | null;
/** The rule says nothing of what has been made already. */
const NOTHING: Rule = (said) => said;

/** In the order in which they are asked: names and zones are asked for before they are said otherwise. */
const QUIET: { readonly [K in keyof Policy["quiet"]]-?: Rule } = {
  zones(said, { before, now, named }) {
    const more = now.quiet.zones.filter((zone) => !before.quiet.zones.includes(zone));
    if (more.length === 0 || !OF_THE_STREET.has(said.type)) return said;
    const told = said.data["zone"];
    const zone = typeof told === "string" && told !== ANY_ZONE ? told : namedBy(said, named)?.zone;
    return zone === undefined || more.includes(zone) ? null : said;
  },
  hours(said, { before, moreHours, isQuiet }) {
    if (moreHours.length === 0 || !OF_THE_STREET.has(said.type)) return said;
    const { time, from, to } = { ...said.attributes, ...said.data };
    if (said.data["clock"] !== "synced") return null;
    const [fromMs, toMs] = [Date.parse(String(from ?? time)), Date.parse(String(to ?? time))];
    // Its times were rounded down.
    return isQuiet({ fromMs, toMs: toMs + before.events.timeBucketS * 1000 }) ? null : said;
  },
};

const EVENTS: { readonly [K in keyof Policy["events"]]-?: Rule } = {
  motion(said, { before, now }) {
    const [old, motion] = [before.events.motion, now.events.motion];
    if (said.type === "hedgerow.motion.detected.v1") return motion.mode === "each" ? said : null;
    if (said.type !== "hedgerow.motion.count.v1" || motion.mode === "each") return said;
    // Shorter windows, or smaller counts, than the new rule would tell. What it would have made of them nobody can tell from one.
    if (motion.mode === "none" || old.mode !== "counts") return null;
    return old.windowS < motion.windowS || old.atLeast < motion.atLeast ? null : said;
  },
  light: (said, { now }) => (said.type.startsWith("hedgerow.light.") && !now.events.light ? null : said),
  lightOfMotionSensors(said, { before, now, named }) {
    if (said.type !== "hedgerow.light.level.v1" || tellsLightOfMotion(now) || !tellsLightOfMotion(before)) return said;
    return namedBy(said, named)?.sensesMotion === false ? said : null;
  },
  fields(said, { now }) {
    const dropped = Object.entries(now.events.fields).filter(([name, isTold]) => !isTold && name in said.data);
    return dropped.reduce((less, [name]) => without(less, name), said);
  },
  pseudonyms(said, { before, now, named, pseudonyms }) {
    const isMoreOften = RHYTHMS.indexOf(now.events.pseudonyms) > RHYTHMS.indexOf(before.events.pseudonyms);
    if (!isMoreOften || said.attributes["subject"] === "gateway") return said;
    const who = namedBy(said, named);
    if (who === null) return null;
    const subject = pseudonyms.nameOf(who.kind, who.id, Date.parse(String(said.attributes["recordedtime"])));
    return subject === said.attributes["subject"] ? said : withAttributes(said, { subject });
  },
  zones: (said, { now }) =>
    now.events.zones || (said.data["zone"] ?? ANY_ZONE) === ANY_ZONE ? said : withData(said, { zone: ANY_ZONE }),
  cellLetters: (said, { now }) => ofCell(said, now.events.cellLetters),
  timeBucketS: (said, { before, now }) =>
    now.events.timeBucketS > before.events.timeBucketS ? rounded(said, now.events.timeBucketS) : said,
  // Hours are brought forward beside this (spool/sqlite-retention.ts).
  retentionHours: NOTHING,
  retentionHoursOf: NOTHING,
  // How much a day may hold bounds what is made from now on, as with pictures.
  perDay: NOTHING,
  evictFirst: NOTHING,
};

const POLICY: { readonly [K in keyof Policy]-?: Rule } = {
  version: NOTHING,
  draft: NOTHING,
  controller: NOTHING,
  languages: NOTHING,
  changes: NOTHING,
  quiet: (said, by) => inTurn(Object.values(QUIET), said, by),
  cameras(said, { before, now, named }) {
    if (said.type === "hedgerow.snapshot.withheld.v1") {
      const who = namedBy(said, named);
      return who !== null && Object.hasOwn(now.cameras, who.id) ? said : null;
    }
    if (said.type !== "hedgerow.snapshot.redacted.v1") return said;
    const { cameraId } = said;
    if (cameraId === null || !Object.hasOwn(now.cameras, cameraId) || !Object.hasOwn(before.cameras, cameraId))
      return null;
    const [old, camera] = [before.cameras[cameraId], now.cameras[cameraId]];
    if (old === undefined || camera === undefined) return null;
    return isPictureLessHidden(old, camera, { isMosaic: said.data["outcome"] === "mosaic" }) ? null : said;
  },
  events: (said, by) => inTurn(Object.values(EVENTS), said, by),
};

/** What the change from one policy to the other makes of each entry. */
export function createTightening({ timezone, sun, ...by }: TightenBy): Tighten {
  const { before, now } = by;
  const moreHours = before === null ? [] : spansMore(before, now);
  const ruled = before && { ...by, before, moreHours, isQuiet: createQuietMoments(moreHours, { timezone, sun }) };
  return ({ type, body, cameraId }) => {
    const isOwn = OWN_WORDS.has(type);
    const said = saidOf(body, { type, cameraId });
    // Damaged: it is never sent, and goes with a tombstone of its own.
    if (said === null) return { kind: isOwn ? "stays" : "erased" };
    const made = ruled === null ? ofUnknown(said, now, isOwn) : inTurn(Object.values(POLICY), said, ruled);
    if (made === said) return { kind: "stays" };
    if (made === null) return { kind: isOwn ? "stays" : "erased" };
    return { kind: "rewritten", body: textOf(made), ifOffered: isOwn ? "stays" : "erased" };
  };
}

/** Nobody knows what was allowed: all that speaks of readings or pictures may say more than this policy lets it. */
function ofUnknown(said: Said, now: Policy, isOwn: boolean): Said | null {
  return isOwn ? rounded(ofCell(said, now.events.cellLetters), now.events.timeBucketS) : null;
}

/** Hours that are quiet now and were not before. */
export function spansMore(before: Policy, now: Policy): Policy["quiet"]["hours"] {
  return now.quiet.hours.filter((span) => !before.quiet.hours.some((each) => isDeepStrictEqual(each, span)));
}

function inTurn(rules: readonly Rule[], said: Said, by: Ruled): Said | null {
  let left: Said | null = said;
  for (const rule of rules) left = left && rule(left, by);
  return left;
}

function namedBy({ attributes }: Said, named: TightenBy["named"]): Named | null {
  return named(String(attributes["subject"]));
}

function tellsLightOfMotion({ events }: Policy): boolean {
  return events.motion.mode === "each" || events.lightOfMotionSensors;
}
