// The five states and two flags of a device: what is told when, and that what is not told is counted.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReadingValue } from "../../src/core/reading.ts";
import {
  type DeviceMemory,
  emptyMemory,
  normalise,
  parseMemory,
  serialiseMemory,
} from "../../src/normalise/normalise.ts";
import { afterArrival, bridgeLost, overdue, pause, view } from "../../src/normalise/presence.ts";

const STALE_AFTER_MS = 60_000;

/** A device of which messages arrive; answers what is told of it. */
function device() {
  let memory: DeviceMemory = emptyMemory;
  const keep = (told: { memory: DeviceMemory; status: unknown } | null) => {
    if (told !== null) memory = parseMemory(serialiseMemory(told.memory));
    return told?.status ?? null;
  };
  return {
    hear(atMs: number, ...readings: ReadingValue[]) {
      const heard = normalise({ memory, readings, deviceId: "d", atMs, isReplay: false });
      const said = afterArrival({ memory: heard.memory, deviceId: "d", news: heard.news, atMs });
      keep(said);
      return { status: said.status, absorbed: said.absorbed };
    },
    wait: (nowMs: number) => keep(overdue({ memory, deviceId: "d", nowMs, staleAfterMs: STALE_AFTER_MS })),
    loseBridge: (atMs: number) => keep(bridgeLost({ memory, deviceId: "d", atMs })),
    pause: (isPaused: boolean) => keep(pause({ memory, deviceId: "d", isPaused, atMs: 0 })),
    view: (nowMs = 0) => view(memory, nowMs),
  };
}

const battery = (value: number): ReadingValue => ({ kind: "battery", value });
const link = (value: number): ReadingValue => ({ kind: "link", value });
const online = (value: boolean): ReadingValue => ({ kind: "online", value });
const lux: ReadingValue = { kind: "illuminance", value: 3 };

test("a device is unknown until it is heard, then ok, and that is told once", () => {
  const d = device();
  expect(d.view()).toMatchObject({ state: "unknown", flags: [], heardAtMs: null, batteryPct: null });
  expect(d.hear(5, lux).status).toEqual({ kind: "device-status", deviceId: "d", state: "ok", flags: [], atMs: 5 });
  expect(d.hear(6, lux).status).toBeNull();
  expect(d.view()).toMatchObject({ state: "ok", heardAtMs: 6 });
});

test("a message that says nothing known is still a sign of life", () => {
  const d = device();
  expect(d.hear(5).status).toMatchObject({ state: "ok" });
});

test("the first fact holds what the first message said of battery and link", () => {
  expect(device().hear(0, battery(88), link(40))).toEqual({
    status: { kind: "device-status", deviceId: "d", state: "ok", flags: [], batteryPct: 88, linkPct: 40, atMs: 0 },
    absorbed: 0,
  });
});

test("a device that says goodbye is offline, and its goodbye is no sign of life", () => {
  const d = device();
  d.hear(5, lux);
  expect(d.hear(9, online(false)).status).toMatchObject({ state: "offline", atMs: 9 });
  expect(d.view()).toMatchObject({ state: "offline", heardAtMs: 5 });
  expect(d.hear(10, online(false)).status).toBeNull();
  expect(d.view()).toMatchObject({ state: "offline", heardAtMs: 5 });
  expect(d.hear(11, online(true)).status).toMatchObject({ state: "ok" });
});

test("a device that speaks is there, whatever was said before", () => {
  const d = device();
  d.hear(1, online(false));
  expect(d.hear(2, lux).status).toMatchObject({ state: "ok" });
  expect(d.hear(3, online(false)).status).toMatchObject({ state: "offline" });
});

test("a device that is late is stale, once, until it is heard", () => {
  const d = device();
  expect(d.wait(10 * STALE_AFTER_MS)).toBeNull();
  d.hear(0, lux);
  expect(d.wait(STALE_AFTER_MS)).toBeNull();
  expect(d.wait(STALE_AFTER_MS + 1)).toMatchObject({ state: "stale", atMs: STALE_AFTER_MS + 1 });
  expect(d.wait(STALE_AFTER_MS + 2)).toBeNull();
  expect(d.hear(STALE_AFTER_MS + 3, lux).status).toMatchObject({ state: "ok" });
});

