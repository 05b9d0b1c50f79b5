// Where and when nothing is told of motion, light and pictures: the policy's quiet zones and quiet hours.
import type { Clock } from "../core/clock.ts";
import { firstShown, isOpen, type Sun } from "../core/day-times.ts";
import type { Policy } from "../settings/schema.ts";

export type Quiet = {
  /** Whether this moment (epoch milliseconds) is quiet in this zone. */
  isQuiet(zone: string, atMs: number): boolean;
  /** Whether it is quiet in every zone just now. */
  isHour(): boolean;
};

type Deps = {
  readonly rule: Policy["quiet"];
  readonly timezone: string;
  /** Of the site; null where gateway.yaml names no cell. */
  readonly sun: Sun | null;
  readonly clock: Clock;
};

const MINUTE_MS = 60_000;

/** Fails closed: while the clock is not believed each moment is quiet where there are quiet hours, and so is what nobody can tell. */
export function createQuiet({ rule, timezone, sun, clock }: Deps): Quiet {
  const zones = new Set(rule.zones);
  const spans = rule.hours.map((span) => ({ ...span, isSunless: isSunless(span.between) }));
  // The hours are written in minutes; a reading a second of each of many sensors need not work them out anew.
  let known = { minute: Number.NaN, isQuiet: true };

  const isQuietMoment = (atMs: number): boolean =>
    spans.some(({ between, isSunless: isPlain }) => {
      if (!isPlain && (sun === null || isUnending(between, sun(atMs)))) return true;
      // Where summer time ends an hour comes twice, and is quiet twice.
      return [atMs, firstShown(atMs, timezone)].some((ms) => isOpen({ between }, ms, { timezone, sun }));
    });

  const isQuietAt = (atMs: number): boolean => {
    if (spans.length === 0) return false;
    if (!clock.isSynced()) return true;
    const minute = Math.floor(atMs / MINUTE_MS);
    // Of the minute in which it begins or ends, all is quiet: the sun keeps no minutes.
    if (known.minute !== minute)
      known = { minute, isQuiet: [minute, minute + 1].some((each) => isQuietMoment(each * MINUTE_MS)) };
    return known.isQuiet;
  };

  return {
    isQuiet: (zone, atMs) => zones.has(zone) || isQuietAt(atMs),
    isHour: () => isQuietAt(clock.nowMs()),
  };
}

function isSunless(between: readonly string[]): boolean {
  return between.every((time) => !time.startsWith("sun"));
}

/** A span from an hour to the sun's, or back, on a day without sunrise and sunset: it has no end that anybody knows. */
function isUnending(between: readonly string[], times: ReturnType<Sun>): boolean {
  const names = between.map((time) => /^sun(rise|set)/.exec(time)?.[1]);
  return "isUp" in times && (names[0] === names[1] || names.includes(undefined));
}
