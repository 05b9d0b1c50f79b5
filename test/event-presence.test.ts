// Shown: presence on road 1 with a real spool: paused devices are heard and ignored, a power cut is one event, bridges keep
// their state, silence survives restarts and set clocks, and the sum of I9 holds through all of it.
import { expect, test } from "vitest";
import { Board } from "../src/core/board.ts";
import { silentLog } from "../src/core/log.ts";
import { createEventRoad } from "../src/event-road.ts";
import { view } from "../src/normalise/presence.ts";
import { builtInProfiles, openProfiles } from "../src/profiles/profiles.ts";
import { createRouter } from "../src/profiles/router.ts";
import { openSpool } from "../src/spool/sqlite-spool.ts";
import { testDisclosure, testPolicy } from "./helpers/disclosure.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const bridge = { kind: "bridge", id: "z2m" } as const;
const HOUR = 3_600_000;

/** A kit of four motion sensors behind a bridge. `paused` may be changed. */
async function openRoad(dataDir: string, time: ReturnType<typeof fakeTime>, motion = "each") {
  const { clock } = time;
  const board = new Board();
  const spool = await openSpool({ dataDir, bytesMax: 1e8, sinkIds: ["main"], clock, board, log: silentLog });
  const paused = new Set<string>();
  const devices = ["a", "b", "c", "d"].map((id) => ({
    id,
    profile: "zigbee2mqtt/occupancy",
    topic: `zigbee2mqtt/${id}`,
    zone: "porch",
  }));
  const router = createRouter(profiles, {
    bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
    devices,
  });
  const moved: string[] = [];
  const road = createEventRoad({
    profiles,
    router: () => router,
    announced: () => undefined,
    device: (id) => {
      const device = devices.find((each) => each.id === id);
      return device && { ...device, paused: paused.has(id) };
    },
    disclosure: testDisclosure({ clock, policy: testPolicy({ motion: { mode: motion } }) }),
    spool,
    clock,
    board,
    version: "1.0.0",
    onMotion: (deviceId) => moved.push(deviceId),
  });
  const bodies = () => spool.peek({ sinkId: "main", entriesMax: 1000, bytesMax: 1e9, nowMs: clock.nowMs() });
  return {
    road,
    paused,
    moved,
    counters: () => spool.counters(),
    take: (topic: string, payload: unknown, { isReplay = false } = {}) =>
      road.take({
        topic: `zigbee2mqtt/${topic}`,
        payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
        isReplay,
        login: isReplay ? { kind: "site", id: "site" } : bridge,
        receivedAtMs: clock.nowMs(),
      }),
    async watch(ms: number) {
      for (let passedMs = 0; passedMs < ms; passedMs += 5000) {
        time.pass(5000);
        await road.tick();
      }
    },
    /** State, and for the site how many, of each status event, in order. */
    told: () =>
      bodies()
        .map(({ body }) => JSON.parse(body))
        .filter(({ type }) => /device.status|gateway.status/.test(type))
        .map(({ data }) => (data.devices === undefined ? data.state : `${data.state} ${data.devices}`)),
    state: (id: string) => view(road.memories.get(id)).state,
    [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
  };
}

function isConserved(counters: Readonly<Record<string, number>>): boolean {
  const of = (prefix: string) =>
    Object.entries(counters).reduce((sum, [name, n]) => (name.startsWith(prefix) ? sum + n : sum), 0);
  const accounted = of("reading.ignored.") + of("reading.withheld.") + of("reading.counted") + of("reading.made");
  return of("reading.taken") === accounted;
}

test("what a paused device says is counted as ignored and is no event; it is followed whether it is there", async () => {
  await using directory = await tempDir();
  await using house = await openRoad(directory.path, fakeTime());
  await house.take("a", { occupancy: false, battery: 80 });
  house.paused.add("a");
  await house.watch(5000);
  await house.take("a", { occupancy: true, battery: 10, tamper: true });
  await house.take("a/availability", { state: "offline" });
  await house.watch(200 * HOUR);
  expect(house.told()).toEqual(["ok", "paused"]);
  expect(house.moved).toEqual([]);
  expect(house.counters()).toMatchObject({ "reading.ignored.paused": 4 });
  expect(house.road.journal.of("a")[0]).toMatchObject({ outcome: "ignored" });
  house.paused.delete("a");
  await house.watch(5000);
  expect(house.told()).toEqual(["ok", "paused", "offline"]);
  await house.take("a", { occupancy: true });
  expect(house.moved).toEqual(["a"]);
  await house.road.flush();
  expect(isConserved(house.counters())).toBe(true);
});

test("a site that goes away and comes back is two events, and every reading of it is accounted for", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  {
    await using house = await openRoad(directory.path, time);
    for (const id of ["a", "b", "c", "d"]) await house.take(id, { battery: 80 });
    await house.watch(1 * HOUR);
    for (const id of ["a", "b", "c", "d"]) await house.take(`${id}/availability`, { state: "offline" });
    expect(house.state("a")).toBe("offline");
    await house.watch(60_000);
    expect(house.told()).toEqual(["ok", "ok", "ok", "ok", "devices-lost 4"]);
  }
  await using house = await openRoad(directory.path, time);
  for (const id of ["a", "b", "c", "d"]) await house.take(`${id}/availability`, { state: "online" });
  await house.watch(60_000);
  expect(house.told().slice(4)).toEqual(["devices-lost 4", "devices-back 4"]);
  await house.road.flush();
  expect(house.counters()).toMatchObject({ "reading.ignored.held": 4, "device-status.held.site": 4 });
  expect(isConserved(house.counters())).toBe(true);
});

