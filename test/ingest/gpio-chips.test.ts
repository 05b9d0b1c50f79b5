// Shown: a BCM number finds its line wherever the kernel put the chip's base, and what is wrong is said with its remedy.
import { expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { readChips, sysfsNumber } from "../../src/ingest/gpio-chips.ts";
import { type FakeChip, fakeSysfs } from "../helpers/fake-sysfs.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const EXPANDER = { label: "pcf8574", base: 400, ngpio: 8 };

async function numberOn(chips: readonly FakeChip[], wire: { chip?: string; pin: number }): Promise<number> {
  await using sysfs = await fakeSysfs(chips);
  return await sysfsNumber({ chip: wire.chip, pin: wire.pin, root: sysfs.root });
}

test.each([
  ["Pi 3, old kernel", { label: "pinctrl-bcm2835", base: 0, ngpio: 54 }, 17],
  ["Pi 3, Linux 6.6", { label: "pinctrl-bcm2835", base: 512, ngpio: 54 }, 529],
  ["Pi 4", { label: "pinctrl-bcm2711", base: 512, ngpio: 58 }, 529],
  ["Pi 5", { label: "pinctrl-rp1", base: 571, ngpio: 54 }, 588],
])("BCM 17 of a %s is found beside other chips", async (_, chip, number) => {
  const others = [
    EXPANDER,
    { label: "raspberrypi-exp-gpio", base: 700, ngpio: 8 },
    { label: "gpio-brcmstb@107d508500", base: 800, ngpio: 32 },
  ];
  expect(await numberOn([...others, chip], { pin: 17 })).toBe(number);
});

test("another chip is found by its label", async () => {
  const pi = { label: "pinctrl-bcm2711", base: 512, ngpio: 58 };
  expect(await numberOn([pi, EXPANDER], { chip: "pcf8574", pin: 3 })).toBe(403);
});

test("a pin beyond the chip's lines is not the next chip's", async () => {
  const pi = { label: "pinctrl-bcm2711", base: 512, ngpio: 58 };
  expect(await refusal(() => numberOn([pi, { ...EXPANDER, base: 570 }], { pin: 58 }))).toEqual({
    code: "GPIO_UNAVAILABLE",
    message: "there is no pin 58: pinctrl-bcm2711 has the pins 0 to 57",
    hint: "Correct pin in kit.yaml; on a Pi it is the BCM number (header pin 11 is BCM 17).",
  });
});

test("a label that no chip has, or two have, is refused with the labels there are", async () => {
  expect(await refusal(() => numberOn([EXPANDER], { chip: "pcf8575", pin: 1 }))).toMatchObject({
    message: "there is no GPIO chip pcf8575; there are: pcf8574",
  });
  expect(
    await refusal(() => numberOn([EXPANDER, { ...EXPANDER, base: 600 }], { chip: "pcf8574", pin: 1 })),
  ).toMatchObject({
    message: "2 GPIO chips are called pcf8574, so it is not clear which is meant",
  });
  expect(await refusal(() => numberOn([EXPANDER], { pin: 17 }))).toMatchObject({
    message: "this machine is no Raspberry Pi as far as its GPIO chips say (pcf8574)",
  });
});

test("a machine without GPIO is told so", async () => {
  await using directory = await tempDir();
  expect(await refusal(() => readChips(`${directory.path}/gpio`))).toMatchObject({
    code: "GPIO_UNAVAILABLE",
    message: `this machine has no GPIO (there is no ${directory.path}/gpio)`,
  });
});

async function refusal(work: () => Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof GatewayError) return { code: thrown.code, message: thrown.message, hint: thrown.hint };
    throw thrown;
  }
  throw new Error("it was not refused");
}