test("a page shows a late device as stale before anybody has told so", () => {
  const heard = afterArrival({
    memory: normalise({ memory: emptyMemory, readings: [], deviceId: "d", atMs: 0, isReplay: false }).memory,
    deviceId: "d",
    news: [],
    atMs: 0,
  });
  expect(view(heard.memory, STALE_AFTER_MS + 1, { staleAfterMs: STALE_AFTER_MS }).state).toBe("stale");
  expect(view(heard.memory, STALE_AFTER_MS, { staleAfterMs: STALE_AFTER_MS }).state).toBe("ok");
});

test("an offline device does not become stale", () => {
  const d = device();
  d.hear(0, lux);
  d.hear(1, online(false));
  expect(d.wait(10 * STALE_AFTER_MS)).toBeNull();
});

test("when a bridge goes its devices are unknown, not offline, until they are heard", () => {
  const d = device();
  expect(d.loseBridge(1)).toBeNull();
  d.hear(2, lux);
  expect(d.loseBridge(3)).toMatchObject({ state: "unknown", atMs: 3 });
  expect(d.loseBridge(4)).toBeNull();
  expect(d.wait(10 * STALE_AFTER_MS)).toBeNull();
  expect(d.hear(5, lux).status).toMatchObject({ state: "ok" });
});

test("a paused device is paused whatever happens, and comes back as it is", () => {
  const d = device();
  d.hear(0, lux);
  expect(d.pause(true)).toMatchObject({ state: "paused" });
  expect(d.pause(true)).toBeNull();
  expect(d.wait(10 * STALE_AFTER_MS)).toBeNull();
  expect(d.hear(1, online(false)).status).toBeNull();
  expect(d.pause(false)).toMatchObject({ state: "offline" });
});

test("a low battery is a flag, told once, with some distance before it is well again", () => {
  const d = device();
  d.hear(0, battery(18));
  expect(d.view().flags).toEqual([]);
  expect(d.hear(1, battery(14)).status).toMatchObject({ flags: ["low-battery"], batteryPct: 14 });
  expect(d.hear(2, battery(16)).status).toBeNull();
  expect(d.view().flags).toEqual(["low-battery"]);
  expect(d.hear(3, battery(20)).status).toMatchObject({ flags: [] });
});

test("battery-low and tamper are flags, told when they come and when they go", () => {
  const d = device();
  d.hear(0, { kind: "battery-low", value: false }, { kind: "tamper", value: false });
  expect(d.hear(1, { kind: "tamper", value: true }).status).toMatchObject({ flags: ["tamper"] });
  expect(d.hear(2, { kind: "battery-low", value: true }).status).toMatchObject({ flags: ["low-battery", "tamper"] });
  expect(d.hear(3, { kind: "tamper", value: false }).status).toMatchObject({ flags: ["low-battery"] });
});

test("battery and link are told by steps of 5 and 20 points since last told, and else absorbed", () => {
  const d = device();
  d.hear(0, battery(80), link(50));
  expect(d.hear(1, battery(77), link(60))).toEqual({ status: null, absorbed: 2 });
  expect(d.hear(2, battery(75), link(60))).toMatchObject({ status: { batteryPct: 75, linkPct: 60 }, absorbed: 0 });
  expect(d.hear(3, link(79))).toEqual({ status: null, absorbed: 1 });
  expect(d.hear(4, link(80)).status).toMatchObject({ linkPct: 80 });
});

test("readings of the street are never absorbed", () => {
  const d = device();
  d.hear(0);
  expect(d.hear(1, lux, { kind: "motion", value: true })).toEqual({ status: null, absorbed: 0 });
});

test("a fact is told only when it differs from the last one told", () => {
  const reading = fc.oneof<fc.Arbitrary<ReadingValue>[]>(
    fc.record({
      kind: fc.constantFrom("tamper" as const, "battery-low" as const, "online" as const),
      value: fc.boolean(),
    }),
    fc.record({ kind: fc.constantFrom("battery" as const, "link" as const), value: fc.integer({ min: 0, max: 100 }) }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(reading, { maxLength: 3 }), { maxLength: 40 }), (messages) => {
      const d = device();
      let last = "";
      return messages.every((readings, atMs) => {
        const { status } = d.hear(atMs, ...readings);
        if (status === null) return true;
        const said = JSON.stringify({ ...status, atMs: 0 });
        const isNew = said !== last;
        last = said;
        return isNew;
      });
    }),
  );
});
