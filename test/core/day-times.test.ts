// Shown: when a camera may look and when it looks by itself, by the site's clock and the real sun, over changes of summer time.
import { expect, test } from "vitest";
import { dayIn, isOpen, timesBetween } from "../../src/core/day-times.ts";
import { placeOfCell, sunTimes } from "../../src/normalise/sun.ts";

function at(cell: string, timezone: string) {
  const place = placeOfCell(cell);
  return { timezone, sun: place === null ? null : (noonMs: number) => sunTimes(place, noonMs) };
}
const PARIS = at("u09tun", "Europe/Paris");
const SYDNEY = at("r3gx2f", "Australia/Sydney");
const TROMSO = at("uxu5", "Europe/Oslo");
const ms = (iso: string): number => Date.parse(iso);

const open = (between: [string, string], iso: string, when = PARIS): boolean => isOpen({ between }, ms(iso), when);

test("a span of the clock is open from its first minute to its last, in the site's time zone", () => {
  expect(open(["09:00", "17:30"], "2026-11-21T08:00:00+01:00")).toBe(false);
  expect(open(["09:00", "17:30"], "2026-11-21T09:00:00+01:00")).toBe(true);
  expect(open(["09:00", "17:30"], "2026-11-21T17:29:59+01:00")).toBe(true);
  expect(open(["09:00", "17:30"], "2026-11-21T17:30:00+01:00")).toBe(false);
});

test("a span over midnight is one night", () => {
  for (const [iso, expected] of [
    ["2026-11-21T21:59:00+01:00", false],
    ["2026-11-21T22:00:00+01:00", true],
    ["2026-11-22T03:00:00+01:00", true],
    ["2026-11-22T06:00:00+01:00", false],
  ] as const)
    expect(open(["22:00", "06:00"], iso), iso).toBe(expected);
});

test("from sunset to sunrise is the night that the almanac names, in Paris and in Sydney", () => {
  // Paris, 21 November 2026: sunrise 8:10, sunset 17:04. Sydney, 21 June: sunrise 7:00, sunset 16:54.
  for (const [iso, expected, when] of [
    ["2026-11-21T16:55:00+01:00", false, PARIS],
    ["2026-11-21T17:12:00+01:00", true, PARIS],
    ["2026-11-22T08:05:00+01:00", true, PARIS],
    ["2026-11-22T08:20:00+01:00", false, PARIS],
    ["2026-06-21T16:45:00+10:00", false, SYDNEY],
    ["2026-06-21T17:05:00+10:00", true, SYDNEY],
    ["2026-06-22T06:50:00+10:00", true, SYDNEY],
    ["2026-06-22T07:10:00+10:00", false, SYDNEY],
  ] as const)
    expect(open(["sunset", "sunrise"], iso, when), iso).toBe(expected);
});

test("minutes may be added to the sun's times and taken from them", () => {
  expect(open(["sunset+30", "sunrise-15"], "2026-11-21T17:12:00+01:00")).toBe(false);
  expect(open(["sunset+30", "sunrise-15"], "2026-11-21T17:40:00+01:00")).toBe(true);
  expect(open(["sunset+30", "sunrise-15"], "2026-11-22T08:00:00+01:00")).toBe(false);
});

test("in the polar night a camera of the night may look all day, in the polar day never", () => {
  expect(open(["sunset", "sunrise"], "2026-12-20T12:00:00+01:00", TROMSO)).toBe(true);
  expect(open(["sunrise", "sunset"], "2026-12-20T12:00:00+01:00", TROMSO)).toBe(false);
  expect(open(["sunset", "sunrise"], "2026-06-20T00:30:00+02:00", TROMSO)).toBe(false);
  expect(open(["sunset", "06:00"], "2026-06-20T00:30:00+02:00", TROMSO)).toBe(false);
});

test("without a place the sun's times never come, and the span is closed", () => {
  expect(open(["sunset", "sunrise"], "2026-11-22T00:00:00+01:00", { timezone: "Europe/Paris", sun: null })).toBe(false);
});

test("each time of a day comes once, also on the days when the clocks change", () => {
  for (const [day, hours] of [
    ["2026-03-29", 23],
    ["2026-10-25", 25],
    ["2026-11-21", 24],
  ] as const) {
    const midnight = timesBetween({ at: ["00:00"] }, spanOf(day), PARIS);
    const times = timesBetween({ at: ["02:30", "07:00", "sunset+10"] }, spanOf(day), PARIS);
    expect(midnight).toHaveLength(1);
    expect(times, day).toHaveLength(3);
    expect(times.every((each) => dayIn("Europe/Paris", each) === day)).toBe(true);
    const [first = 0] = midnight;
    const [next = 0] = timesBetween({ at: ["00:00"] }, { afterMs: first, untilMs: first + 26 * 3_600_000 }, PARIS);
    expect((next - first) / 3_600_000).toBe(hours);
    const seven = times.find(
      (each) => Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris", timeStyle: "short" }).format(each) === "07:00",
    );
    expect(seven, day).toBeDefined();
  }
});

/** From a second before the day to its last second, by the clock of Paris. */
function spanOf(day: string): { afterMs: number; untilMs: number } {
  const noon = ms(`${day}T12:00:00Z`);
  let afterMs = noon - 14 * 3_600_000;
  while (dayIn("Europe/Paris", afterMs) !== day) afterMs += 60_000;
  let untilMs = noon;
  while (dayIn("Europe/Paris", untilMs + 60_000) === day) untilMs += 60_000;
  return { afterMs: afterMs - 1000, untilMs };
}
