// Wired sensors as a source: follows the devices of the registry that have a pin, as they come and go. A taken edge is on
// disk (I5); a pin that cannot be had is its device's trouble alone, and neither the gateway's nor its neighbours'.
import type { Registry } from "../registry/registry.ts";
import { followWire, type Wire, type WireDeps, type WiredDevice } from "./gpio-wire.ts";

type Deps = WireDeps & { readonly registry: Pick<Registry, "data" | "onChange"> };

/** Starts to follow at once and waits for nothing: lines open in their own time. */
export function openGpio({ registry, ...deps }: Deps): AsyncDisposable {
  const wires = new Map<string, { readonly wired: string; readonly wire: Wire }>();
  const follow = async (devices: readonly WiredDevice[]): Promise<void> => {
    const wanted = new Map(devices.map((device) => [device.id, JSON.stringify(device)]));
    // Closed before any is opened: a device may have got the pin of one that went.
    for (const [id, { wired, wire }] of wires) {
      if (wanted.get(id) === wired) continue;
      wires.delete(id);
      await wire[Symbol.asyncDispose]();
    }
    for (const device of devices) {
      const known = wires.get(device.id);
      if (known !== undefined) known.wire.retry();
      else wires.set(device.id, { wired: JSON.stringify(device), wire: followWire(device, deps) });
    }
  };
  let following = follow(wiredDevices(registry));
  let isClosed = false;
  const unwatch = registry.onChange(() => {
    following = following.then(() => (isClosed ? undefined : follow(wiredDevices(registry))));
  });
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      unwatch();
      await following;
      await Promise.all([...wires.values()].map(({ wire }) => wire[Symbol.asyncDispose]()));
    },
  };
}

/** Only what makes the wire: a new name or zone is no reason to open a line anew. */
function wiredDevices(registry: Pick<Registry, "data">): readonly WiredDevice[] {
  return registry
    .data()
    .devices.flatMap(({ id, topic, pin, chip, activeLow, debounceMs, pull }) =>
      pin === undefined ? [] : [{ id, topic, pin, chip, activeLow, debounceMs, pull }],
    );
}
