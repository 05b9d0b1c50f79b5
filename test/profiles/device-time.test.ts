// Shown here: which of the times that devices send can be understood, and which cannot be.
import { expect, test } from "vitest";
import { deviceTime } from "../../src/profiles/device-time.ts";

test.each([
  [1622300251, "2021-05-29T14:57:31.000Z"],
  ["1622300251", "2021-05-29T14:57:31.000Z"],
  [1777190819.9, "2026-04-26T08:06:59.900Z"],
  [1622300251123, "2021-05-29T14:57:31.123Z"],
  [1622300251123456, "2021-05-29T14:57:31.123Z"],
  ["1622300251123456789", "2021-05-29T14:57:31.123Z"],
  ["2022-07-18T09:34:15.775023242+00:00", "2022-07-18T09:34:15.775Z"],
  ["2023-05-04T09:42:00Z", "2023-05-04T09:42:00.000Z"],
  ["2023-05-04 09:42:00+0200", "2023-05-04T07:42:00.000Z"],
  ["2023-05-04 09:42:00 UTC", "2023-05-04T09:42:00.000Z"],
])("%s is %s", (raw, iso) => {
  expect(new Date(deviceTime(raw) ?? 0).toISOString()).toBe(iso);
});

test.each([
  "2019-12-16T10:21:36",
  "@0.287120s",
  "10:21",
  "0T00:01:14",
  74,
  "",
  null,
  true,
  {},
  "1e12",
  -5,
  "2023-13-45T00:00:00Z",
  3e20,
  1000000000,
])("%s is no time of day that can be known", (raw) => {
  expect(deviceTime(raw)).toBeNull();
});
