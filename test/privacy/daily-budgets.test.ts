// Shown: a device's events of a day are no more than the policy's number, over restarts and clocks that are set back too.
import { expect, test } from "vitest";
import { createDailyBudgets } from "../../src/privacy/daily-budgets.ts";

/** Budgets on a disk that a restart finds again. */
function house(perDay: Parameters<typeof createDailyBudgets>[1], disk = new Map<string, string>()) {
  const open = () => createDailyBudgets(() => disk, perDay);
  let budgets = open();
  return {
    disk,
    spend(day: string, eventClass: "light.level" | "motion" = "light.level", deviceId = "porch") {
      const isSpent = budgets.spend(deviceId, eventClass, day);
      for (const [key, text] of Object.entries(budgets.unsaved())) {
        if (text === null) disk.delete(key);
        else disk.set(key, text);
      }
      return isSpent;
    },
    restart() {
      budgets = open();
    },
  };
}

test("a day's number holds for each device and class, and the next day has its own", () => {
  const site = house({ "light.level": 2 });
  const spend = (...asked: Parameters<typeof site.spend>) => site.spend(...asked);
  expect([spend("2026-11-21"), spend("2026-11-21"), spend("2026-11-21")]).toEqual([true, true, false]);
  expect(spend("2026-11-21", "light.level", "gate")).toBe(true);
  expect(spend("2026-11-21", "motion")).toBe(true);
  expect(spend("2026-11-22")).toBe(true);
});

test("none is none", () => {
  expect(house({ motion: 0 }).spend("2026-11-21", "motion")).toBe(false);
});

test("a restart gives no second budget, nor does a clock that is set back", () => {
  const site = house({ "light.level": 1 });
  expect(site.spend("2026-11-21")).toBe(true);
  site.restart();
  expect(site.spend("2026-11-21")).toBe(false);
  expect(site.spend("2026-11-20")).toBe(false);
  expect(site.spend("2026-11-22")).toBe(true);
});

test("a clock that was years ahead costs the budget of the day on which it is set right, and no more", () => {
  const site = house({ "light.level": 2 });
  expect([site.spend("2031-01-01"), site.spend("2031-01-01")]).toEqual([true, true]);
  expect(site.spend("2026-11-21")).toBe(false);
  expect([site.spend("2026-11-22"), site.spend("2026-11-22"), site.spend("2026-11-22")]).toEqual([true, true, false]);
});

test("a damaged text costs one day's budget once more, and what no policy asks for any more is forgotten", () => {
  const site = house({ "light.level": 1 }, new Map([["budget:porch", '{"day":"never","told":{}}']]));
  expect([site.spend("2026-11-21"), site.spend("2026-11-21")]).toEqual([true, false]);
  const later = house({}, site.disk);
  expect(later.spend("2026-11-21")).toBe(true);
  expect(site.disk.size).toBe(0);
});
