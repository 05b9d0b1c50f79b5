// Shown: how long a device may be silent is learned from how long it usually is: slowly, within bounds, never so tight that a
// lost report counts, and only where the device is regular.
import fc from "fast-check";
import { expect, test } from "vitest";
import { graceMs, type Heartbeat, learnGap, silenceMsMax } from "../../src/normalise/heartbeat.ts";
import { PRESENCE_LIMITS } from "../../src/normalise/presence-limits.ts";
import { seededRandom } from "../helpers/random.ts";

const S = 1000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

/** What is learned from words with these gaps, in ms, one after another; goes on from `before`. */
function learned(gapsMs: Iterable<number>, before?: Heartbeat): Heartbeat | undefined {
  let heartbeat = before;
  let atMs = before?.slotFromMs ?? 0;
  for (const gapMs of gapsMs) {
    atMs += gapMs;
    heartbeat = learnGap(heartbeat, { gapMs, atMs });
  }
  return heartbeat;
}

/** The same gap for so long. */
const every = (gapMs: number, forMs: number): number[] => Array.from({ length: Math.ceil(forMs / gapMs) }, () => gapMs);

/** A street's motion sensor for so many days: every few minutes by day, silent from one to six at night. */
const street = (days: number, random: () => number): number[] => {
  const gaps: number[] = [];
  for (let atMs = 6 * HOUR; atMs < days * DAY; ) {
    const hour = (atMs % DAY) / HOUR;
    const gapMs = hour >= 1 && hour < 6 ? (6 - hour) * HOUR : -Math.log(1 - random()) * 4 * MIN;
    gaps.push(gapMs);
    atMs += gapMs;
  }
  return gaps;
};

test("a PIR that reports hourly is not late after ten minutes, whatever its profile says, from the third hour on", () => {
  expect(silenceMsMax(learned(every(HOUR, 2 * HOUR)), 10 * MIN)).toBe(10 * MIN);
  expect(silenceMsMax(learned(every(HOUR, 3 * HOUR)), 10 * MIN)).toBeGreaterThan(3 * HOUR);
  expect(silenceMsMax(learned(every(HOUR, 3 * DAY)), 10 * MIN)).toBe(3 * HOUR + MIN);
});

test("a device that speaks every 30 s is late after minutes although its profile says a day, but only after a day of learning", () => {
  expect(silenceMsMax(learned(every(30 * S, 23 * HOUR)), DAY)).toBe(DAY);
  expect(silenceMsMax(learned(every(30 * S, 25 * HOUR)), DAY)).toBe(PRESENCE_LIMITS.silenceMsMin);
  expect(silenceMsMax(learned(every(10 * MIN, 26 * HOUR)), DAY)).toBe(31 * MIN);
});

test("bursts do not make a device look fast: its longest gaps count", () => {
  const gaps = every(HOUR, 2 * DAY).flatMap((gapMs) => [50, 20, 900, gapMs - 970]);
  expect(silenceMsMax(learned(gaps), DAY)).toBeGreaterThan(3 * HOUR - MIN);
});

test("a sensor that speaks when something happens keeps its profile's bound, on the busiest evening too", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 23 }), (seed, moreHours) => {
      const gaps = street(3 + moreHours / 24, seededRandom(seed));
      expect(silenceMsMax(learned(gaps), 26 * HOUR)).toBe(26 * HOUR);
    }),
  );
});

test("an outage and a new pace suspend at once what was learned, for a day", () => {
  const steady = learned(every(30 * S, 25 * HOUR));
  const afterOutage = learned([6 * HOUR, ...every(30 * S, 5 * HOUR)], steady);
  expect(silenceMsMax(afterOutage, DAY)).toBe(DAY);
  expect(silenceMsMax(learned(every(30 * S, 25 * HOUR), afterOutage), DAY)).toBe(PRESENCE_LIMITS.silenceMsMin);
  expect(silenceMsMax(learned([HOUR], steady), DAY)).toBe(DAY);
  expect(silenceMsMax(learned(every(HOUR, 25 * HOUR), steady), DAY)).toBe(3 * HOUR + MIN);
});

test("lost reports do not unlearn the pace, and are not lateness", () => {
  const gaps = every(30 * S, 30 * HOUR).map((gapMs, n) => (n % 97 === 0 ? 2 * gapMs : gapMs));
  expect(silenceMsMax(learned(gaps), DAY)).toBe(PRESENCE_LIMITS.silenceMsMin);
});

test("what is learned is never tighter than three gaps and a minute, nor than the floor, nor wider than the ceiling", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 * DAY }),
      fc.integer({ min: MIN, max: 30 * DAY }),
      fc.integer({ min: 0, max: 60 }),
      (gapMs, staleAfterMs, hours) => {
        const boundMs = silenceMsMax(learned(every(Math.max(gapMs, 5 * S), hours * HOUR)), staleAfterMs);
        const widestMs = Math.max(PRESENCE_LIMITS.silenceMsMax, staleAfterMs);
        expect(boundMs).toBeLessThanOrEqual(widestMs);
        if (boundMs === staleAfterMs) return;
        expect(boundMs).toBeGreaterThanOrEqual(PRESENCE_LIMITS.silenceMsMin);
        expect(boundMs).toBeGreaterThanOrEqual(Math.min(3 * gapMs + MIN, widestMs));
      },
    ),
  );
});

test("nothing tightens the bound before a day, and whatever the gaps, its memory stays small", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 * DAY }), { maxLength: 200 }), (gaps) => {
      const heartbeat = learned(gaps);
      expect(JSON.stringify(heartbeat ?? null).length).toBeLessThan(300);
      const learningMs = gaps.reduce((sum, gapMs) => sum + gapMs, 0);
      if (learningMs < DAY) expect(silenceMsMax(heartbeat, DAY)).toBeGreaterThanOrEqual(DAY);
    }),
  );
});

test("after its start the gateway waits one gap as long as any, and never so long that nightly restarts hide an absence", () => {
  expect(graceMs(learned(every(HOUR, 2 * DAY)), 10 * MIN)).toBe(HOUR);
  expect(graceMs(learned(every(30 * S, 2 * DAY)), DAY)).toBe(PRESENCE_LIMITS.silenceMsMin);
  expect(graceMs(undefined, 2 * HOUR)).toBe(HOUR);
  expect(graceMs(learned(every(DAY, 40 * DAY)), DAY)).toBe(PRESENCE_LIMITS.startGraceMsMax);
});
