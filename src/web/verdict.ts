// The one sentence on top of the page: everything works, or what needs a hand and the one next step.
import type { CameraView, GatewayStatus } from "../core/commands.ts";
import { type Language, languageOf } from "../languages/say.ts";
import { ofBuffer, ofConservation, ofDeadLetters, ofSink } from "./buffer-hands.ts";
import { type Hand, ofBridge, ofDevice, ofProposals } from "./device-hands.ts";
import { plainName } from "./html.ts";
import { type LossDay, ofLosses } from "./losses.ts";
import type { SpeakerOf } from "./speakers.ts";

/** `losses`: by day. `isDraft`: what was agreed is none yet. `language`: of who reads it; English where only the troubles are wanted. */
type Asked = {
  readonly nowMs: number;
  readonly speakerOf: SpeakerOf;
  readonly losses?: readonly LossDay[];
  readonly isDraft?: boolean;
  readonly language?: Language;
};

/** What needs a hand, most urgent first: privacy, then what may be lost, then what is not sensed. Empty: everything works. */
export function handsNeeded(
  status: GatewayStatus,
  { nowMs, speakerOf, losses = [], isDraft = false, language = languageOf("en") }: Asked,
): readonly Hand[] {
  const { devices } = status;
  const hands = [
    ...status.cameras.flatMap((camera) => ofBlindCamera(camera, language)),
    ...ofBuffer(status, language),
    ...status.sinks.flatMap((sink) => ofSink(sink, { nowMs, status, language })),
    ...ofLedger(status, language),
    ...ofSiteBroker(status, language),
    ...status.cameras.flatMap((camera) => ofCamera(camera, language)),
    ...status.bridges.flatMap((bridge) => ofBridge(bridge, { devices, speakerOf, language })),
    ...devices.flatMap((device) => ofDevice(device, { speakerOf, language })),
    ...ofProposals(status, language),
    ...ofDraft(isDraft, language),
    ...ofKit(status, language),
    ...ofClock(status, language),
    ...ofLosses(losses, { nowMs, language }),
    ...ofDeadLetters(status, language),
    ...ofConservation(status, language),
  ];
  return hands.toSorted((a, b) => Number(b.level === "act") - Number(a.level === "act"));
}

/** Without it no picture is made: each needs its receipt. */
function ofLedger({ ledger }: GatewayStatus, language: Language): readonly Hand[] {
  if (ledger === undefined || ledger.trouble === null) return [];
  const [what, next] = [language.say("verdict.ledger"), language.say("verdict.ledger-next")];
  return [{ level: "act", what, next, trouble: { kind: "ledger-stuck", of: "" } }];
}

function ofBlindCamera({ id, name, state }: CameraView, language: Language): readonly Hand[] {
  if (state !== "cannot-see") return [];
  return [
    {
      level: "act",
      what: language.say("verdict.camera-blind", { camera: plainName(name) }),
      next: language.say("verdict.camera-blind-next"),
      page: pageOf(id),
      trouble: { kind: "camera-blind", of: id },
    },
  ];
}

function ofCamera({ id, name, state, why }: CameraView, language: Language): readonly Hand[] {
  const camera = plainName(name);
  const page = pageOf(id);
  switch (state) {
    case "unreachable":
      return [
        {
          level: "act",
          what:
            why === null
              ? language.say("verdict.camera-unreachable", { camera })
              : language.say("verdict.camera-unreachable-why", { camera, why: plainName(why) }),
          next: language.say("verdict.camera-unreachable-next"),
          page,
          trouble: { kind: "camera-unreachable", of: id },
        },
      ];
    case "withheld":
      return [
        {
          level: "watch",
          what:
            why === null
              ? language.say("verdict.camera-withheld", { camera })
              : language.say("verdict.camera-withheld-why", { camera, why: plainName(why) }),
          next: language.say("verdict.camera-withheld-next"),
          page,
          trouble: { kind: "camera-withheld", of: id },
        },
      ];
    case "ended":
      return [
        {
          level: "watch",
          what: language.say("verdict.camera-ended", { camera }),
          next: language.say("verdict.camera-ended-next"),
          page: "/policy",
        },
      ];
    case "no-policy":
      return [
        {
          level: "watch",
          what: language.say("verdict.camera-no-policy", { camera }),
          next: language.say("verdict.camera-no-policy-next"),
          page: "/policy",
        },
      ];
    case "cannot-see":
    case "paused":
    case "ok":
      return [];
  }
}

/** All sensors at once are silent: more urgent than any one of them. */
function ofSiteBroker({ siteBroker }: GatewayStatus, language: Language): readonly Hand[] {
  if (siteBroker === undefined || siteBroker === null) return [];
  const { isUp, why, refused } = siteBroker;
  if (!isUp)
    return [
      {
        level: "act",
        what:
          why === null
            ? language.say("verdict.site-broker")
            : language.say("verdict.site-broker-why", { why: plainName(why) }),
        next: language.say("verdict.site-broker-next"),
        trouble: { kind: "site-broker-away", of: "" },
      },
    ];
  if (refused.length === 0) return [];
  return [
    {
      level: "act",
      what: language.say("verdict.site-broker-refused", { count: refused.length }),
      next: language.say("verdict.site-broker-refused-next"),
    },
  ];
}

function ofKit({ devices, cameras, bridges, proposals }: GatewayStatus, language: Language): readonly Hand[] {
  if (devices.length + cameras.length + bridges.length + proposals > 0) return [];
  const [what, next] = [language.say("verdict.kit-empty"), language.say("verdict.kit-empty-next")];
  return [{ level: "watch", what, next, page: "/devices/new" }];
}

/** All is sensed and nothing told: that is as it should be until people have agreed, and somebody has to say that they have. */
function ofDraft(isDraft: boolean, language: Language): readonly Hand[] {
  if (!isDraft) return [];
  const [what, next] = [language.say("verdict.draft"), language.say("verdict.draft-next")];
  return [{ level: "watch", what, next, page: "/policy" }];
}

function ofClock({ gateway }: GatewayStatus, language: Language): readonly Hand[] {
  if (gateway.clock === "synced") return [];
  const [what, next] = [language.say("verdict.clock"), language.say("verdict.clock-next")];
  return [{ level: "watch", what, next, trouble: { kind: "clock-unsure", of: "" } }];
}

function pageOf(cameraId: string): string {
  return `/cameras/${encodeURIComponent(cameraId)}`;
}
