// When a message is made: after how long, of how many things at once, how often in a day, and when it is over. Pure: time is a number.
import { expect, test } from "vitest";
import fc from "fast-check";
import { TROUBLE_KINDS } from "../../src/core/notices-commands.ts";
import {
  type Facts,
  isRipening,
  type MarkedTrouble,
  NOTHING_YET,
  type Rhythm,
  step,
} from "../../src/notices/rhythm.ts";

const MINUTE = 60_000;
const RULE = { afterMs: 15 * MINUTE, atMostPerDay: 12, gatherMs: MINUTE, calmMs: 15 * MINUTE, isPaused: false };
const silent = (mark: string): MarkedTrouble => ({ kind: "sensor-silent", mark });

/** A day of minutes: `at` says what needs a hand in each. Gives the messages with their minute. */
function run(
  minutes: number,
  at: (minute: number) => readonly MarkedTrouble[],
  {
    rule = RULE,
    from = NOTHING_YET,
    dayOf = () => "2026-11-21",
  }: {
    rule?: typeof RULE;
    from?: Rhythm;
    dayOf?: (minute: number) => string;
  } = {},
): { told: (Facts & { minute: number })[]; rhythm: Rhythm } {
  const told: (Facts & { minute: number })[] = [];
  let rhythm = from;
  for (let minute = 0; minute < minutes; minute += 1) {
    const made = step(rhythm, { troubles: at(minute), elapsedMs: MINUTE, day: dayOf(minute) }, rule);
    rhythm = made.rhythm;
    if (made.facts !== null) told.push({ ...made.facts, minute });
  }
  return { told, rhythm };
}

test("what lasts becomes one message, and one more once it is over", () => {
  const { told } = run(200, (minute) => (minute < 100 ? [silent("a")] : []));
  expect(told.map(({ what, minute }) => [what, minute])).toEqual([
    ["needs-a-hand", 16],
    ["all-well", 114],
  ]);
  expect(told[0]?.troubles).toEqual([{ kind: "sensor-silent", count: 1, lastedMs: 16 * MINUTE }]);
});

test("what passes by itself is told to nobody, however often it comes", () => {
  const { told } = run(500, (minute) => (minute % 16 < 14 ? [silent("a")] : []));
  expect(told).toEqual([]);
});

test("a sensor at the edge of its reach is told once, not at each return", () => {
  const { told } = run(1000, (minute) => (minute < 20 || minute % 12 > 3 ? [silent("a")] : []));
  expect(told.map(({ what }) => what)).toEqual(["needs-a-hand"]);
});

test("several things at once are one message; a later one tells of all that is so", () => {
  const { told } = run(200, (minute) => [
    silent("a"),
    ...(minute > 0 ? [silent("b"), { kind: "platform-away", mark: "p" } as const] : []),
    ...(minute > 60 ? [{ kind: "battery-low", mark: "a" } as const] : []),
  ]);
  expect(told.map(({ troubles }) => troubles.map(({ kind, count }) => `${count} ${kind}`))).toEqual([
    ["1 platform-away", "2 sensor-silent"],
    ["1 platform-away", "2 sensor-silent", "1 battery-low"],
  ]);
});

test("the day's number is kept; its last message says so, and the next day's first tells how many were left out", () => {
  const rule = { ...RULE, afterMs: 0, gatherMs: 0, calmMs: 0, atMostPerDay: 3 };
  const dayOf = (minute: number) => (minute < 100 ? "2026-11-21" : "2026-11-22");
  const { told } = run(110, (minute) => (minute < 80 && minute % 4 < 2 ? [silent("a")] : []), { rule, dayOf });
  expect(told.map(({ what, isLast, untold, minute }) => ({ what, isLast, untold, minute }))).toEqual([
    { what: "needs-a-hand", isLast: false, untold: 0, minute: 0 },
    { what: "all-well", isLast: false, untold: 0, minute: 2 },
    { what: "needs-a-hand", isLast: true, untold: 0, minute: 4 },
    { what: "all-well", isLast: false, untold: 37, minute: 100 },
  ]);
});

test("a restart neither repeats a message nor forgets to say that it is over", () => {
  const before = run(50, () => [silent("a")]);
  expect(before.told).toHaveLength(1);
  const kept: Rhythm = JSON.parse(JSON.stringify(before.rhythm));
  const after = run(60, (minute) => (minute < 20 ? [silent("a")] : []), { from: kept });
  expect(after.told.map(({ what }) => what)).toEqual(["all-well"]);
});

test("what nobody can tell after a restart is not well yet, and so is nothing", () => {
  const told = run(30, () => [silent("a")]).rhythm;
  let rhythm = told;
  for (let minute = 0; minute < 100; minute += 1) {
    const made = step(rhythm, { troubles: [], unsure: [silent("a")], elapsedMs: MINUTE, day: "2026-11-21" }, RULE);
    expect(made.facts).toBeNull();
    rhythm = made.rhythm;
  }
  expect(run(20, () => [], { from: rhythm }).told.map(({ what }) => what)).toEqual(["all-well"]);
});

test("while paused nothing is told; what still needs a hand afterwards is, and what ended meanwhile ends", () => {
  const told = run(30, () => [silent("a")]).rhythm;
  const paused = run(100, () => [silent("b")], { from: told, rule: { ...RULE, isPaused: true } });
  expect(paused.told).toEqual([]);
  expect(run(1, () => [silent("b")], { from: paused.rhythm }).told.map(({ what }) => what)).toEqual(["needs-a-hand"]);
  expect(run(40, () => [], { from: paused.rhythm }).told.map(({ what }) => what)).toEqual(["all-well"]);
});

test("what has lasted and was not told is worth keeping, and nothing else is", () => {
  const ripening = run(3, () => [silent("a")]).rhythm;
  expect([isRipening(NOTHING_YET), isRipening(ripening), isRipening(run(30, () => [silent("a")]).rhythm)]).toEqual([
    false,
    true,
    false,
  ]);
});

test("in any life no day has more than its number, 'all well' follows something told, and nothing ripe is kept from people", () => {
  const trouble = fc.record({ kind: fc.constantFrom(...TROUBLE_KINDS), mark: fc.constantFrom("a", "b", "c") });
  const life = fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 90 }),
      fc.uniqueArray(trouble, { maxLength: 4, selector: ({ kind, mark }) => kind + mark }),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(life, fc.integer({ min: 1, max: 4 }), (spans, atMostPerDay) => {
      const minutes = spans.flatMap(([length, troubles]) => Array.from({ length }, () => troubles));
      const dayOf = (minute: number) => `day ${Math.floor(minute / 600)}`;
      const rule = { ...RULE, atMostPerDay };
      const { told, rhythm } = run(minutes.length, (minute) => minutes[minute] ?? [], { rule, dayOf });
      const perDay = Map.groupBy(told, ({ minute }) => dayOf(minute));
      for (const [, of] of perDay) {
        expect(of.length).toBeLessThanOrEqual(atMostPerDay);
        expect(of.filter(({ isLast }) => isLast).length).toBe(of.length === atMostPerDay ? 1 : 0);
      }
      for (const [index, { what, untold, troubles }] of told.entries()) {
        if (what === "all-well") expect(untold > 0 || told[index - 1]?.what === "needs-a-hand").toBe(true);
        else expect(troubles.length).toBeGreaterThan(0);
      }
      const ripe = rhythm.troubles.filter(
        ({ wellMs, lastedMs }) => wellMs === 0 && lastedMs > RULE.afterMs + RULE.gatherMs,
      );
      expect(ripe.every(({ isTold }) => isTold)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
