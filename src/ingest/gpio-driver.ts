// Which driver opens a wired sensor's line: onoff, unless a pull is asked for or onoff cannot work here, and gpiomon can.
import type { Log } from "../core/log.ts";
import { messageOf } from "../core/errors.ts";
import { type Chip, chosenChip, readChips } from "./gpio-chips.ts";
import { detectChips, gpiomonLines, hasGpiomon } from "./gpio-gpiomon.ts";
import { type GpioLines, type LineAsk, lineName } from "./gpio-lines.ts";
import { hasOnoff, onoffLines } from "./gpio-onoff.ts";

/** A driver, and whether it can be used on this machine. */
type Driver = { readonly lines: GpioLines; isHere(): Promise<boolean> };

type Deps = { readonly nowMs: () => number; readonly log: Log; readonly onoff?: Driver; readonly gpiomon?: Driver };

/** The lines of this machine. Nothing is loaded or started before the first line is opened. */
export function machineLines({
  nowMs,
  log,
  onoff = { lines: onoffLines({ nowMs }), isHere: () => hasOnoff() },
  gpiomon = { lines: gpiomonLines({ nowMs }), isHere: () => hasGpiomon() },
}: Deps): GpioLines {
  return {
    async open(ask, onChange) {
      const wantsPull = ask.pull !== undefined;
      if ((wantsPull || !(await onoff.isHere())) && (await gpiomon.isHere()))
        return await gpiomon.lines.open(ask, onChange);
      const line = await onoff.lines.open(ask, onChange);
      if (wantsPull)
        log.warn(
          { remedy: "sudo apt-get install gpiod, or a line such as gpio=5=pu in /boot/firmware/config.txt" },
          `${lineName(ask)} has the pull it starts with: onoff cannot set one`,
        );
      return line;
    },
  };
}

/** Why each line cannot be had on this machine, as far as its chips say, or null; nothing is opened. `chips`: how they are found. */
export async function whyNoLines(
  asks: readonly Pick<LineAsk, "chip" | "pin">[],
  chips: () => Promise<readonly Pick<Chip, "label" | "ngpio">[]> = machineChips,
): Promise<readonly (string | null)[]> {
  if (asks.length === 0) return [];
  try {
    const found = await chips();
    return asks.map((ask) => whyNot(() => chosenChip(found, ask)));
  } catch (cause) {
    return asks.map(() => messageOf(cause));
  }
}

/** By sysfs, or by libgpiod's tools where the kernel has no sysfs for GPIO. */
async function machineChips(): Promise<readonly Pick<Chip, "label" | "ngpio">[]> {
  try {
    return await readChips();
  } catch (cause) {
    if (await hasGpiomon()) return await detectChips();
    throw cause;
  }
}

function whyNot(choose: () => unknown): string | null {
  try {
    choose();
    return null;
  } catch (cause) {
    return messageOf(cause);
  }
}
