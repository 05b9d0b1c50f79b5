// Shown: where and when it is quiet by the policy; and that it is quiet, too, where nobody can tell.
import { expect, test } from "vitest";
import { sunOf } from "../../src/normalise/sun.ts";
import { createQuiet } from "../../src/privacy/quiet.ts";

const NOON = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const PARIS = { timezone: "Europe/Paris", sun: sunOf("u09tun") };

function quietOf(rule: { zones?: string[]; hours?: { between: [string, string] }[] }, change: object = {}) {
  const clock = { nowMs: () => NOON, monotonicMs: () => 0, isSynced: () => true };
  return createQuiet({ rule: { zones: [], hours: [], ...rule }, ...PARIS, clock, ...change });
}

test("a quiet zone is quiet always, and no other is", () => {
  const quiet = quietOf({ zones: ["private-door"] });
  expect(quiet.isQuiet("private-door", NOON)).toBe(true);
  expect(quiet.isQuiet("porch", NOON)).toBe(false);
  expect(quiet.isHour()).toBe(false);
});

test("a quiet hour is quiet in each zone, by the site's time, over midnight and with the whole minutes around it", () => {
  const quiet = quietOf({ hours: [{ between: ["22:00", "06:30"] }] });
  const at = (hour: number, minute: number, second = 0) =>
    quiet.isQuiet("porch", Date.UTC(2026, 10, 21, hour, minute, second));
  expect([at(20, 58, 59), at(20, 59), at(21, 0), at(23, 30), at(5, 29, 59), at(5, 31)]).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
});

test.each<[string, string]>([
  ["02:15", "02:45"],
  ["22:00", "02:30"],
])(
  "where an hour comes twice, what is quiet of it from %s to %s is quiet twice, and where it is left out no less",
  (...between) => {
    const quiet = quietOf({ hours: [{ between }] });
    const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: PARIS.timezone, timeStyle: "short" });
    const [from, to] = between;
    for (const day of [Date.UTC(2026, 9, 24, 20), Date.UTC(2026, 2, 28, 20)])
      for (let atMs = day; atMs < day + 600 * MINUTE; atMs += MINUTE) {
        const time = shown.format(atMs);
        const isWithin = from < to ? time >= from && time < to : time >= from || time < to;
        if (isWithin) expect(quiet.isQuiet("porch", atMs), new Date(atMs).toISOString()).toBe(true);
      }
  },
);

test("quiet hours go with the sun", () => {
  const quiet = quietOf({ hours: [{ between: ["sunset", "sunrise"] }] });
  const at = (hour: number, minute = 0) => quiet.isQuiet("porch", Date.UTC(2026, 10, 21, hour, minute));
  // In Paris on this day the sun rises at 7:10 UTC and sets at 16:02.
  expect([at(6, 50), at(7, 30), at(15, 45), at(16, 20)]).toEqual([true, false, false, true]);
});

test("while the clock is not believed every moment is quiet where there are quiet hours, and none where there are none", () => {
  const clock = { nowMs: () => NOON, monotonicMs: () => 0, isSynced: () => false };
  expect(quietOf({ hours: [{ between: ["22:00", "23:00"] }] }, { clock }).isHour()).toBe(true);
  expect(quietOf({ hours: [{ between: ["22:00", "23:00"] }] }, { clock }).isQuiet("porch", NOON)).toBe(true);
  expect(quietOf({}, { clock }).isHour()).toBe(false);
});

test("hours of a sun that nobody knows, or that does not rise, are quiet", () => {
  const hours: { between: [string, string] }[] = [{ between: ["22:00", "sunrise"] }];
  expect(quietOf({ hours }, { sun: null }).isQuiet("porch", NOON)).toBe(true);
  expect(quietOf({ hours }, { sun: () => ({ isUp: false }) }).isQuiet("porch", NOON)).toBe(true);
  const night: { between: [string, string] }[] = [{ between: ["sunset", "sunrise"] }];
  expect(quietOf({ hours: night }, { sun: () => ({ isUp: true }) }).isQuiet("porch", NOON)).toBe(false);
  expect(quietOf({ hours: night }, { sun: () => ({ isUp: false }) }).isQuiet("porch", NOON + MINUTE)).toBe(true);
});
