// What a person may see of how things were: a part of the port core/commands.ts.
import type { DeviceState } from "./reading.ts";

export type HistoryKind = "device" | "camera" | "platform" | "gateway";

/** From `atMs` (epoch milliseconds) on; null: not known, since the gateway was off, did not know the time, or it was erased. */
export type HistoryChange = { readonly atMs: number; readonly state: DeviceState | null };

/** The lowest of a day (YYYY-MM-DD in the gateway's time zone), in percent; null: not told that day. */
export type DayLow = { readonly day: string; readonly batteryPct: number | null; readonly linkPct: number | null };

/**
 * How a thing was since `fromMs`, 31 days ago, up to `toMs`: a step shows the worst that was seen in it, and devices change by
 * the hour. Never what a sensor sensed, nor how often. The five words are a device's; a camera is offline where it gave no
 * picture and paused where it is off; a platform is stale while it is away, offline while it refuses, paused while it rests.
 */
export type ThingHistory = {
  readonly fromMs: number;
  readonly toMs: number;
  /** The oldest first; the first is at `fromMs`. */
  readonly changes: readonly HistoryChange[];
  /** The oldest first; of devices alone. */
  readonly lows: readonly DayLow[];
};

export type HistoryCommands = {
  /** Null for a thing of which nothing is remembered. The gateway's own id is "gateway". */
  readonly historyOf: (kind: HistoryKind, id: string) => ThingHistory | null;
};
