// Which bridge speaks for a device: what keeps the bridge away keeps all its devices away, and one hand mends it.
import type { BridgeView, Commands } from "../core/commands.ts";
import { bridgeFor } from "../core/topics.ts";

/** Undefined: the device has a login of its own, or needs none. */
export type SpeakerOf = (deviceId: string) => BridgeView | undefined;

/** By device id, as the kit stands now. */
export function speakersOf(commands: Pick<Commands, "listDevices" | "listBridges">): SpeakerOf {
  const topics = new Map(commands.listDevices().map(({ id, topic }) => [id, topic]));
  const bridges = commands.listBridges();
  return (id) => bridgeFor(bridges, topics.get(id) ?? "");
}
