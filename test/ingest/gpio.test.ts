// Shown: wired sensors from the voltage on a line to the event on disk, over simulated lines and a real spool: the level at the
// start, edges in order, a full disk, lines that fail alone and come back, and a kit that changes under way.
import { expect, test } from "vitest";
import type { Arrival } from "../../src/core/arrival.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/log.ts";
import { openGpio } from "../../src/ingest/gpio.ts";
import { EdgeQueue } from "../../src/ingest/gpio-queue.ts";
import { gpiomonLines } from "../../src/ingest/gpio-gpiomon.ts";
import type { GpioLines } from "../../src/ingest/gpio-lines.ts";
import { simulatedLines } from "../../src/ingest/gpio-simulated.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { fakeGpiod } from "../helpers/fake-gpiod.ts";
import { tempDir } from "../helpers/temp-dir.ts";

/** A second, the default, is short on a machine that does other things too. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000 });

const pir = (id: string, pin: number) => ({
  id,
  profile: "gpio/pir",
  pin,
  topic: `gpio/pi/${pin}`,
  zone: "gate",
  debounceMs: 1,
});
const wire = (pin: number) => ({ chip: undefined, pin });
const asked = (pin: number) => ({ ...wire(pin), activeLow: false, pull: undefined });
/** What a line that could be opened was; it is closed again. */
const free = async (line: AsyncDisposable): Promise<string> => {
  await line[Symbol.asyncDispose]();
  return "free";
};
type Take = (arrival: Arrival) => Promise<void>;

