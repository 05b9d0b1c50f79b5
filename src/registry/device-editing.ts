// Changes a device of the kit in place: what people call it and where it is, or which thing stands in its place.
import type { Login } from "../core/arrival.ts";
import type { Credentials } from "../core/commands.ts";
import type { DeviceCommands, Replacement } from "../core/device-commands.ts";
import { checkWire, placeFor, profileOf } from "./new-device.ts";
import { type Pairing, tellDevice } from "./pairing.ts";
import { checkName, checkZone } from "./place.ts";
import { type RegisteredDevice, type Registry, type RegistryData, updateAndTell } from "./registry.ts";
import { checkNobodyBehind, deviceIn, forgetUnusedProfiles } from "./removal.ts";

/** See core/device-commands.ts. */
export async function changeDevice(
  registry: Registry,
  { id, name, zone }: Parameters<DeviceCommands["changeDevice"]>[0],
): Promise<void> {
  const called = checkName(name);
  if (zone !== undefined) checkZone(zone);
  await registry.update((data) => {
    const device = deviceIn(data, id);
    if (zone !== undefined) device.zone = zone;
    if (called !== undefined) device.name = called;
    else if (name !== undefined) delete device.name;
  });
}

type New = Exclude<Replacement, { readonly proposal: string }>;

/**
 * Puts a new thing with a login of its own, behind a bridge or on a wire into the device's place, and answers as pairing
 * does. `disconnect`: ends the old one's connections, whose login has become void before it is called.
 */
export async function replaceDevice(
  pairing: Pairing<New> & { readonly disconnect: (login: Login) => void },
): Promise<Credentials> {
  const { ask, profiles, registry } = pairing;
  const { id, ...thing } = ask;
  const profile = profileOf(profiles, ask.profile);
  const told = await updateAndTell(registry, (data) => {
    const device = deviceIn(data, id);
    const asked = { ...thing, zone: device.zone };
    checkWire(profile, asked);
    // The old one makes room: the new one may have its topic, or its pin.
    const others = { ...data, devices: data.devices.filter((each) => each !== device) };
    const { id: _, ...place } = placeFor({ data: others, profiles, profile, wanted: id, ask: asked });
    takePlace(data, device, { ...place, profile: ask.profile });
    return tellDevice(pairing, data, device);
  });
  pairing.disconnect({ kind: "device", id });
  return told;
}

type Thing = Pick<RegisteredDevice, "profile" | "topic" | "pin" | "chip" | "activeLow" | "pull">;

/** Changes the device: it is the new thing now, without a login. Throws USAGE while others speak through the old one. */
export function takePlace(data: RegistryData, device: RegisteredDevice, thing: Thing): void {
  if (thing.topic !== device.topic || thing.profile !== device.profile) checkNobodyBehind(data, device.id);
  for (const key of ["pin", "chip", "activeLow", "pull"] as const) delete device[key];
  Object.assign(device, thing, { passwordHash: null });
  forgetUnusedProfiles(data);
}
