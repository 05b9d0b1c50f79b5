// Flicker, and what looks like it: cars, noise, a lamp that is switched. And what holds in any street.
import fc from "fast-check";
import { expect, test } from "vitest";
import { createLampFaults, type WatchedLamp } from "../../src/normalise/lamp-faults.ts";
import { sunAltitudeDeg } from "../../src/normalise/sun.ts";
import { seededRandom } from "../helpers/random.ts";
import { DAY, healthy, HOUR, live, MINUTE, words } from "./lamp-street.ts";

const SECOND = 1000;
const PARIS = { lat: 48, lon: 2 };
const STREET = { place: PARIS, fromMs: Date.UTC(2026, 9, 1, 12), days: 4.5, everyMs: 20 * SECOND };
/** The last night, at ten in the evening. */
const LATE = STREET.fromMs + 3 * DAY + 10 * HOUR;

/** Lit for `onMs` of each `ofMs` between the two times, healthy else. */
const blinking =
  ({ fromMs, toMs, onMs, ofMs }: { fromMs: number; toMs: number; onMs: number; ofMs: number }) =>
  (atMs: number, deg: number): boolean =>
    atMs >= fromMs && atMs < toMs ? (atMs - fromMs) % ofMs < onMs : healthy(atMs, deg);

const FLICKER = { fromMs: LATE, toMs: LATE + HOUR, onMs: 20 * SECOND, ofMs: 60 * SECOND };

test("a lamp that goes on and off each minute flickers, and once it burns steadily that is over", () => {
  for (const witness of [{}, { sees: null, says: (_: number, isLit: boolean) => isLit }]) {
    const facts = live({ ...STREET, lamp: blinking(FLICKER), ...witness });
    expect(words(facts)).toEqual(["flicker", "flicker over"]);
    expect((facts[0]?.atMs ?? 0) - LATE).toBeLessThanOrEqual(10 * MINUTE);
    expect((facts[1]?.atMs ?? 0) - (LATE + HOUR)).toBeGreaterThanOrEqual(29 * MINUTE);
  }
});

test("a lamp that flickers and then stays dark is dark", () => {
  const flickers = blinking(FLICKER);
  const facts = live({ ...STREET, lamp: (atMs, deg) => flickers(atMs, deg) && atMs < LATE + HOUR });
  expect(words(facts)).toEqual(["flicker", "flicker over", "dark-at-night"]);
});

test("headlights are no flicker, and do not hide that the lamp is dark", () => {
  const random = seededRandom(7);
  // A car every two minutes or so, 20 s of it at the sensor, 5 to 320 lx: as bright as the lamp by chance.
  const cars = (lux: number) => lux + (random() < 1 / 6 ? 5 * 2 ** (6 * random()) : 0);
  expect(words(live({ ...STREET, sees: cars }))).toEqual([]);
  const facts = live({ ...STREET, sees: cars, lamp: (atMs, deg) => healthy(atMs, deg) && atMs < LATE });
  expect(words(facts)).toEqual(["dark-at-night"]);
  expect((facts[0]?.atMs ?? 0) - LATE).toBeLessThan(40 * MINUTE);
});

test("peaks as bright as the lamp, a sixth of the time, are headlights too", () => {
  const peaks = blinking({ fromMs: LATE, toMs: LATE + 2 * HOUR, onMs: 20 * SECOND, ofMs: 2 * MINUTE });
  expect(words(live({ ...STREET, lamp: peaks }))).toEqual(["dark-at-night", "dark-at-night over"]);
});

test("a sensor's noise is neither flicker nor darkness", () => {
  const random = seededRandom(11);
  expect(words(live({ ...STREET, sees: (lux) => lux * (0.6 + 0.8 * random()) }))).toEqual([]);
});

test("blinking by day is somebody at work", () => {
  const noon = STREET.fromMs + 3 * DAY;
  const lamp = blinking({ fromMs: noon, toMs: noon + 20 * MINUTE, onMs: 20 * SECOND, ofMs: 40 * SECOND });
  expect(words(live({ ...STREET, lamp, says: (_, isLit) => isLit }))).toEqual([]);
});

test("a lamp that a person switches a few times does not flicker", () => {
  const lamp = blinking({ fromMs: LATE, toMs: LATE + 6 * MINUTE, onMs: MINUTE, ofMs: 2 * MINUTE });
  expect(words(live({ ...STREET, lamp, says: (_, isLit) => isLit }))).toEqual([]);
});

test("a relay that repeats itself, with a brightness beside it, does not flicker; dimmed to nothing is dark", () => {
  const lamps: WatchedLamp[] = [{ id: "lamp", litWhen: "night", sensors: [] }];
  const watch = createLampFaults({ place: PARIS, lamps: () => lamps, isSynced: () => true }, new Map());
  const told: string[] = [];
  for (let atMs = LATE; atMs < LATE + HOUR; atMs += 30 * SECOND) {
    told.push(...words(watch.onReading({ deviceId: "lamp", kind: "switch", value: true, atMs })));
    told.push(...words(watch.onReading({ deviceId: "lamp", kind: "brightness", value: 0, atMs })));
  }
  expect(told).toEqual(["dark-at-night"]);
});

