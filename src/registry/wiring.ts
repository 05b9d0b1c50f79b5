// A wired sensor in words: where its pin is, what its other wire goes to, and what may be asked of it when it is added.
import type { RegisteredDevice } from "./registry.ts";

/** What a person says of the wire. A contact between the pin and GND is 0 while it is closed, and needs the pin pulled up. */
export type Wire = Pick<RegisteredDevice, "pin" | "chip" | "activeLow" | "pull">;

/** The places of the lines BCM 0 to 27 on the header of 40 pins that every Pi since 2014 has (Raspberry Pi documentation, GPIO). */
export const HEADER_PINS = [
  27, 28, 3, 5, 7, 29, 31, 26, 24, 21, 19, 23, 32, 33, 8, 10, 36, 11, 12, 35, 38, 40, 15, 16, 18, 22, 37, 13,
] as const;

/** What stands for `{pin}` and `{rail}` in set-up lines. */
export function wireWords({ pin, chip, activeLow = false }: Wire): { readonly pin: string; readonly rail: string } {
  const rail = activeLow ? "GND" : "3.3 V";
  if (chip !== undefined) return { pin: `line ${pin} of the chip ${chip}`, rail };
  const place = HEADER_PINS[pin ?? -1];
  return {
    pin: place === undefined ? `BCM ${pin}` : `header pin ${place}, which is BCM ${pin}`,
    // Places that no other line of devices/gpio.yaml takes: 1, 2 and 6 are the motion sensor's.
    rail: `header pin ${activeLow ? 9 : 17} (${rail})`,
  };
}

/** The keys of the wire alone, and only those that were said. */
export function wireKeys({ pin, chip, activeLow, pull }: Wire): Wire {
  return {
    ...(pin !== undefined && { pin }),
    ...(chip !== undefined && { chip }),
    ...(activeLow !== undefined && { activeLow }),
    ...(pull !== undefined && { pull }),
  };
}
