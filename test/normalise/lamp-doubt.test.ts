// Where nobody can know: sensors that contradict each other, words that are old, gaps. Single readings on top of learned nights.
import { expect, test } from "vitest";
import { createLampFaults, type LampFact, type WatchedLamp } from "../../src/normalise/lamp-faults.ts";
import { sunAltitudeDeg } from "../../src/normalise/sun.ts";
import { DAY, daylightLux, healthy, HOUR, LAMP_LUX, MINUTE, words } from "./lamp-street.ts";

const PARIS = { lat: 48, lon: 2 };
const START = Date.UTC(2026, 9, 1, 12);
/** Noon after the nights in which sensors learned, and ten in the evening after it. */
const NOON = START + 4 * DAY;
const LATE = NOON + 10 * HOUR;
const NIGHT_LUX = 0.1;

/** A lamp with two light sensors that have learned it in four nights; `nightLux`: another light than the lamp's. */
function street({ says, nightLux }: { says?: boolean; nightLux?: number } = {}) {
  let lamps: readonly WatchedLamp[] = [{ id: "lamp", litWhen: "night", sensors: ["near", "far"] }];
  const watch = createLampFaults({ place: PARIS, lamps: () => lamps, isSynced: () => true }, new Map());
  const told: LampFact[] = [];
  const hear = (deviceId: string, value: number | boolean, atMs: number) => {
    const kind = typeof value === "boolean" ? "switch" : "illuminance";
    told.push(...watch.onReading({ deviceId, kind, value, atMs }), ...watch.onTick(atMs));
  };
  /** What the open sky and a light of `lux` give, every five minutes between the times. */
  const see = (deviceId: string, { lux, fromMs, toMs }: { lux: number; fromMs: number; toMs: number }) => {
    for (let atMs = fromMs; atMs <= toMs; atMs += 5 * MINUTE) hear(deviceId, lux, atMs);
  };
  for (let atMs = START; atMs < NOON; atMs += 5 * MINUTE) {
    const deg = sunAltitudeDeg(PARIS, atMs);
    const lux = daylightLux(deg) + (healthy(atMs, deg) ? (nightLux ?? LAMP_LUX) : 0);
    if (says !== undefined) hear("lamp", says, atMs);
    for (const sensor of ["near", "far"]) hear(sensor, lux, atMs);
  }
  const learned = told.splice(0);
  return {
    watch,
    hear,
    see,
    learned,
    told: () => words(told),
    tick: (atMs: number) => void told.push(...watch.onTick(atMs)),
    unwatch: () => void (lamps = [{ id: "lamp", litWhen: "night", sensors: [] }]),
  };
}

test("while one sensor sees the lamp, another that does not accuses nobody", () => {
  const { see, told, learned } = street();
  expect(learned).toEqual([]);
  see("far", { lux: LAMP_LUX, fromMs: LATE, toMs: LATE });
  see("near", { lux: NIGHT_LUX, fromMs: LATE, toMs: LATE + HOUR });
  expect(told()).toEqual([]);
});

test("what a silent sensor saw last does not speak for the lamp", () => {
  const { see, told } = street();
  see("far", { lux: LAMP_LUX, fromMs: LATE, toMs: LATE });
  see("near", { lux: NIGHT_LUX, fromMs: LATE, toMs: LATE + 3 * HOUR });
  expect(told()).toEqual(["dark-at-night"]);
});

test("one sensor that sees light again does not clear the lamp while the other sees none", () => {
  const { see, hear, told } = street();
  see("near", { lux: NIGHT_LUX, fromMs: LATE, toMs: LATE + 30 * MINUTE });
  for (let atMs = LATE + 31 * MINUTE; atMs < LATE + HOUR; atMs += 5 * MINUTE) {
    hear("far", LAMP_LUX, atMs);
    hear("near", NIGHT_LUX, atMs);
  }
  expect(told()).toEqual(["dark-at-night"]);
  see("near", { lux: LAMP_LUX, fromMs: LATE + HOUR, toMs: LATE + 2 * HOUR });
  expect(told()).toEqual(["dark-at-night", "dark-at-night over"]);
});

