// What a newer policy allows less, allows more, or says otherwise than the one before it, rule by rule. What is tighter holds at
// once; what is looser is announced first (I10). Where nobody can tell, it is taken for looser. A new rule of the schema does not
// compile until it is decided here, in compare-events.ts or in compare-cameras.ts.
import type { Policy } from "../settings/schema.ts";
import { changeOf, type PolicyChange } from "./change.ts";
import { compareCameras } from "./compare-cameras.ts";
import { compareEvents } from "./compare-events.ts";

/** `From`: what they are compared by. */
type Rules<T, From = T> = { readonly [K in keyof T]-?: (before: From, now: From) => readonly PolicyChange[] };

/** All differences, in the order of the schema; none where both allow and say the same. */
export function comparePolicies(before: Policy, now: Policy): readonly PolicyChange[] {
  return Object.values(RULES).flatMap((compare) => compare(before, now));
}

/** Both ends the same is the whole day (core/day-times.ts). */
export const ALL_DAY = ["00:00", "00:00"] as const;

/** The spans of quiet hours, each once; one that is the whole day stands for all. */
export function quietSpans({ hours }: Policy["quiet"]): ReadonlyMap<string, readonly [string, string]> {
  // Not of the sun's times: where it does not rise, from sunrise to sunrise is never.
  const isAllDay = hours.some(({ between: [from, to] }) => from === to && !from.startsWith("sun"));
  const spans = isAllDay ? [ALL_DAY] : hours.map(({ between }) => between);
  return new Map(spans.map((span) => [span.join(" "), span]));
}

const CONTROLLER_RULES: Rules<Policy["controller"]> = {
  name: (before, now) => said(before.name !== now.name, "change.controller", { name: now.name }),
  contact: (before, now) => said(before.contact !== now.contact, "change.contact", { contact: now.contact }),
};

/** `isNamed`: whether zones are told at all; else a change says how many, since anybody may read it. */
type Quiet = Policy["quiet"] & { readonly isNamed: boolean };

const QUIET_RULES: Rules<Policy["quiet"], Quiet> = {
  zones: (before, now) => {
    const [old, fresh] = [new Set(before.zones), new Set(now.zones)];
    const [more, gone] = [[...fresh].filter((zone) => !old.has(zone)), [...old].filter((zone) => !fresh.has(zone))];
    if (!before.isNamed || !now.isNamed)
      return [
        ...changeOf(more.length > 0 ? 1 : 0, { key: "change.quiet-zones-on", values: { count: more.length } }),
        ...changeOf(gone.length > 0 ? -1 : 0, { key: "change.quiet-zones-off", values: { count: gone.length } }),
      ];
    return [
      ...more.flatMap((zone) => changeOf(1, { key: "change.quiet-zone-on", values: { zone } })),
      ...gone.flatMap((zone) => changeOf(-1, { key: "change.quiet-zone-off", values: { zone } })),
    ];
  },
  hours: (before, now) => {
    const [old, fresh] = [quietSpans(before), quietSpans(now)];
    const [wasAllDay, isAllDay] = [old, fresh].map((spans) => spans.has(ALL_DAY.join(" ")));
    // Where the whole day is quiet, other spans neither add nor take away anything.
    const more = wasAllDay ? [] : [...fresh].filter(([key]) => !old.has(key));
    const gone = isAllDay ? [] : [...old].filter(([key]) => !fresh.has(key));
    return [
      ...more.flatMap(([, span]) => changeOf(1, { key: "change.quiet-hours-on", values: ends(span) })),
      ...gone.flatMap(([, span]) => changeOf(-1, { key: "change.quiet-hours-off", values: ends(span) })),
    ];
  },
};

const CHANGES_RULES: Rules<Policy["changes"]> = {
  noticeHours: (before, now) =>
    changeOf(now.noticeHours - before.noticeHours, {
      key: "change.notice",
      values: { before: { hours: before.noticeHours }, now: { hours: now.noticeHours } },
    }),
};

const RULES: Rules<Policy> = {
  version: () => [],
  // No rule but whether there are any yet: standing.ts decides on it.
  draft: () => [],
  controller: (before, now) => compareBy(CONTROLLER_RULES, before.controller, now.controller),
  languages: (before, now) =>
    said(before.languages.join(" ") !== now.languages.join(" "), "change.languages", {
      languages: { languages: now.languages },
    }),
  events: (before, now) => compareEvents(before.events, now.events),
  quiet: (before, now) => compareBy(QUIET_RULES, quietOf(before), quietOf(now)),
  changes: (before, now) => compareBy(CHANGES_RULES, before.changes, now.changes),
  cameras: (before, now) => compareCameras(before.cameras, now.cameras),
};

function quietOf({ quiet, events }: Policy): Quiet {
  return { ...quiet, isNamed: events.zones };
}

function compareBy<T, From>(rules: Rules<T, From>, before: From, now: From): readonly PolicyChange[] {
  return Object.values<Rules<T, From>[keyof T]>(rules).flatMap((compare) => compare(before, now));
}

function ends([from, to]: readonly [string, string]): PolicyChange["values"] {
  return { from: { time: from }, to: { time: to } };
}

function said(isOther: boolean, key: PolicyChange["key"], values: PolicyChange["values"]): readonly PolicyChange[] {
  return isOther ? [{ effect: "changed", key, values }] : [];
}
