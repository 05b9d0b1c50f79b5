// Shown: lamps on the real road, registry, ledger and spool: a fault is an event and survives a restart, a policy without light
// tells none, and a lamp is switched only after the ledger has it.
import { expect, test } from "vitest";
import { Board } from "../src/core/board.ts";
import type { Clock } from "../src/core/clock.ts";
import { openDatabase } from "../src/core/database.ts";
import { openGatewayKey } from "../src/core/gateway-key.ts";
import { silentLog } from "../src/core/log.ts";
import { createEventRoad } from "../src/event-road.ts";
import { createLampSwitch, lampView, watchLamps } from "../src/lamps.ts";
import { findCommandFault } from "../src/ledger/lamp-commands.ts";
import { builtInProfiles, openProfiles } from "../src/profiles/profiles.ts";
import { createRouter } from "../src/profiles/router.ts";
import { openRegistry } from "../src/registry/open-registry.ts";
import { SCHEMAS } from "../src/settings/schema.ts";
import { openSpool } from "../src/spool/sqlite-spool.ts";
import { testDisclosure, testPolicy } from "./helpers/disclosure.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestLedger } from "./helpers/test-ledger.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const kit = SCHEMAS.kit.parse({
  devices: [
    { id: "lamp", profile: "tasmota/relay", topic: "lamp", zone: "path", lamp: {} },
    { id: "sense", profile: "gpio/lamp-relay", pin: 6, zone: "path", lamp: {} },
    { id: "pir", profile: "gpio/pir", pin: 17, zone: "path" },
  ],
});
const MINUTE = 60_000;
/** Paris, ten in the evening. */
const CELL = "u09tun";
const LATE = Date.UTC(2026, 10, 21, 21);

