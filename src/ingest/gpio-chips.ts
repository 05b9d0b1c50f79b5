// Which number the kernel's sysfs has for a pin. BCM numbers were it once; since Linux 6.6 the Pi's chip begins at 512 or
// elsewhere, and on a Pi 5 it is another chip: so the chip is looked up by its label, and the pin added to its base.
import { readdir } from "node:fs/promises";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { readSmallFile } from "../core/small-file.ts";
import { lineName } from "./gpio-lines.ts";

/** Where the kernel shows its GPIO chips. */
export const SYSFS_GPIO = "/sys/class/gpio";

/** Labels of the chip behind a Pi's header: Pi 1 to 3 and Zero, Pi 4, Pi 5. */
export const PI_CHIPS: readonly string[] = ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"];

/** `base`: the number of its first line in sysfs; `ngpio`: how many lines it has. */
export type Chip = { readonly label: string; readonly base: number; readonly ngpio: number };

/** The kernel gives the size of each attribute as one page, of 64 KiB at most, whatever it holds. */
const ATTRIBUTE_BYTES = 64 * 1024;

/** The number of the pin in sysfs. `root`: SYSFS_GPIO, or a tree like it. Throws GPIO_UNAVAILABLE. */
export async function sysfsNumber({
  chip,
  pin,
  root = SYSFS_GPIO,
}: {
  readonly chip: string | undefined;
  readonly pin: number;
  readonly root?: string;
}): Promise<number> {
  const { base } = chosenChip(await readChips(root), { chip, pin });
  return base + pin;
}

/** All chips of the machine, by base. Throws GPIO_UNAVAILABLE where there is no GPIO at all. */
export async function readChips(root: string = SYSFS_GPIO): Promise<readonly Chip[]> {
  let names: string[];
  try {
    names = (await readdir(root)).filter((name) => name.startsWith("gpiochip"));
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") throw noGpio(root);
    throw new GatewayError("GPIO_UNAVAILABLE", `cannot look for GPIO chips in ${root}: ${messageOf(cause)}`, { cause });
  }
  const chips = await Promise.all(names.map((name) => readChip(`${root}/${name}`)));
  return chips.filter((each) => each !== null).toSorted((one, other) => one.base - other.base);
}

/** The chip that a pin is on. Throws GPIO_UNAVAILABLE: there is none, several have the label, or the pin is beyond its lines. */
export function chosenChip<C extends Pick<Chip, "label" | "ngpio">>(
  chips: readonly C[],
  { chip, pin }: { readonly chip: string | undefined; readonly pin: number },
): C {
  const labels = chip === undefined ? PI_CHIPS : [chip];
  const found = chips.filter(({ label }) => labels.includes(label));
  const there = [...new Set(chips.map(({ label }) => label))].join(", ") || "none";
  const [first] = found;
  if (first === undefined && chip === undefined)
    throw new GatewayError(
      "GPIO_UNAVAILABLE",
      `this machine is no Raspberry Pi as far as its GPIO chips say (${there})`,
      {
        hint: "Name the chip in kit.yaml by its label, such as chip: pcf8574, or move the sensor to the Pi.",
      },
    );
  if (first === undefined)
    throw new GatewayError("GPIO_UNAVAILABLE", `there is no GPIO chip ${chip}; there are: ${there}`, {
      hint: "Write one of these labels under chip in kit.yaml, or leave chip out for the Pi's own pins.",
    });
  // A Pi has one chip of these labels, and a second name of it is a link (gpiochip4 on a Pi 5). Of others there may be two.
  if (found.length > 1 && chip !== undefined)
    throw new GatewayError(
      "GPIO_UNAVAILABLE",
      `${found.length} GPIO chips are called ${chip}, so it is not clear which is meant`,
      {
        hint: "Use a chip whose label is its own, or the Pi's own pins.",
      },
    );
  if (pin >= first.ngpio)
    throw new GatewayError(
      "GPIO_UNAVAILABLE",
      `there is no ${lineName({ chip, pin })}: ${first.label} has the pins 0 to ${first.ngpio - 1}`,
      {
        hint: "Correct pin in kit.yaml; on a Pi it is the BCM number (header pin 11 is BCM 17).",
      },
    );
  return first;
}

/** Null for what is no chip: it was taken out while we looked. */
async function readChip(folder: string): Promise<Chip | null> {
  const [label, base, ngpio] = await Promise.all(
    ["label", "base", "ngpio"].map((name) => attribute(`${folder}/${name}`)),
  );
  if (label === undefined || !isNumber(base) || !isNumber(ngpio)) return null;
  return { label, base: Number(base), ngpio: Number(ngpio) };
}

async function attribute(path: string): Promise<string | undefined> {
  const file = await readSmallFile(path, { bytesMax: ATTRIBUTE_BYTES });
  return file.kind === "bytes" ? file.bytes.toString("utf8").trim() : undefined;
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,9}$/.test(text);
}

function noGpio(root: string): GatewayError {
  return new GatewayError("GPIO_UNAVAILABLE", `this machine has no GPIO (there is no ${root})`, {
    hint: "Wired sensors need a Raspberry Pi or the like; remove the device from the kit, or run Hedgerow there.",
  });
}
