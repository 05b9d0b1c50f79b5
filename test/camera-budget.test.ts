// Shown: how many looks a day has, over restarts, damage and clocks that are set.
import { expect, test } from "vitest";
import { openSite, settled } from "./helpers/watched-camera.ts";

const DAY_MS = 24 * 3_600_000;

test("a clock that is set back and forth, as by a power cut, gives no second budget", async () => {
  await using site = await openSite({ camera: { cooldownS: 0 }, policy: { snapshotsPerDay: 2 } });
  for (const days of [0, -1]) {
    site.time.set(days * DAY_MS);
    site.watch.onMotion("gate-pir");
    site.endAll();
    await settled();
  }
  expect(await site.watch.lookNow("gate-cam")).toEqual({ outcome: "refused", why: "daily-budget" });
  site.time.set(DAY_MS);
  expect(await site.watch.lookNow("gate-cam")).toEqual({ outcome: "refused", why: "daily-budget" });
  expect(site.looks).toHaveLength(2);
});

test("a clock that was years ahead costs the budget of the day it is put right, and no more", async () => {
  const kept = JSON.stringify({ day: "2036-01-01", taken: 1 });
  await using site = await openSite({ camera: { cooldownS: 0 }, policy: { snapshotsPerDay: 2 }, kept });
  site.watch.onMotion("gate-pir");
  expect(JSON.parse(site.looks[0]?.kept ?? "{}")).toEqual({ day: "2026-11-21", taken: 2 });
  site.endAll();
  await settled();
  expect(await site.watch.lookNow("gate-cam")).toEqual({ outcome: "refused", why: "daily-budget" });
  site.time.set(DAY_MS);
  site.watch.onMotion("gate-pir");
  expect(site.looks).toHaveLength(2);
});

test("the day's budget holds for every kind of trigger, also for what waits, and ends with the day", async () => {
  await using site = await openSite({ camera: { cooldownS: 0 }, policy: { snapshotsPerDay: 1 } });
  site.watch.onMotion("gate-pir");
  site.watch.onMotion("gate-pir");
  expect(site.refused("daily-budget")).toBe(1);
  site.endAll();
  await settled();
  expect(await site.watch.lookNow("gate-cam")).toEqual({ outcome: "refused", why: "daily-budget" });
  expect(site.watch.health("gate-cam")).toMatchObject({ takenToday: 1 });
  site.time.pass(DAY_MS);
  site.watch.onMotion("gate-pir");
  expect(site.looks).toHaveLength(2);
});

test("a restart gives no second budget", async () => {
  await using site = await openSite({ kept: '{"day":"2026-11-21","taken":24}' });
  expect(await site.watch.lookNow("gate-cam")).toEqual({ outcome: "refused", why: "daily-budget" });
});

test("a day's count that is damaged in the spool stops no start", async () => {
  for (const kept of ['{"day":"2026-', "7", '{"day":7,"taken":"24"}']) {
    await using site = await openSite({ kept });
    site.watch.onMotion("gate-pir");
    expect(site.looks).toHaveLength(1);
  }
});
