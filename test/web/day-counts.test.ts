// The counters by day: each day's own, over restarts and clocks that are set, thirty days of them beside today.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "../../src/core/log.ts";
import { type DayCounts, openDayCounts } from "../../src/web/day-counts.ts";
import { tempDir } from "../helpers/temp-dir.ts";

test("thirty days that are over are kept beside today, and what was kept with fewer counters goes on", async () => {
  await using directory = await tempDir();
  const kept = { day: "2026-04-01", counters: { "reading.taken": 10 } };
  await writeFile(join(directory.path, "day-counts.json"), JSON.stringify([kept]));
  const days = await openDayCounts({ dataDir: directory.path, timezone: "UTC", log: silentLog });
  const at = (day: number) => ({ "reading.taken": 10 + day, "camera.used.gate-cam": day });
  for (let day = 1; day <= 40; day += 1) await days.begin({ nowMs: Date.UTC(2026, 3, 1 + day, 12), counters: at(day) });
  const told = days.days(at(41));
  expect([told.length, told[0]?.day, told[1]?.day, told.at(-1)?.day]).toEqual([
    31,
    "2026-05-11",
    "2026-05-10",
    "2026-04-11",
  ]);
  expect(told[30]?.counters).toEqual({ "reading.taken": 1, "camera.used.gate-cam": 1 });
});

test("days are counted in the gateway's time zone, and a restart loses none", async () => {
  await using directory = await tempDir();
  const open = () => openDayCounts({ dataDir: directory.path, timezone: "Europe/Paris", log: silentLog });
  const look = async (days: DayCounts, { at, taken }: { at: string; taken: number }) => {
    const counters = { "reading.taken": taken, "web.refused.wrong-login": 1 };
    await days.begin({ nowMs: Date.parse(at), counters });
    return days.days(counters);
  };
  const first = await open();
  await look(first, { at: "2026-06-01T10:00:00Z", taken: 0 });
  await look(first, { at: "2026-06-01T22:30:00Z", taken: 40 });
  const second = await open();
  expect(await look(second, { at: "2026-06-01T22:45:00Z", taken: 47 })).toEqual([
    { day: "2026-06-02", counters: { "reading.taken": 7 }, isEach: false },
    { day: "2026-06-01", counters: { "reading.taken": 40 }, isEach: false },
  ]);
});

test("a clock that is set back begins no day anew", async () => {
  await using directory = await tempDir();
  const days = await openDayCounts({ dataDir: directory.path, timezone: "UTC", log: silentLog });
  await days.begin({ nowMs: Date.parse("2026-06-02T10:00:00Z"), counters: { "reading.taken": 5 } });
  await days.begin({ nowMs: Date.parse("2026-01-01T00:00:00Z"), counters: { "reading.taken": 7 } });
  expect(days.days({ "reading.taken": 9 })).toMatchObject([{ day: "2026-06-02", counters: { "reading.taken": 9 } }]);
});

test("a day is told as it comes where each of its beginnings was under a policy that tells each movement", async () => {
  await using directory = await tempDir();
  const open = () => openDayCounts({ dataDir: directory.path, timezone: "UTC", log: silentLog });
  const begun = async (hour: number, isEach: boolean) => {
    const days = await open();
    await days.begin({ nowMs: Date.UTC(2026, 5, 1, hour), counters: {}, isEach });
    return days.days({})[0]?.isEach;
  };
  const each = [await begun(1, true), await begun(2, true), await begun(3, false), await begun(4, true)];
  expect([...each, await begun(25, true)]).toEqual([true, true, false, false, true]);
  await writeFile(join(directory.path, "day-counts.json"), "[");
  expect([await begun(26, true), await begun(49, true)], "of a damaged file nobody knows").toEqual([false, true]);
});
