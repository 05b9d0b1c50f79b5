// Through whose login a device is heard: what keeps a bridge away keeps all its devices away, and one hand mends it.
import type { BridgeView, Commands } from "../core/commands.ts";
import { bridgeFor, isWireTopic } from "../core/topics.ts";

/** As registry/place.ts has it: its own login, a wire, its bridge's, or that of the device behind which it sits. */
export type Speaker =
  | { readonly kind: "itself" | "wire" }
  | { readonly kind: "bridge"; readonly bridge: BridgeView }
  | { readonly kind: "device"; readonly id: string; readonly name: string };
export type SpeakerOf = (deviceId: string) => Speaker;

/** By device id, as the kit stands now. Asked for each device of a page: of a thousand none may look through all others. */
export function speakersOf(commands: Pick<Commands, "listDevices" | "listBridges">): SpeakerOf {
  let kit: Kit | null = null;
  return (id) => {
    kit ??= kitOf(commands);
    const { byId, byTopic, bridges } = kit;
    const device = byId.get(id);
    if (device === undefined) return { kind: "itself" };
    if (isWireTopic(device.topic)) return { kind: "wire" };
    const bridge = bridgeFor(bridges, device.topic);
    if (bridge !== undefined) return { kind: "bridge", bridge };
    const owner = topicsAbove(device.topic)
      .flatMap((topic) => byTopic.get(topic) ?? [])
      .find(({ profile }) => isOfFamily(device.profile, profile));
    return owner === undefined ? { kind: "itself" } : { kind: "device", id: owner.id, name: owner.name };
  };
}

type Kit = ReturnType<typeof kitOf>;

/** Read when the first is asked for: where all is well nobody is. */
function kitOf(commands: Pick<Commands, "listDevices" | "listBridges">) {
  const devices = commands.listDevices();
  return {
    byId: new Map(devices.map((device) => [device.id, device])),
    byTopic: Map.groupBy(devices, ({ topic }) => topic),
    bridges: commands.listBridges(),
  };
}

/** `a`, `a/b` of `a/b/c`. */
function topicsAbove(topic: string): string[] {
  const levels = topic.split("/");
  return levels.slice(1).map((_, index) => levels.slice(0, index + 1).join("/"));
}

/** A discovered device may sit behind any; another only behind one of its own family. */
function isOfFamily(profile: string, ownerProfile: string): boolean {
  const [family] = profile.split("/");
  return family === "discovered" || family === ownerProfile.split("/")[0];
}
