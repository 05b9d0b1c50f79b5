// Shown: road 1 as a whole on a real spool: the sum of I9 for readings whatever comes, edges that survive a restart, refusal
// before anything is changed, and what the house says of silent devices and lost bridges.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Board } from "../src/core/board.ts";
import type { Clock } from "../src/core/clock.ts";
import { silentLog } from "../src/core/log.ts";
import { createEventRoad } from "../src/event-road.ts";
import { builtInProfiles, openProfiles, type Profiles } from "../src/profiles/profiles.ts";
import { createRouter } from "../src/profiles/router.ts";
import type { Spool } from "../src/spool/spool.ts";
import { openSpool } from "../src/spool/sqlite-spool.ts";
import { testDisclosure, testPolicy } from "./helpers/disclosure.ts";
import { tempDir } from "./helpers/temp-dir.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [
    { id: "porch", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/porch", zone: "porch" },
    { id: "lamp", profile: "tasmota/relay", topic: "lamp", zone: "path" },
  ],
};
const bridge = { kind: "bridge", id: "z2m" } as const;
const START = Date.UTC(2026, 10, 21, 12);

async function openRoad(
  dataDir: string,
  {
    motion = { mode: "each" },
    fields = {},
    nowMs = START,
    known = profiles,
    freeBytes = async () => 1e9,
  }: { motion?: object; fields?: object; nowMs?: number; known?: Profiles; freeBytes?: () => Promise<number> } = {},
) {
  const time = { nowMs };
  const clock: Clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs, isSynced: () => true };
  const board = new Board();
  const spool = await openSpool({
    dataDir,
    bytesMax: 1e8,
    reserveFreeBytes: 1e6,
    freeBytes,
    sinkIds: ["main"],
    clock,
    board,
    log: silentLog,
  });
  const router = createRouter(known, kit);
  const moved: string[] = [];
  const road = createEventRoad({
    profiles: known,
    router: () => router,
    device: (id) => kit.devices.find((device) => device.id === id),
    disclosure: testDisclosure({ policy: testPolicy({ motion, fields }), clock }),
    spool,
    clock,
    board,
    announced: () => undefined,
    version: "1.0.0",
    onMotion: (deviceId) => moved.push(deviceId),
  });
  const take = (topic: string, payload: unknown, login: { kind: "bridge" | "device"; id: string } = bridge) =>
    road.take({
      topic,
      payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
      isReplay: false,
      login,
      receivedAtMs: time.nowMs,
    });
  return { road, spool, board, take, time, moved, [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose]() };
}

const bodies = (spool: Spool): { type: string; data: Record<string, unknown> }[] =>
  spool.peek({ sinkId: "main", entriesMax: 10_000, bytesMax: 1e9, nowMs: START }).map(({ body }) => JSON.parse(body));
const typesOf = (spool: Spool) => bodies(spool).map(({ type }) => type.replace("hedgerow.", ""));

function sums(counters: Record<string, number>) {
  const of = (prefix: string) =>
    Object.entries(counters).reduce((sum, [name, n]) => (name.startsWith(prefix) ? sum + n : sum), 0);
  return {
    taken: of("reading.taken"),
    accounted: of("reading.ignored.") + of("reading.withheld.") + of("reading.counted") + of("reading.made"),
  };
}

const message = fc.record(
  {
    occupancy: fc.oneof(fc.boolean(), fc.constant("x")),
    illuminance: fc.integer({ min: -5, max: 500 }),
    battery: fc.integer({ min: 0, max: 110 }),
    battery_low: fc.boolean(),
    tamper: fc.boolean(),
    linkquality: fc.integer({ min: 0, max: 255 }),
  },
  { requiredKeys: [] },
);

for (const motion of [{ mode: "none" }, { mode: "each" }, { mode: "counts", windowS: 60, atLeast: 2 }]) {
  test(`with motion ${motion.mode}, readings taken are ignored, withheld, counted or made, and none is unaccounted for`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(message, fc.integer({ min: 0, max: 90_000 })), { minLength: 1, maxLength: 30 }),
        async (messages) => {
          await using directory = await tempDir();
          await using house = await openRoad(directory.path, { motion });
          for (const [payload, laterMs] of messages) {
            house.time.nowMs += laterMs;
            await house.take("zigbee2mqtt/porch", payload);
            await house.road.tick();
          }
          await house.road.flush();
          const { taken, accounted } = sums(house.spool.counters());
          expect(accounted).toBe(taken);
        },
      ),
      { numRuns: 40 },
    );
  });
}

test("an edge is an event and a repeat is not, also across a restart", async () => {
  await using directory = await tempDir();
  {
    await using house = await openRoad(directory.path);
    await house.take("zigbee2mqtt/porch", { occupancy: true });
    await house.take("zigbee2mqtt/porch", { occupancy: true });
    expect(typesOf(house.spool)).toEqual(["device.status.v1", "motion.detected.v1"]);
    expect(house.moved).toEqual(["porch"]);
  }
  await using house = await openRoad(directory.path);
  await house.take("zigbee2mqtt/porch", { occupancy: true });
  expect(house.moved).toEqual([]);
  await house.take("zigbee2mqtt/porch", { occupancy: false });
  await house.take("zigbee2mqtt/porch", { occupancy: true });
  expect(typesOf(house.spool).filter((type) => type === "motion.detected.v1").length).toBe(2);
});

