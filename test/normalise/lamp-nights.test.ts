// Dark at night and burning by day, in simulated streets: which lamp is accused, when, and above all which is not.
import { expect, test } from "vitest";
import { sunAltitudeDeg } from "../../src/normalise/sun.ts";
import { DAY, daylightLux, healthy, HOUR, live, MINUTE, type Street, words } from "./lamp-street.ts";

const PARIS = { lat: 48, lon: 2 };
const SITES = [
  { name: "the equator", place: { lat: 0, lon: 10 } },
  { name: "48° north", place: PARIS },
  { name: "60° north", place: { lat: 60, lon: 10 } },
  { name: "69.6° north", place: { lat: 69.6, lon: 19 } },
  { name: "33° south", place: { lat: -33, lon: 151 } },
];
const SEASONS = [
  ["March", Date.UTC(2026, 2, 20, 12)],
  ["June", Date.UTC(2026, 5, 15, 12)],
  ["December", Date.UTC(2026, 11, 15, 12)],
] as const;
const AUTUMN = { place: PARIS, fromMs: Date.UTC(2026, 9, 1, 12), days: 6 };
/** The nights from here on: sensors have learned. */
const FOURTH_NIGHT = AUTUMN.fromMs + 3 * DAY;

/** The relay's word without a light sensor, or a sensor alone. */
const WITNESSES: readonly [string, Pick<Street, "says" | "sees">][] = [
  ["a light sensor", {}],
  ["the lamp's own word", { sees: null, says: (_, isLit) => isLit }],
  ["both", { says: (_, isLit) => isLit }],
];

for (const { name, place } of SITES) {
  for (const [season, fromMs] of SEASONS) {
    test(`a healthy lamp is never accused: ${name}, ${season}`, () => {
      for (const [, witness] of WITNESSES) expect(words(live({ place, fromMs, days: 8, ...witness }))).toEqual([]);
    });
  }
}

for (const { name, place } of SITES) {
  for (const [who, witness] of WITNESSES) {
    test(`a lamp that goes out is told once, and once when it is repaired: ${name}, by ${who}`, () => {
      const fromMs = Date.UTC(2026, 2, 20, 12);
      const facts = live({
        place,
        fromMs,
        days: 9,
        lamp: (atMs, deg) => healthy(atMs, deg) && (atMs < fromMs + 4 * DAY || atMs > fromMs + 6 * DAY),
        ...witness,
      });
      expect(words(facts)).toEqual(["dark-at-night", "dark-at-night over"]);
      expect(facts.map(({ atMs }) => Math.floor((atMs - fromMs) / DAY))).toEqual([4, 6]);
      expect(facts.every(({ atMs }) => sunAltitudeDeg(place, atMs) < -7)).toBe(true);
    });
  }
}

test("a lamp that goes out at two in the morning is told within half an hour", () => {
  const outMs = FOURTH_NIGHT + 14 * HOUR;
  for (const [, witness] of WITNESSES) {
    const facts = live({ ...AUTUMN, lamp: (atMs, deg) => healthy(atMs, deg) && atMs < outMs, ...witness });
    expect(words(facts)).toEqual(["dark-at-night"]);
    expect(facts[0]?.atMs).toBeGreaterThanOrEqual(outMs + 20 * MINUTE);
    expect(facts[0]?.atMs).toBeLessThanOrEqual(outMs + 30 * MINUTE);
  }
});

test("a relay that says on does not hide that the lamp gives no light, and then does not burn by day", () => {
  const facts = live({ ...AUTUMN, lamp: (atMs, deg) => healthy(atMs, deg) && atMs < FOURTH_NIGHT, says: () => true });
  // Before that it burnt by its own word day and night; since it gives no light, it cannot.
  expect(words(facts)).toEqual(["burning-by-day", "burning-by-day over", "dark-at-night"]);
});

test("a lamp that is ten minutes late every night is not accused", () => {
  const lateBy = (lateMs: number) => (atMs: number) =>
    sunAltitudeDeg(PARIS, atMs - lateMs) < -7 && healthy(atMs, sunAltitudeDeg(PARIS, atMs));
  for (const [, witness] of WITNESSES) {
    expect(words(live({ ...AUTUMN, lamp: lateBy(10 * MINUTE), ...witness }))).toEqual([]);
    expect(words(live({ ...AUTUMN, lamp: lateBy(40 * MINUTE), ...witness }))).toContain("dark-at-night");
  }
});

test("where the sun does not set there is no night to be dark in", () => {
  const fromMs = Date.UTC(2026, 5, 1, 12);
  for (const place of [
    { lat: 69.6, lon: 19 },
    { lat: 62, lon: 10 },
  ]) {
    expect(words(live({ place, fromMs, days: 20, lamp: () => false, says: () => false }))).toEqual([]);
  }
});

test("in the polar night a lamp that goes out is told", () => {
  const place = { lat: 69.6, lon: 19 };
  const fromMs = Date.UTC(2026, 9, 20, 12); // the sun comes up for the last time a month later
  const outMs = Date.UTC(2026, 11, 10, 20);
  const facts = live({
    place,
    fromMs,
    days: 53,
    everyMs: 5 * MINUTE,
    lamp: (atMs, deg) => healthy(atMs, deg) && atMs < outMs,
  });
  expect(words(facts)).toEqual(["dark-at-night"]);
});

