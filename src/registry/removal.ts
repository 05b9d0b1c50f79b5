// Takes back what pairing gave: a login, or the device or bridge itself; and pauses a device.
import type { Login } from "../core/arrival.ts";
import { GatewayError } from "../core/errors.ts";
import { bridgeFor } from "../core/topics.ts";
import { checkHasCameraLogin } from "./camera-login.ts";
import { checkHasLogin } from "./pairing.ts";
import { DISCOVERED, speakerFor } from "./place.ts";
import type { RegisteredBridge, RegisteredDevice, Registry, RegistryData } from "./registry.ts";

/** `disconnect`: ends the connections of a login, which has become void before it is called. */
type Removal = { readonly registry: Registry; readonly disconnect: (login: Login) => void };

type Ask = { readonly kind: "device" | "bridge"; readonly id: string };
type LoginAsk = { readonly kind: Ask["kind"] | "camera"; readonly id: string };

/** The login is void and its connections are ended when this resolves. Throws NOT_FOUND, USAGE for what has no login of its own. */
export async function revoke({ registry, disconnect }: Removal, { kind, id }: LoginAsk): Promise<void> {
  await registry.update((data) => {
    if (kind === "camera") {
      const camera = found(data.cameras, id, kind);
      if (camera.passwordHash === undefined) checkHasCameraLogin(data, camera);
      camera.passwordHash = null;
      return;
    }
    const thing = kind === "bridge" ? bridgeIn(data, id) : deviceIn(data, id);
    // A login that there is can be ended, whoever should speak for the device by now.
    if (kind === "device" && thing.passwordHash === null) checkHasLogin(data, deviceIn(data, id));
    thing.passwordHash = null;
  });
  disconnect({ kind, id });
}

/** Takes it out of the kit, its login with it. Throws NOT_FOUND; USAGE while devices of the kit speak through it. */
export async function remove({ registry, disconnect }: Removal, { kind, id }: Ask): Promise<void> {
  await registry.update((data) => {
    if (kind === "bridge") removeBridge(data, bridgeIn(data, id));
    else removeDevice(data, deviceIn(data, id));
    data.proposals = data.proposals.filter(({ login }) => login.kind !== kind || login.id !== id);
  });
  disconnect({ kind, id });
}

/** A paused device stays paired; what it says is counted as ignored. Throws NOT_FOUND. */
export async function pause(registry: Registry, { id, isPaused }: { id: string; isPaused: boolean }): Promise<void> {
  if ((deviceIn(registry.data(), id).paused ?? false) === isPaused) return;
  await registry.update((data) => {
    const device = deviceIn(data, id);
    if (isPaused) device.paused = true;
    else delete device.paused;
  });
}

function removeBridge(data: RegistryData, { id, base }: RegisteredBridge): void {
  const below = data.devices.filter(({ topic }) => bridgeFor([{ base }], topic) !== undefined);
  refuseWith(below, `bridge ${id}`);
  data.bridges = data.bridges.filter((bridge) => bridge.id !== id);
}

/** What named the device names it no more: cameras that it triggered, light sensors that watch it, the profile made for it. */
function removeDevice(data: RegistryData, { id }: RegisteredDevice): void {
  checkNobodyBehind(data, id);
  data.devices = data.devices.filter((device) => device.id !== id);
  for (const camera of data.cameras) camera.triggers = camera.triggers.filter((trigger) => trigger !== id);
  for (const device of data.devices) {
    if (device.watches !== undefined) device.watches = device.watches.filter((lamp) => lamp !== id);
  }
  forgetUnusedProfiles(data);
}

/** Throws USAGE, naming them, while other devices speak through this one. */
export function checkNobodyBehind(data: RegistryData, id: string): void {
  const behind = data.devices.filter((device) => {
    const speaker = speakerFor(data, device);
    return speaker.kind === "device" && speaker.id === id;
  });
  refuseWith(behind, `device ${id}`);
}

/** Changes `discovered`: a profile that no device has is gone. */
export function forgetUnusedProfiles(data: RegistryData): void {
  const used = new Set(data.devices.map(({ profile }) => profile));
  data.discovered = data.discovered.filter(({ name }) => used.has(`${DISCOVERED}/${name}`));
}

function refuseWith(devices: readonly RegisteredDevice[], what: string): void {
  if (devices.length === 0) return;
  const ids = devices.map(({ id }) => id);
  const named = ids.slice(0, 5).join(", ") + (ids.length > 5 ? ` and ${ids.length - 5} more` : "");
  throw new GatewayError("USAGE", `${what} still speaks for ${named}`, {
    hint: `Remove ${ids.length === 1 ? "it" : "them"} first: hedgerow device remove ${ids[0]}`,
  });
}

/** Throws NOT_FOUND. */
export function deviceIn<D extends RegisteredDevice>(data: { readonly devices: readonly D[] }, id: string): D {
  return found(data.devices, id, "device");
}

function bridgeIn(data: RegistryData, id: string): RegisteredBridge {
  return found(data.bridges, id, "bridge");
}

function found<T extends { readonly id: string }>(things: readonly T[], id: string, kind: string): T {
  const thing = things.find((each) => each.id === id);
  if (thing !== undefined) return thing;
  throw new GatewayError("NOT_FOUND", `there is no ${kind} ${id}`);
}
