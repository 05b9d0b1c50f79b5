// What the house itself has to say; it takes the same disclose() as a sensor's reading.
import type { DeviceFlag, DeviceState } from "./reading.ts";

export type WithheldReason =
  | "no-detector"
  | "detector-failed"
  | "detector-timeout"
  | "canary-missed"
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
      readonly kind: "snapshot-withheld";
      readonly cameraId: string;
      readonly why: WithheldReason;
      readonly atMs: number;
    }
  | {
      readonly kind: "entries-gone";
      /** What became of them, unsent. */
      readonly how: "expired" | "evicted" | "erased";
      readonly sequences: readonly number[];
      readonly atMs: number;
    }
  | {
      readonly kind: "gateway-status";
      readonly state: "started" | "stopping";
      readonly version: string;
      readonly atMs: number;
    };
