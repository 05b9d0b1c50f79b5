// Shown: debounce in made-up time: noise is nothing, what stays is told once with the hour it began, and whatever came, the
// last level seen is the one that holds in the end.
import fc from "fast-check";
import { expect, test } from "vitest";
import { createDebounce } from "../../src/ingest/gpio-debounce.ts";

test("a glitch shorter than debounceMs is nothing", () => {
  const debounce = createDebounce({ level: 0, debounceMs: 50 });
  debounce.see(1, 1000);
  expect(debounce.settle(1049)).toBe(null);
  expect(debounce.see(0, 1049)).toBe(true);
  expect(debounce.settle(2000)).toBe(null);
  expect(debounce.wakeAtMs()).toBe(null);
  expect(debounce.level()).toBe(0);
});

test("a level that stays is told once, with the time at which it began", () => {
  const debounce = createDebounce({ level: 0, debounceMs: 50 });
  debounce.see(1, 1000);
  expect(debounce.wakeAtMs()).toBe(1050);
  expect(debounce.settle(1050)).toEqual({ level: 1, atMs: 1000 });
  expect(debounce.settle(1051)).toBe(null);
});

test("a bouncing contact is told once, from when it rests", () => {
  const debounce = createDebounce({ level: 0, debounceMs: 50 });
  for (const [level, atMs] of [
    [1, 1000],
    [0, 1003],
    [1, 1005],
    [0, 1012],
    [1, 1015],
  ] as const)
    debounce.see(level, atMs);
  expect(debounce.settle(1064)).toBe(null);
  expect(debounce.settle(1065)).toEqual({ level: 1, atMs: 1015 });
});

test("the same level twice had another in between, so its time begins anew", () => {
  const debounce = createDebounce({ level: 0, debounceMs: 50 });
  debounce.see(1, 1000);
  debounce.see(1, 1030);
  expect(debounce.settle(1050)).toBe(null);
  expect(debounce.settle(1080)).toEqual({ level: 1, atMs: 1030 });
});

test("without debounce each change is told at once", () => {
  const debounce = createDebounce({ level: 0, debounceMs: 0 });
  debounce.see(1, 1000);
  expect(debounce.settle(1000)).toEqual({ level: 1, atMs: 1000 });
});

test("a clock set back holds a change up for one debounce, not until the old hour", () => {
  const debounce = createDebounce({ level: 0, debounceMs: 50 });
  debounce.see(1, 3_600_000);
  expect(debounce.settle(1000)).toBe(null);
  expect(debounce.settle(1050)).toEqual({ level: 1, atMs: 1000 });
});

test("whatever came: changes alternate, each stayed for debounceMs, and in the end the last level seen holds", () => {
  const edges = fc.array(
    fc.record({ level: fc.constantFrom(0 as const, 1 as const), afterMs: fc.integer({ min: 0, max: 120 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(edges, (seen) => {
      const debounce = createDebounce({ level: 0, debounceMs: 50 });
      const told: { level: number; atMs: number }[] = [];
      const settle = (nowMs: number): void => {
        const settled = debounce.settle(nowMs);
        if (settled === null) return;
        expect(seenAt.filter(({ atMs }) => atMs > settled.atMs && atMs < settled.atMs + 50)).toEqual([]);
        told.push(settled);
      };
      const seenAt: { atMs: number }[] = [];
      let nowMs = 0;
      for (const { level, afterMs } of seen) {
        // The gateway wakes when it asked to, or for the next edge.
        const wakeAtMs = debounce.wakeAtMs();
        if (wakeAtMs !== null && wakeAtMs <= nowMs + afterMs) settle(wakeAtMs);
        nowMs += afterMs;
        seenAt.push({ atMs: nowMs });
        debounce.see(level, nowMs);
      }
      settle(nowMs + 50);
      for (const [index, { level }] of told.entries()) expect(level).toBe(index % 2 === 0 ? 1 : 0);
      expect(debounce.level()).toBe(seen.at(-1)?.level ?? 0);
    }),
  );
});
