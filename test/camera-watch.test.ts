// Shown: which triggers become looks. The road behind is made by hand and holds each look until the test ends it.
import { expect, test } from "vitest";
import { openSite, rounds, settled } from "./helpers/watched-camera.ts";

const never = new AbortController().signal;
const DAY_MS = 24 * 3_600_000;

test("a device's motion becomes one look, and another within the cool-down none", async () => {
  await using site = await openSite();
  site.watch.onMotion("porch-motion");
  expect(site.looks).toHaveLength(0);
  site.watch.onMotion("gate-pir");
  site.watch.onMotion("gate-pir");
  expect(site.looks).toHaveLength(1);
  expect(site.refused("cooldown")).toBe(1);
  site.endAll();
  await settled();
  site.time.pass(31_000);
  site.watch.onMotion("gate-pir");
  expect(site.looks).toHaveLength(2);
});

test("while a look is in hand one trigger waits, the newest, and each other is counted", async () => {
  await using site = await openSite({ camera: { cooldownS: 0 } });
  for (let n = 0; n < 5; n += 1) site.watch.onMotion("gate-pir");
  expect(site.looks).toHaveLength(1);
  expect(site.refused("replaced")).toBe(3);
  site.looks[0]?.end({ kind: "taken" });
  await settled();
  expect(site.looks).toHaveLength(2);
  site.looks[1]?.end({ kind: "taken" });
  await settled();
  expect(site.looks).toHaveLength(2);
});

test("what waited too long is no news any more", async () => {
  await using site = await openSite({ camera: { cooldownS: 0 } });
  site.watch.onMotion("gate-pir");
  site.watch.onMotion("gate-pir");
  site.time.pass(61_000);
  site.endAll();
  await settled();
  expect(site.looks).toHaveLength(1);
  expect(site.refused("too-late")).toBe(1);
});

test("by hand there is no cool-down, and the answer says what became of the picture", async () => {
  await using site = await openSite();
  site.watch.onMotion("gate-pir");
  site.endAll();
  await settled();
  const asked = site.watch.lookNow("gate-cam");
  site.looks[1]?.end({ kind: "withheld", reason: "unsure", trouble: { of: "picture", why: "too dark" } });
  expect(await asked).toEqual({ outcome: "withheld", why: "unsure" });
  expect(site.watch.health("gate-cam")?.trouble).toEqual({ of: "picture", why: "too dark" });
  expect(site.watch.lookNow("other")).toBeNull();
});

test("after the policy's last day nothing looks, not even a test or the self-check", async () => {
  await using site = await openSite({ policy: { until: "2026-11-20" } });
  site.watch.onMotion("gate-pir");
  await expect(site.watch.test("gate-cam", never)).rejects.toMatchObject({ code: "USAGE" });
  await rounds();
  expect(site.looks).toHaveLength(0);
  expect(site.checks).toHaveLength(0);
  expect(site.refused("policy")).toBe(1);
});

test("outside its hours a camera does not look, whatever triggers it", async () => {
  await using site = await openSite({ camera: { schedule: { between: ["21:00", "06:00"] } }, sends: true });
  site.watch.onMotion("gate-pir");
  for (const heard of site.senders) heard();
  expect(await site.watch.lookNow("gate-cam")).toEqual({ outcome: "refused", why: "outside-schedule" });
  expect(site.refused("outside-schedule")).toBe(3);
  site.time.pass(10 * 3_600_000);
  site.watch.onMotion("gate-pir");
  expect(site.looks).toHaveLength(1);
});

test("a camera is told to rest while it may not look: outside its hours, with the day used up, after the last day", async () => {
  await using hours = await openSite({ camera: { schedule: { between: ["21:00", "06:00"] } } });
  await rounds();
  expect(hours.rests).toEqual([true]);
  hours.time.pass(10 * 3_600_000);
  await expect.poll(() => hours.rests).toEqual([true, false]);
  await using budget = await openSite({ policy: { snapshotsPerDay: 1 } });
  await rounds();
  expect(budget.rests).toEqual([false]);
  budget.watch.onMotion("gate-pir");
  budget.endAll();
  await expect.poll(() => budget.rests).toEqual([false, true]);
  await using ended = await openSite({ policy: { until: "2026-11-20" } });
  await rounds();
  expect(ended.rests).toEqual([true]);
});

