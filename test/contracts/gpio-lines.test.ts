// Shown: what the port of wired sensors promises, on each implementation: simulated lines, onoff over a tree like sysfs, and
// libgpiod's tools in both their languages. On a real kernel: test/gpio-emulation/run.
import { describe, expect, test } from "vitest";
import { gpiomonLines } from "../../src/ingest/gpio-gpiomon.ts";
import type { GpioLines, Level } from "../../src/ingest/gpio-lines.ts";
import { onoffLines } from "../../src/ingest/gpio-onoff.ts";
import { simulatedLines } from "../../src/ingest/gpio-simulated.ts";
import { fakeGpiod } from "../helpers/fake-gpiod.ts";
import { fakeSysfs } from "../helpers/fake-sysfs.ts";

/** A second, the default, is short on a machine that does other things too. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000 });

type Bench = AsyncDisposable & { readonly lines: GpioLines; set(pin: number, voltage: Level): void | Promise<void> };

const nowMs = () => 1_700_000_000_000;

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  async simulated() {
    const lines = simulatedLines({ nowMs });
    return {
      lines,
      set: (pin, voltage) => lines.set({ chip: undefined, pin }, voltage),
      [Symbol.asyncDispose]: async () => undefined,
    };
  },
  async onoff() {
    const sysfs = await fakeSysfs([
      { label: "raspberrypi-exp-gpio", base: 504, ngpio: 8 },
      { label: "pinctrl-bcm2711", base: 512, ngpio: 58 },
    ]);
    return {
      lines: onoffLines({ nowMs, root: sysfs.root, load: sysfs.load }),
      set: (pin, voltage) => sysfs.set(512 + pin, voltage),
      [Symbol.asyncDispose]: () => sysfs[Symbol.asyncDispose](),
    };
  },
  "gpiomon 1.6": () => gpiodBench(1),
  "gpiomon 2": () => gpiodBench(2),
};

async function gpiodBench(version: 1 | 2): Promise<Bench> {
  const gpiod = await fakeGpiod({ version });
  return {
    lines: gpiomonLines({ nowMs, path: gpiod.path }),
    set: (pin, voltage) => gpiod.set(pin, voltage),
    [Symbol.asyncDispose]: () => gpiod[Symbol.asyncDispose](),
  };
}

const line = (pin: number, activeLow = false) => ({ chip: undefined, pin, activeLow, pull: undefined });

describe.each(Object.entries(benches))("%s", (_, openBench) => {
  test("a line tells the level it has, and each change of it", async () => {
    await using bench = await openBench();
    await bench.set(17, 1);
    const seen: Level[] = [];
    await using opened = await bench.lines.open(line(17), (level) => seen.push(level));
    expect(await opened.value()).toBe(1);
    // An edge before gpiomon listens is nobody's: it is repeated until it is heard.
    await eventually(async () => {
      await bench.set(17, 0);
      return seen.at(-1);
    }).toBe(0);
    await bench.set(17, 1);
    await eventually(() => seen.at(-1)).toBe(1);
    expect(await opened.value()).toBe(1);
  });

  test("on an active-low line 0 volts is 1", async () => {
    await using bench = await openBench();
    await bench.set(5, 1);
    const seen: Level[] = [];
    await using opened = await bench.lines.open(line(5, true), (level) => seen.push(level));
    expect(await opened.value()).toBe(0);
    await eventually(async () => {
      await bench.set(5, 0);
      return seen.at(-1);
    }).toBe(1);
  });

  test("the hour of a change is about now", async () => {
    await using bench = await openBench();
    const hours: number[] = [];
    await using _opened = await bench.lines.open(line(17), (_level, atMs) => hours.push(atMs));
    await eventually(async () => {
      await bench.set(17, 1);
      await bench.set(17, 0);
      return hours.length;
    }).toBeGreaterThan(0);
    for (const atMs of hours) expect(Math.abs(atMs - nowMs())).toBeLessThan(60_000);
  });

  test("a line has one user, and is free again when closed; closing twice does no harm", async () => {
    await using bench = await openBench();
    const first = await bench.lines.open(line(17), () => undefined);
    await eventually(() =>
      bench.lines.open(line(17), () => undefined).then((again) => again[Symbol.asyncDispose](), codeOf),
    ).toBe("GPIO_UNAVAILABLE");
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await expect(first.value()).rejects.toThrow("pin 17 is closed");
    const second = await bench.lines.open(line(17), () => undefined);
    await second[Symbol.asyncDispose]();
  });

  test("nothing is told of a closed line", async () => {
    await using bench = await openBench();
    const seen: Level[] = [];
    const opened = await bench.lines.open(line(17), (level) => seen.push(level));
    await opened[Symbol.asyncDispose]();
    const before = seen.length;
    await bench.set(17, 1);
    // Another line that is heard shows that this one had its time.
    const others: Level[] = [];
    await using _other = await bench.lines.open(line(27), (level) => others.push(level));
    await eventually(async () => {
      await bench.set(27, 0);
      await bench.set(27, 1);
      return others.length;
    }).toBeGreaterThan(0);
    expect(seen.length).toBe(before);
  });
});

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && "code" in thrown ? thrown.code : thrown;
}
