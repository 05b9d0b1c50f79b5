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
      readonly kind: "gateway-status";
      /** devices-lost: so many devices went at once that it is the site's power or network; devices-back: it is over. */
      readonly state: "started" | "stopping" | "devices-lost" | "devices-back";
      readonly version: string;
      /** With devices-lost and devices-back: how many. */
      readonly devices?: number;
      readonly atMs: number;
    };