test.each([
  ["March", Date.UTC(2026, 2, 26, 12)],
  ["October", Date.UTC(2026, 9, 22, 12)],
])("the change of clocks in %s changes nothing: a lamp is judged by the sun", (_, fromMs) => {
  const changed = fromMs + 2.5 * DAY;
  expect(words(live({ place: PARIS, fromMs, days: 6, says: (_, isLit) => isLit }))).toEqual([]);
  const facts = live({ place: PARIS, fromMs, days: 4, lamp: (atMs, deg) => healthy(atMs, deg) && atMs < changed });
  expect(words(facts)).toEqual(["dark-at-night"]);
  expect((facts[0]?.atMs ?? 0) - changed).toBeLessThan(30 * MINUTE);
});

const INNOCENT: readonly [string, Partial<Street>][] = [
  ["a sensor that was always covered", { sees: () => 0, lamp: () => false }],
  ["a sensor in a cellar without a lamp", { sees: () => 0.1 }],
  ["a sensor that never saw its lamp lit", { lamp: () => false }],
  [
    "a sensor that has seen no day yet",
    { days: 1.1, fromMs: Date.UTC(2026, 9, 1, 20), lamp: (atMs) => atMs < Date.UTC(2026, 9, 2, 20) },
  ],
  ["a sensor that was covered long ago", { sees: (lux, atMs) => (atMs < AUTUMN.fromMs + 3.1 * DAY ? lux : 0) }],
  [
    "a sensor that fell silent in the dark",
    {
      sees: (lux, atMs) => {
        if (atMs < FOURTH_NIGHT + 8 * HOUR) return lux;
        return atMs < FOURTH_NIGHT + 8 * HOUR + 10 * MINUTE ? 0 : null;
      },
    },
  ],
  [
    "fog at noon",
    { sees: (lux, atMs) => (daylightLux(sunAltitudeDeg(PARIS, atMs)) > 100 ? Math.max(lux / 40, 60) : lux) },
  ],
  ["a gateway without a clock", { isSynced: () => false, lamp: () => false, says: () => false }],
];
test.each(INNOCENT)("nobody is accused by %s", (_, street) => {
  expect(words(live({ ...AUTUMN, ...street }))).toEqual([]);
});

test("a lamp accused by a sensor that turns out to be covered is cleared the next day", () => {
  const facts = live({ ...AUTUMN, sees: (lux, atMs) => (atMs < FOURTH_NIGHT + 12 * HOUR ? lux : 0) });
  expect(words(facts)).toEqual(["dark-at-night", "dark-at-night over"]);
  expect((facts[1]?.atMs ?? 0) - (facts[0]?.atMs ?? 0)).toBeLessThan(20 * HOUR);
});

test("a sensor that falls silent neither accuses nor clears", () => {
  const outMs = FOURTH_NIGHT + 10 * HOUR;
  const silentMs = outMs + HOUR;
  const facts = live({
    ...AUTUMN,
    days: 10,
    lamp: (atMs, deg) => healthy(atMs, deg) && (atMs < outMs || atMs > silentMs),
    sees: (lux, atMs) => (atMs < silentMs ? lux : null),
  });
  expect(words(facts)).toEqual(["dark-at-night"]);
});

test("a lamp that burns by day is told by its own word, and not by a light sensor in the open", () => {
  const stuck = {
    ...AUTUMN,
    lamp: (atMs: number, deg: number) =>
      healthy(atMs, deg) || (atMs > FOURTH_NIGHT + 12 * HOUR && atMs < FOURTH_NIGHT + 1.2 * DAY),
  };
  const facts = live({ ...stuck, says: (_, isLit) => isLit });
  expect(words(facts)).toEqual(["burning-by-day", "burning-by-day over"]);
  expect(sunAltitudeDeg(PARIS, (facts[0]?.atMs ?? 0) - 29 * MINUTE)).toBeGreaterThan(6);
  expect(words(live(stuck))).toEqual([]);
});

test("a sensor that sees its lamp and never the day tells that it burns by day", () => {
  const inside = (lux: number, atMs: number) => Math.max(0, lux - daylightLux(sunAltitudeDeg(PARIS, atMs)));
  const stuckMs = AUTUMN.fromMs + 6 * DAY;
  const lamp = (atMs: number, deg: number) => healthy(atMs, deg) || (atMs > stuckMs && atMs < stuckMs + DAY);
  expect(words(live({ ...AUTUMN, days: 9, sees: inside, lamp }))).toEqual(["burning-by-day", "burning-by-day over"]);
});

test("a lamp that always burns does not burn by day, and one that never should is not dark at night", () => {
  expect(words(live({ ...AUTUMN, litWhen: "always", lamp: () => true, says: () => true }))).toEqual([]);
  expect(words(live({ ...AUTUMN, litWhen: "never", lamp: () => false, says: () => false }))).toEqual([]);
});

test("a restart in the dark forgets nothing and tells nothing twice", () => {
  const outMs = FOURTH_NIGHT + 8 * HOUR;
  const restartsAt = [outMs + 10 * MINUTE, outMs + HOUR, outMs + DAY];
  const facts = live({ ...AUTUMN, restartsAt, lamp: (atMs, deg) => healthy(atMs, deg) && atMs < outMs });
  expect(words(facts)).toEqual(["dark-at-night"]);
  expect((facts[0]?.atMs ?? 0) - outMs).toBeLessThan(30 * MINUTE);
});
