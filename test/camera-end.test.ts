// Shown: a camera's end date is kept by itself, at the site's midnight and without a restart; what it took before keeps its hours,
// and anybody may read that it has ended. And a camera that the policy does not name is not opened, whatever it is called.
import { expect, test } from "vitest";
import { openCameraKit } from "../src/camera-kit.ts";
import { Board } from "../src/core/board.ts";
import { systemClock } from "../src/core/clock.ts";
import { textLog } from "./helpers/text-log.ts";
import { CameraEntry } from "../src/settings/camera-schema.ts";
import { SCHEMAS } from "../src/settings/schema.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestWeb } from "./helpers/test-web.ts";
import { openSite, rounds, settled } from "./helpers/watched-camera.ts";

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;

test.each([
  ["UTC", "2026-11-21", 12],
  // It is one in the morning of the 22nd there.
  ["Pacific/Auckland", "2026-11-22", 23],
  ["America/Lima", "2026-11-21", 17],
])("in %s a camera stops by itself when its last day, %s, is over", async (timezone, until, hoursLeft) => {
  await using site = await openSite({ timezone, policy: { until }, camera: { cooldownS: 0 } });
  site.time.pass(hoursLeft * HOUR_MS - 1000);
  site.watch.onMotion("gate-pir");
  expect([site.looks.length, site.watch.health("gate-cam")?.isEnded]).toEqual([1, false]);
  site.endAll();
  await settled();
  site.time.pass(1000);
  site.watch.onMotion("gate-pir");
  expect(await site.watch.lookNow("gate-cam")).toEqual({ outcome: "refused", why: "policy" });
  await expect(site.watch.test("gate-cam", never)).rejects.toMatchObject({ code: "USAGE" });
  await rounds();
  expect([site.looks.length, site.refused("policy"), site.watch.health("gate-cam")?.isEnded]).toEqual([1, 2, true]);
  expect(site.rests.at(-1), "a stream is closed").toBe(true);
});

test("a look that began on the last day is finished after it", async () => {
  await using site = await openSite({ policy: { until: "2026-11-21" } });
  site.time.pass(12 * HOUR_MS - 1000);
  const look = site.watch.lookNow("gate-cam");
  site.time.pass(2000);
  site.endAll();
  expect(await look).toEqual({ outcome: "taken", why: null });
});

const policyWith = (cameras: object) =>
  SCHEMAS.policy.parse({ version: 1, controller: { name: "Test", contact: "a@b.example" }, cameras });

test("anybody may read that a camera has ended", async () => {
  const policy = policyWith({ "gate-cam": { purpose: { en: "See the gate" }, until: "2020-02-29" } });
  await using page = await openTestWeb({ policy });
  expect((await page.ask("GET", "/transparency")).text).toContain("It does not look any more.");
});

test.each(["gate-cam", "constructor"])("a camera that the policy does not name is not opened: %s", async (id) => {
  await using directory = await tempDir();
  const settings = CameraEntry.parse({ id, zone: "gate", source: { kind: "file", path: "/x.jpg" }, triggers: [] });
  const { log, lines } = textLog();
  const deps = { dataDir: directory.path, readSecret: async () => "", clock: systemClock, board: new Board(), log };
  const named = policyWith({ "yard-cam": { purpose: { en: "See the yard" }, until: "2030-01-01" } });
  await using kit = await openCameraKit({ cameras: [settings], policy: named, ...deps });
  expect(kit.cameras).toEqual([]);
  expect(lines.join()).toContain("camera not started: the policy does not name it");
});
