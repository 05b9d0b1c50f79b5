// Shown: of counts of motion nothing can be subtracted to fewer edges than the policy's threshold, over random lives with
// restarts, other policies and clocks that are set; each edge is told once or dropped with a reason; and whether a span that
// holds too few holds none decides nothing. Then the single rules.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CountRule, longestMs, settle, type Stretch, withEdge } from "../../src/normalise/count-windows.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 21);
const DAY = 86_400_000;
const rule: CountRule = { stepMs: 15 * MINUTE, atLeast: 3, keptMs: 30 * DAY };
const noSeason = Number.NEGATIVE_INFINITY;

type Told = { readonly fromMs: number; readonly toMs: number; readonly count: number };

/** What is told of edges at these minutes, looked at each minute up to the last. */
function lived(edges: readonly number[], { by = rule, minutes = 0, seasonMs = noSeason, sinceMs = START } = {}) {
  let stretch: Stretch = { sinceMs, steps: [] };
  const told: Told[] = [];
  let dropped = 0;
  const endMinute = Math.max(minutes, ...edges) + 1;
  for (let minute = 0; minute <= endMinute; minute++) {
    const atMs = START + minute * MINUTE;
    const settled = settle(stretch, by, { atMs, seasonMs });
    stretch = settled.stretch;
    told.push(...settled.told);
    dropped += Object.values(settled.dropped).reduce((sum, n) => sum + n, 0);
    for (const edge of edges) if (edge === minute) stretch = withEdge(stretch, by, atMs);
  }
  return { told, dropped, open: stretch.steps.reduce((sum, { count }) => sum + count, 0), stretch };
}

/** In minutes since the start. */
function inMinutes(told: readonly Told[]) {
  return told.map(({ fromMs, toMs, count }) => [(fromMs - START) / MINUTE, (toMs - START) / MINUTE, count]);
}

const rules = fc.record({
  stepMs: fc.constantFrom(MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE),
  atLeast: fc.integer({ min: 1, max: 6 }),
  keptMs: fc.constantFrom(3_600_000, DAY, 30 * DAY),
});
const DAYS = 3;
/** The last one is over when the last day is. */
const minutesOf = (maxLength: number) => fc.array(fc.integer({ min: 0, max: DAYS * 1440 - 1 }), { maxLength });

test("windows hold the threshold, do not overlap, and hold each edge once", () => {
  fc.assert(
    fc.property(rules, minutesOf(120), (by, edges) => {
      const { told, dropped, open } = lived(edges, { by, minutes: DAYS * 1440 });
      let endMs = Number.NEGATIVE_INFINITY;
      for (const { fromMs, toMs, count } of told) {
        expect(fromMs).toBeGreaterThanOrEqual(endMs);
        expect(toMs - fromMs).toBeGreaterThanOrEqual(by.stepMs);
        expect(toMs - fromMs).toBeLessThanOrEqual(longestMs(by));
        expect([fromMs % by.stepMs, toMs % by.stepMs]).toEqual([0, 0]);
        expect(count).toBeGreaterThanOrEqual(by.atLeast);
        // It is the truth: as many were there.
        const within = edges.filter((minute) => START + minute * MINUTE >= fromMs && START + minute * MINUTE < toMs);
        expect(within).toHaveLength(count);
        endMs = toMs;
      }
      expect(told.reduce((sum, { count }) => sum + count, 0) + dropped + open).toBe(edges.length);
    }),
    { numRuns: 300 },
  );
});

test("two questions alone decide where windows begin and end: how long it is since the last, and whether a span holds enough", () => {
  fc.assert(
    fc.property(rules, minutesOf(120), (by, edges) => {
      const holds = (fromMs: number, toMs: number): boolean =>
        edges.filter((minute) => START + minute * MINUTE >= fromMs && START + minute * MINUTE < toMs).length >=
        by.atLeast;
      const { told } = lived(edges, { by, minutes: DAYS * 1440 });
      const times = told.map(({ fromMs, toMs }) => [fromMs, toMs]);
      expect(times).toEqual(decidedBy(holds, by, START + DAYS * DAY));
    }),
    { numRuns: 300 },
  );
});

/** The rule once more, told nothing of edges but whether a span holds enough: whether it holds none cannot matter. */
function decidedBy(holds: (fromMs: number, toMs: number) => boolean, by: CountRule, untilMs: number): number[][] {
  const windows: number[][] = [];
  let sinceMs = START;
  for (let endMs = START + by.stepMs; endMs <= untilMs; endMs += by.stepMs) {
    for (let spanMs = by.stepMs; spanMs <= longestMs(by) && endMs % spanMs === 0; spanMs *= 2) {
      const fromMs = Math.max(endMs - spanMs, sinceMs);
      if (!holds(fromMs, endMs)) continue;
      if (fromMs > sinceMs && holds(sinceMs, fromMs)) windows.push([sinceMs, fromMs], [fromMs, endMs]);
      else windows.push([sinceMs, endMs]);
      sinceMs = endMs;
      break;
    }
    if (endMs % longestMs(by) === 0) sinceMs = endMs;
  }
  return windows;
}

