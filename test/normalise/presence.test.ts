// The five states and two flags of a device: what is told when, what is told later, and that what is not told is counted.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReadingValue } from "../../src/core/reading.ts";
import { emptyMemory, parseMemory, serialiseMemory } from "../../src/normalise/normalise.ts";
import { PRESENCE_LIMITS } from "../../src/normalise/presence-limits.ts";
import { testDevice, testKit } from "../helpers/test-kit.ts";

const STALE_AFTER_MS = 60_000;
const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

const device = () => testDevice(STALE_AFTER_MS);

const battery = (value: number): ReadingValue => ({ kind: "battery", value });
const link = (value: number): ReadingValue => ({ kind: "link", value });
const online = (value: boolean): ReadingValue => ({ kind: "online", value });
const tamper = (value: boolean): ReadingValue => ({ kind: "tamper", value });
const lux: ReadingValue = { kind: "illuminance", value: 3 };

test("a device is unknown until it is heard, then ok, and that is told once", () => {
  const d = device();
  expect(d.view()).toMatchObject({ state: "unknown", flags: [], heardAtMs: null, batteryPct: null });
  const atMs = d.time.clock.nowMs();
  expect(d.hear(lux).status).toEqual({ kind: "device-status", deviceId: "d", state: "ok", flags: [], atMs });
  d.time.pass(1);
  expect(d.hear(lux).status).toBeNull();
  expect(d.view()).toMatchObject({ state: "ok", heardAtMs: atMs + 1 });
});

test("a message that says nothing known is still a sign of life", () => {
  expect(device().hear().status).toMatchObject({ state: "ok" });
});

test("the first fact holds what the first message said of battery and link", () => {
  const { status, absorbed } = device().hear(battery(88), link(40));
  expect(status).toMatchObject({ state: "ok", flags: [], batteryPct: 88, linkPct: 40 });
  expect(absorbed).toBe(0);
});

test("a device that says goodbye is offline, and its goodbye is no sign of life", () => {
  const d = device();
  d.hear(lux);
  const { heardAtMs } = d.view();
  d.time.pass(4);
  expect(d.hear(online(false)).status).toMatchObject({ state: "offline" });
  expect(d.hear(online(false)).status).toBeNull();
  expect(d.view()).toMatchObject({ state: "offline", heardAtMs });
  expect(d.hear(online(true)).status).toMatchObject({ state: "ok" });
});

test("a device that speaks is there, whatever was said before", () => {
  const d = device();
  d.hear(online(false));
  expect(d.hear(lux).status).toMatchObject({ state: "ok" });
  expect(d.hear(online(false)).status).toMatchObject({ state: "offline" });
});

test("a device that is late is stale, once, until it is heard", () => {
  const d = device();
  expect(d.wait(DAY)).toEqual([]);
  d.hear(lux);
  expect(d.wait(STALE_AFTER_MS)).toEqual([]);
  expect(d.wait(1)).toEqual(["d stale"]);
  expect(d.view().state).toBe("stale");
  expect(d.wait(1)).toEqual([]);
  expect(d.hear(lux).status).toMatchObject({ state: "ok" });
});

test("an offline device does not become stale", () => {
  const d = device();
  d.hear(lux);
  d.hear(online(false));
  expect(d.wait(DAY)).toEqual([]);
  expect(d.view().state).toBe("offline");
});

test("a clock that is set by a month, either way, makes no device stale and hides no silence", () => {
  for (const byMs of [30 * DAY, -30 * DAY]) {
    const d = device();
    d.wait(HOUR);
    d.hear(lux);
    d.time.set(byMs);
    expect(d.wait(STALE_AFTER_MS)).toEqual([]);
    expect(d.wait(1)).toEqual(["d stale"]);
  }
});

test("after a restart a device has a while from the start of listening; the time in which the gateway was away is no silence", () => {
  const d = device();
  d.hear(lux);
  d.wait(STALE_AFTER_MS - 1);
  d.save();
  d.restart({ awayMs: 30 * DAY });
  expect(d.wait(2)).toEqual([]);
  expect(d.wait(PRESENCE_LIMITS.silenceMsMin - 3)).toEqual([]);
  expect(d.wait(1)).toEqual(["d stale"]);
});

test("a gateway that is restarted each night still notices who is silent for days", () => {
  const kit = testKit({ d: { staleAfterMs: 26 * HOUR } });
  kit.hear("d", lux);
  const told: string[] = [];
  for (let hour = 0; hour < 60; hour++) {
    kit.time.pass(HOUR);
    told.push(...kit.tick().states);
    kit.save();
    if (hour % 24 === 23) kit.restart({ awayMs: MIN });
  }
  expect(told).toEqual(["d stale"]);
});

