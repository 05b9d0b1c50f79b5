// What a person changes of a device that exists: name, zone, and which thing stands in its place. What was remembered of the
// old thing does not judge the new one.
import type { Approvals } from "./approvals.ts";
import type { Login } from "./core/arrival.ts";
import type { DeviceCommands } from "./core/device-commands.ts";
import type { EventRoad } from "./event-road.ts";
import { emptyMemory } from "./normalise/normalise.ts";
import { changeDevice, replaceDevice } from "./registry/device-editing.ts";
import type { Pairing } from "./registry/pairing.ts";
import { deviceIn } from "./registry/removal.ts";

type Deps = Omit<Pairing<unknown>, "ask"> & {
  readonly approvals: Pick<Approvals, "approve">;
  /** Of a running gateway; null for a command while none runs. */
  readonly memories: Pick<EventRoad["memories"], "set" | "putOff"> | null;
  readonly disconnect: (login: Login) => void;
};

export function createDeviceCommands(deps: Deps): DeviceCommands {
  const { registry, approvals, memories, disconnect } = deps;
  /** Its last edge, its battery and its heartbeat were the old thing's. */
  const begin = (id: string): void => {
    memories?.set(id, emptyMemory);
    memories?.putOff(id, {});
  };
  return {
    changeDevice: (ask) => changeDevice(registry, ask),
    async replaceDevice(ask) {
      const { id } = ask;
      if (!("proposal" in ask)) {
        const told = await replaceDevice({ ...deps, ask });
        begin(id);
        return told;
      }
      const { zone } = deviceIn(registry.data(), id);
      const { proposal, profile } = ask;
      await approvals.approve({ proposal, zone, replaces: id, ...(profile !== undefined && { profile }) });
      disconnect({ kind: "device", id });
      begin(id);
      return { id, username: null, password: null, topic: deviceIn(registry.data(), id).topic, setup: [] };
    },
  };
}
