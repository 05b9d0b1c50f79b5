// What the house itself has to say; it takes the same disclose() as a sensor's reading.
import type { DeviceFlag, DeviceState } from "./reading.ts";

export type WithheldReason =
  | "no-detector"
  | "detector-failed"
  | "detector-timeout"
  | "canary-missed"
  | "model-changed"
  | "too-many-waiting"
  | "unsure"
  | "picture-refused"
  | "camera-unreachable"
  | "camera-timeout"
  | "policy"
  | "quiet"
  | "daily-budget"
  | "disk-full";

export type HouseFact =
  | {
      readonly kind: "device-status";
      readonly deviceId: string;
      readonly state: DeviceState;
      readonly flags: readonly DeviceFlag[];
      readonly batteryPct?: number;
      readonly linkPct?: number;
      readonly atMs: number;
    }
  | {
      readonly kind: "motion-count";
      readonly deviceId: string;
      readonly count: number;
      readonly fromMs: number;
      readonly toMs: number;
      readonly atMs: number;
    }
  | {
      readonly kind: "lamp-fault";
      /** The lamp, not the light sensor that saw it. */
      readonly deviceId: string;
      readonly fault: "dark-at-night" | "burning-by-day" | "flicker";
      /** False: the fault is over. */
      readonly isPresent: boolean;
      readonly atMs: number;
    }
  | {
      readonly kind: "snapshot-withheld";
      readonly cameraId: string;
      readonly why: WithheldReason;
      readonly atMs: number;
    }
  | {
      readonly kind: "entries-gone";
      /** What became of them, unsent. */
      readonly how: "expired" | "evicted" | "erased";
      /** Of what was erased, the reason, where it was not a person's wish. */
      readonly why?: "damaged" | "undeliverable" | "policy";
      readonly sequences: readonly number[];
      readonly atMs: number;
    }
  | {
      readonly kind: "policy-changed";
      /** announced: looser, and not in force yet. withdrawn: what was announced will not come. */
      readonly change: "in-force" | "announced" | "withdrawn";
      /** Of the policy that is in force, or is announced, hex. */
      readonly policySha256: string;
      /** How many of its rules are tighter and looser than before. */
      readonly tighter: number;
      readonly looser: number;
      /** Of what is announced: the hours of notice that are left. */
      readonly noticeHours?: number;
      readonly atMs: number;
    }
  | {
      readonly kind: "erasure-requested";
      /** A person asked that what was said of these be erased, at the platform too; all devices and cameras where it is empty. */
      readonly subjects: readonly { readonly kind: "device" | "camera"; readonly id: string }[];
      /** Of this span, epoch milliseconds; null: from the beginning, or until now. */
      readonly fromMs: number | null;
      readonly toMs: number | null;
      readonly atMs: number;
    }
  | {
      readonly kind: "gateway-status";
      /** devices-lost: so many devices went at once that it is the site's power or network; devices-back: it is over. */
      readonly state: "started" | "stopping" | "devices-lost" | "devices-back";
      readonly version: string;
      /** With devices-lost and devices-back: how many. */
      readonly devices?: number;
      readonly atMs: number;
    };
