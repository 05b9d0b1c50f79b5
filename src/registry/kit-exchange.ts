// The kit out of the registry and into it: what `hedgerow kit export` and `kit import` do.
import { bridgeFor } from "../core/topics.ts";
import type { DeviceSettings, Kit } from "../settings/schema.ts";
import type { DiscoveredProfile, RegistryData } from "./registry.ts";
import { hasOwnLogin } from "./camera-login.ts";
import { pauseOf } from "./camera-pausing.ts";
import { forgetUnusedProfiles } from "./removal.ts";

/** The kit as kit.yaml says it: without hashes, pauses and accounts; a wired device has its pin and no topic. */
export function exportKit({ bridges, devices, cameras, discovered }: Readonly<RegistryData>): WrittenKit {
  return {
    bridges: bridges.map((registered) => {
      const { passwordHash: _hash, ...bridge } = registered;
      return bridge;
    }),
    devices: devices.map((registered) => {
      const { passwordHash: _hash, paused: _paused, topic, ...device } = registered;
      return device.pin === undefined ? { ...device, topic } : device;
    }),
    cameras: cameras.map((registered) => {
      const { passwordHash: _hash, paused: _paused, pausedBy: _by, ...camera } = registered;
      return camera;
    }),
    ...(discovered.length > 0 && { discovered: [...discovered] }),
  };
}

type WrittenKit = Omit<Kit, "devices" | "discovered"> & {
  readonly devices: readonly (Omit<DeviceSettings, "topic"> & { readonly topic?: string })[];
  readonly discovered?: readonly DiscoveredProfile[];
};

/**
 * Takes the kit into the registry, in place: things are known by their id, keep their credentials and pauses, and new
 * ones are not paired. With `prune` what the kit does not name is removed, its credentials with it; else it stays. A
 * device that lies below a bridge now has no login any more.
 */
export function importKit(data: RegistryData, { kit, prune }: { kit: Kit; prune: boolean }): void {
  const login = (known: { passwordHash: string | null } | undefined) => ({ passwordHash: known?.passwordHash ?? null });
  data.bridges = merged(data.bridges, kit.bridges, prune, (bridge, known) => ({ ...bridge, ...login(known) }));
  data.devices = merged(data.devices, kit.devices, prune, (device, known) => ({
    ...device,
    ...login(known),
    ...(known?.paused !== undefined && { paused: known.paused }),
  }));
  for (const device of data.devices) {
    if (bridgeFor(data.bridges, device.topic) !== undefined) device.passwordHash = null;
  }
  data.cameras = merged(data.cameras, kit.cameras, prune, (camera, known) => ({
    ...camera,
    ...pauseOf(known),
    ...(hasOwnLogin(data, camera) && known?.passwordHash !== undefined && { passwordHash: known.passwordHash }),
  }));
  const written = new Set(kit.discovered?.map(({ name }) => name));
  data.discovered = [...data.discovered.filter(({ name }) => !written.has(name)), ...(kit.discovered ?? [])];
  forgetUnusedProfiles(data);
}

function merged<Known extends { readonly id: string }, New extends { readonly id: string }>(
  known: readonly Known[],
  written: readonly New[],
  prune: boolean,
  merge: (thing: New, known: Known | undefined) => Known,
): Known[] {
  const byId = new Map(known.map((thing) => [thing.id, thing]));
  const ids = new Set(written.map(({ id }) => id));
  const kept = prune ? [] : known.filter(({ id }) => !ids.has(id));
  return [...written.map((thing) => merge(thing, byId.get(thing.id))), ...kept];
}
