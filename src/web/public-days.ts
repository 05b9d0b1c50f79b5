// A day of counters as anybody may read it: what was taken, kept back, sent and erased, and how many pictures a camera used.
import type { Counters as Counts, DayCounters } from "./day-counts.ts";

/**
 * Readings and pictures apart; `withheld` by reason, `made` by outcome, `sent` by platform. `erased`: what a platform never got,
 * by platform: its time was up (`expired`), the buffer was full (`evicted`), or the policy or a person asked for it (`erased`).
 * An event for two platforms stands with each. A day is YYYY-MM-DD.
 */
export type PublicDay = {
  readonly day: string;
  readonly readings: { readonly taken: number; readonly withheld: Counts };
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

/** Sorts a day's counters by what a resident asks: what was taken, what was kept back and why, what was sent, what erased. */
export function publicDay({ day, counters }: DayCounters): PublicDay {
  const made = below(counters, "snapshot.made");
  const withheld = below(counters, "snapshot.withheld");
  const taken = [...Object.entries(made), ...Object.entries(withheld).filter(([why]) => !NOT_TAKEN.has(why))];
  return {
    day,
    readings: { taken: counters["reading.taken"] ?? 0, withheld: below(counters, "reading.withheld") },
    pictures: { taken: taken.reduce((sum, [, count]) => sum + count, 0), made, withheld },
    sent: below(counters, "entry.forwarded"),
    erased: {
      expired: below(counters, "entry.expired"),
      evicted: below(counters, "entry.evicted"),
      erased: below(counters, "entry.erased"),
    },
  };
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
