// Shown: how the ends of a period are read, as people write them, in the site's time zone.
import { expect, test } from "vitest";
import { endOfPeriod } from "../../src/core/period.ts";

const from = { timezone: "Europe/Paris", isEnd: false };
const to = { timezone: "Europe/Paris", isEnd: true };

test.each([
  ["2026-11-20", from, "2026-11-19T23:00:00.000Z"],
  ["2026-11-20", to, "2026-11-20T23:00:00.000Z"],
  // The day on which summer time ends has 25 hours.
  ["2026-10-25", to, "2026-10-25T23:00:00.000Z"],
  ["2026-10-25", from, "2026-10-24T22:00:00.000Z"],
  ["2026-12-31", to, "2026-12-31T23:00:00.000Z"],
  ["2026-07-01T14:30", from, "2026-07-01T12:30:00.000Z"],
  ["2026-07-01 14:30", to, "2026-07-01T12:30:00.000Z"],
  ["2026-07-01T14:30Z", from, "2026-07-01T14:30:00.000Z"],
  ["2026-07-01T14:30:00+05:30", from, "2026-07-01T09:00:00.000Z"],
])("%s is read by the site's clock where it names no zone", (text, by, expected) => {
  expect(endOfPeriod(text, by)).toBe(expected);
});

test.each([
  "",
  "yesterday",
  "2026-02-30",
  "2026-13-01",
  "2026-07-01T25:00",
  "2026-02-30T10:00",
  "20260701",
  "2026-07-01T14:30:00",
])("%j is no end of a period", (text) => {
  expect(endOfPeriod(text, from)).toBeNull();
});
