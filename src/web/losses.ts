// What was lost, day by day, in sentences: what went unsent, and what a damaged disk took.
import type { Language, MessageKey } from "../languages/say.ts";
import { BUFFER_LIMITS } from "./buffer-limits.ts";
import type { DayCounters } from "./day-counts.ts";
import type { Hand } from "./device-hands.ts";

/** `damaged`: entries that a damaged disk took; `keyLost`: pictures whose key was gone; the others: entries that went unsent. */
export type LossKind = "damaged" | "keyLost" | "evicted" | "expired" | "erased";

/** `next`: null where there is nothing to do. */
export type Loss = {
  readonly kind: LossKind;
  readonly count: number;
  readonly sentence: string;
  readonly next: string | null;
};

/** `day`: YYYY-MM-DD in the gateway's time zone. `losses`: the worst first, at least one. */
export type LossDay = { readonly day: string; readonly losses: readonly Loss[] };

const DAY_MS = 24 * 3_600_000;

const NEXT: Record<LossKind, MessageKey | null> = {
  damaged: "verdict.lost-damaged-next",
  keyLost: "verdict.lost-key-next",
  evicted: "verdict.lost-evicted-next",
  expired: "verdict.lost-expired-next",
  erased: null,
};

/** Days on which something was lost, the newest first, out of what was counted by day. */
export function lossesOf(days: readonly Omit<DayCounters, "isEach">[], language: Language): readonly LossDay[] {
  return days
    .map(({ day, counters }) => ({ day, losses: lossesIn(counters, language) }))
    .filter(({ losses }) => losses.length > 0);
}

function lossesIn(counters: DayCounters["counters"], language: Language): Loss[] {
  const damaged = (counters["spool.lost"] ?? 0) + (counters["spool.damaged"] ?? 0);
  const saved = counters["spool.saved"] ?? 0;
  const keyLost = counters["spool.pictures-of-lost-key"] ?? 0;
  // What is damaged, or cannot be read, ends as erased, too.
  const erased = mostOf(counters, "entry.erased") - damaged - keyLost;
  const kinds: readonly (readonly [LossKind, number, MessageKey])[] = [
    ["damaged", damaged, saved > 0 ? "verdict.lost-damaged-saved" : "verdict.lost-damaged"],
    ["keyLost", keyLost, "verdict.lost-key"],
    ["evicted", mostOf(counters, "entry.evicted"), "verdict.lost-evicted"],
    ["expired", mostOf(counters, "entry.expired"), "verdict.lost-expired"],
    ["erased", erased, "verdict.lost-erased"],
  ];
  return kinds.flatMap(([kind, count, key]): Loss[] => {
    if (count <= 0) return [];
    const next = NEXT[kind];
    const sentence = language.say(key, { count, saved: language.number(saved) });
    return [{ kind, count, sentence, next: next === null ? null : language.say(next) }];
  });
}

/** Of the platform that lost most: an event that waited for two of them is one event. */
function mostOf(counters: DayCounters["counters"], what: string): number {
  return Math.max(
    0,
    ...Object.entries(counters)
      .filter(([name]) => name.startsWith(`${what}.`))
      .map(([, count]) => count),
  );
}

/** What of it a person should hear of on the status page: each kind once, of its newest day, for a week. What was asked for is no news. */
export function ofLosses(
  days: readonly LossDay[],
  { nowMs, language }: { readonly nowMs: number; readonly language: Language },
): readonly Hand[] {
  const sinceMs = nowMs - (BUFFER_LIMITS.lossToldDays + 1) * DAY_MS;
  const told = new Set<LossKind>();
  return days
    .filter(({ day }) => Date.parse(day) > sinceMs)
    .flatMap(({ day, losses }) => losses.map((loss) => ({ day, ...loss })))
    .flatMap(({ day, kind, sentence, next }): Hand[] => {
      if (next === null || told.has(kind)) return [];
      told.add(kind);
      const what = language.say("verdict.lost-on", { day: language.day(day), what: sentence });
      return [{ level: "watch", what, next, page: "/buffer#lost" }];
    });
}
