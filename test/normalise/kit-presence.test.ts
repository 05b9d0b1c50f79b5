// A power cut of the site is one event and not forty, whoever notices it and however the devices come back; nobody who stays
// away is forgotten, also across a restart.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReadingValue } from "../../src/core/reading.ts";
import { PRESENCE_LIMITS } from "../../src/normalise/presence-limits.ts";
import { kitOf, testKit } from "../helpers/test-kit.ts";

const MIN = 60_000;
const HOUR = 60 * MIN;
const goes: ReadingValue = { kind: "online", value: false };
const returns: ReadingValue = { kind: "online", value: true };

test("forty devices that leave within a minute and a half are one event, and so is their return", () => {
  const kit = kitOf(40);
  const told: string[] = [];
  for (const id of kit.ids) {
    expect(kit.hear(id, goes).status).toBeNull();
    told.push(...kit.watch(2000));
  }
  told.push(...kit.watch(MIN));
  expect(told).toEqual(["devices-lost 40"]);
  expect(kit.view("d7").state).toBe("offline");
  expect(kit.watch(2 * HOUR)).toEqual([]);
  const back: string[] = [];
  for (const id of kit.ids) {
    expect(kit.hear(id, returns).status).toBeNull();
    back.push(...kit.watch(3000));
  }
  expect(back).toEqual(["devices-back 40"]);
  expect(kit.watch(HOUR)).toEqual([]);
  expect(kit.counters()["device-status.held.site"]).toBe(40);
});

test("those that stay away after most are back are told one by one, and their return too", () => {
  const kit = kitOf(10);
  for (const id of kit.ids) kit.hear(id, goes);
  expect(kit.watch(10 * MIN)).toEqual(["devices-lost 10"]);
  for (const id of kit.ids.slice(2)) kit.hear(id, returns);
  expect(kit.watch(PRESENCE_LIMITS.siteStragglersMs)).toEqual([]);
  expect(kit.watch(1000)).toEqual(["devices-back 8", "d0 offline", "d1 offline"]);
  expect(kit.hear("d0", returns).status).toMatchObject({ state: "ok" });
});

test("a site that stays away is told device by device after some hours", () => {
  const kit = kitOf(5);
  for (const id of kit.ids) kit.hear(id, goes);
  expect(kit.watch(PRESENCE_LIMITS.siteOutageMsMax)).toEqual(["devices-lost 5"]);
  expect(kit.watch(30_000)).toEqual(kit.ids.map((id) => `${id} offline`));
});

test("one device that leaves is told by itself after a moment, and in a kit of two at once", () => {
  const kit = kitOf(40);
  expect(kit.hear("d0", goes).status).toBeNull();
  expect(kit.watch(PRESENCE_LIMITS.siteAloneMs)).toEqual(["d0 offline"]);
  const small = kitOf(2);
  expect(small.hear("d0", goes).status).toMatchObject({ state: "offline" });
  expect(small.hear("d1", goes).status).toMatchObject({ state: "offline" });
});

test("a device that was away for a moment only is not told of", () => {
  const kit = kitOf(10);
  kit.hear("d0", goes);
  expect(kit.watch(2000)).toEqual([]);
  expect(kit.hear("d0", returns).status).toBeNull();
  expect(kit.watch(HOUR)).toEqual([]);
});

test("a few of many that leave together are told one by one, within two minutes", () => {
  const kit = kitOf(40);
  for (const id of kit.ids.slice(0, 5)) kit.hear(id, goes);
  expect(kit.watch(PRESENCE_LIMITS.siteWindowMs - 1000)).toEqual([]);
  expect(kit.watch(1000).toSorted()).toEqual(["d0 offline", "d1 offline", "d2 offline", "d3 offline", "d4 offline"]);
});

test("devices that leave one after another over an hour are told one by one", () => {
  const kit = kitOf(6);
  const told = kit.ids.flatMap((id) => {
    const { status } = kit.hear(id, goes);
    return [...(status === null ? [] : [`${id} ${status.state}`]), ...kit.watch(10 * MIN)];
  });
  expect(told).toEqual(kit.ids.map((id) => `${id} offline`));
});

test("devices that fall silent together are one event", () => {
  const ids = ["a", "b", "c", "d"];
  const kit = testKit(Object.fromEntries(ids.map((id) => [id, { staleAfterMs: HOUR }])));
  for (const id of ids) {
    kit.hear(id);
    kit.watch(20_000);
  }
  expect(kit.watch(2 * HOUR)).toEqual(["devices-lost 4"]);
  expect(ids.map((id) => kit.view(id).state)).toEqual(["stale", "stale", "stale", "stale"]);
});