/** A house without doors. `light`: what the policy says of it. */
async function openHouse(
  dataDir: string,
  { cell = CELL, light = true }: { cell?: string | null; light?: boolean } = {},
) {
  const time = { nowMs: LATE };
  const clock: Clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs, isSynced: () => true };
  await using stack = new AsyncDisposableStack();
  const board = new Board();
  const registry = stack.use(await openRegistry({ dataDir, kit, log: silentLog }));
  const ledger = stack.use(await openTestLedger(dataDir));
  const spool = stack.use(await openSpool({ dataDir, bytesMax: 1e8, sinkIds: ["main"], clock, board, log: silentLog }));
  const faults = stack.use(
    watchLamps({ registry, cell: cell ?? undefined, kept: spool.state("lamp:"), clock, log: silentLog }),
  );
  const road = createEventRoad({
    profiles,
    router: () => createRouter(profiles, registry.data()),
    device: (id) => registry.data().devices.find((device) => device.id === id),
    announced: () => undefined,
    lamps: faults,
    disclosure: testDisclosure({ policy: testPolicy({ motion: { mode: "each" }, light }), clock }),
    spool,
    clock,
    board,
    version: "1.0.0",
    onMotion: () => undefined,
  });
  const say = (state: "ON" | "OFF") =>
    road.take({
      topic: "tele/lamp/STATE",
      payload: Buffer.from(JSON.stringify({ POWER: state })),
      isReplay: false,
      login: { kind: "device", id: "lamp" },
      receivedAtMs: time.nowMs,
    });
  const sent: { topic: string; payload: string }[] = [];
  const events = (): { type: string; data: object }[] =>
    spool
      .peek({ sinkId: "main", entriesMax: 100, bytesMax: 1e6, nowMs: time.nowMs })
      .map(({ body }) => JSON.parse(body));
  const owned = stack.move();
  return {
    registry,
    ledger,
    spool,
    road,
    say,
    sent,
    time,
    board,
    told: () => events().flatMap(({ type, data }) => (type === "hedgerow.light.fault.v1" ? [data] : [])),
    view: (id: string) => {
      const device = registry.data().devices.find((each) => each.id === id);
      return device && lampView(device, { profiles, faults, memory: road.memories.get(id) });
    },
    turn: createLampSwitch({
      registry,
      profiles,
      ledger,
      clock,
      send: async (command) => {
        // What is sent is in the ledger already.
        expect(ledger.latestLampCommands(1)).toMatchObject([{ lamp: "lamp" }]);
        sent.push(command);
        return command.payload === "ON";
      },
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("a lamp that says off in the night is a fault: told once, shown, and known after a restart", async () => {
  await using directory = await tempDir();
  {
    await using house = await openHouse(directory.path);
    await house.say("OFF");
    house.time.nowMs += 21 * MINUTE;
    await house.say("OFF");
    await house.road.tick();
    expect(house.told()).toMatchObject([{ fault: "dark-at-night", present: true }]);
    expect(house.view("lamp")).toEqual({ isOn: false, fault: "dark-at-night", isSwitchable: true });
  }
  await using house = await openHouse(directory.path);
  expect(house.view("lamp")).toEqual({ isOn: false, fault: "dark-at-night", isSwitchable: true });
  house.time.nowMs += 25 * MINUTE;
  await house.say("ON");
  house.time.nowMs += 11 * MINUTE;
  await house.road.tick();
  expect(house.told()).toMatchObject([
    { fault: "dark-at-night", present: true },
    { fault: "dark-at-night", present: false },
  ]);
  expect(house.view("lamp")).toEqual({ isOn: true, fault: null, isSwitchable: true });
});

test("what time alone brings about is told too", async () => {
  await using directory = await tempDir();
  await using house = await openHouse(directory.path);
  await house.say("OFF");
  house.time.nowMs += 21 * MINUTE;
  await house.road.tick();
  expect(house.told()).toMatchObject([{ fault: "dark-at-night", present: true }]);
});

test("a policy that tells nothing of the light tells no fault; the page shows it", async () => {
  await using directory = await tempDir();
  await using house = await openHouse(directory.path, { light: false });
  await house.say("OFF");
  house.time.nowMs += 21 * MINUTE;
  await house.road.tick();
  expect(house.told()).toEqual([]);
  expect(house.board.get("lamp-fault.withheld.policy")).toBe(1);
  expect(house.view("lamp")).toEqual({ isOn: false, fault: "dark-at-night", isSwitchable: true });
});

test("a lamp that leaves the kit takes its fault along, and what was kept of it", async () => {
  await using directory = await tempDir();
  await using house = await openHouse(directory.path);
  await house.say("OFF");
  house.time.nowMs += 21 * MINUTE;
  await house.road.tick();
  await house.registry.update((data) => {
    data.devices = data.devices.filter(({ id }) => id !== "lamp");
  });
  await house.road.tick();
  expect(house.told()).toMatchObject([{ present: true }, { present: false }]);
  expect([...house.spool.state("lamp:")]).toEqual([]);
});

test("without the site's cell no lamp is watched", async () => {
  await using directory = await tempDir();
  await using house = await openHouse(directory.path, { cell: null });
  await house.say("OFF");
  house.time.nowMs += 60 * MINUTE;
  await house.road.tick();
  expect(house.told()).toEqual([]);
});

test("a lamp is what is watched or can be switched; a wire that tells of one switches nothing", async () => {
  await using directory = await tempDir();
  await using house = await openHouse(directory.path);
  expect(["lamp", "sense", "pir"].map(house.view)).toEqual([
    { isOn: null, fault: null, isSwitchable: true },
    { isOn: null, fault: null, isSwitchable: false },
    null,
  ]);
});

test("a lamp is switched, and the ledger holds who asked", async () => {
  await using directory = await tempDir();
  const key = await openGatewayKey(directory.path);
  await using house = await openHouse(directory.path);
  await house.turn({ id: "lamp", isOn: true, by: "steward" });
  expect(house.sent).toEqual([{ topic: "cmnd/lamp/Power1", payload: "ON" }]);
  house.time.nowMs += 2000;
  await expect(house.turn({ id: "lamp", isOn: false, by: "night watch" })).rejects.toMatchObject({
    code: "DEVICE_OFFLINE",
  });
  const commands = house.ledger.latestLampCommands(10).toReversed();
  expect(commands).toMatchObject([
    { kind: "lamp-command", lamp: "lamp", isOn: true, by: "steward", at: "2026-11-21T21:00:00.000Z" },
    { kind: "lamp-command", lamp: "lamp", isOn: false, by: "night watch", at: "2026-11-21T21:00:02.000Z" },
  ]);
  expect(findCommandFault(commands, key.publicKey)).toBeNull();
  expect(house.ledger.latestReceipts(10)).toEqual([]);
});

test("what cannot be switched is refused, and then neither sent nor written", async () => {
  await using directory = await tempDir();
  await using house = await openHouse(directory.path);
  const ask = { isOn: true, by: "steward" };
  await expect(house.turn({ ...ask, id: "nowhere" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  for (const id of ["sense", "pir"]) await expect(house.turn({ ...ask, id })).rejects.toMatchObject({ code: "USAGE" });
  expect(house.ledger.latestLampCommands(10)).toEqual([]);
  await house.turn({ ...ask, id: "lamp" });
  house.time.nowMs += 1999;
  await expect(house.turn({ ...ask, id: "lamp" })).rejects.toMatchObject({ code: "TOO_SOON" });
  expect([house.sent.length, house.ledger.latestLampCommands(10).length]).toEqual([1, 1]);
});

test("a ledger that cannot be written keeps the lamp as it is", async () => {
  await using directory = await tempDir();
  await using house = await openHouse(directory.path);
  const database = openDatabase(`${directory.path}/ledger.db`);
  database.exec("CREATE TRIGGER refuse BEFORE INSERT ON lamp_commands BEGIN SELECT RAISE(ABORT, 'no room'); END");
  database.close();
  await expect(house.turn({ id: "lamp", isOn: true, by: "steward" })).rejects.toMatchObject({ code: "SPOOL_FAILED" });
  expect(house.sent).toEqual([]);
});
