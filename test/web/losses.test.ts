// What was lost by day, out of counters; and what of it stands on the status page, for how long.
import { expect, test } from "vitest";
import { languageOf } from "../../src/languages/say.ts";
import { lossesOf, ofLosses } from "../../src/web/losses.ts";

const nowMs = Date.parse("2026-11-21T12:00:00Z");

test("each kind of loss has its sentence; what was lost for two platforms is told once, and damage is not erasure", () => {
  const counters = {
    "entry.forwarded.main": 1000,
    "entry.evicted.main": 1204,
    "entry.evicted.city": 7,
    "entry.expired.city": 1,
    "entry.erased.main": 20,
    "spool.lost": 10,
    "spool.damaged": 2,
    "spool.pictures-of-lost-key": 3,
  };
  const [day] = lossesOf([{ day: "2026-11-21", counters }], languageOf("en"));
  expect(day?.losses.map(({ kind, count, sentence }) => [kind, count, sentence])).toEqual([
    ["damaged", 12, "The disk was damaged: 12 events could not be saved. The platform is told which."],
    ["keyLost", 3, "The key of the pictures was gone: 3 pictures could not be read. The platform is told which."],
    ["evicted", 1204, "The buffer was full: 1,204 events were deleted unsent. The platform is told which."],
    ["expired", 1, "The time of 1 event was up before the platform took it. The platform is told which."],
    ["erased", 5, "5 events were erased unsent: the rules or a person asked for it. The platform is told which."],
  ]);
});

test("a day on which nothing was lost is none", () => {
  const counters = { "entry.made.main": 5, "entry.forwarded.main": 5, "entry.evicted.main": 0, "spool.saved": 0 };
  expect(lossesOf([{ day: "2026-11-21", counters }], languageOf("en"))).toEqual([]);
});

test("the status page tells each kind once, of its newest day, for a week, and not what was asked for", () => {
  const on = (day: string, counters: Record<string, number>) => ({ day, counters });
  const days = lossesOf(
    [
      on("2026-11-21", { "entry.erased.main": 9 }),
      on("2026-11-20", { "entry.evicted.main": 3 }),
      on("2026-11-19", { "entry.evicted.main": 400, "spool.lost": 1 }),
      on("2026-11-10", { "entry.expired.main": 5 }),
    ],
    languageOf("en"),
  );
  expect(ofLosses(days, { nowMs, language: languageOf("en") }).map(({ what }) => what)).toEqual([
    "On 20 November 2026: The buffer was full: 3 events were deleted unsent. The platform is told which.",
    "On 19 November 2026: The disk was damaged: 1 event could not be saved. The platform is told which.",
  ]);
});
