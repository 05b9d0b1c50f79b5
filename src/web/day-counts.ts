// The counters by day: one line a day says how they stood when it began, and each day is the difference to the next.
import { join } from "node:path";
import { z } from "zod";
import { writeDurably } from "../core/durable-file.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { readSmallFile } from "../core/small-file.ts";

/** By the name of the counter. */
export type Counters = Readonly<Record<string, number>>;

/** What was counted on one day (YYYY-MM-DD in the gateway's time zone), under the board's names. `isEach`: under policies alone that tell each movement. */
export type DayCounters = { readonly day: string; readonly counters: Counters; readonly isEach: boolean };

/** Newest last. `counters`: as they stood when the day began. `isEach`: all day so far the policy told each movement. */
const Days = z.array(
  z.strictObject({
    day: z.iso.date(),
    counters: z.record(z.string(), z.number()),
    isEach: z.boolean().default(false),
  }),
);
type Day = z.infer<typeof Days>[number];

/** Counters that come back after a restart; the board's own begin at zero and have no days. */
const DURABLE =
  /^(reading|entry|dead-letter|camera\.used|snapshot\.(made|withheld)|spool\.(lost|saved|damaged|pictures-of-lost-key)$)(\.|$)/;

export type DayCounts = {
  /**
   * Begins a day when one has begun. `isEach`: whether the policy tells each movement now. Resolves when that is on disk; a
   * failed write is logged, and tried on the next day.
   */
  begin(now: { readonly nowMs: number; readonly counters: Counters; readonly isEach?: boolean }): Promise<void>;
  /** The days so far, newest first: the first is not over. At once, so that the caller's other numbers are of the same moment. */
  days(counters: Counters): readonly DayCounters[];
};

/**
 * Opens `dataDir/day-counts.json`. It is written once a day; what was counted while nobody looked belongs to the day before.
 * A file that cannot be read begins anew with today: these are numbers to look at, the ledger is the proof.
 */
export async function openDayCounts({
  dataDir,
  timezone,
  log,
}: {
  dataDir: string;
  timezone: string;
  log: Log;
}): Promise<DayCounts> {
  const path = join(dataDir, "day-counts.json");
  let { days, isSound } = await readDays(path, log);
  const dateOf = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short" });
  return {
    begin: async ({ nowMs, counters, isEach = false }) => {
      const today = dateOf.format(new Date(nowMs));
      const last = days.at(-1);
      // A clock that was set back makes no second beginning: the count goes on in the day that has begun.
      if (last !== undefined && last.day >= today) {
        if (isEach || !last.isEach) return;
        days = [...days.slice(0, -1), { ...last, isEach }];
      } else {
        const before = last === undefined ? {} : durable(counters);
        // Of a file that was damaged nobody knows which policy the morning had.
        days = [...days, { day: today, counters: before, isEach: isEach && isSound }].slice(-LIMITS.daysShown);
        isSound = true;
      }
      await writeDurably(path, JSON.stringify(days)).catch((cause: unknown) =>
        log.error({ cause }, "day counts not written"),
      );
    },
    days: (counters) =>
      days
        .map(({ day, counters: before, isEach }, index) => ({
          day,
          isEach,
          counters: minus(days[index + 1]?.counters ?? durable(counters), before),
        }))
        .toReversed(),
  };
}

function durable(counters: Counters): Counters {
  return Object.fromEntries(Object.entries(counters).filter(([name]) => DURABLE.test(name)));
}

async function readDays(path: string, log: Log): Promise<{ days: Day[]; isSound: boolean }> {
  const file = await readSmallFile(path, { bytesMax: LIMITS.commandBytes });
  if (file.kind === "absent") return { days: [], isSound: true };
  if (file.kind === "bytes") {
    const days = Days.safeParse(jsonOf(file.bytes.toString("utf8")));
    if (days.success) return { days: days.data, isSound: true };
  }
  log.warn({ path }, "day counts are unreadable and begin anew");
  return { days: [], isSound: false };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A counter below its beginning was reset with the spool: what it says now is what is known. */
function minus(after: Counters, before: Counters): Counters {
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [
      name,
      count - ((before[name] ?? 0) <= count ? (before[name] ?? 0) : 0),
    ]),
  );
}
