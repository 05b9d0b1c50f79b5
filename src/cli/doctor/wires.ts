// Wired sensors: whether their chips and pins are here, and whether this user may use them.
import { access, constants, readdir } from "node:fs/promises";
import { join } from "node:path";
import { whyNoLines } from "../../ingest/gpio-driver.ts";
import { hasGpiomon } from "../../ingest/gpio-gpiomon.ts";
import { hasOnoff } from "../../ingest/gpio-onoff.ts";
import { type Diagnosis, type Machine, ok, type Site, trouble } from "./diagnosis.ts";
import { isServiceWithout } from "./system.ts";

const RIGHTS_REMEDY = "Run `sudo systemd/install gpio` in Hedgerow's folder, then restart the gateway.";

/** Nothing where the kit has no wires. No line is opened. */
export async function lookAtWires(machine: Machine, site: Site | null): Promise<Diagnosis[]> {
  const wired = (site?.kit.devices ?? []).flatMap(({ id, chip, pin }) =>
    pin === undefined ? [] : [{ id, chip, pin }],
  );
  if (wired.length === 0) return [];
  const reasons = await whyNoLines(wired);
  const absent = wired.flatMap(({ id }, index) => {
    const why = reasons[index] ?? null;
    return why === null
      ? []
      : [
          trouble(
            `wired sensor ${id} cannot be heard: ${why}`,
            "Correct chip and pin in the kit, or use a Raspberry Pi.",
          ),
        ];
  });
  if (absent.length > 0) return absent;
  if (await isServiceWithout(machine, "gpio"))
    return [trouble("the service hedgerow may not use the GPIO pins", RIGHTS_REMEDY)];
  const { root } = machine;
  const [byOnoff, byGpiomon] = await Promise.all([
    hasOnoff().then((isHere) => isHere && mayWrite(join(root, "sys/class/gpio/export"))),
    hasGpiomon().then((isHere) => isHere && mayUseChips(join(root, "dev"))),
  ]);
  if (byOnoff || byGpiomon)
    return [
      ok(`${wired.length} wired ${wired.length === 1 ? "sensor" : "sensors"}, by ${byOnoff ? "onoff" : "gpiomon"}`),
    ];
  if (!(await hasOnoff()) && !(await hasGpiomon()))
    return [
      trouble("neither onoff nor gpiomon works here, so no wired sensor can be heard", "sudo apt-get install gpiod"),
    ];
  return [trouble("this user may not use the GPIO pins", RIGHTS_REMEDY)];
}

async function mayUseChips(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  const chips = names.filter((name) => name.startsWith("gpiochip"));
  const allowed = await Promise.all(chips.map((name) => mayWrite(join(folder, name))));
  return allowed.includes(true);
}

function mayWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
