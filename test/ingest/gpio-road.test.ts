// Shown: from the voltage on a line to the event on disk: wired sensors through the whole of road 1 on a real spool. An edge
// that was taken is on disk (I5); rest at the start is no event, and a motion that ended while nobody looked ends.
import { expect, test } from "vitest";
import type { Arrival } from "../../src/core/arrival.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { createEventRoad } from "../../src/event-road.ts";
import { openGpio } from "../../src/ingest/gpio.ts";
import { simulatedLines } from "../../src/ingest/gpio-simulated.ts";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import { createRouter } from "../../src/profiles/router.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { testDisclosure, testPolicy } from "../helpers/disclosure.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, query } from "../helpers/test-spool.ts";

/** A second, the default, is short on a machine that does other things too. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000 });

const profiles = await openProfiles({ directories: [builtInProfiles] });
const wired = { topic: "gpio/pi/17", pin: 17, zone: "gate", debounceMs: 1 };
const PIN = { chip: undefined, pin: 17 };

/** What is on disk, as another process reads it: `motion.detected`, `device.status ok`. */
function onDisk(dataDir: string): string[] {
  return query(dataDir, "SELECT body FROM entries ORDER BY sequence").map(({ body }) => {
    const { type, data } = JSON.parse(String(body));
    const kind = String(type).replace(/^hedgerow\.|\.v1$/g, "");
    return kind === "device.status" ? `${kind} ${data.state}` : kind;
  });
}

async function openHouse(dataDir: string, lines: ReturnType<typeof simulatedLines>, profile = "gpio/pir") {
  const stack = new AsyncDisposableStack();
  const board = new Board();
  const kit = { bridges: [], devices: [{ ...wired, id: "gate-wire", profile }], cameras: [] };
  const registry = stack.use(await openRegistry({ dataDir, kit, log: silentLog }));
  const spool = stack.use(await openTestSpool(dataDir));
  const router = createRouter(profiles, registry.data());
  const moved: string[] = [];
  const road = createEventRoad({
    profiles,
    router: () => router,
    announced: () => undefined,
    device: (id) => registry.data().devices.find((device) => device.id === id),
    disclosure: testDisclosure({ policy: testPolicy({ motion: { mode: "each" } }), clock: systemClock }),
    spool,
    clock: systemClock,
    board,
    version: "1.0.0",
    onMotion: (id) => moved.push(id),
  });
  stack.defer(() => road.flush());
  /** What was on disk when each arrival had been taken. */
  const taken: string[][] = [];
  const take = async (arrival: Arrival): Promise<void> => {
    await road.take(arrival);
    taken.push(onDisk(dataDir));
  };
  stack.use(openGpio({ registry, lines, take, isHeldBack: () => false, clock: systemClock, board, log: silentLog }));
  return { taken, moved, board, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const nowMs = () => systemClock.nowMs();

test("a motion on a wire is on disk when it was taken; rest at the start and the end of a motion are no events", async () => {
  await using directory = await tempDir();
  const lines = simulatedLines({ nowMs });
  await using house = await openHouse(directory.path, lines);
  await eventually(() => house.taken.length).toBe(1);
  expect(house.taken[0]).toEqual(["device.status ok"]);
  lines.set(PIN, 1);
  await eventually(() => house.taken.length).toBe(2);
  expect(house.taken[1]).toEqual(["device.status ok", "motion.detected"]);
  expect(house.moved).toEqual(["gate-wire"]);
  lines.set(PIN, 0);
  await eventually(() => house.taken.length).toBe(3);
  expect(house.taken[2]).toEqual(house.taken[1]);
});

test("a motion that ended while the gateway was away does not last for ever: the next one is news", async () => {
  await using directory = await tempDir();
  const lines = simulatedLines({ nowMs });
  lines.set(PIN, 1);
  {
    await using house = await openHouse(directory.path, lines);
    await eventually(() => house.moved).toEqual(["gate-wire"]);
  }
  lines.set(PIN, 0);
  await using house = await openHouse(directory.path, lines);
  await eventually(() => house.taken.length).toBe(1);
  lines.set(PIN, 1);
  await eventually(() => house.moved).toEqual(["gate-wire"]);
  expect(onDisk(directory.path).filter((each) => each === "motion.detected").length).toBe(2);
});

test("a wired device whose line is lost is offline, and ok when it is back", async () => {
  await using directory = await tempDir();
  const lines = simulatedLines({ nowMs });
  {
    await using house = await openHouse(directory.path, lines, "gpio/reed");
    await eventually(() => house.taken.length).toBe(1);
    lines.lose(PIN, "the chip was pulled out");
    await eventually(() => onDisk(directory.path).at(-1)).toBe("device.status offline");
  }
  await using house = await openHouse(directory.path, lines, "gpio/reed");
  await eventually(() => house.taken.length).toBe(1);
  expect(onDisk(directory.path).at(-1)).toBe("device.status ok");
});