/** What arrived reads `topic payload`; devices of the kit may be changed through the registry. */
async function site({
  devices = [pir("gate-pir", 17)],
  take = () => Promise.resolve(),
  isHeldBack = () => false,
  limits = {},
  lines: others,
}: {
  devices?: ReturnType<typeof pir>[];
  take?: Take;
  isHeldBack?: () => boolean;
  limits?: Parameters<typeof openGpio>[0]["limits"];
  lines?: GpioLines;
} = {}) {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDir());
  const registry = stack.use(
    await openRegistry({ dataDir: path, kit: { bridges: [], devices, cameras: [] }, log: silentLog }),
  );
  const lines = simulatedLines({ nowMs: () => systemClock.nowMs() });
  const board = new Board();
  const arrived: string[] = [];
  const note: Take = async (arrival) => {
    await take(arrival);
    arrived.push(`${arrival.topic} ${Buffer.from(arrival.payload).toString()}`);
  };
  const open = () =>
    openGpio({
      registry,
      lines: others ?? lines,
      take: note,
      isHeldBack,
      clock: systemClock,
      board,
      log: silentLog,
      ...(limits && { limits }),
    });
  return { registry, lines, board, arrived, open, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const until = async (arrived: readonly string[], expected: readonly string[]) =>
  await eventually(() => arrived.slice(0, expected.length + 1)).toEqual(expected);

test("the level at the start arrives, then each change, as the device itself says it", async () => {
  const logins: unknown[] = [];
  await using at = await site({ take: async ({ login, isReplay }) => void logins.push({ ...login, isReplay }) });
  at.lines.set(wire(17), 1);
  await using _gpio = at.open();
  await until(at.arrived, ["gpio/pi/17 1"]);
  at.lines.set(wire(17), 0);
  await until(at.arrived, ["gpio/pi/17 1", "gpio/pi/17 0"]);
  expect(logins[0]).toEqual({ kind: "device", id: "gate-pir", isReplay: false });
});

test("an edge that the gateway missed while it was away shows at the next start", async () => {
  await using at = await site();
  at.lines.set(wire(17), 1);
  {
    await using _gpio = at.open();
    await until(at.arrived, ["gpio/pi/17 1"]);
  }
  at.lines.set(wire(17), 0);
  await using _gpio = at.open();
  await until(at.arrived, ["gpio/pi/17 1", "gpio/pi/17 0"]);
});

test("a change is handed in again until it is taken, and changes keep their order", async () => {
  const refusals = [new GatewayError("SPOOL_FULL", "full"), new GatewayError("SPOOL_FULL", "full")];
  await using at = await site({
    take: async () => {
      const refusal = refusals.pop();
      if (refusal !== undefined) throw refusal;
    },
    limits: { spoolFullRetryMs: 1 },
  });
  await using _gpio = at.open();
  await until(at.arrived, ["gpio/pi/17 0"]);
  expect(at.board.get("gpio.unacknowledged")).toBe(2);
  for (const voltage of [1, 0, 1] as const) {
    const before = at.arrived.length;
    at.lines.set(wire(17), voltage);
    await eventually(() => at.arrived.length).toBe(before + 1);
  }
  expect(at.arrived.map((each) => each.at(-1)).join("")).toBe("0101");
});

test("while the disk takes nothing, changes beyond the bound become one, the newest, and are counted", async () => {
  const disk = Promise.withResolvers<void>();
  const board = new Board();
  const taken: string[] = [];
  const queue = new EdgeQueue({
    take: async ({ topic }) => {
      await disk.promise;
      taken.push(topic);
    },
    isHeldBack: () => false,
    board,
    log: silentLog,
    edgesMax: 3,
    retryMs: 1,
  });
  for (const topic of ["in hand", "1", "2", "3", "4", "5"]) {
    queue.put({ topic, payload: Buffer.of(), isReplay: false, login: { kind: "device", id: "x" }, receivedAtMs: 0 });
  }
  expect(board.get("gpio.collapsed")).toBe(3);
  disk.resolve();
  await queue[Symbol.asyncDispose]();
  expect(taken).toEqual(["in hand", "4", "5"]);
});

test("closing does not wait for a disk that is full", async () => {
  await using at = await site({ take: () => new Promise(() => undefined), isHeldBack: () => true });
  const gpio = at.open();
  await eventually(() => at.lines.open(asked(17), () => undefined).then(free, () => "taken")).toBe("taken");
  await gpio[Symbol.asyncDispose]();
  expect(at.arrived).toEqual([]);
});

test("noise shorter than debounceMs is no change, and is counted", async () => {
  await using at = await site({ devices: [{ ...pir("gate-pir", 17), debounceMs: 10_000 }, pir("yard-pir", 27)] });
  await using _gpio = at.open();
  await eventually(() => at.arrived.toSorted()).toEqual(["gpio/pi/17 0", "gpio/pi/27 0"]);
  at.lines.set(wire(17), 1);
  at.lines.set(wire(17), 0);
  at.lines.set(wire(27), 1);
  await eventually(() => at.arrived.at(-1)).toBe("gpio/pi/27 1");
  expect(at.arrived.length).toBe(3);
  expect(at.board.get("gpio.noise")).toBe(1);
});

test("the level is read again now and then, which corrects a missed edge and is a sign of life", async () => {
  await using at = await site({ limits: { gpioRereadMs: 5 } });
  await using _gpio = at.open();
  await eventually(() => at.arrived.length).toBeGreaterThan(3);
  expect(new Set(at.arrived)).toEqual(new Set(["gpio/pi/17 0"]));
});

test("where only opening anew reads the level, the line is opened anew now and then", async () => {
  await using gpiod = await fakeGpiod({ version: 2 });
  const lines = gpiomonLines({ nowMs: () => systemClock.nowMs(), path: gpiod.path });
  await using at = await site({ lines, limits: { gpioRereadMs: 5 } });
  await using _gpio = at.open();
  await until(at.arrived, ["gpio/pi/17 0"]);
  await gpiod.setUnheard(17, 1);
  await eventually(() => at.arrived.at(-1)).toBe("gpio/pi/17 1");
  expect(at.arrived).not.toContain("gpio/pi/17/line gone");
});

test("a line that cannot be had makes its device absent, others go on, and a changed kit tries it again", async () => {
  await using at = await site({ devices: [pir("gate-pir", 17), pir("yard-pir", 27)] });
  const other = await at.lines.open(asked(17), () => undefined);
  await using _gpio = at.open();
  await eventually(() => at.arrived.toSorted()).toEqual(["gpio/pi/17/line gone", "gpio/pi/27 0"]);
  at.lines.set(wire(27), 1);
  await eventually(() => at.arrived.at(-1)).toBe("gpio/pi/27 1");
  await other[Symbol.asyncDispose]();
  await at.registry.update((data) => {
    for (const device of data.devices) device.name = "renamed";
  });
  await eventually(() => at.arrived.at(-1)).toBe("gpio/pi/17 0");
});

test("a line that is lost is told once, and tried again until it is back", async () => {
  await using at = await site({ limits: { gpioRetryMs: 1 } });
  await using _gpio = at.open();
  await until(at.arrived, ["gpio/pi/17 0"]);
  at.lines.set(wire(17), 1);
  await eventually(() => at.arrived.at(-1)).toBe("gpio/pi/17 1");
  at.lines.lose(wire(17), "the chip was pulled");
  await until(at.arrived, ["gpio/pi/17 0", "gpio/pi/17 1", "gpio/pi/17/line gone", "gpio/pi/17 1"]);
});

test("devices come and go while it runs, and a pin goes from one to the other", async () => {
  await using at = await site();
  await using _gpio = at.open();
  await until(at.arrived, ["gpio/pi/17 0"]);
  await at.registry.update((data) => {
    data.devices = [
      { ...pir("new-pir", 17), passwordHash: null },
      { ...pir("yard-pir", 27), passwordHash: null },
    ];
  });
  await eventually(() => at.arrived.toSorted()).toEqual(["gpio/pi/17 0", "gpio/pi/17 0", "gpio/pi/27 0"]);
  await at.registry.update((data) => {
    data.devices = [];
  });
  // Its line is free: nobody follows it any more.
  await eventually(() => at.lines.open(asked(17), () => undefined).then(free, () => "taken")).toBe("free");
});

test("closing waits for what the disk is about to take", async () => {
  const disk = Promise.withResolvers<void>();
  await using at = await site({ take: () => disk.promise });
  const gpio = at.open();
  const closing = (async () => await gpio[Symbol.asyncDispose]())().then(() => at.arrived.push("closed"));
  disk.resolve();
  await closing;
  expect(at.arrived).toEqual(["gpio/pi/17 0", "closed"]);
});
