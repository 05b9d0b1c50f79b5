// The one next step for a device that nobody paired: the command that makes its login, or that of the bridge which speaks for it.
import type { Commands } from "../core/commands.ts";
import { bridgeFor } from "../core/topics.ts";

/** `command`: what to type on the gateway. `into`: where what it prints belongs. */
export type PairingStep = { readonly command: string; readonly into: string };

/** The step by device id, as the kit stands now. */
export function pairingSteps(commands: Pick<Commands, "listDevices" | "listBridges">): (id: string) => PairingStep {
  const topics = new Map(commands.listDevices().map(({ id, topic }) => [id, topic]));
  const bridges = commands.listBridges();
  return (id) => {
    const bridge = bridgeFor(bridges, topics.get(id) ?? "");
    return bridge === undefined
      ? { command: `hedgerow device credentials ${id}`, into: "the device" }
      : { command: `hedgerow bridge credentials ${bridge.id}`, into: `the settings of the bridge ${bridge.id}` };
  };
}
