// The lamps of the kit: which are watched, what a person is shown of one, and switching it, which the ledger keeps.
import type { Clock } from "./core/clock.ts";
import type { DeviceView } from "./core/commands.ts";
import { GatewayError } from "./core/errors.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { DeviceMemory } from "./normalise/normalise.ts";
import { createLampFaults, type LampFaults, type WatchedLamp } from "./normalise/lamp-faults.ts";
import { placeOfCell } from "./normalise/sun.ts";
import type { Profiles } from "./profiles/profiles.ts";
import type { RegisteredDevice, Registry } from "./registry/registry.ts";

/** The watch over the kit's lamps, which follows the registry. `cell`: without it nobody knows when it is night, and it is off. */
export function watchLamps({
  registry,
  cell,
  kept,
  clock,
  log,
}: {
  readonly registry: Registry;
  readonly cell: string | undefined;
  /** The spool's state under `lamp:`. */
  readonly kept: ReadonlyMap<string, string>;
  readonly clock: Clock;
  readonly log: Log;
}): LampFaults & Disposable {
  let lamps = lampsOf(registry.data().devices);
  const end = registry.onChange(() => {
    lamps = lampsOf(registry.data().devices);
  });
  if (cell === undefined && lamps.length > 0)
    log.warn(
      { remedy: "write the site's geohash as gateway.cell into gateway.yaml" },
      "lamps are not watched for faults",
    );
  const place = cell === undefined ? null : placeOfCell(cell);
  const faults = createLampFaults({ place, lamps: () => lamps, isSynced: () => clock.isSynced() }, kept);
  return { ...faults, [Symbol.dispose]: end };
}

/** What a person is shown of the device as a lamp; null for one that is neither watched nor switched. */
export function lampView(
  device: RegisteredDevice,
  {
    profiles,
    faults,
    memory,
  }: { readonly profiles: Profiles; readonly faults: LampFaults; readonly memory: DeviceMemory },
): DeviceView["lamp"] {
  const isSwitchable = profiles.get(device.profile)?.isLamp === true;
  if (device.lamp === undefined && !isSwitchable) return null;
  const isOn = memory.edges.switch?.value;
  return { isOn: typeof isOn === "boolean" ? isOn : null, fault: faults.fault(device.id), isSwitchable };
}

type SwitchDeps = {
  readonly registry: Registry;
  readonly profiles: Profiles;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** True when the lamp, or the site's broker, has it. */
  readonly send: (command: { readonly topic: string; readonly payload: string }) => Promise<boolean>;
};

type SwitchAsk = { readonly id: string; readonly isOn: boolean; readonly by: string };

/**
 * Makes what switches a lamp: into the ledger first, then to the lamp. It throws NOT_FOUND; USAGE for what is no lamp; TOO_SOON
 * within LIMITS.lampSwitchMs of the last time; DEVICE_OFFLINE when nobody took the command; SPOOL_FAILED, and then sent nothing.
 */
export function createLampSwitch({ registry, profiles, ledger, clock, send }: SwitchDeps) {
  const switchedAtMs = new Map<string, number>();
  return async ({ id, isOn, by }: SwitchAsk): Promise<void> => {
    const device = registry.data().devices.find((each) => each.id === id);
    if (device === undefined) throw new GatewayError("NOT_FOUND", `there is no device ${id}`);
    const command = profiles.lampCommand({ profileId: device.profile, deviceTopic: device.topic, isOn });
    if (command === null)
      throw new GatewayError("USAGE", `${id} is no lamp that can be switched from here`, {
        hint: "Its profile has no command for it.",
      });
    const nowMs = clock.monotonicMs();
    if (nowMs - (switchedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < LIMITS.lampSwitchMs)
      throw new GatewayError("TOO_SOON", `${id} was switched a moment ago`, {
        hint: "Wait two seconds, then try again.",
      });
    for (const [other, atMs] of switchedAtMs) if (nowMs - atMs >= LIMITS.lampSwitchMs) switchedAtMs.delete(other);
    switchedAtMs.set(id, nowMs);
    ledger.addLampCommand({ lamp: id, isOn, by, atMs: clock.nowMs() });
    if (await send(command)) return;
    throw new GatewayError("DEVICE_OFFLINE", `${id} does not listen`, {
      hint: "Has it power, and is it in reach of the network? Nothing was switched.",
    });
  };
}

function lampsOf(devices: readonly RegisteredDevice[]): readonly WatchedLamp[] {
  return devices.flatMap(({ id, lamp }) =>
    lamp === undefined
      ? []
      : [
          {
            id,
            litWhen: lamp.litWhen,
            sensors: devices.filter(({ watches }) => watches?.includes(id)).map((each) => each.id),
          },
        ],
  );
}
