// What is asked of the kit with each message: which device an arrival is of, and where it is. Made anew with each change.
import type { Profiles } from "./profiles/profiles.ts";
import { createRouter, type Router } from "./profiles/router.ts";
import type { RegisteredDevice, Registry } from "./registry/registry.ts";

export type KitLookup = AsyncDisposable & {
  readonly router: () => Router;
  readonly device: (id: string) => RegisteredDevice | undefined;
  /** Of a device or a camera; `unknown` where there is none. */
  readonly zoneOf: (id: string) => string;
};

export function openKitLookup(registry: Registry, profiles: Profiles): KitLookup {
  const made = () => ({
    router: createRouter(profiles, registry.data()),
    devices: new Map(registry.data().devices.map((each) => [each.id, each] as const)),
  });
  let now = made();
  const end = registry.onChange(() => {
    now = made();
  });
  return {
    router: () => now.router,
    device: (id) => now.devices.get(id),
    zoneOf: (id) =>
      (now.devices.get(id) ?? registry.data().cameras.find((camera) => camera.id === id))?.zone ?? "unknown",
    async [Symbol.asyncDispose]() {
      end();
    },
  };
}
