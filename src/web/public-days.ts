// A day of counters as anybody may read it: what was taken, kept back, sent and erased, and how many pictures a camera used.
//
// Readings of a day on which not each movement was told are numbers in steps, rounded down: what is taken less what is told of
// movements would else be what is not told of them, one or two at a quiet site. For the same reason, what speaks of movements
// alone (their ends) stands with what the policy keeps back.
import type { Policy } from "../settings/schema.ts";
import type { Counters as Counts, DayCounters } from "./day-counts.ts";
import { PUBLIC_LIMITS } from "./public-limits.ts";

/**
 * Readings and pictures apart; `step`: of the readings' numbers, 1 where they are exact; `withheld` by reason, `made` by outcome, `sent` by platform. `erased`: what a platform never got,
 * by platform: its time was up (`expired`), the buffer was full (`evicted`), or the policy or a person asked for it (`erased`).
 * An event for two platforms stands with each. A day is YYYY-MM-DD.
 */
export type PublicDay = {
  readonly day: string;
  readonly readings: { readonly step: number; readonly taken: number; readonly withheld: Counts };
  readonly pictures: { readonly taken: number; readonly made: Counts; readonly withheld: Counts };
  readonly sent: Counts;
  readonly erased: { readonly expired: Counts; readonly evicted: Counts; readonly erased: Counts };
};

/** Reasons for which no picture was taken at all. */
const NOT_TAKEN: ReadonlySet<string> = new Set([
  "policy",
  "quiet",
  "daily-budget",
  "camera-unreachable",
  "camera-timeout",
]);

/** Under a policy as it is now. */
export function publicDays(days: readonly DayCounters[], { events: { motion } }: Policy): readonly PublicDay[] {
  const { readingsStep, readingsOfMotion } = PUBLIC_LIMITS;
  const step = motion.mode === "counts" ? Math.max(readingsStep, motion.atLeast * readingsOfMotion) : readingsStep;
  return days.map((day) => publicDay(day, day.isEach ? 1 : step));
}

/** Sorts a day's counters by what a resident asks: what was taken, what was kept back and why, what was sent, what erased. */
export function publicDay({ day, counters }: Omit<DayCounters, "isEach">, step = 1): PublicDay {
  const made = below(counters, "snapshot.made");
  const withheld = below(counters, "snapshot.withheld");
  const taken = [...Object.entries(made), ...Object.entries(withheld).filter(([why]) => !NOT_TAKEN.has(why))];
  return {
    day,
    readings: {
      step,
      taken: floorTo(counters["reading.taken"] ?? 0, step),
      withheld: inSteps(below(counters, "reading.withheld"), step),
    },
    pictures: { taken: taken.reduce((sum, [, count]) => sum + count, 0), made, withheld },
    sent: below(counters, "entry.forwarded"),
    erased: {
      expired: below(counters, "entry.expired"),
      evicted: below(counters, "entry.evicted"),
      erased: below(counters, "entry.erased"),
    },
  };
}

const OF_MOTION_ALONE = ["motion-cleared", "presence-cleared"] as const;

function inSteps({ policy = 0, ...others }: Counts, step: number): Counts {
  if (step === 1) return { ...others, ...(policy > 0 && { policy }) };
  const ends = OF_MOTION_ALONE.reduce((sum, why) => sum + (others[why] ?? 0), policy);
  const rest = Object.entries(others).filter(([why]) => OF_MOTION_ALONE.every((each) => each !== why));
  const sums = [...rest, ["policy", ends] as const].map(([why, count]) => [why, floorTo(count, step)] as const);
  return Object.fromEntries(sums.filter(([, count]) => count > 0));
}

function floorTo(count: number, step: number): number {
  return Math.floor(count / step) * step;
}

/** How many pictures were made on a day, each with its receipt. */
export function receiptsOn(day: DayCounters | undefined): number {
  return Object.values(below(day?.counters ?? {}, "snapshot.made")).reduce((sum, count) => sum + count, 0);
}

/** How many of its pictures a camera used on a day. */
export function usedOn(
  { day, counters }: DayCounters,
  cameraId: string,
): { readonly day: string; readonly count: number } {
  return { day, count: counters[`camera.used.${cameraId}`] ?? 0 };
}

/** The counters under a name, those at zero left out. */
function below(counters: Counts, prefix: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters)
      .filter(([name, count]) => name.startsWith(`${prefix}.`) && count > 0)
      .map(([name, count]) => [name.slice(prefix.length + 1), count]),
  );
}