test("who leaves while the site is away, and who comes and goes meanwhile, is held back with the others", () => {
  const kit = kitOf(10);
  for (const id of kit.ids.slice(0, 6)) kit.hear(id, goes);
  expect(kit.watch(MIN)).toEqual(["devices-lost 6"]);
  kit.hear("d8", goes);
  kit.hear("d0", returns);
  expect(kit.watch(MIN)).toEqual([]);
  kit.hear("d0", goes);
  expect(kit.watch(MIN)).toEqual([]);
  for (const id of kit.ids) kit.hear(id, returns);
  expect(kit.watch(MIN)).toEqual(["devices-back 7"]);
});

test("paused devices do not go stale and do not count, neither among the lost nor among those that are there", () => {
  const kit = kitOf(10);
  for (const id of kit.ids.slice(4)) kit.setPaused(id, true);
  expect(kit.watch(MIN).toSorted()).toEqual(kit.ids.slice(4).map((id) => `${id} paused`));
  for (const id of kit.ids.slice(0, 3)) kit.hear(id, goes);
  expect(kit.watch(MIN)).toEqual(["devices-lost 3"]);
  kit.setPaused("d0", true);
  kit.remove("d1");
  kit.hear("d2", returns);
  expect(kit.watch(MIN).toSorted()).toEqual(["d0 paused", "devices-back 1"]);
});

test("a device that is taken out of the kit is forgotten, on the disk too", () => {
  const kit = kitOf(3);
  kit.save();
  expect(kit.disk.has("device:d1")).toBe(true);
  kit.remove("d1");
  kit.tick();
  expect(kit.presence.isSaveDue()).toBe(true);
  kit.save();
  expect(kit.disk.has("device:d1")).toBe(false);
  kit.restart({ awayMs: 0 });
  expect(kit.memories.ids()).toEqual(["d0", "d2"]);
});

test("tamper on a device of a site that is away is told at once", () => {
  const kit = kitOf(4);
  for (const id of kit.ids) kit.hear(id, goes);
  kit.watch(MIN);
  expect(kit.hear("d0", goes, { kind: "tamper", value: true }).status).toMatchObject({
    state: "offline",
    flags: ["tamper"],
  });
});

test("an outage goes on across a restart, and one that began just before it is still one event", () => {
  const kit = kitOf(10);
  for (const id of kit.ids.slice(0, 8)) kit.hear(id, goes);
  kit.save();
  kit.restart({ awayMs: MIN });
  expect(kit.watch(MIN)).toEqual(["devices-lost 8"]);
  kit.save();
  kit.restart({ awayMs: MIN });
  expect(kit.watch(MIN)).toEqual([]);
  for (const id of kit.ids.slice(0, 4)) kit.hear(id, returns);
  kit.save();
  kit.restart({ awayMs: MIN });
  for (const id of kit.ids.slice(4)) kit.hear(id, returns);
  expect(kit.watch(MIN)).toEqual(["devices-back 8"]);
  kit.save();
  expect(kit.disk.has("presence:outage")).toBe(false);
});

test("a damaged memory of an outage costs an event each, and no more", () => {
  const kit = kitOf(5);
  kit.disk.set("presence:outage", "{");
  kit.save();
  kit.restart({ awayMs: 0 });
  expect(kit.watch(MIN)).toEqual([]);
});

test("whatever devices do, in the end the last word told of each is what it is, and events are few", () => {
  const step = fc.record({
    ids: fc.subarray(["d0", "d1", "d2", "d3", "d4", "d5"], { minLength: 1 }),
    isOnline: fc.boolean(),
    thenMs: fc.constantFrom(1000, 4000, 10_000, 90_000, 10 * MIN),
    isRestart: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 15 }), (steps) => {
      const kit = kitOf(6);
      const last = new Map(kit.ids.map((id) => [id, "ok"]));
      let told = 0;
      const note = (lines: readonly string[]) => {
        for (const [id, state] of lines.map((line) => line.split(" "))) {
          told += 1;
          if (id !== undefined && state !== undefined && last.has(id)) last.set(id, state);
        }
      };
      for (const { ids, isOnline, thenMs, isRestart } of steps) {
        for (const id of ids) {
          const { status } = kit.hear(id, { kind: "online", value: isOnline });
          if (status !== null) note([`${id} ${status.state}`]);
        }
        kit.save();
        if (isRestart) kit.restart({ awayMs: 0 });
        note(kit.watch(thenMs));
      }
      const hours = (kit.time.clock.monotonicMs() - 3 * HOUR) / HOUR;
      expect(told).toBeLessThanOrEqual(6 * (PRESENCE_LIMITS.statusInARow + 6 * hours) + 2 * steps.length);
      for (let n = 0; n < 6 * 5; n++) {
        kit.time.pass(10 * MIN);
        note(kit.watch(1000));
      }
      for (const id of kit.ids) expect(last.get(id), id).toBe(kit.view(id).state);
    }),
    { numRuns: 60 },
  );
});