test("three in one quarter of an hour are told at its end, with the quiet that was before", () => {
  const { told } = lived([61, 62, 63], { minutes: 80 });
  expect(inMinutes(told)).toEqual([[0, 75, 3]]);
});

test("from one full quarter to the next each is told for itself", () => {
  const { told } = lived([1, 2, 3, 16, 17, 18, 29, 31, 32, 33], { minutes: 60 });
  expect(inMinutes(told)).toEqual([
    [0, 15, 3],
    [15, 30, 4],
    [30, 45, 3],
  ]);
});

test("what is before a full quarter is told apart where it holds enough by itself", () => {
  // Two halves of no common half hour, so nothing was told of them at minute 45.
  const { told } = lived([16, 17, 31, 61, 62, 63], { minutes: 80 });
  expect(inMinutes(told)).toEqual([
    [0, 60, 3],
    [60, 75, 3],
  ]);
});

test("too few in a quarter wait for the half hour that it is in, then for the hour", () => {
  expect(inMinutes(lived([1, 2, 16], { minutes: 31 }).told)).toEqual([[0, 30, 3]]);
  expect(inMinutes(lived([1, 16, 31], { minutes: 58 }).told)).toEqual([]);
  expect(inMinutes(lived([1, 16, 31], { minutes: 61 }).told)).toEqual([[0, 60, 3]]);
  expect(inMinutes(lived([16, 31, 32], { minutes: 58 }).told)).toEqual([]);
});

test("what is too few for days is dropped, and what comes later begins anew", () => {
  const days = longestMs(rule) / MINUTE;
  const first = (Math.ceil(START / longestMs(rule)) * longestMs(rule) - START) / MINUTE;
  const { told, dropped } = lived([first + 5, first + 9, first + days + 1, first + days + 2, first + days + 3], {
    minutes: first + days + 16,
  });
  expect(dropped).toBe(2);
  expect(inMinutes(told)).toEqual([[first + days, first + days + 15, 3]]);
});

test("what a gateway finds after weeks without power is older than motion may be kept, and is dropped", () => {
  const { stretch } = lived([1, 2, 3]);
  const by = { ...rule, keptMs: DAY };
  const settled = settle(stretch, by, { atMs: START + 20 * DAY, seasonMs: noSeason });
  expect(settled).toMatchObject({ told: [], dropped: { "too-old": 3 } });
});

test("under a new name nothing goes on where the old name ended, and what was too few under the old one is dropped", () => {
  const seasonMs = START + 60 * MINUTE;
  const { told, dropped } = lived([1, 2, 3, 50, 61, 62, 63], { minutes: 80, seasonMs });
  expect(inMinutes(told)).toEqual([
    [0, 15, 3],
    [60, 75, 3],
  ]);
  expect(dropped).toBe(1);
});

test("a season that begins within a step begins with the next", () => {
  const seasonMs = START + 61 * MINUTE;
  const { told } = lived([62, 63, 64, 76, 77], { minutes: 95, seasonMs });
  expect(inMinutes(told)).toEqual([[75, 90, 5]]);
});

test("a count from the future joins the step of now when the clock is set back, and is kept", () => {
  const ahead: Stretch = { sinceMs: START + 365 * DAY, steps: [{ fromMs: START + 365 * DAY, count: 2 }] };
  const { stretch, told } = settle(ahead, rule, { atMs: START + MINUTE, seasonMs: noSeason });
  expect(told).toEqual([]);
  expect(stretch).toEqual({ sinceMs: START, steps: [{ fromMs: START, count: 2 }] });
});

test("a clock that is set back by an hour makes no second window of that hour", () => {
  const { stretch, told } = lived([1, 2, 3], { minutes: 16 });
  expect(inMinutes(told)).toEqual([[0, 15, 3]]);
  let late = settle(stretch, rule, { atMs: START - 44 * MINUTE, seasonMs: noSeason }).stretch;
  for (let n = 0; n < 3; n++) late = withEdge(late, rule, START - 44 * MINUTE);
  const { told: next } = settle(late, rule, { atMs: START + 30 * MINUTE, seasonMs: noSeason });
  expect(inMinutes(next)).toEqual([[15, 30, 3]]);
});

test("what was counted in 1970 is told as one of the hour at which the clock was first set", () => {
  const old: Stretch = { sinceMs: 0, steps: [{ fromMs: 60_000, count: 3 }] };
  const set = settle(old, rule, { atMs: START + MINUTE, seasonMs: noSeason });
  expect(set.told).toEqual([]);
  const { told } = settle(set.stretch, rule, { atMs: START + 15 * MINUTE, seasonMs: noSeason });
  expect(inMinutes(told)).toEqual([[0, 15, 3]]);
});