test("a bridge's own state is remembered apart from its devices, and its will is no word of its own", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  const heardAtMs = time.clock.nowMs() + 7;
  {
    await using house = await openRoad(directory.path, time);
    expect(house.road.bridges.get("z2m").state).toBe("unknown");
    time.pass(7);
    await house.take("a", { battery: 80 });
    expect(house.road.bridges.get("z2m")).toMatchObject({ state: "online", heardAtMs });
    time.pass(7);
    await house.take("bridge/state", { state: "offline" });
    expect(house.state("a")).toBe("unknown");
  }
  await using house = await openRoad(directory.path, time);
  expect(house.road.bridges.get("z2m")).toMatchObject({ state: "offline", heardAtMs });
  await house.take("bridge/state", "online");
  expect(house.road.bridges.get("z2m").state).toBe("online");
  expect(house.state("a")).toBe("ok");
});

test("what was put off is written in time, though the clock was set back by a month", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  await using house = await openRoad(directory.path, time);
  await house.take("a", {});
  await house.take("a", { occupancy: false });
  await house.watch(5000);
  time.set(-720 * HOUR);
  await house.watch(20_000);
  expect(house.counters()["reading.taken"]).toBeUndefined();
  await house.watch(10_000);
  expect(house.counters()["reading.taken"]).toBe(1);
});

test("what a broker replays tells who went and who came back while the gateway was away, until they speak; no reading of it is news", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  const isReplay = { isReplay: true };
  {
    await using house = await openRoad(directory.path, time);
    await house.watch(5000);
    for (const id of ["a", "b"]) await house.take(id, { battery: 80 });
    await house.watch(5000);
    await house.take("b/availability", { state: "offline" });
    await house.take("a/availability", { state: "offline" }, isReplay);
    expect([house.state("a"), house.state("b")]).toEqual(["ok", "offline"]);
    await house.road.flush();
  }
  await using house = await openRoad(directory.path, time);
  await house.watch(5000);
  await house.take("a", { battery: 10, occupancy: true }, isReplay);
  await house.take("a/availability", { state: "offline" }, isReplay);
  await house.take("b/availability", { state: "online" }, isReplay);
  await house.take("c/availability", { state: "online" }, isReplay);
  expect(["a", "b", "c"].map((id) => house.state(id))).toEqual(["offline", "ok", "unknown"]);
  expect(house.told()).toEqual(["ok", "ok", "offline", "offline", "ok"]);
  await house.take("a", { battery: 80 });
  await house.take("a/availability", { state: "offline" }, isReplay);
  expect(house.state("a")).toBe("ok");
  await house.road.flush();
  expect(house.counters()["reading.ignored.retained-replay"]).toBe(7);
  expect(isConserved(house.counters())).toBe(true);
});

test("where single motions are not told, a motion sensor that wakes for each passer-by is not told each time it wakes", async () => {
  await using directory = await tempDir();
  const statusesUnder = async (motion: string): Promise<number> => {
    await using house = await openRoad(`${directory.path}/${motion}`, fakeTime(), motion);
    for (let passersBy = 0; passersBy < 8; passersBy++) {
      await house.take("a/availability", { state: "online" });
      await house.take("a", { occupancy: true });
      await house.take("a", { occupancy: false });
      await house.take("a/availability", { state: "offline" });
      await house.watch(15 * 60_000);
    }
    return house.told().length;
  };
  expect(await statusesUnder("each")).toBeGreaterThan(8);
  for (const motion of ["none", "counts"]) expect(await statusesUnder(motion)).toBeLessThanOrEqual(3);
});
