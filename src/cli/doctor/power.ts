// The power supply of a Raspberry Pi: too low a voltage is the usual reason for torn cards and lost cameras.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Diagnosis, type Machine, note, ok, trouble, warning } from "./diagnosis.ts";
import { systemText, toolText } from "./system.ts";

const REMEDY = "Use the supply made for this Pi (5 V, 3 A; a Pi 5 takes 5 A) with its own cable, and few USB devices.";
/** Bits of `vcgencmd get_throttled` (Raspberry Pi documentation, os/graphics-utilities). */
const BITS = { lowNow: 0x1, hotNow: 0x8, lowSinceStart: 0x1_0000, hotSinceStart: 0x8_0000 } as const;

/** Nothing on what is no Raspberry Pi: others do not tell. */
export async function lookAtPower(machine: Machine): Promise<Diagnosis[]> {
  const model = await systemText(machine, "proc/device-tree/model");
  if (model === null || !model.startsWith("Raspberry Pi")) return [];
  const printed = await toolText(machine, "vcgencmd", "get_throttled");
  const bits = Number.parseInt(/throttled=(0x[0-9a-f]+)/i.exec(printed ?? "")?.[1] ?? "", 16);
  if (Number.isNaN(bits)) return [ofVoltage(model, await isVoltageLow(machine))];
  const has = (bit: number): boolean => (bits & bit) !== 0;
  const hot = "Give it air or a heat sink; in a cabinet in the sun it needs both.";
  const found = [
    ...(has(BITS.lowNow) ? [trouble("the power supply's voltage is too low right now", REMEDY)] : []),
    ...(!has(BITS.lowNow) && has(BITS.lowSinceStart)
      ? [warning("the power supply's voltage was too low since the last start", REMEDY)]
      : []),
    ...(has(BITS.hotNow) ? [warning("the processor is too hot right now and works more slowly", hot)] : []),
    ...(!has(BITS.hotNow) && has(BITS.hotSinceStart)
      ? [note("the processor was too hot since the last start", hot)]
      : []),
  ];
  return found.length > 0 ? found : [ok(`${model}: power and temperature have been good since its start`)];
}

function ofVoltage(model: string, isLow: boolean | null): Diagnosis {
  if (isLow === null) return note(`${model} does not tell this user about its power supply`, "Try again with sudo.");
  if (isLow) return trouble("the power supply's voltage was too low", REMEDY);
  return ok(`${model}: the power supply's voltage is good`);
}

/** The kernel's own alarm (driver rpi_volt), where vcgencmd is not installed or not allowed. */
async function isVoltageLow(machine: Machine): Promise<boolean | null> {
  const folder = "sys/class/hwmon";
  const names = await readdir(join(machine.root, folder)).catch((): string[] => []);
  for (const name of names) {
    if ((await systemText(machine, `${folder}/${name}/name`)) !== "rpi_volt") continue;
    const alarm = await systemText(machine, `${folder}/${name}/in0_lcrit_alarm`);
    return alarm === null ? null : alarm !== "0";
  }
  return null;
}
