// Shown: what is counted and not told survives restarts, and what was gathered under one policy is told under no other, so that
// an adversary who knows every window of every device finds no difference of fewer edges than the threshold of the time.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CountWindow, createCounting, type Due } from "../../src/normalise/counting.ts";
import type { CountRule } from "../../src/normalise/count-windows.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 21);
const DAY = 86_400_000;
const DEVICES = ["porch", "gate"];
const NO_SEASON = Number.NEGATIVE_INFINITY;
const ruleOf = (minutes: number, atLeast: number): CountRule => ({
  stepMs: minutes * MINUTE,
  atLeast,
  keptMs: 30 * DAY,
});

/** Null forgets. */
function keep<T>(on: Map<string, T>, changes: Readonly<Record<string, T | null>>): void {
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) on.delete(key);
    else on.set(key, value);
  }
}

/** A counting on a disk of two maps, which a test restarts. */
function house(first: CountRule | null) {
  const disk = { state: new Map<string, string>(), windows: new Map<string, CountWindow>() };
  let nowMs = START;
  const told: { deviceId: string; fromMs: number; toMs: number; count: number; atLeast: number }[] = [];
  const dropped: Record<string, number> = {};
  let rule = first;
  const open = () =>
    createCounting({
      state: (prefix) => new Map([...disk.state].filter(([key]) => key.startsWith(prefix))),
      windows: new Map(disk.windows),
      rule,
      moment: { atMs: nowMs, seasonMs: NO_SEASON },
    });
  let counting = open();
  const note = ({ deviceId, facts, dropped: lost }: Due) => {
    const atLeast = rule?.atLeast ?? 0;
    told.push(...facts.map(({ fromMs, toMs, count }) => ({ deviceId, fromMs, toMs, count, atLeast })));
    add(lost);
  };
  const add = (lost: Readonly<Record<string, number>>) => {
    for (const [why, n] of Object.entries(lost)) dropped[why] = (dropped[why] ?? 0) + n;
  };
  const save = () => {
    const { state, windows, dropped: lost } = counting.unsaved();
    keep(disk.state, state);
    keep(disk.windows, windows);
    add(lost);
  };
  return {
    disk,
    told,
    dropped,
    get nowMs() {
      return nowMs;
    },
    edge(deviceId: string) {
      note(counting.add(deviceId, { atMs: nowMs, seasonMs: NO_SEASON }));
      save();
    },
    pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute++) {
        nowMs += MINUTE;
        for (const due of counting.due({ atMs: nowMs, seasonMs: NO_SEASON })) note(due);
      }
      save();
    },
    restart(other: CountRule | null = rule) {
      rule = other;
      counting = open();
      save();
    },
    forget: (deviceId: string) => {
      counting.forget(deviceId);
      save();
    },
    open: () => [...disk.windows.values()].reduce((sum, { count }) => sum + count, 0),
  };
}

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("edge" as const), device: fc.constantFrom(...DEVICES) }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("pass" as const), minutes: fc.integer({ min: 1, max: 90 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("policy" as const),
        minutes: fc.constantFrom(5, 7, 15, 60),
        atLeast: fc.integer({ min: 2, max: 6 }),
        isCounted: fc.boolean(),
      }),
    },
  ),
  { minLength: 20, maxLength: 200 },
);

test("no difference of what is told of a device has fewer edges than the threshold, over restarts and other policies", () => {
  let windowsSeen = 0;
  fc.assert(
    fc.property(steps, (life) => {
      const site = house(ruleOf(15, 3));
      const edges: { deviceId: string; atMs: number }[] = [];
      for (const step of life) {
        if (step.kind === "edge") {
          edges.push({ deviceId: step.device, atMs: site.nowMs });
          site.edge(step.device);
        } else if (step.kind === "pass") site.pass(step.minutes);
        else if (step.kind === "restart") site.restart();
        else site.restart(step.isCounted ? ruleOf(step.minutes, step.atLeast) : null);
      }
      windowsSeen += site.told.length;
      const sum = (numbers: readonly number[]) => numbers.reduce((all, n) => all + n, 0);
      expect(sum(site.told.map(({ count }) => count)) + sum(Object.values(site.dropped)) + site.open()).toBe(
        edges.length,
      );
      for (const deviceId of DEVICES) expectNoSmallDifference(site.told.filter((each) => each.deviceId === deviceId));
    }),
    { numRuns: 400 },
  );
  // The property would hold of a house that says nothing.
  expect(windowsSeen).toBeGreaterThan(400);
});

