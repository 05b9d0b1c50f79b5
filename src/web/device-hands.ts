// What of the sensors needs a hand: bridges that are away, devices that are, lamps at fault, what waits for approval.
import type { BridgeView, DeviceView, GatewayStatus } from "../core/commands.ts";
import type { Trouble } from "../core/notices-commands.ts";
import type { Language } from "../languages/say.ts";
import { plainName } from "./html.ts";
import type { SpeakerOf } from "./speakers.ts";

/** `act`: something is not working. `watch`: it works, and soon it may not. `page`: where the next step is done. `trouble`: what messages tell of it (notices/), by kind; without it they tell nothing. */
export type Hand = {
  readonly level: "act" | "watch";
  readonly what: string;
  readonly next: string;
  readonly page?: string;
  readonly trouble?: Trouble;
};

type Around = {
  readonly devices: readonly DeviceView[];
  readonly speakerOf: SpeakerOf;
  readonly language: Language;
};

/** A bridge that cannot be heard is one hand, however many devices it speaks for. */
export function ofBridge(
  { id, family, isPaired, state }: BridgeView,
  { devices, speakerOf, language }: Around,
): readonly Hand[] {
  if (isPaired && state !== "offline") return [];
  const isBehind = (device: DeviceView) => {
    const speaker = speakerOf(device.id);
    return speaker.kind === "bridge" && speaker.bridge.id === id;
  };
  const named = { family: plainName(family), id: plainName(id) };
  const bridge = language.say(id === family ? "verdict.bridge-only" : "verdict.bridge-name", named);
  const values = { devices: devices.filter(isBehind).length, bridge };
  const page = `/bridges/${encodeURIComponent(id)}`;
  if (!isPaired)
    return [
      {
        level: "watch",
        what: language.say("verdict.bridge-not-paired", values),
        next: language.say("verdict.bridge-not-paired-next"),
        page,
      },
    ];
  return [
    {
      level: "act",
      what: language.say("verdict.bridge-offline", values),
      next: language.say("verdict.bridge-offline-next"),
      page,
      trouble: { kind: "bridge-away", of: id },
    },
  ];
}

/** What announced itself needs a person who knows it. */
export function ofProposals({ proposals }: GatewayStatus, language: Language): readonly Hand[] {
  if (proposals === 0) return [];
  const what = language.say("verdict.proposals", { count: proposals });
  return [{ level: "watch", what, next: language.say("verdict.proposals-next"), page: "/devices" }];
}

const DEVICE_TROUBLES = {
  tamper: "sensor-opened",
  offline: "sensor-silent",
  stale: "sensor-silent",
  battery: "battery-low",
} as const;

/** While those through whom it is heard cannot be heard, the hand is theirs. Of a device that is well nobody has to ask who they are. */
export function ofDevice(
  device: DeviceView,
  { speakerOf, language }: { readonly speakerOf: SpeakerOf; readonly language: Language },
): readonly Hand[] {
  const { state, flags, lamp, isPaired } = device;
  if (isPaired && state === "ok" && flags.length === 0 && (lamp === null || lamp.fault === null)) return [];
  const speaker = speakerOf(device.id);
  if (!device.isPaired) return speaker.kind === "itself" ? [notPaired(device, language)] : [];
  const name = plainName(device.name);
  const page = `/devices/${encodeURIComponent(device.id)}`;
  const hand = (level: Hand["level"], key: "tamper" | "offline" | "stale" | "battery"): Hand => ({
    level,
    what: language.say(`verdict.device-${key}`, { device: name }),
    next: language.say(`verdict.device-${key}-next`),
    page,
    trouble: { kind: DEVICE_TROUBLES[key], of: device.id },
  });
  const isOpened = device.flags.includes("tamper");
  const hands: Hand[] = isOpened ? [hand("act", "tamper")] : [];
  if (speaker.kind === "bridge" && speaker.bridge.state === "offline") return hands;
  if (device.state === "offline" || device.state === "stale") hands.push(hand("act", device.state));
  if (device.lamp !== null && device.lamp.fault !== null)
    hands.push({
      level: "act",
      what: language.say("verdict.lamp", { device: name }),
      next: language.say(`verdict.lamp-${device.lamp.fault}`),
      page,
      trouble: { kind: "lamp-fault", of: device.id },
    });
  if (device.flags.includes("low-battery")) hands.push(hand("watch", "battery"));
  if (device.state === "unknown") {
    const what = device.heardAt === null ? "verdict.device-never" : "verdict.device-bridge-away";
    hands.push({
      level: "watch",
      what: language.say(what, { device: name }),
      next: language.say("verdict.device-unknown-next"),
      page,
    });
  }
  return hands;
}

/** Its battery and its place do not matter before it may log in. */
function notPaired({ id, name }: DeviceView, language: Language): Hand {
  return {
    level: "watch",
    what: language.say("verdict.device-not-paired", { device: plainName(name) }),
    next: language.say("verdict.device-not-paired-next"),
    page: `/devices/${encodeURIComponent(id)}`,
  };
}