test("a device that speaks every 30 s and falls silent is stale after minutes, though its profile says a day", () => {
  const kit = testKit({ d: { staleAfterMs: DAY } });
  for (let passedMs = 0; passedMs < 26 * HOUR; passedMs += 30_000) {
    kit.time.pass(30_000);
    kit.hear("d", lux);
  }
  kit.save();
  kit.restart({ awayMs: HOUR });
  kit.time.pass(4 * MIN);
  kit.hear("d", lux);
  kit.time.pass(PRESENCE_LIMITS.silenceMsMin);
  expect(kit.tick().states).toEqual([]);
  kit.time.pass(1);
  expect(kit.tick().states).toEqual(["d stale"]);
});

test("a paused device is paused whatever happens, and comes back as it is", () => {
  const d = device();
  d.hear(lux);
  d.setPaused("d", true);
  expect(d.tick().states).toEqual(["d paused"]);
  expect(d.wait(DAY)).toEqual([]);
  expect(d.hear(online(false)).status).toBeNull();
  expect(d.view().state).toBe("paused");
  d.setPaused("d", false);
  expect(d.tick().states).toEqual(["d offline"]);
});

test("a low battery is a flag, told once, with some distance before it is well again", () => {
  const d = device();
  d.hear(battery(18));
  expect(d.view().flags).toEqual([]);
  expect(d.hear(battery(14)).status).toMatchObject({ flags: ["low-battery"], batteryPct: 14 });
  expect(d.hear(battery(16)).status).toBeNull();
  expect(d.view().flags).toEqual(["low-battery"]);
  expect(d.hear(battery(20)).status).toMatchObject({ flags: [] });
});

test("battery-low and tamper are flags, told when they come and when they go", () => {
  const d = device();
  d.hear({ kind: "battery-low", value: false }, tamper(false));
  expect(d.hear(tamper(true)).status).toMatchObject({ flags: ["tamper"] });
  expect(d.hear({ kind: "battery-low", value: true }).status).toMatchObject({ flags: ["low-battery", "tamper"] });
  expect(d.hear(tamper(false)).status).toMatchObject({ flags: ["low-battery"] });
});

test("battery and link are told by steps of 5 and 20 points since last told, and else absorbed", () => {
  const d = device();
  d.hear(battery(80), link(50));
  expect(d.hear(battery(77), link(60))).toEqual({ status: null, absorbed: 2, absorbedBy: "repeat" });
  expect(d.hear(battery(75), link(60))).toMatchObject({ status: { batteryPct: 75, linkPct: 60 }, absorbed: 0 });
  expect(d.hear(link(79))).toEqual({ status: null, absorbed: 1, absorbedBy: "repeat" });
  expect(d.hear(link(80)).status).toMatchObject({ linkPct: 80 });
});

test("readings of the street are never absorbed", () => {
  const d = device();
  d.hear();
  expect(d.hear(lux, { kind: "motion", value: true })).toMatchObject({ status: null, absorbed: 0 });
});

test("a fact is told only when it differs from the last one told, and what is comes to be told", () => {
  const reading = fc.oneof<fc.Arbitrary<ReadingValue>[]>(
    fc.record({
      kind: fc.constantFrom("tamper" as const, "battery-low" as const, "online" as const),
      value: fc.boolean(),
    }),
    fc.record({ kind: fc.constantFrom("battery" as const, "link" as const), value: fc.integer({ min: 0, max: 100 }) }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(reading, { maxLength: 3 }), { minLength: 1, maxLength: 40 }), (messages) => {
      const d = device();
      const told: { state: string; flags: readonly string[] }[] = [];
      for (const readings of messages) {
        const { status } = d.hear(...readings);
        if (status !== null) told.push(status);
        d.time.pass(1000);
        told.push(...d.tick().facts);
      }
      for (let n = 0; n < 5; n++) {
        d.time.pass(PRESENCE_LIMITS.statusEveryMs);
        told.push(...d.tick().facts);
      }
      const texts = told.map((fact) => JSON.stringify({ ...fact, atMs: 0 }));
      expect(texts.some((text, n) => n > 0 && text === texts[n - 1])).toBe(false);
      const { state, flags } = d.view();
      if (told.length > 0) expect(told.at(-1)).toMatchObject({ state, flags });
      else expect(state).toBe("unknown");
    }),
  );
});

test("a memory written before heartbeats were learned is read, and one with a heartbeat survives", () => {
  expect(parseMemory(serialiseMemory({ ...emptyMemory, heardAtMs: 5 }))).toEqual({ ...emptyMemory, heardAtMs: 5 });
  const d = device();
  for (let n = 0; n < 100; n++) {
    d.time.pass(HOUR);
    d.hear(lux);
  }
  const memory = d.memories.get("d");
  expect(memory.heartbeat?.slotsS.length).toBe(24);
  const { echo: _, ...lasting } = memory;
  expect(parseMemory(serialiseMemory(memory))).toEqual(lasting);
});
