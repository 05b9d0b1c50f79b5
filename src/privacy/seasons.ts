// Seasons of names: for how long a device or camera keeps the name under which it appears outside.
import { EARLIEST_BELIEVABLE_MS } from "../core/clock.ts";
import { dayIn, startOfDay } from "../core/day-times.ts";
import type { Policy } from "../settings/schema.ts";

/** How often names change: the policy's `events.pseudonyms`. */
export type Rhythm = Policy["events"]["pseudonyms"];

/** A season by its name, such as 2026-Q4; `toMs` is the first moment of the next, Infinity where none follows. Epoch ms. */
export type Season = { readonly name: string; readonly fromMs: number; readonly toMs: number };

export const RHYTHMS: readonly Rhythm[] = ["never", "yearly", "quarterly", "monthly"];

const MONTHS: Readonly<Record<Exclude<Rhythm, "never">, number>> = { yearly: 12, quarterly: 3, monthly: 1 };

/**
 * The season of a moment; it changes at midnight in the site's time zone. A clock that was never set has a season of its own:
 * the names of 1970 would come back with each start, and a season of 1970 never ends.
 */
export function seasonAt(atMs: number, { rhythm, timezone }: { rhythm: Rhythm; timezone: string }): Season {
  if (rhythm === "never") return { name: "", fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  if (atMs < EARLIEST_BELIEVABLE_MS)
    return { name: "unset", fromMs: Number.NEGATIVE_INFINITY, toMs: EARLIEST_BELIEVABLE_MS };
  const [year = 0, month = 0] = dayIn(timezone, atMs).split("-").map(Number);
  const months = MONTHS[rhythm];
  const first = month - ((month - 1) % months);
  // The first season begins in the middle of nothing: before it the clock was not set.
  return {
    name: nameOf(rhythm, year, first),
    fromMs: Math.max(EARLIEST_BELIEVABLE_MS, startOfDay(firstDay(year, first), timezone)),
    toMs: startOfDay(firstDay(year, first + months), timezone),
  };
}

/** All seasons that a span touches, `seasonsMax` of its newest at most. */
export function seasonsIn(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  by: { readonly rhythm: Rhythm; readonly timezone: string; readonly seasonsMax: number },
): Season[] {
  const seasons: Season[] = [];
  for (let atMs = toMs; seasons.length < by.seasonsMax; ) {
    const season = seasonAt(atMs, by);
    seasons.unshift(season);
    if (season.fromMs <= fromMs) break;
    atMs = season.fromMs - 1;
  }
  return seasons;
}

function nameOf(rhythm: Exclude<Rhythm, "never">, year: number, month: number): string {
  if (rhythm === "yearly") return `${year}`;
  return rhythm === "quarterly" ? `${year}-Q${(month + 2) / 3}` : `${year}-${String(month).padStart(2, "0")}`;
}

/** `month`: 13 is January of the next year. */
function firstDay(year: number, month: number): string {
  const isNext = month > 12;
  return `${isNext ? year + 1 : year}-${String(isNext ? month - 12 : month).padStart(2, "0")}-01`;
}
