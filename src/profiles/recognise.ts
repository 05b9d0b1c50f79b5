// Guesses the profile and the device's own topic from a topic alone, for `hedgerow explain` and for what announces itself.
import { covers, isAnnouncement } from "../core/topics.ts";
import type { Pattern, Profile } from "./compile.ts";
import type { Profiles } from "./profiles.ts";

/**
 * `certainty`: levels of the topic that fit literally; 0 is a profile that reads any topic. `bridge`: a topic on which that
 * family's bridge speaks of itself. `announcement`: a device proposes itself for Home Assistant.
 */
export type Candidate =
  | {
      readonly kind: "device";
      readonly profileId: string;
      readonly deviceTopic: string;
      readonly certainty: number;
      readonly isLast: boolean;
    }
  | { readonly kind: "bridge"; readonly family: string; readonly base: string }
  | { readonly kind: "announcement" };

/** A family's own base says as much as two levels: what any JSON might mean is not asked below it. */
const CERTAINTY_OF_USUAL_BASE = 2;

type DeviceCandidate = Extract<Candidate, { kind: "device" }>;

/** Who may be speaking on this topic, the most certain first. With `profileId` only that profile is tried. */
export function recognise(profiles: Profiles, topic: string, profileId?: string): readonly Candidate[] {
  if (profileId === undefined && isAnnouncement(topic)) return [{ kind: "announcement" }];
  const found: DeviceCandidate[] = [];
  for (const { id, bridge, profiles: entries } of profiles.compiled) {
    const base = bridge === null ? null : baseIn(topic, [bridge.base, ...bridge.likely]);
    const isBelowBase = base !== null;
    if (isBelowBase && profiles.isBridgeTopic({ family: id, base, topic })) {
      return [{ kind: "bridge", family: id, base }];
    }
    // A named profile is taken at its word also where the bridge has another base than the family's usual one.
    if (bridge !== null && !isBelowBase && profileId === undefined) continue;
    for (const profile of entries.filter((entry) =>
      profileId === undefined ? entry.auto !== false : entry.id === profileId,
    )) {
      found.push(...candidatesOf(profile, topic, base === bridge?.base ? CERTAINTY_OF_USUAL_BASE : 0));
    }
  }
  return found.toSorted((a, b) => Number(a.isLast) - Number(b.isLast) || b.certainty - a.certainty);
}

/** The levels of the topic that fit the first of the filters that fits its beginning, with at least one level below. */
function baseIn(topic: string, filters: readonly string[]): string | null {
  const levels = topic.split("/");
  for (const filter of filters) {
    const base = levels.slice(0, filter.split("/").length).join("/");
    if (covers(filter, base) && topic.length > base.length + 1) return base;
  }
  return null;
}

/** The candidates of one profile, one for each text that may be the device's own topic. */
function candidatesOf(
  { id, messages, auto }: Profile,
  topic: string,
  certaintyOfBase: number,
): readonly DeviceCandidate[] {
  const certainties = new Map<string, number>();
  // "x/set" is a command to x, which the profile knows and ignores, and no device called "x/set".
  let known = 0;
  for (const { on, verdict } of messages) {
    for (const pattern of on) {
      const own = cutOut(pattern, topic);
      if (own === null) continue;
      const certainty = literalLevels(pattern) + certaintyOfBase;
      certainties.set(own, Math.max(certainties.get(own) ?? 0, certainty));
      if (verdict.kind !== "read") known = Math.max(known, certainty);
    }
  }
  const isLast = auto === "last";
  return [...certainties]
    .filter(([, certainty]) => certainty >= known)
    .map(([deviceTopic, certainty]) => ({ kind: "device", profileId: id, deviceTopic, certainty, isLast }));
}

/** What stands at the placeholder: the longest text for which the rest still fits, at least one level. */
function cutOut({ before, after }: Pattern, topic: string): string | null {
  if (!topic.startsWith(before)) return null;
  const levels = topic.slice(before.length).split("/");
  for (let count = levels.length; count > 0; count -= 1) {
    const rest = levels
      .slice(count)
      .map((level) => `/${level}`)
      .join("");
    const own = levels.slice(0, count).join("/");
    if (own !== "" && covers(after, rest)) return own;
  }
  return null;
}

function literalLevels({ text }: Pattern): number {
  return text.split("/").filter((level) => level !== "+" && level !== "#" && !level.startsWith("{")).length;
}