test("a lamp that is watched no more has no fault, and nothing of it is kept", () => {
  let lamps: WatchedLamp[] = [{ id: "lamp", litWhen: "night", sensors: [] }];
  const watch = createLampFaults({ place: PARIS, lamps: () => lamps, isSynced: () => true }, new Map());
  for (const atMs of [LATE, LATE + 30 * MINUTE])
    watch.onReading({ deviceId: "lamp", kind: "switch", value: false, atMs });
  expect(watch.fault("lamp")).toBe("dark-at-night");
  expect(Object.keys(watch.unsaved(0))).toEqual(["lamp:lamp"]);
  lamps = [];
  expect(words(watch.onTick(LATE + HOUR))).toEqual(["dark-at-night over"]);
  expect(watch.fault("lamp")).toBeNull();
  expect(watch.unsaved(0)).toEqual({ "lamp:lamp": null });
  expect(watch.onTick(LATE + HOUR)).toEqual([]);
});

test("what was told is written at once, what was learned after a while", () => {
  const lamps: WatchedLamp[] = [{ id: "lamp", litWhen: "night", sensors: ["lux"] }];
  const watch = createLampFaults({ place: PARIS, lamps: () => lamps, isSynced: () => true }, new Map());
  const hear = (value: number) => watch.onReading({ deviceId: "lux", kind: "illuminance", value, atMs: LATE });
  hear(40);
  expect(watch.unsaved(4 * MINUTE)).toEqual({});
  expect(Object.keys(watch.unsaved(5 * MINUTE))).toEqual(["lamp:lamp"]);
  expect(watch.unsaved(20 * MINUTE)).toEqual({});
});

test("a lamp that went away says nothing: nobody accuses it", () => {
  const lamps: WatchedLamp[] = [{ id: "lamp", litWhen: "night", sensors: [] }];
  const watch = createLampFaults({ place: PARIS, lamps: () => lamps, isSynced: () => true }, new Map());
  watch.onReading({ deviceId: "lamp", kind: "switch", value: false, atMs: LATE });
  watch.onReading({ deviceId: "lamp", kind: "online", value: false, atMs: LATE + MINUTE });
  expect(watch.onTick(LATE + HOUR)).toEqual([]);
});

test("without the site's place nothing is told", () => {
  const lamps: WatchedLamp[] = [{ id: "lamp", litWhen: "night", sensors: [] }];
  const watch = createLampFaults({ place: null, lamps: () => lamps, isSynced: () => true }, new Map());
  watch.onReading({ deviceId: "lamp", kind: "switch", value: false, atMs: LATE });
  expect(watch.onTick(LATE + HOUR)).toEqual([]);
});

const anyReading = fc.record({
  afterMs: fc.oneof(
    fc.integer({ min: -2 * HOUR, max: 3 * HOUR }),
    fc.constantFrom(10 * SECOND, 5 * MINUTE, HOUR, DAY, -DAY),
  ),
  what: fc.oneof(
    fc.record({ deviceId: fc.constant("lamp"), kind: fc.constant("switch" as const), value: fc.boolean() }),
    fc.record({
      deviceId: fc.constant("lamp"),
      kind: fc.constant("brightness" as const),
      value: fc.constantFrom(0, 50),
    }),
    fc.record({ deviceId: fc.constant("lamp"), kind: fc.constant("online" as const), value: fc.boolean() }),
    fc.record({
      deviceId: fc.constantFrom("near", "far"),
      kind: fc.constant("illuminance" as const),
      value: fc.constantFrom(0, 0.3, 9, 20, 40, 60, 5000, 90_000, -1, 1e12),
    }),
  ),
  isSynced: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  isRestart: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
});

test("whatever is said in whatever order: each fault begins and ends in turn, and no lamp is dark and burning", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(anyReading, { minLength: 20, maxLength: 300 }),
      fc.constantFrom("night" as const, "never" as const, "always" as const),
      fc.integer({ min: -89, max: 89 }),
      (readings, litWhen, lat) => {
        let [atMs, isSynced] = [STREET.fromMs, true];
        const lamps = [{ id: "lamp", litWhen, sensors: ["near", "far"] }];
        const deps = { place: { lat, lon: 2 }, lamps: () => lamps, isSynced: () => isSynced };
        let watch = createLampFaults(deps, new Map());
        const standing = new Set<string>();
        for (const { afterMs, what, isRestart, ...now } of readings) {
          atMs += afterMs;
          ({ isSynced } = now);
          const { "lamp:lamp": text } = isRestart ? watch.unsaved(Number.POSITIVE_INFINITY) : {};
          if (text !== undefined && text !== null) watch = createLampFaults(deps, new Map([["lamp:lamp", text]]));
          expect((text ?? "").length).toBeLessThan(6000);
          for (const { fault, isPresent } of [...watch.onReading({ ...what, atMs }), ...watch.onTick(atMs)]) {
            expect(standing.has(fault)).toBe(!isPresent);
            expect(isSynced).toBe(true);
            if (isPresent) standing.add(fault);
            else standing.delete(fault);
            seen.add(fault);
            expect(standing.has("dark-at-night") && standing.has("burning-by-day")).toBe(false);
            if (isPresent && fault === "dark-at-night") expect(sunAltitudeDeg({ lat, lon: 2 }, atMs)).toBeLessThan(-7);
            if (isPresent && fault === "burning-by-day")
              expect(sunAltitudeDeg({ lat, lon: 2 }, atMs)).toBeGreaterThan(6);
          }
        }
      },
    ),
    { numRuns: 400 },
  );
  expect(seen.size, "faults that came about").toBeGreaterThanOrEqual(2);
});
