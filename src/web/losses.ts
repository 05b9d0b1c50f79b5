// What was lost, day by day, in sentences: what went unsent, and what a damaged disk took.
import { BUFFER_LIMITS } from "./buffer-limits.ts";
import type { DayCounters } from "./day-counts.ts";
import type { Hand } from "./device-hands.ts";
import { countOf, dayOf } from "./words.ts";

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
const TOLD = "The platform is told which.";
const INTERNET = "Is the internet connection at the site reliable?";

const NEXT: Record<LossKind, string | null> = {
  damaged: "If it happens again, the SD card is worn out: put in another one.",
  keyLost: "If nobody changed the key: is the disk or folder in its place that the key lies on?",
  evicted: `${INTERNET} If outages there are long, a larger disk helps, with a larger spool.bytesMax.`,
  expired: `${INTERNET} What the policy's hours delete, no disk brings back.`,
  erased: null,
};

/** Days on which something was lost, the newest first, out of what was counted by day. */
export function lossesOf(days: readonly Omit<DayCounters, "isEach">[]): readonly LossDay[] {
  return days
    .map(({ day, counters }) => ({ day, losses: lossesIn(counters) }))
    .filter(({ losses }) => losses.length > 0);
}

function lossesIn(counters: DayCounters["counters"]): Loss[] {
  const damaged = (counters["spool.lost"] ?? 0) + (counters["spool.damaged"] ?? 0);
  const saved = counters["spool.saved"] ?? 0;
  const keyLost = counters["spool.pictures-of-lost-key"] ?? 0;
  const evicted = mostOf(counters, "entry.evicted");
  const expired = mostOf(counters, "entry.expired");
  // What is damaged, or cannot be read, ends as erased, too.
  const erased = mostOf(counters, "entry.erased") - damaged - keyLost;
  const savedToo = saved > 0 ? `, ${countOf(saved, "other was", "others were")} saved` : "";
  const words: readonly (readonly [LossKind, number, string])[] = [
    ["damaged", damaged, `The disk was damaged: ${countOf(damaged, "event")} could not be saved${savedToo}. ${TOLD}`],
    ["keyLost", keyLost, `The key of the pictures was gone: ${countOf(keyLost, "picture")} could not be read. ${TOLD}`],
    [
      "evicted",
      evicted,
      `The buffer was full: ${countOf(evicted, "event was", "events were")} deleted unsent. ${TOLD}`,
    ],
    [
      "expired",
      expired,
      `The time of ${countOf(expired, "event")} was up before the platform took ${expired === 1 ? "it" : "them"}. ${TOLD}`,
    ],
    [
      "erased",
      erased,
      `${countOf(erased, "event was", "events were")} erased unsent: the policy or a person asked for it. ${TOLD}`,
    ],
  ];
  return words.flatMap(([kind, count, sentence]) => (count > 0 ? [{ kind, count, sentence, next: NEXT[kind] }] : []));
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
export function ofLosses(days: readonly LossDay[], nowMs: number): readonly Hand[] {
  const sinceMs = nowMs - (BUFFER_LIMITS.lossToldDays + 1) * DAY_MS;
  const told = new Set<LossKind>();
  return days
    .filter(({ day }) => Date.parse(day) > sinceMs)
    .flatMap(({ day, losses }) => losses.map((loss) => ({ day, ...loss })))
    .flatMap(({ day, kind, sentence, next }): Hand[] => {
      if (next === null || told.has(kind)) return [];
      told.add(kind);
      return [{ level: "watch", what: `On ${dayOf(day)}: ${sentence}`, next, page: "/buffer#lost" }];
    });
}
