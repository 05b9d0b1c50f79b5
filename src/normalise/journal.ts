// Why don't I see my sensor? The last messages of each device and what became of each, in memory only, for the local page.
import { LIMITS } from "../core/limits.ts";
import type { DecodedReading, Reason } from "../core/reading.ts";

/** `readings`: what was read in it, also where it was no news. `removed`: names of fields that were not kept; no value stands here. */
export type Noted = {
  readonly atMs: number;
  readonly outcome: "readings" | "ignored" | "dropped";
  readonly reason: Reason | null;
  readonly readings: readonly Pick<DecodedReading, "kind" | "value">[];
  readonly removed: readonly string[];
};

export type Journal = {
  note(deviceId: string, noted: Noted): void;
  /** The newest first; empty for a device never heard since the start. */
  of(deviceId: string): readonly Noted[];
};

/** Bounded by the number of devices in the kit, times `heardPerDevice`. */
export function createJournal(): Journal {
  const byDevice = new Map<string, Noted[]>();
  return {
    note(deviceId, noted) {
      const notes = byDevice.get(deviceId) ?? [];
      byDevice.set(deviceId, notes);
      notes.unshift(noted);
      notes.length = Math.min(notes.length, LIMITS.heardPerDevice);
    },
    of: (deviceId) => byDevice.get(deviceId) ?? [],
  };
}
