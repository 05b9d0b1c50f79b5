// What becomes of a reading that is news: an event, one edge more of a count, or nothing; into the batch, with its counter.
// The policy decides by privacy/disclose.ts; what it decides by, and what is remembered for it, is brought together here.
import { randomInt } from "node:crypto";
import type { Board } from "./core/board.ts";
import { dayIn } from "./core/day-times.ts";
import type { HouseFact } from "./core/house-fact.ts";
import { LIMITS } from "./core/limits.ts";
import type { Reading } from "./core/reading.ts";
import type { BatchDraft } from "./event-batch.ts";
import { type Counting, createCounting, type Due } from "./normalise/counting.ts";
import type { CountRule, Moment } from "./normalise/count-windows.ts";
import type { StatusFact } from "./normalise/presence.ts";
import { createDailyBudgets } from "./privacy/daily-budgets.ts";
import { disclose, discloseFact, type ReadingDisclosure } from "./privacy/disclose.ts";
import { recordedMs } from "./privacy/disclosure.ts";
import type { Policy } from "./settings/schema.ts";
import type { Spool } from "./spool/spool.ts";

type Deps = {
  readonly disclosure: ReadingDisclosure;
  readonly spool: Pick<Spool, "state" | "openWindows">;
  readonly board: Board;
  /** Below a number; another in tests. */
  readonly randomBelow?: (below: number) => number;
};

export type EventMaker = {
  /** Decides on a reading that came at `receivedAtMs`. */
  reading(batch: BatchDraft, reading: Reading, receivedAtMs: number): void;
  /** What the house itself says. */
  fact(batch: BatchDraft, fact: HouseFact): void;
  /** Faults of lamps. A policy that tells nothing of the light tells nothing of lamps either; the page of the house shows it all the same. */
  lamps(batch: BatchDraft, facts?: readonly HouseFact[]): void;
  /** Counts whose time is over, and all states anew where names have changed. Called about once a second. */
  tick(batch: BatchDraft, states: () => readonly StatusFact[]): void;
  /** A device's name in events, and until when it holds (ISO 8601; null: for ever). */
  nameOutside(deviceId: string): { readonly name: string; readonly until: string | null };
  /** Forgets what was counted of a device and is not told yet. */
  forgetWindow: Counting["forget"];
  /** Puts what is remembered into a batch that is about to be written. */
  remember(batch: BatchDraft): void;
};

export function createEventMaker({ disclosure, spool, board, randomBelow = randomInt }: Deps): EventMaker {
  const { policy, quiet, clock, timezone, pseudonyms, zoneOf } = disclosure;
  const season = () => pseudonyms.seasonAt(recordedMs(disclosure));
  const moment = (atMs: number): Moment => ({ atMs, seasonMs: season().fromMs });
  const state = (prefix: string) => spool.state(prefix);
  const counting = createCounting({
    state,
    windows: spool.openWindows(),
    rule: countRule(policy),
    quietHours: JSON.stringify(policy.quiet.hours),
    moment: moment(clock.nowMs()),
  });
  const budgets = createDailyBudgets(state, policy.events.perDay);
  const today = () => dayIn(timezone, recordedMs(disclosure));

  const fact: EventMaker["fact"] = (batch, said) => batch.make({ event: discloseFact(said, disclosure) });

  /** The zone may have become quiet since, and the day's number be used up. */
  const tellCounts = (batch: BatchDraft, { deviceId, facts, dropped }: Due): void => {
    for (const [why, edges] of Object.entries(dropped)) batch.count(`motion-count.withheld.${why}`, edges);
    for (const told of facts) {
      const why = quiet.isQuiet(zoneOf(deviceId), clock.nowMs())
        ? "quiet"
        : budgets.spend(deviceId, "motion", today())
          ? null
          : "daily-budget";
      if (why === null) fact(batch, told);
      batch.count(why === null ? "motion-count.told" : `motion-count.withheld.${why}`, told.count);
    }
  };

  /**
   * Under its new name nothing is known of a device, so what was said of it last is said again: of all at once, and in no order,
   * so that neither when it is said nor after whom tells which of the old names it was.
   */
  let toldSeason = state(SEASON).get(SEASON);
  const renamed = (batch: BatchDraft, states: () => readonly StatusFact[]): void => {
    const { name } = season();
    if (name === (toldSeason ?? "")) return;
    toldSeason = name;
    for (const status of shuffled(states(), randomBelow)) fact(batch, status);
    batch.remember(SEASON, name);
    batch.mustNotWait();
  };

  return {
    fact,
    reading(batch, reading, receivedAtMs) {
      const { deviceId } = reading;
      const disclosed = disclose(reading, disclosure, (eventClass) => budgets.spend(deviceId, eventClass, today()));
      if (disclosed.kind === "event") {
        batch.make({ event: disclosed.event });
        batch.count("reading.made", 1);
      } else if (disclosed.kind === "withheld") {
        batch.count(`reading.withheld.${disclosed.why}`, 1);
      } else {
        tellCounts(batch, counting.add(deviceId, moment(receivedAtMs)));
        batch.count("reading.counted", 1);
      }
    },
    lamps(batch, facts = []) {
      for (const said of facts) {
        const isQuiet = "deviceId" in said && quiet.isQuiet(zoneOf(said.deviceId), clock.nowMs());
        if (policy.events.light && !isQuiet) fact(batch, said);
        else board.count(`lamp-fault.withheld.${policy.events.light ? "quiet" : "policy"}`);
      }
    },
    tick(batch, states) {
      renamed(batch, states);
      // What is over at a quiet hour is told after it.
      if (quiet.isHour()) return;
      for (const due of counting.due(moment(clock.nowMs()))) {
        tellCounts(batch, due);
        batch.mustNotWait();
      }
    },
    nameOutside(deviceId) {
      const atMs = recordedMs(disclosure);
      const { toMs } = pseudonyms.seasonAt(atMs);
      const until = Number.isFinite(toMs) ? new Date(toMs).toISOString() : null;
      return { name: pseudonyms.nameOf("device", deviceId, atMs), until };
    },
    forgetWindow: (deviceId) => counting.forget(deviceId),
    remember(batch) {
      const { state: counts, windows, dropped } = counting.unsaved();
      for (const [deviceId, window] of Object.entries(windows)) batch.window(deviceId, window);
      for (const [key, text] of Object.entries({ ...counts, ...budgets.unsaved() })) batch.remember(key, text);
      for (const [why, edges] of Object.entries(dropped)) batch.count(`motion-count.withheld.${why}`, edges);
    },
  };
}

/** The season under whose names all states were told. */
const SEASON = "names:season";

/** After Fisher and Yates: each order is as likely. */
function shuffled<T>(list: readonly T[], randomBelow: (below: number) => number): T[] {
  const left = [...list];
  return list.flatMap(() => left.splice(randomBelow(left.length), 1));
}

/** Null where the policy tells no counts. Times are told by the bucket, so a window is one or several of it. */
function countRule({ events }: Policy): CountRule | null {
  const { motion, timeBucketS, retentionHours, retentionHoursOf } = events;
  if (motion.mode !== "counts") return null;
  const keptMs = Math.min((retentionHoursOf.motion ?? retentionHours) * 3_600_000, LIMITS.eventTtlMs);
  const stepMs = Math.ceil(motion.windowS / timeBucketS) * timeBucketS * 1000;
  return { stepMs, atLeast: motion.atLeast, keptMs };
}
