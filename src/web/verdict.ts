// The one sentence on top of the page: everything works, or what needs a hand and the one next step.
import type { CameraView, GatewayStatus } from "../core/commands.ts";
import { ofBuffer, ofConservation, ofDeadLetters, ofSink } from "./buffer-hands.ts";
import { type Hand, ofBridge, ofDevice, ofProposals } from "./device-hands.ts";
import { plainName } from "./html.ts";
import { type LossDay, ofLosses } from "./losses.ts";
import type { SpeakerOf } from "./speakers.ts";
import { countOf } from "./words.ts";

/** What needs a hand, most urgent first: privacy, then what may be lost, then what is not sensed. `losses`: by day. Empty: everything works. */
export function handsNeeded(
  status: GatewayStatus,
  { nowMs, speakerOf, losses = [] }: { nowMs: number; speakerOf: SpeakerOf; losses?: readonly LossDay[] },
): readonly Hand[] {
  const hands = [
    ...status.cameras.flatMap(ofBlindCamera),
    ...ofBuffer(status),
    ...status.sinks.flatMap((sink) => ofSink(sink, { nowMs, status })),
    ...ofLedger(status),
    ...ofSiteBroker(status),
    ...status.cameras.flatMap(ofCamera),
    ...status.bridges.flatMap((bridge) => ofBridge(bridge, { devices: status.devices, speakerOf })),
    ...status.devices.flatMap((device) => ofDevice(device, speakerOf(device.id))),
    ...ofProposals(status),
    ...ofKit(status),
    ...ofClock(status),
    ...ofLosses(losses, nowMs),
    ...ofDeadLetters(status),
    ...ofConservation(status),
  ];
  return hands.toSorted((a, b) => Number(b.level === "act") - Number(a.level === "act"));
}

/** Without it no picture is made: each needs its receipt. */
function ofLedger({ ledger }: GatewayStatus): readonly Hand[] {
  if (ledger === undefined || ledger.trouble === null) return [];
  return [
    {
      level: "act",
      what: "The ledger cannot be written, so no picture is made. What it should say of the rest waits.",
      next: "Is the disk full? Free some space on it. If not, the SD card may be worn out.",
    },
  ];
}

function ofBlindCamera({ name, state }: CameraView): readonly Hand[] {
  if (state !== "cannot-see") return [];
  return [
    {
      level: "act",
      what: `The face finder failed its self-test, so no picture from ${plainName(name)} leaves.`,
      next: "Restart the gateway: unplug it, wait ten seconds, plug it in again.",
    },
  ];
}

function ofCamera({ name, state, why }: CameraView): readonly Hand[] {
  const camera = plainName(name);
  switch (state) {
    case "unreachable":
      return [
        {
          level: "act",
          what: `${camera} gave no picture${because(why)}.`,
          next: "Is it plugged in? Its lamp should be lit. If it is, take a test picture on its page: that says what to do.",
        },
      ];
    case "withheld":
      return [
        {
          level: "watch",
          what: `The newest picture of ${camera} was withheld${because(why)}. Nothing of it left.`,
          next: "If this stays: is the lens clean, and is there light? Then the picture is sent again.",
        },
      ];
    case "ended":
      return [
        {
          level: "watch",
          what: `The policy's time for ${camera} is over; it takes no more pictures.`,
          next: "Take it down, or agree on a new end and write it into the policy.",
        },
      ];
    case "no-policy":
      return [
        {
          level: "watch",
          what: `${camera} is off: the policy does not name it.`,
          next: "Add it to policy.yaml (a camera is announced before it starts), or remove it from the kit.",
          page: "/policy",
        },
      ];
    case "cannot-see":
    case "ok":
      return [];
  }
}

/** All sensors at once are silent: more urgent than any one of them. */
function ofSiteBroker({ siteBroker }: GatewayStatus): readonly Hand[] {
  if (siteBroker === undefined || siteBroker === null) return [];
  const { isUp, why, refused } = siteBroker;
  if (!isUp)
    return [
      {
        level: "act",
        what: `No sensor is heard: the site's broker is not reached${because(why)}.`,
        next: "Is the machine on which it runs switched on? It is tried again by itself.",
      },
    ];
  if (refused.length === 0) return [];
  return [
    {
      level: "act",
      what: `The site's broker does not let the gateway hear ${countOf(refused.length, "topic", "topics")}.`,
      next: "Ask whoever looks after the broker to let the gateway's login read them; its log names them.",
    },
  ];
}

function ofKit({ devices, cameras, bridges, proposals }: GatewayStatus): readonly Hand[] {
  if (devices.length + cameras.length + bridges.length + proposals > 0) return [];
  return [
    {
      level: "watch",
      what: "No sensors yet.",
      next: "Add the first one.",
      page: "/devices/new",
    },
  ];
}

function ofClock({ gateway }: GatewayStatus): readonly Hand[] {
  if (gateway.clock === "synced") return [];
  return [
    {
      level: "watch",
      what: "The gateway does not know the right time, and says so with each event.",
      next: "Connect it to the internet for a minute.",
    },
  ];
}

function because(why: string | null): string {
  return why === null ? "" : ` (${plainName(why)})`;
}
