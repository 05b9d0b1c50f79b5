// Shown: on a board that boots in 1970 a camera whose last day has passed stays off (fail closed), and others look.
import { expect, test } from "vitest";
import { openSite, settled } from "./helpers/watched-camera.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);

test("the policy's last day is not undone by a clock that nobody has set", async () => {
  await using site = await openSite({ policy: { until: "2026-11-20" }, earliestNowMs: NOW_MS });
  site.watch.onMotion("gate-pir");
  await settled();
  expect([site.looks.length, site.refused("policy")]).toEqual([0, 1]);
});

test("before its last day, as far as the house knows, a camera looks", async () => {
  await using site = await openSite({ policy: { until: "2026-11-21" }, earliestNowMs: NOW_MS });
  site.watch.onMotion("gate-pir");
  await settled();
  expect(site.looks.length).toBe(1);
});
