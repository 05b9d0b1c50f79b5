// The one sentence on top of the page: everything works, or what needs a hand and the one next step.
import type { CameraView, GatewayStatus } from "../core/commands.ts";
import { type Hand, ofBridge, ofDevice, ofProposals } from "./device-hands.ts";
import { plainName } from "./html.ts";
import type { SpeakerOf } from "./speakers.ts";
import { countOf, durationOf } from "./words.ts";

/** A platform that has been away for less is an ordinary hiccup, not worth a person's worry. */
const AWAY_MS = 10 * 60_000;
/** Below this the buffer may overflow before somebody comes by. */
const HOURS_LEFT = 24;

/** What needs a hand, most urgent first: privacy, then what may be lost, then what is not sensed. Empty: everything works. */
export function handsNeeded(
  status: GatewayStatus,
  { nowMs, speakerOf }: { nowMs: number; speakerOf: SpeakerOf },
): readonly Hand[] {
  const hands = [
    ...status.cameras.flatMap(ofBlindCamera),
    ...status.sinks.flatMap((sink) => ofSink(sink, { nowMs, status })),
    ...ofBuffer(status),
    ...ofLedger(status),
    ...ofSiteBroker(status),
    ...status.cameras.flatMap(ofCamera),
    ...status.bridges.flatMap((bridge) => ofBridge(bridge, { devices: status.devices, speakerOf })),
    ...status.devices.flatMap((device) => ofDevice(device, speakerOf(device.id))),
    ...ofProposals(status),
    ...ofKit(status),
    ...ofClock(status),
    ...ofDeadLetters(status),
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
          next: "Add it to policy.yaml, or remove it from the kit.",
        },
      ];
    case "cannot-see":
    case "ok":
      return [];
  }
}

function ofBuffer({ buffer }: GatewayStatus): readonly Hand[] {
  if (buffer.hoursLeft === null || buffer.hoursLeft >= HOURS_LEFT) return [];
  return [
    {
      level: "act",
      what: `The buffer is full in about ${durationOf(buffer.hoursLeft * 3_600_000)}.`,
      next: "Check the internet connection at the site, so that the events can leave.",
    },
  ];
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

function ofSink(
  sink: GatewayStatus["sinks"][number],
  { nowMs, status }: { nowMs: number; status: GatewayStatus },
): readonly Hand[] {
  if (sink.state === "paused") {
    return [
      {
        level: "act",
        what: `The platform ${sink.id} refuses this gateway${because(sink.why)}.`,
        next: "Ask the platform whether this gateway's key is registered. It is tried again every two minutes; meanwhile events wait in the buffer.",
      },
    ];
  }
  const since = sink.lastAcceptedAt ?? status.gateway.startedAt;
  if (sink.state !== "waiting" || nowMs - Date.parse(since) < AWAY_MS) return [];
  return [
    {
      level: "watch",
      what: `The platform ${sink.id} has not been reached for ${durationOf(nowMs - Date.parse(since))}.`,
      next: "Is the router on, and does the internet work at the site? Meanwhile events wait in the buffer.",
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

function ofDeadLetters({ buffer }: GatewayStatus): readonly Hand[] {
  if (buffer.deadLetters === 0) return [];
  return [
    {
      level: "watch",
      what: `The platform rejected ${countOf(buffer.deadLetters, "event")}; they are kept aside.`,
      next: "Tell the platform's operator; the page Buffer names them and the reasons.",
    },
  ];
}

function because(why: string | null): string {
  return why === null ? "" : ` (${plainName(why)})`;
}
