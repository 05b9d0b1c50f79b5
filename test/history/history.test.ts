// How things were: what a month of looks makes of states, of the house's own sleep, of clocks that jump, over restarts. Each
// thing is looked at by hand with a fake clock; `as` writes what came of it, one letter a quarter of an hour.
import { expect, test } from "vitest";
import type { DeviceState } from "../../src/core/reading.ts";
import type { HistoryKind, ThingHistory } from "../../src/core/history-commands.ts";
import { History, type Seen } from "../../src/history/history.ts";
import { HISTORY_LIMITS, STEPS_KEPT } from "../../src/history/history-limits.ts";
import { fakeTime } from "../helpers/fake-time.ts";

const MINUTE = 60_000;
const QUARTER = HISTORY_LIMITS.stepMs;
const HOUR = 4 * QUARTER;
const DAY = 24 * HOUR;

/** A house with one platform `main` and one device `d`, which is looked at each minute. */
function openHouse({ nowMs = Date.UTC(2026, 10, 21, 12), timezone = "Europe/Paris" } = {}) {
  const time = fakeTime(nowMs);
  const disk = new Map<string, string>();
  const open = () => new History({ kept: new Map(disk), clock: time.clock, timezone });
  let history = open();
  let writes = 0;
  const save = (): void => {
    if (!history.isSaveDue) return;
    writes += 1;
    for (const [key, text] of Object.entries(history.takeUnsaved())) {
      if (text === null) disk.delete(key);
      else disk.set(key, text);
    }
  };
  return {
    time,
    disk,
    get history() {
      return history;
    },
    get writes() {
      return writes;
    },
    /** The power was cut and is back: what was not written is gone. */
    restart(): void {
      history = open();
    },
    /** For so long things are as said, and are looked at each minute. */
    live(ms: number, states: Partial<Record<"d" | "main", DeviceState>>, more: Partial<Seen> = {}): void {
      const things = Object.entries(states).map(
        ([id, state]): Seen => ({ kind: id === "d" ? "device" : "platform", id, state, ...(id === "d" ? more : {}) }),
      );
      for (let passed = 0; passed < ms; passed += MINUTE) {
        history.look(things);
        save();
        time.pass(MINUTE);
      }
    },
    /** The last `hours`, a letter a quarter of an hour, the oldest first: ok, stale, offline (x), unknown, paused, not known (.). */
    as(kind: HistoryKind, id: string, hours: number): string {
      return lettersOf(history.historyOf(kind, id), { nowMs: time.clock.nowMs() - 1, quarters: hours * 4 });
    },
  };
}

function lettersOf(of: ThingHistory | null, { nowMs, quarters }: { nowMs: number; quarters: number }): string {
  const last = Math.floor(nowMs / QUARTER);
  return Array.from({ length: quarters }, (_, n) => {
    const atMs = (last - quarters + 1 + n) * QUARTER;
    const state = of?.changes.findLast((change) => change.atMs <= atMs)?.state ?? null;
    return state === null ? "." : state === "offline" ? "x" : state.slice(0, 1);
  }).join("");
}

test("a quarter of an hour shows the worst that was seen in it", () => {
  const house = openHouse();
  house.live(20 * MINUTE, { main: "ok" });
  house.live(20 * MINUTE, { main: "stale" });
  house.live(20 * MINUTE, { main: "ok" });
  expect(house.as("platform", "main", 1)).toBe("osso");
});

test("a device's changes are told by the hour, so that its return is no moment at which somebody passed", () => {
  const house = openHouse();
  house.live(HOUR, { d: "ok" });
  house.live(10 * MINUTE, { d: "stale" });
  house.live(HOUR + 50 * MINUTE, { d: "ok" });
  expect(house.as("device", "d", 3)).toBe("oooossssoooo");
});

test("what is seen at one look alone is no history", () => {
  const house = openHouse();
  house.live(HOUR, { main: "ok" });
  house.live(MINUTE, { main: "offline" });
  house.live(HOUR - MINUTE, { main: "ok" });
  expect(house.as("platform", "main", 2)).toBe("oooooooo");
});

