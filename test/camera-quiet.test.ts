// Shown: in quiet zones and at quiet hours no camera looks: not for motion, nor at its times, nor for the self-check or a
// person; it rests meanwhile, and each refusal is counted.
import { expect, test } from "vitest";
import { openSite, rounds, settled } from "./helpers/watched-camera.ts";

const never = new AbortController().signal;
const HOUR_MS = 3_600_000;

test("a camera in a quiet zone never looks", async () => {
  await using site = await openSite({ quiet: { zones: ["gate"] } });
  site.watch.onMotion("gate-pir");
  expect(await site.watch.lookNow("gate-cam")).toEqual({ outcome: "refused", why: "quiet" });
  await expect(site.watch.test("gate-cam", never)).rejects.toMatchObject({ code: "USAGE" });
  await rounds();
  expect([site.looks.length, site.checks.length, site.refused("quiet")]).toEqual([0, 0, 2]);
  expect(site.rests.at(-1)).toBe(true);
});

test("a camera looks again when the quiet hour is over", async () => {
  await using site = await openSite({ quiet: { hours: [{ between: ["11:30", "13:00"] }] } });
  site.watch.onMotion("gate-pir");
  expect([site.looks.length, site.refused("quiet")]).toEqual([0, 1]);
  site.time.pass(HOUR_MS);
  site.watch.onMotion("gate-pir");
  expect(site.looks).toHaveLength(1);
  site.endAll();
  await settled();
});

test("while the clock is not believed a camera with quiet hours does not look", async () => {
  const site = await openSite({
    quiet: { hours: [{ between: ["22:00", "23:00"] }] },
    earliestNowMs: Date.UTC(2026, 10, 21),
  });
  await using _ = site;
  site.watch.onMotion("gate-pir");
  expect([site.looks.length, site.refused("quiet")]).toEqual([0, 1]);
});
