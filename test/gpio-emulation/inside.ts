// What is shown of wired sensors on a real kernel; runs inside the emulated machine (see run). Each claim is printed; the first
// that does not hold ends it. The chip is a PL061 with 8 lines, whose base is not 0.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Arrival } from "../../src/core/arrival.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { openLog } from "../../src/core/log.ts";
import { waitFor } from "../../src/core/wait.ts";
import { readChips, sysfsNumber } from "../../src/ingest/gpio-chips.ts";
import { gpiomonLines } from "../../src/ingest/gpio-gpiomon.ts";
import { openGpio } from "../../src/ingest/gpio.ts";
import type { GpioLines } from "../../src/ingest/gpio-lines.ts";
import { onoffLines } from "../../src/ingest/gpio-onoff.ts";

const nowMs = () => systemClock.nowMs();
const never = new AbortController().signal;
const [chip] = await readChips();
assert(chip !== undefined);

await shown(`the chip ${chip.label} is found by its label; its base is ${chip.base}, not 0`, async () => {
  assert.notEqual(chip.base, 0);
  assert.equal(await sysfsNumber({ chip: chip.label, pin: 5 }), chip.base + 5);
  await assert.rejects(sysfsNumber({ chip: chip.label, pin: 8 }), { code: "GPIO_UNAVAILABLE" });
});

for (const [name, lines] of [
  ["onoff", onoffLines({ nowMs })],
  ["gpiomon 1.6", gpiomonLines({ nowMs })],
] as const) {
  await shown(`${name}: the level at the start, each change, the noise that is none`, () => followed(lines));
  await shown(`${name}: an active-low line turned round`, () => turnedRound(lines));
}

await shown(
  "a line has one user: what gpiomon holds is refused to onoff and the other way round, until it is closed",
  async () => {
    const ofGpiomon = await open(gpiomonLines({ nowMs }), 5);
    await waitFor(1500, never);
    await assert.rejects(open(onoffLines({ nowMs }), 5), {
      code: "GPIO_UNAVAILABLE",
      message: "pin 5 of 9030000.pl061 is in use",
    });
    await ofGpiomon[Symbol.asyncDispose]();
    const ofOnoff = await open(onoffLines({ nowMs }), 5);
    assert(existsSync(`/sys/class/gpio/gpio${chip.base + 5}`));
    await assert.rejects(open(gpiomonLines({ nowMs }), 5), { code: "GPIO_UNAVAILABLE", message: /busy/i });
    await ofOnoff[Symbol.asyncDispose]();
    assert(!existsSync(`/sys/class/gpio/gpio${chip.base + 5}`));
  },
);

await shown(
  "an output of another program is left alone, and a line that a killed gateway left exported is taken up",
  async () => {
    const folder = `/sys/class/gpio/gpio${chip.base + 6}`;
    writeFileSync("/sys/class/gpio/export", String(chip.base + 6));
    writeFileSync(`${folder}/direction`, "high");
    await assert.rejects(open(onoffLines({ nowMs }), 6), {
      code: "GPIO_UNAVAILABLE",
      message: /output of another program/,
    });
    assert.equal(readFileSync(`${folder}/value`, "utf8").trim(), "1");
    writeFileSync(`${folder}/direction`, "in");
    const taken = await open(onoffLines({ nowMs }), 6);
    await taken[Symbol.asyncDispose]();
  },
);
console.log("inside: all shown");

/** A device of the kit from its pin to the arrival, through the whole source. */
async function followed(lines: GpioLines): Promise<void> {
  const arrived: Arrival[] = [];
  const device = {
    id: "pir",
    profile: "gpio/pir",
    topic: `gpio/x/1`,
    pin: 1,
    chip: chip?.label,
    zone: "x",
    debounceMs: 300,
    passwordHash: null,
  };
  set(1, 1);
  const board = new Board();
  const gpio = openGpio({
    registry: {
      data: () => ({
        version: 3,
        bridges: [],
        devices: [device],
        cameras: [],
        accounts: [],
        invitations: [],
        tokens: [],
        discovered: [],
        proposals: [],
      }),
      onChange: () => () => true,
    },
    lines,
    take: async (arrival) => void arrived.push(arrival),
    isHeldBack: () => false,
    clock: systemClock,
    board,
    log: openLog({ level: "info" }),
  });
  const said = () => arrived.map(({ payload }) => Buffer.from(payload).toString()).join("");
  await until(() => said() === "1", said);
  // gpiomon has the line some moments after its level was read.
  await waitFor(2000, never);
  const beforeMs = nowMs();
  set(1, 0);
  await until(() => said() === "10", said);
  assert(Math.abs((arrived.at(-1)?.receivedAtMs ?? 0) - beforeMs) < 2000, "the hour of the edge");
  for (const voltage of [1, 0, 1, 0] as const) set(1, voltage);
  set(1, 1);
  await until(() => said() === "101", said);
  set(1, 0);
  await until(() => said() === "1010", said);
  await gpio[Symbol.asyncDispose]();
}

async function turnedRound(lines: GpioLines): Promise<void> {
  set(2, 1);
  const levels: number[] = [];
  const line = await lines.open({ chip: chip?.label, pin: 2, activeLow: true, pull: undefined }, (level) =>
    levels.push(level),
  );
  assert.equal(await line.value(), 0);
  await waitFor(2000, never);
  set(2, 0);
  await until(
    () => levels.at(-1) === 1,
    () => levels.join(""),
  );
  await line[Symbol.asyncDispose]();
}

function open(lines: GpioLines, pin: number) {
  return lines.open({ chip: chip?.label, pin, activeLow: false, pull: undefined }, () => undefined);
}

function set(pin: number, voltage: 0 | 1): void {
  console.log(`host: set ${pin} ${voltage}`);
}

async function until(holds: () => boolean, what: () => string): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await waitFor(50, never);
  assert(holds(), `it stayed at: ${what()}`);
}

async function shown(claim: string, show: () => Promise<void>): Promise<void> {
  await show();
  console.log(`inside: ${claim}`);
}
