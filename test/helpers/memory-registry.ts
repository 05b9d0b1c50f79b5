// A registry in memory, for what is tested without a disk.
import type { Registry, RegistryData } from "../../src/registry/registry.ts";

export function memoryRegistry(): Registry {
  let data: RegistryData = {
    version: 3,
    bridges: [],
    devices: [],
    cameras: [],
    accounts: [],
    invitations: [],
    tokens: [],
    discovered: [],
    proposals: [],
  };
  const watchers = new Set<() => void>();
  return {
    data: () => data,
    update: async (change) => {
      const copy = structuredClone(data);
      change(copy);
      data = copy;
      for (const watcher of watchers) watcher();
    },
    onChange: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