test("a gateway that was off leaves a gap, for everything and over its restart", () => {
  const house = openHouse();
  house.live(HOUR, { d: "ok", main: "stale" });
  house.time.pass(HOUR);
  house.restart();
  house.live(HOUR, { d: "ok", main: "stale" });
  expect(house.as("device", "d", 3)).toBe("oooo....oooo");
  expect(house.as("platform", "main", 3)).toBe("ssss....ssss");
  expect(house.as("gateway", "gateway", 3)).toBe("oooo....oooo");
});

test("while the clock is not believed nothing is known, and nothing is written", () => {
  const house = openHouse();
  house.live(HOUR, { d: "ok" });
  house.time.believe(false);
  const { writes } = house;
  house.live(HOUR, { d: "offline" });
  expect(house.writes).toBe(writes);
  house.time.believe(true);
  house.live(HOUR, { d: "ok" });
  expect(house.as("device", "d", 3)).toBe("oooo....oooo");
  expect(house.as("gateway", "gateway", 3)).toBe("oooo....oooo");
});

test("a clock that leaps ahead leaves a gap; one that is set back takes back the hours that never were", () => {
  const house = openHouse();
  house.live(HOUR, { main: "ok" });
  house.time.set(2 * HOUR);
  house.live(HOUR, { main: "stale" });
  expect(house.as("platform", "main", 4)).toBe("oooo........ssss");
  house.time.set(-2 * HOUR);
  house.live(HOUR, { main: "ok" });
  expect(house.as("platform", "main", 3)).toBe("oooo....oooo");
  expect(house.as("gateway", "gateway", 3)).toBe("oooo....oooo");
});

test("a house in which nothing changes writes each quarter of an hour, and never more than once a minute", () => {
  const house = openHouse();
  house.live(10 * MINUTE, { d: "ok", main: "ok" });
  const { writes } = house;
  house.live(DAY, { d: "ok", main: "ok" }, { batteryPct: 80 });
  expect(house.writes - writes).toBe(96);
});

test("the lowest battery and link of each day are kept, by the days of the gateway's time zone", () => {
  // The clocks of Paris went back on 25 October 2026, at 1:00 UTC: that day has 25 hours, and begins at 22:00 UTC.
  const house = openHouse({ nowMs: Date.UTC(2026, 9, 24, 12) });
  house.live(9 * HOUR + 50 * MINUTE, { d: "ok" }, { batteryPct: 50.4 });
  house.live(20 * MINUTE, { d: "ok" }, { batteryPct: 40, linkPct: 77 });
  house.live(24 * HOUR + 50 * MINUTE, { d: "ok" }, { batteryPct: 60, linkPct: 81 });
  house.live(30 * MINUTE, { d: "ok" }, { batteryPct: 30 });
  expect(house.history.historyOf("device", "d")?.lows).toEqual([
    { day: "2026-10-24", batteryPct: 40, linkPct: 77 },
    { day: "2026-10-25", batteryPct: 40, linkPct: 77 },
    { day: "2026-10-26", batteryPct: 30, linkPct: null },
  ]);
});

test("what was is forgotten after 31 days, and what held then still holds", () => {
  const house = openHouse();
  house.live(HOUR, { main: "offline" });
  house.live(HOUR, { main: "ok" });
  for (let day = 0; day < 40; day += 1) {
    house.time.pass(DAY - HOUR);
    house.live(HOUR, { main: "ok" }, {});
  }
  const kept = house.history.historyOf("platform", "main");
  expect(kept?.changes[0]).toEqual({ atMs: kept?.fromMs, state: null });
  expect(kept?.changes.some(({ state }) => state === "offline")).toBe(false);
  expect(house.as("platform", "main", 1)).toBe("oooo");
  expect(house.disk.get("history:platform:main")).toMatch(/^o[0-9a-z]+\|$/);
});