test("nothing is acknowledged before the news that came before it is on disk, also what is no news itself", async () => {
  await using directory = await tempDir();
  await using house = await openRoad(directory.path);
  const held: number[] = [];
  const send = (topic: string, payload: unknown) =>
    house.take(topic, payload).then(() => held.push(typesOf(house.spool).length));
  await Promise.all([
    send("zigbee2mqtt/porch", { occupancy: true }),
    send("zigbee2mqtt/porch", { occupancy: true }),
    send("zigbee2mqtt/stranger", { occupancy: true }),
    send("zigbee2mqtt/porch", "not { json"),
    send("zigbee2mqtt/bridge/state", "online"),
  ]);
  expect(held).toEqual([2, 2, 2, 2, 2]);
});

test("a window below the threshold is merged onward and told once it holds enough", async () => {
  await using directory = await tempDir();
  await using house = await openRoad(directory.path, { motion: { mode: "counts", windowS: 60, atLeast: 3 } });
  const edge = async () => {
    await house.take("zigbee2mqtt/porch", { occupancy: true });
    await house.take("zigbee2mqtt/porch", { occupancy: false });
  };
  await edge();
  await edge();
  house.time.nowMs += 61_000;
  await house.road.tick();
  expect(typesOf(house.spool)).not.toContain("motion.count.v1");
  await edge();
  house.time.nowMs += 60_000;
  await house.road.tick();
  const [told] = bodies(house.spool).filter(({ type }) => type === "hedgerow.motion.count.v1");
  expect(told?.data).toMatchObject({ count: 3, from: "2026-11-21T12:00:00.000Z", to: "2026-11-21T12:02:00.000Z" });
  expect(house.spool.openWindows().size).toBe(0);
});

test("what is not understood is counted by its reason and changes nothing", async () => {
  await using directory = await tempDir();
  await using house = await openRoad(directory.path);
  await house.take("zigbee2mqtt/porch", "not { json");
  await house.take("zigbee2mqtt/stranger", { occupancy: true });
  await house.take("zigbee2mqtt/bridge/state", "online");
  await house.take("lamp/x", "ON", { kind: "device", id: "lamp" });
  expect(house.board.all()).toEqual({
    "arrival.dropped.no-profile": 1,
    "arrival.dropped.not-json": 1,
    "arrival.ignored.awaits-approval": 1,
    "arrival.ignored.bridge-state": 1,
  });
  expect(bodies(house.spool)).toEqual([]);
});

test("a device that was fine and falls silent becomes stale once; a lost bridge makes its devices unknown", async () => {
  await using directory = await tempDir();
  await using house = await openRoad(directory.path);
  await house.take("zigbee2mqtt/porch", { battery: 80 });
  house.time.nowMs += 100 * 3_600_000;
  await house.road.tick();
  await house.road.tick();
  await house.take("zigbee2mqtt/porch", { battery: 80 });
  await house.take("zigbee2mqtt/bridge/state", { state: "offline" });
  const states = bodies(house.spool).map(({ data }) => data["state"]);
  expect(states).toEqual(["ok", "stale", "ok", "unknown"]);
});

test("where the policy tells no link, a device whose link jumps when somebody passes says no more than that it is there", async () => {
  await using directory = await tempDir();
  const statusesWith = async (fields: object, dataDir: string) => {
    await using house = await openRoad(dataDir, { motion: { mode: "none" }, fields });
    for (const linkquality of [250, 20, 250, 20]) {
      house.time.nowMs += 1_800_000;
      await house.take("zigbee2mqtt/porch", { occupancy: true, linkquality });
      await house.take("zigbee2mqtt/porch", { occupancy: false, linkquality });
    }
    return typesOf(house.spool).length;
  };
  expect(await statusesWith({ batteryPct: true, linkPct: false }, `${directory.path}/untold`)).toBe(1);
  expect(await statusesWith({ batteryPct: true, linkPct: true }, `${directory.path}/told`)).toBeGreaterThan(1);
});

test("a device whose profile is missing for a while, as by a mistake in a volunteer's file, is remembered when it is back", async () => {
  await using directory = await tempDir();
  const occupied = { occupancy: true, battery: 80 };
  const heard = async (known?: Profiles) => {
    await using house = await openRoad(directory.path, known && { known });
    await house.take("zigbee2mqtt/porch", occupied);
    house.time.nowMs += 10_000;
    await house.road.tick();
    await house.road.flush();
    return house.moved;
  };
  expect(await heard()).toEqual(["porch"]);
  expect(await heard(await openProfiles({ directories: [] }))).toEqual([]);
  expect(await heard()).toEqual([]);
});

test("motion that a full disk kept waiting is kept, and takes no picture of who comes by when there is room again", async () => {
  await using directory = await tempDir();
  const disk = { freeBytes: 0 };
  await using house = await openRoad(directory.path, { freeBytes: async () => disk.freeBytes });
  await house.spool.lookAtDisk();
  const taken = house.take("zigbee2mqtt/porch", { occupancy: true });
  house.time.nowMs += 3_600_000;
  disk.freeBytes = 1e9;
  await house.spool.lookAtDisk();
  await taken;
  expect(typesOf(house.spool)).toContain("motion.detected.v1");
  expect(house.moved).toEqual([]);
});