/** What any two unions of windows have not in common: as many edges as the windows that only one of them holds. */
function expectNoSmallDifference(
  told: readonly { fromMs: number; toMs: number; count: number; atLeast: number }[],
): void {
  const times = [...new Set(told.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].toSorted((a, b) => a - b);
  // Each stretch between two times is in one window at most, so a difference is a union of whole windows.
  for (const [n, fromMs] of times.entries()) {
    const toMs = times[n + 1];
    if (toMs === undefined) continue;
    expect(told.filter((each) => each.fromMs < toMs && each.toMs > fromMs).length).toBeLessThanOrEqual(1);
  }
  for (const { count, atLeast } of told) expect(count).toBeGreaterThanOrEqual(atLeast);
}

test("a restart changes nothing of what is told", () => {
  const [plain, restarted] = [house(ruleOf(15, 3)), house(ruleOf(15, 3))];
  for (const site of [plain, restarted]) {
    for (const pause of [2, 20, 3, 70, 1, 1, 40]) {
      site.edge("porch");
      site.pass(pause);
      if (site === restarted) site.restart();
    }
    site.pass(300);
  }
  expect(restarted.told.length).toBeGreaterThan(0);
  expect(restarted.told).toEqual(plain.told);
});

test("a count begins where all counts begin, and not with the first edge of its device, over a restart too", () => {
  const site = house(ruleOf(15, 3));
  site.pass(61);
  site.restart();
  site.pass(20);
  for (let n = 0; n < 3; n++) site.edge("porch");
  site.pass(20);
  expect(site.told).toMatchObject([{ fromMs: START, toMs: START + 90 * MINUTE, count: 3 }]);
});

test("what was counted under another threshold or window is told under none, and said to be withheld by the policy", () => {
  const site = house(ruleOf(15, 5));
  for (let n = 0; n < 4; n++) site.edge("porch");
  site.restart(ruleOf(15, 2));
  expect(site.dropped).toEqual({ policy: 4 });
  site.pass(40);
  expect(site.told).toEqual([]);
  expect(site.disk.windows.size).toBe(0);
});

test("a policy that tells no counts drops them, and one that tells them again begins anew", () => {
  const site = house(ruleOf(15, 3));
  site.edge("porch");
  site.restart(null);
  expect(site.dropped).toEqual({ policy: 1 });
  site.pass(61);
  site.restart(ruleOf(15, 3));
  for (let n = 0; n < 3; n++) site.edge("porch");
  site.pass(30);
  expect(site.told).toMatchObject([{ fromMs: START + 75 * MINUTE, toMs: START + 90 * MINUTE, count: 3 }]);
});

test("a window that a gateway of before kept goes on", () => {
  const site = house(ruleOf(15, 3));
  site.disk.windows.set("porch", { fromMs: START, toMs: START + 15 * MINUTE, count: 2 });
  site.disk.state.clear();
  site.restart();
  site.edge("porch");
  site.pass(20);
  expect(site.told).toMatchObject([{ fromMs: START, toMs: START + 15 * MINUTE, count: 3 }]);
});

test("what is erased or damaged on the disk is counted, and never told", () => {
  const site = house(ruleOf(15, 3));
  for (const id of DEVICES) for (let n = 0; n < 2; n++) site.edge(id);
  site.disk.windows.delete("porch");
  site.forget("gate");
  site.restart();
  expect(site.dropped).toEqual({ gone: 4 });
  for (const id of DEVICES) site.edge(id);
  site.pass(40);
  expect(site.told).toEqual([]);
  expect(site.open()).toBe(2);
});

test("a damaged text of a count is no more than its window tells", () => {
  const site = house(ruleOf(15, 3));
  for (let n = 0; n < 2; n++) site.edge("porch");
  site.disk.state.set("counts:porch", "{broken");
  site.restart();
  site.edge("porch");
  site.pass(20);
  expect(site.told).toMatchObject([{ count: 3 }]);
});