test("a thing that never rests keeps its newest changes, within a bound", () => {
  const house = openHouse();
  for (let n = 0; n < HISTORY_LIMITS.changesMax; n += 1) {
    house.live(QUARTER, { main: "ok" });
    house.live(QUARTER, { main: "stale" });
    house.live(QUARTER, { main: "ok" });
  }
  const text = house.disk.get("history:platform:main") ?? "";
  expect(text.split(" ")).toHaveLength(HISTORY_LIMITS.changesMax);
  expect(text.length).toBeLessThan(HISTORY_LIMITS.charsMax);
  expect(house.as("platform", "main", 1)).toMatch(/s/);
});

test("what leaves the kit leaves no history", () => {
  const house = openHouse();
  house.live(HOUR, { d: "ok", main: "ok" });
  expect(house.disk.has("history:device:d")).toBe(true);
  house.live(2 * MINUTE, { main: "ok" });
  expect(house.history.historyOf("device", "d")).toBeNull();
  expect(house.disk.has("history:device:d")).toBe(false);
});

test("an erasure takes a device's history, or a part of it, and nothing else", () => {
  const house = openHouse();
  const beganMs = house.time.clock.nowMs();
  house.live(HOUR, { d: "ok", main: "ok" });
  house.live(HOUR - 2 * MINUTE, { d: "stale", main: "ok" }, { batteryPct: 9 });
  house.live(HOUR + 2 * MINUTE, { d: "ok", main: "ok" });
  const asked = { devices: ["d"], cameras: [], fromMs: beganMs + HOUR, toMs: beganMs + 2 * HOUR - 1 };
  expect(Object.keys(house.history.forget(asked))).toEqual(["history:device:d"]);
  expect(house.as("device", "d", 3)).toBe("oooo....oooo");
  expect(house.history.historyOf("device", "d")?.lows).toEqual([]);
  expect(house.as("platform", "main", 3)).toBe("oooooooooooo");
  expect(house.history.forget({ ...asked, devices: [], fromMs: null, toMs: null })).toEqual({
    "history:device:d": null,
  });
  expect(house.history.historyOf("device", "d")).toBeNull();
});

test("an erasure without an end takes what is held by now, and what comes is remembered again", () => {
  const house = openHouse();
  house.live(2 * HOUR, { d: "stale" });
  const fromMs = house.time.clock.nowMs() - HOUR;
  house.history.forget({ devices: [], cameras: [], fromMs, toMs: null });
  expect(house.as("device", "d", 2)).toBe("ssss....");
  house.live(HOUR, { d: "ok" });
  expect(house.as("device", "d", 3)).toBe("ssss....oooo");
});

test("what is on the disk holds no more than states by the hour and lows by the day, and damage is as good as nothing", () => {
  const house = openHouse();
  house.live(3 * HOUR, { d: "ok", main: "ok" }, { batteryPct: 87, linkPct: 60 });
  expect(house.disk.get("history:device:d")).toMatch(/^o[0-9a-z]{5}\|2026-11-21:87,60$/);
  house.disk.set("history:device:d", "o\u0000zz ~~|x".repeat(3));
  house.disk.set("history:platform:main", "o1".repeat(HISTORY_LIMITS.charsMax));
  house.disk.set("history:gateway", "no run 9-1 -");
  house.restart();
  house.live(HOUR, { d: "ok", main: "ok" });
  expect(house.as("device", "d", 1)).toBe("oooo");
  expect(house.as("platform", "main", 1)).toBe("oooo");
});

test("a thousand devices are looked at and remembered", () => {
  const time = fakeTime();
  const history = new History({ kept: new Map(), clock: time.clock, timezone: "UTC" });
  const things = Array.from({ length: 1000 }, (_, n): Seen => ({ kind: "device", id: `d-${n}`, state: "ok" }));
  for (let n = 0; n < 3; n += 1) {
    history.look(things);
    time.pass(MINUTE);
  }
  expect(Object.keys(history.takeUnsaved())).toHaveLength(1001);
  expect(history.historyOf("device", "d-999")?.changes).toHaveLength(2);
  expect(STEPS_KEPT).toBe(31 * 96);
});
