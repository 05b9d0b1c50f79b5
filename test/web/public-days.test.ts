// Shown: a day's numbers as anybody may read them tell of no movement that the policy does not tell.
import { expect, test } from "vitest";
import { languageOf } from "../../src/languages/say.ts";
import type { Policy } from "../../src/settings/schema.ts";
import { countsByDay } from "../../src/web/counts-parts.ts";
import { publicDay, publicDays } from "../../src/web/public-days.ts";
import { testWebPolicy } from "../helpers/test-web.ts";

test.each([
  ["counts", { motion: { mode: "counts", windowS: 900, atLeast: 3 } }, 100],
  ["counts of many", { motion: { mode: "counts", windowS: 900, atLeast: 50 } }, 500],
  ["none", { motion: { mode: "none" } }, 100],
] as const)("with motion %s, two worlds with fewer movements than a step holds are told alike", (_, events, step) => {
  const policy: Policy = { ...testWebPolicy(), events: { ...testWebPolicy().events, ...events } };
  const told = (movements: number) =>
    publicDays(
      [
        {
          day: "2026-06-01",
          isEach: false,
          counters: {
            "reading.taken": 2 * movements,
            "reading.withheld.motion-cleared": movements,
            "reading.withheld.policy": movements,
          },
        },
      ],
      policy,
    );
  expect(told(0)).toMatchObject([{ readings: { step, taken: 0, withheld: {} } }]);
  for (const movements of [1, 2, 3, 7]) expect(told(movements)).toEqual(told(0));
  expect(told(step)).toMatchObject([{ readings: { taken: 2 * step, withheld: { policy: 2 * step } } }]);
  expect(JSON.stringify(told(step))).not.toContain("cleared");
});

test("a day under policies that tell each movement has exact numbers, also once a stricter one holds", () => {
  const counters = { "reading.taken": 7, "reading.withheld.motion-cleared": 3 };
  const days = publicDays([{ day: "2026-06-01", isEach: true, counters }], testWebPolicy());
  expect(days).toMatchObject([{ readings: { step: 1, taken: 7, withheld: { "motion-cleared": 3 } } }]);
});

test("the page says of readings in steps that they are at least so many", async () => {
  const of = (day: string, taken: number) => ({ day, isEach: false, counters: { "reading.taken": taken } });
  const counts = publicDays([of("2026-06-02", 10), of("2026-06-01", 250)], testWebPolicy());
  const text = String(await countsByDay({ counts, renewed: "daily" }, languageOf("en")));
  expect(text).toContain('<span dir="ltr">&lt; 100</span>');
  expect(text).toContain('<span dir="ltr">≥ 200</span>');
  expect(text).toContain("in steps of 100, rounded down");
});

test("a picture that was never taken is not counted as taken", () => {
  const counters = {
    "snapshot.made.empty": 2,
    "snapshot.withheld.camera-timeout": 5,
    "snapshot.withheld.no-detector": 1,
  };
  expect(publicDay({ day: "2026-06-01", counters }).pictures.taken).toBe(3);
});
