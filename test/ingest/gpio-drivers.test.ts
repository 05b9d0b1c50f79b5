// Shown: onoff is not let at pins that are not ours, each refusal names its remedy, and gpiomon is chosen where onoff cannot do
// what is asked. On this machine itself (mostly without GPIO) the real onoff is refused clearly.
import { existsSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/log.ts";
import { machineLines, whyNoLines } from "../../src/ingest/gpio-driver.ts";
import { gpiomonLines, hasGpiomon } from "../../src/ingest/gpio-gpiomon.ts";
import type { LineAsk } from "../../src/ingest/gpio-lines.ts";
import { hasOnoff, onoffLines } from "../../src/ingest/gpio-onoff.ts";
import { simulatedLines } from "../../src/ingest/gpio-simulated.ts";
import { fakeGpiod } from "../helpers/fake-gpiod.ts";
import { fakeSysfs } from "../helpers/fake-sysfs.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const PI = { label: "pinctrl-bcm2711", base: 512, ngpio: 58 };
const ask: LineAsk = { chip: undefined, pin: 17, activeLow: false, pull: undefined };
const nowMs = () => 0;
const ignore = () => undefined;

test("a pin that another program drives is left alone", async () => {
  await using sysfs = await fakeSysfs([PI]);
  sysfs.exportAs(529, "out");
  await expect(onoffLines({ nowMs, ...sysfs }).open(ask, ignore)).rejects.toMatchObject({
    code: "GPIO_UNAVAILABLE",
    message: "pin 17 is an output of another program",
    hint: "Another program uses this pin. Stop it, or choose another pin and correct it in kit.yaml.",
  });
  expect(sysfs.isExported(529)).toBe(true);
});

test("an input that was left exported, as by a gateway that was killed, is taken up, and unexported when closed", async () => {
  await using sysfs = await fakeSysfs([PI]);
  sysfs.exportAs(529, "in");
  const line = await onoffLines({ nowMs, ...sysfs }).open(ask, ignore);
  expect(sysfs.isExported(529)).toBe(true);
  await line[Symbol.asyncDispose]();
  expect(sysfs.isExported(529)).toBe(false);
});

test.each([
  ["EBUSY", "pin 17 is in use", "Another program uses this pin."],
  ["EACCES", "pin 17 may not be used by this user (EACCES)", "sudo systemd/install gpio"],
  ["EINVAL", "pin 17 is unknown to the kernel", "Correct pin and chip in kit.yaml."],
  ["EIO", "pin 17 cannot be opened: EIO: it failed", "choose another pin"],
])("what the kernel answers with %s becomes a sentence and its remedy", async (code, message, remedy) => {
  await using sysfs = await fakeSysfs([PI]);
  class Gpio {
    constructor() {
      throw Object.assign(new Error(`${code}: it failed`), { code });
    }
    read = () => Promise.resolve(0 as const);
    readSync = () => 0 as const;
    watch = ignore;
    direction = () => "in";
    unexport = ignore;
  }
  const refused = onoffLines({ nowMs, root: sysfs.root, load: () => Promise.resolve({ Gpio }) }).open(ask, ignore);
  const refusal = await refused.catch((thrown: unknown) => thrown);
  expect(refusal).toMatchObject({ code: "GPIO_UNAVAILABLE", message });
  expect(refusal instanceof GatewayError && refusal.hint).toContain(remedy);
});

test.skipIf(process.getuid?.() === 0)("a sysfs that may not be written is told before onoff waits for it", async () => {
  await using sysfs = await fakeSysfs([PI]);
  await chmod(`${sysfs.root}/export`, 0o444);
  await expect(onoffLines({ nowMs, ...sysfs }).open(ask, ignore)).rejects.toThrow("may not be used by this user");
});

test("a chip that is pulled out ends its line, and nothing is thrown into the event loop", async () => {
  await using sysfs = await fakeSysfs([PI]);
  const levels: number[] = [];
  await using line = await onoffLines({ nowMs, ...sysfs }).open(ask, (level) => levels.push(level));
  sysfs.set(529, 1);
  sysfs.pullOut(529);
  expect(await line.ended).toBe("EIO: i/o error, read");
  expect(levels).toEqual([1]);
});

test("where onoff was not built, what to install is said", async () => {
  await using sysfs = await fakeSysfs([PI]);
  const load = () => Promise.reject(new Error("Could not locate the bindings file. Tried:\n → …"));
  await expect(onoffLines({ nowMs, root: sysfs.root, load }).open(ask, ignore)).rejects.toMatchObject({
    message: "onoff cannot be loaded: Could not locate the bindings file. Tried:",
  });
  expect(await hasOnoff({ root: sysfs.root, load })).toBe(false);
});

test.skipIf(existsSync("/sys/class/gpio"))("the real onoff on a machine without GPIO is refused clearly", async () => {
  await expect(onoffLines({ nowMs }).open(ask, ignore)).rejects.toMatchObject({
    code: "GPIO_UNAVAILABLE",
    message: "this machine has no GPIO (there is no /sys/class/gpio)",
  });
  expect(await hasOnoff()).toBe(false);
});

test("a missing gpiomon, an unknown chip and a line that is in use are refusals of their own", async () => {
  await using nothing = await tempDir();
  expect(await hasGpiomon({ path: nothing.path })).toBe(false);
  await expect(gpiomonLines({ nowMs, path: nothing.path }).open(ask, ignore)).rejects.toMatchObject({
    code: "GPIO_UNAVAILABLE",
  });
  await using gpiod = await fakeGpiod({ version: 1 });
  expect(await hasGpiomon({ path: gpiod.path })).toBe(true);
  const lines = gpiomonLines({ nowMs, path: gpiod.path });
  await expect(lines.open({ ...ask, chip: "pcf8574" }, ignore)).rejects.toThrow(
    "there is no GPIO chip pcf8574; there are: pinctrl-rp1",
  );
  await expect(lines.open({ ...ask, pin: 54 }, ignore)).rejects.toThrow("pinctrl-rp1 has the pins 0 to 53");
});

test("a pull is set through libgpiod, and a gpiomon that ends is a line that is gone", async () => {
  await using gpiod = await fakeGpiod({ version: 2 });
  await using line = await gpiomonLines({ nowMs, path: gpiod.path }).open({ ...ask, pull: "up" }, ignore);
  expect(await line.value()).toBe(1);
});

test.each([
  { onoff: true, gpiomon: true, pull: undefined, chosen: "onoff" },
  { onoff: true, gpiomon: true, pull: "up" as const, chosen: "gpiomon" },
  { onoff: true, gpiomon: false, pull: "up" as const, chosen: "onoff" },
  { onoff: false, gpiomon: true, pull: undefined, chosen: "gpiomon" },
  { onoff: false, gpiomon: false, pull: undefined, chosen: "onoff" },
])("onoff $onoff, gpiomon $gpiomon, pull $pull: opened by $chosen", async ({ onoff, gpiomon, pull, chosen }) => {
  const opened: string[] = [];
  const driver = (name: string, isHere: boolean) => {
    const lines = simulatedLines({ nowMs });
    return {
      isHere: () => Promise.resolve(isHere),
      lines: { open: (...args: Parameters<typeof lines.open>) => (opened.push(name), lines.open(...args)) },
    };
  };
  const lines = machineLines({
    nowMs,
    log: silentLog,
    onoff: driver("onoff", onoff),
    gpiomon: driver("gpiomon", gpiomon),
  });
  await using _line = await lines.open({ ...ask, pull }, ignore);
  expect(opened).toEqual([chosen]);
});

test("why a line cannot be had is said without opening any", async () => {
  const asks = [
    { chip: undefined, pin: 17 },
    { chip: undefined, pin: 58 },
    { chip: "pcf8574", pin: 0 },
  ];
  expect(await whyNoLines(asks, () => Promise.resolve([PI]))).toEqual([
    null,
    "there is no pin 58: pinctrl-bcm2711 has the pins 0 to 57",
    "there is no GPIO chip pcf8574; there are: pinctrl-bcm2711",
  ]);
  const none = () => Promise.reject(new Error("this machine has no GPIO"));
  expect(await whyNoLines(asks.slice(1), none)).toEqual(["this machine has no GPIO", "this machine has no GPIO"]);
  expect(await whyNoLines([], none)).toEqual([]);
});