test("a lamp that lights up for a few minutes is not repaired", () => {
  const { see, told } = street();
  see("near", { lux: NIGHT_LUX, fromMs: LATE, toMs: LATE + 30 * MINUTE });
  see("near", { lux: LAMP_LUX, fromMs: LATE + 35 * MINUTE, toMs: LATE + 40 * MINUTE });
  see("near", { lux: NIGHT_LUX, fromMs: LATE + 44 * MINUTE, toMs: LATE + 44 * MINUTE });
  see("near", { lux: NIGHT_LUX, fromMs: LATE + 46 * MINUTE, toMs: LATE + 2 * HOUR });
  expect(told()).toEqual(["dark-at-night"]);
});

test("two dark moments hours apart are no dark hours", () => {
  const { hear, told } = street();
  hear("near", NIGHT_LUX, LATE);
  hear("near", NIGHT_LUX, LATE + 3 * HOUR);
  expect(told()).toEqual([]);
  hear("near", NIGHT_LUX, LATE + 4 * HOUR);
  expect(told()).toEqual(["dark-at-night"]);
});

test("the lamp's own word holds for the night, and is nothing after more than a day of silence", () => {
  for (const [laterMs, expected] of [
    [10 * HOUR, ["dark-at-night"]],
    [34 * HOUR, []],
  ] as const) {
    const { hear, tick, told } = street();
    hear("lamp", false, NOON);
    tick(NOON + laterMs);
    expect(told()).toEqual(expected);
  }
});

test("a light that shines while the lamp says off is not the lamp's", () => {
  for (const [says, expected] of [
    [false, []],
    [true, ["dark-at-night"]],
  ] as const) {
    const { watch, hear, see, told } = street({ says, nightLux: 20 });
    // By its own word it is on, and the light at the sensor counts as its own only where it was on in the nights before.
    hear("lamp", true, NOON + 10 * MINUTE);
    watch.onReading({ deviceId: "lamp", kind: "online", value: false, atMs: LATE - HOUR });
    see("near", { lux: 20, fromMs: LATE, toMs: LATE + HOUR });
    see("near", { lux: NIGHT_LUX, fromMs: LATE + 61 * MINUTE, toMs: LATE + 3 * HOUR });
    expect(told().filter((word) => word.startsWith("dark"))).toEqual(expected);
  }
});

test("a sensor that was covered for days does not tell by day that the lamp burns", () => {
  const { see, told } = street();
  see("near", { lux: 0, fromMs: NOON, toMs: NOON + 5 * DAY });
  const before = told().length;
  see("near", { lux: LAMP_LUX, fromMs: NOON + 5 * DAY, toMs: NOON + 5 * DAY + HOUR });
  expect(told().slice(before)).toEqual([]);
});

test("a sensor that watches the lamp no more takes its accusation back", () => {
  const { see, told, tick, unwatch } = street();
  see("near", { lux: NIGHT_LUX, fromMs: LATE, toMs: LATE + HOUR });
  unwatch();
  tick(LATE + HOUR + MINUTE);
  expect(told()).toEqual(["dark-at-night", "dark-at-night over"]);
});

test("what a device held back for long says nothing of now", () => {
  const { watch } = street();
  const off = { kind: "switch", value: false } as const;
  watch.onReadings({ deviceId: "lamp", atMs: LATE, readings: [{ ...off, saidAtMs: LATE - HOUR }] });
  expect(watch.onTick(LATE + HOUR)).toEqual([]);
  watch.onReadings({ deviceId: "lamp", atMs: LATE + HOUR, readings: [{ ...off, saidAtMs: LATE + HOUR - 1000 }] });
  expect(words(watch.onTick(LATE + 2 * HOUR))).toEqual(["dark-at-night"]);
});
