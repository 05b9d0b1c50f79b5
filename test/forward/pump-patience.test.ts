// How long a pump waits for a platform that is away, over seconds and over days, and that a thousand of them do not return at once.
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { FORWARD_LIMITS } from "../../src/forward/forward-limits.ts";
import { Patience } from "../../src/forward/patience.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { makeEntry, memorySpool } from "./memory-spool.ts";
import { pumpOf } from "./pump-bench.ts";
import { nothing, scriptedSink } from "./scripted-sink.ts";

const HOUR_MS = 3_600_000;

/** The waits of an outage of two days: [when it began, how long], in simulated time, with the longest jitter. */
async function outage(): Promise<{ readonly atMs: number; readonly ms: number }[]> {
  const time = fakeTime();
  const spool = memorySpool([makeEntry(1)]);
  const { sink } = scriptedSink();
  const startedMs = time.clock.monotonicMs();
  const waits: { atMs: number; ms: number }[] = [];
  const away = {
    ...sink,
    deliver: (...asked: Parameters<typeof sink.deliver>) =>
      time.clock.monotonicMs() - startedMs < 48 * HOUR_MS
        ? Promise.resolve(nothing({ kind: "wait", retryAfterMs: null, why: "away" })())
        : sink.deliver(...asked),
  };
  const wait = async (ms: number) => {
    waits.push({ atMs: time.clock.monotonicMs() - startedMs, ms });
    time.pass(ms);
  };
  await using _pump = pumpOf({ spool, sink: away, clock: time.clock, wait, random: () => 1 }).pump;
  await spool.drained();
  return waits;
}

test("the wait grows to five minutes within the hour, to a quarter of an hour within the day, and no further", async () => {
  const waits = await outage();
  const longest = (fromH: number, toH: number) =>
    Math.max(...waits.filter(({ atMs }) => atMs >= fromH * HOUR_MS && atMs < toH * HOUR_MS).map(({ ms }) => ms));
  expect(waits[0]?.ms).toBe(2 * LIMITS.backoffMinMs);
  expect(longest(0, 1)).toBe(LIMITS.backoffMaxMs);
  expect(longest(7, 8)).toBe(LIMITS.backoffMaxMs);
  expect(longest(16, 17)).toBeGreaterThan(10 * 60_000);
  expect(longest(24, 48)).toBe(FORWARD_LIMITS.backoffLongestMs);
});

describe("a thousand gateways", () => {
  const gateways = Array.from({ length: 1000 }, (_, index) => index);
  /** Evenly spread dice, so that the claim does not hang on luck. */
  const returns = (retryAfterMs: number | null, failures: number, awayMs: number) =>
    gateways.map((index) => {
      const dice = () => (index + 0.5) / gateways.length;
      const patience = new Patience({
        minMs: LIMITS.backoffMinMs,
        maxMs: LIMITS.backoffMaxMs,
        random: dice,
        awayMs: () => awayMs,
      });
      let ms = 0;
      for (let failure = 0; failure < failures; failure++) ms = patience.failed(retryAfterMs);
      return ms;
    });
  const busiestSecond = (returnsMs: readonly number[]) => {
    const counts = new Map<number, number>();
    for (const ms of returnsMs) counts.set(Math.floor(ms / 1000), (counts.get(Math.floor(ms / 1000)) ?? 0) + 1);
    return Math.max(...counts.values());
  };

  test("that were told to come back in a minute do so over a quarter of it, none before", () => {
    const returnsMs = returns(60_000, 3, 0);
    expect(Math.min(...returnsMs)).toBeGreaterThanOrEqual(60_000);
    expect(busiestSecond(returnsMs)).toBeLessThanOrEqual(70);
  });

  test("return from an outage of a day over a quarter of an hour", () => {
    expect(busiestSecond(returns(null, 40, 24 * HOUR_MS))).toBeLessThanOrEqual(2);
  });
});

test("a person does not wait: after resume it is asked at once, and the waits begin anew", () => {
  const patience = new Patience({ minMs: 500, maxMs: 300_000, random: () => 1, awayMs: () => 48 * HOUR_MS });
  for (let failure = 0; failure < 30; failure++) patience.failed(null);
  expect(patience.failed(null)).toBe(FORWARD_LIMITS.backoffLongestMs);
  patience.reset();
  expect(patience.failed(null)).toBe(1000);
});