test("at its times a camera takes one picture each, and a clock that was set makes up for none", async () => {
  await using site = await openSite({ camera: { cooldownS: 3600, schedule: { at: ["12:01", "12:02", "18:00"] } } });
  await rounds();
  expect(site.looks).toHaveLength(0);
  site.time.pass(60_000);
  await expect.poll(() => site.looks).toHaveLength(1);
  site.endAll();
  await rounds();
  expect(site.looks).toHaveLength(1);
  site.time.pass(60_000);
  await expect.poll(() => site.looks).toHaveLength(2);
  site.endAll();
  site.time.set(30 * DAY_MS);
  await rounds();
  expect(site.looks).toHaveLength(2);
});

test("a camera that sends by itself triggers itself, under the same rules, until the watch is closed", async () => {
  const site = await openSite({ sends: true });
  for (const heard of site.senders) heard();
  for (const heard of site.senders) heard();
  expect(site.looks).toHaveLength(1);
  expect(site.refused("cooldown")).toBe(1);
  await rounds();
  expect(site.checks).toHaveLength(0);
  await site[Symbol.asyncDispose]();
  expect(site.senders.size).toBe(0);
});

test("the self-check looks at start and again when its evidence is five minutes old, and a picture is evidence too", async () => {
  await using site = await openSite({ check: async () => ({ of: "picture", why: "cannot see well enough" }) });
  await expect.poll(() => site.checks).toHaveLength(1);
  expect(site.watch.health("gate-cam")?.trouble).toEqual({ of: "picture", why: "cannot see well enough" });
  site.time.pass(4 * 60_000);
  site.watch.onMotion("gate-pir");
  site.endAll();
  await settled();
  expect(site.watch.health("gate-cam")?.trouble).toBeNull();
  site.time.pass(4 * 60_000);
  await rounds();
  expect(site.checks).toHaveLength(1);
  site.time.pass(60_000);
  await expect.poll(() => site.checks).toHaveLength(2);
});

test("a test counts against nothing, tells what is wrong, and waits its turn", async () => {
  await using site = await openSite({ policy: { snapshotsPerDay: 0 } });
  await expect.poll(() => site.checks).toHaveLength(1);
  expect(await site.watch.test("gate-cam", never)).toMatchObject({ outcome: "withheld", detail: "too dark" });
  expect(site.watch.health("gate-cam")).toMatchObject({ takenToday: 0, trouble: { of: "picture", why: "too dark" } });
});

test("a picture does not wait for a self-check, which is ended and made up for", async () => {
  const ended: unknown[] = [];
  let isFirst = true;
  await using site = await openSite({
    check: (stop) => {
      if (isFirst) {
        isFirst = false;
        return Promise.resolve(null);
      }
      return new Promise((_, reject) =>
        stop.addEventListener("abort", () => {
          ended.push(stop.reason);
          reject(stop.reason);
        }),
      );
    },
  });
  site.time.pass(5 * 60_000);
  await expect.poll(() => site.checks).toHaveLength(2);
  site.watch.onMotion("gate-pir");
  await settled();
  expect(ended).toHaveLength(1);
  expect(site.looks).toHaveLength(1);
  site.endAll();
});

test("a person's test does not wait for a self-check either", async () => {
  let checks = 0;
  await using site = await openSite({
    check: (stop) => {
      checks += 1;
      if (checks === 1) return Promise.resolve(null);
      return new Promise((_, reject) => stop.addEventListener("abort", () => reject(stop.reason)));
    },
  });
  site.time.pass(5 * 60_000);
  await expect.poll(() => site.checks).toHaveLength(2);
  expect(await site.watch.test("gate-cam", never)).toMatchObject({ detail: "too dark" });
});

test("at the end what waits is told so, and the look in hand is waited for", async () => {
  const site = await openSite({ camera: { cooldownS: 0 } });
  const [inHand, waiting] = [site.watch.lookNow("gate-cam"), site.watch.lookNow("gate-cam")];
  const closed = site.watch[Symbol.asyncDispose]();
  expect(await waiting).toEqual({ outcome: "refused", why: "stopping" });
  site.endAll({ kind: "stopped" });
  await closed;
  expect(await inHand).toEqual({ outcome: "refused", why: "stopping" });
  expect(site.looks).toHaveLength(1);
});
