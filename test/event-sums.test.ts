// Shown: the sums of I9 on road 1 with a real spool, whatever comes in whatever order: messages of several devices, packet
// counters, two topics, replays, history, pauses, absences, set clocks, devices that leave and come back, restarts.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Login } from "../src/core/arrival.ts";
import { Board } from "../src/core/board.ts";
import { silentLog } from "../src/core/log.ts";
import { createEventRoad } from "../src/event-road.ts";
import { builtInProfiles, openProfiles } from "../src/profiles/profiles.ts";
import { createRouter } from "../src/profiles/router.ts";
import { openSpool } from "../src/spool/sqlite-spool.ts";
import { testDisclosure, testPolicy } from "./helpers/disclosure.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const bridges = [
  { id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" },
  { id: "radio", family: "rtl-433", base: "rtl_433" },
];
const DEVICES = [
  { id: "pir", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/pir" },
  { id: "lamp", profile: "zigbee2mqtt/lamp", topic: "zigbee2mqtt/lamp" },
  { id: "drive", profile: "rtl-433/sensor", topic: "rtl_433/pi/events/generic-motion/1" },
  { id: "box", profile: "tasmota/sensor", topic: "box" },
  { id: "hall", profile: "tasmota/zigbee", topic: "box/SENSOR/0x1" },
  { id: "own", profile: "generic/json", topic: "own" },
];
const [Z2M, RADIO] = [{ kind: "bridge", id: "z2m" } as const, { kind: "bridge", id: "radio" } as const];
const [BOX, OWN] = [{ kind: "device", id: "box" } as const, { kind: "device", id: "own" } as const];

const MONTH_MS = 30 * 86_400_000;

type Said = { readonly topic: string; readonly payload: object; readonly login: Login };
const value = fc.constantFrom<unknown>(true, false, 0, 1, "ON", "OFF", 5, 60, 99, 300, null, "x");
const fields = (...names: string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
const say = (topic: string, login: Login, payload: fc.Arbitrary<object>): fc.Arbitrary<Said> =>
  payload.map((each) => ({ topic, login, payload: each }));
const zigbee = fields("Occupancy", "Power", "Dimmer", "LinkQuality", "BatteryPercentage");
const message = fc.oneof(
  say("zigbee2mqtt/pir", Z2M, fields("occupancy", "illuminance", "battery", "battery_low", "tamper", "linkquality")),
  say("zigbee2mqtt/lamp", Z2M, fields("state", "brightness", "linkquality")),
  say("zigbee2mqtt/pir/availability", Z2M, fc.record({ state: fc.constantFrom("online", "offline") })),
  say("zigbee2mqtt/bridge/state", Z2M, fc.record({ state: fc.constantFrom("online", "offline") })),
  say(
    "rtl_433/pi/events",
    RADIO,
    fc.record({
      model: fc.constant("Generic-Motion"),
      id: fc.constantFrom(1, 2),
      code: fc.constantFrom("a", "b"),
      battery_ok: value,
    }),
  ),
  say(
    "tele/box/SENSOR",
    BOX,
    fc.record(
      { BH1750: fields("Illuminance"), ZbReceived: fc.record({ "0x1": zigbee, "0x2": zigbee }) },
      { requiredKeys: [] },
    ),
  ),
  say(
    "own",
    OWN,
    fc.record({
      motion: value,
      lux: value,
      battery: value,
      seq: fc.constantFrom(1, 2, 3),
      age: fc.constantFrom(0, 5, 86_400, -3600),
    }),
  ),
);
const step = fc.record({
  message,
  isReplay: fc.nat(9).map((n) => n === 0),
  laterMs: fc.constantFrom(0, 0, 100, 1000, 4000, 61_000, 3_600_000),
  other: fc.constantFrom(
    null,
    null,
    null,
    null,
    "tick",
    "tick",
    "pause",
    "leave",
    "restart",
    "clock back",
    "clock forward",
  ),
});

for (const motion of [{ mode: "none" }, { mode: "each" }, { mode: "counts", windowS: 60, atLeast: 2 }]) {
  test(`with motion ${motion.mode}, no reading and no entry is unaccounted for`, { timeout: 60_000 }, async () => {
    const all = fc.array(step, { minLength: 20, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(all, (steps) => conserves(motion, steps)),
      { numRuns: 25 },
    );
  });
}

async function conserves(motion: object, steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) {
  await using directory = await tempDir();
  const { clock, ...time } = fakeTime();
  const paused = new Set<string>();
  let devices = DEVICES;
  const open = async () => {
    const spool = await openSpool({
      dataDir: directory.path,
      bytesMax: 1e8,
      sinkIds: ["main"],
      clock,
      board: new Board(),
      log: silentLog,
    });
    const road = createEventRoad({
      profiles,
      router: () => createRouter(profiles, { bridges, devices }),
      announced: () => undefined,
      device: (id) => devices.map((each) => ({ ...each, paused: paused.has(each.id) })).find((each) => each.id === id),
      disclosure: testDisclosure({ policy: testPolicy({ motion }), clock }),
      spool,
      clock,
      board: new Board(),
      version: "1.0.0",
      onMotion: () => undefined,
    });
    return { spool, road };
  };
  let house = await open();
  let waiting: Promise<void>[] = [];
  const settle = async () => {
    await Promise.all(waiting);
    waiting = [];
    await house.road.flush();
  };
  for (const { message: said, isReplay, laterMs, other } of steps) {
    time.pass(laterMs);
    const nowMs = clock.nowMs();
    const age = "age" in said.payload ? Number(said.payload.age) : null;
    const payload = Buffer.from(JSON.stringify({ ...said.payload, ...(age !== null && { ts: nowMs - age * 1000 }) }));
    waiting.push(house.road.take({ topic: said.topic, payload, isReplay, login: said.login, receivedAtMs: nowMs }));
    if (other === "tick") waiting.push(house.road.tick());
    if (other === "pause" && !paused.delete("pir")) paused.add("pir");
    if (other === "leave")
      devices = devices.length === DEVICES.length ? DEVICES.filter(({ id }) => id !== "lamp") : DEVICES;
    if (other === "clock back") time.set(-MONTH_MS);
    if (other === "clock forward") time.set(MONTH_MS);
    if (other !== "restart") continue;
    await settle();
    await house.spool[Symbol.asyncDispose]();
    house = await open();
  }
  await settle();
  const counters = house.spool.counters();
  const sum = (prefix: string) =>
    Object.entries(counters).reduce((all, [name, n]) => all + (name.startsWith(prefix) ? n : 0), 0);
  expect(sum("reading.ignored.") + sum("reading.withheld.") + sum("reading.counted") + sum("reading.made")).toBe(
    sum("reading.taken"),
  );
  expect(house.spool.stats(clock.nowMs()).entries).toBe(sum("entry.made.main"));
  await house.spool[Symbol.asyncDispose]();
}
