// What of the sensors needs a hand: bridges that are away, devices that are, lamps at fault, what waits for approval.
import type { BridgeView, DeviceView, GatewayStatus } from "../core/commands.ts";
import { plainName } from "./html.ts";
import { LAMP_FAULTS } from "./reason-words.ts";
import type { Speaker, SpeakerOf } from "./speakers.ts";
import { countOf } from "./words.ts";

/** `act`: something is not working. `watch`: it works, and soon it may not. `page`: where the next step is done. */
export type Hand = {
  readonly level: "act" | "watch";
  readonly what: string;
  readonly next: string;
  readonly page?: string;
};

/** A bridge that cannot be heard is one hand, however many devices it speaks for. */
export function ofBridge(
  { id, family, isPaired, state }: BridgeView,
  { devices, speakerOf }: { devices: readonly DeviceView[]; speakerOf: SpeakerOf },
): readonly Hand[] {
  const isBehind = (device: DeviceView) => {
    const speaker = speakerOf(device.id);
    return speaker.kind === "bridge" && speaker.bridge.id === id;
  };
  const behind = devices.filter(isBehind).length;
  const silent = ["", " Its device cannot be heard."][behind] ?? ` None of its ${behind} devices can be heard.`;
  const name = `${plainName(family)} bridge${id === family ? "" : ` ${plainName(id)}`}`;
  const page = `/bridges/${encodeURIComponent(id)}`;
  if (!isPaired)
    return [
      {
        level: "watch",
        what: `The ${name} is not paired.${silent}`,
        next: "Make its login on its page, and type the lines into the bridge's settings.",
        page,
      },
    ];
  if (state !== "offline") return [];
  return [
    {
      level: "act",
      what: `The ${name} is offline.${silent}`,
      next: "Is the bridge's program running, and its machine on?",
      page,
    },
  ];
}

/** What announced itself needs a person who knows it. */
export function ofProposals({ proposals }: GatewayStatus): readonly Hand[] {
  if (proposals === 0) return [];
  return [
    {
      level: "watch",
      what: `${countOf(proposals, "new device waits", "new devices wait")} for approval.`,
      next: "Look at what announced itself: is it one of yours?",
      page: "/devices",
    },
  ];
}

/** `speaker`: through whom it is heard; while that one cannot be heard, the hand is theirs. */
export function ofDevice(device: DeviceView, speaker: Speaker): readonly Hand[] {
  if (!device.isPaired) return speaker.kind === "itself" ? [notPaired(device)] : [];
  const name = plainName(device.name);
  const hands: Hand[] = [];
  if (speaker.kind === "bridge" && speaker.bridge.state === "offline")
    return device.flags.includes("tamper") ? [opened(name)] : [];
  if (device.flags.includes("tamper")) hands.push(opened(name));
  if (device.state === "offline")
    hands.push({
      level: "act",
      what: `${name} is offline.`,
      next: "Check its power or battery, and whether it is still in its place.",
    });
  if (device.state === "stale")
    hands.push({
      level: "act",
      what: `${name} has not been heard for longer than usual.`,
      next: "Check its power or battery; walk past it and see whether it is heard.",
    });
  if (device.lamp !== null && device.lamp.fault !== null)
    hands.push({
      level: "act",
      what: `Something is wrong with the lamp ${name}.`,
      next: LAMP_FAULTS[device.lamp.fault],
    });
  if (device.flags.includes("low-battery"))
    hands.push({ level: "watch", what: `The battery of ${name} is low.`, next: "Change it on your next visit." });
  if (device.state === "unknown")
    hands.push({
      level: "watch",
      what:
        device.heardAt === null
          ? `${name} has never been heard.`
          : `${name} has not been heard since its bridge was away.`,
      next: "Switch it on, or wake it with its button.",
    });
  return hands;
}

/** Its battery and its place do not matter before it may log in. */
function notPaired({ id, name }: DeviceView): Hand {
  return {
    level: "watch",
    what: `${plainName(name)} is not paired, so it cannot be heard.`,
    next: "Make its login on its page, and type the lines into the device.",
    page: `/devices/${encodeURIComponent(id)}`,
  };
}

function opened(name: string): Hand {
  return { level: "act", what: `Somebody opened or moved ${name}.`, next: "Look at it, and close its cover." };
}
