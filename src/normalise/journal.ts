// Why don't I see my sensor? The last messages of each device and what became of each, in memory only, for the local page.
import type { Login } from "../core/arrival.ts";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { DecodedReading, HeardReason } from "../core/reading.ts";

/** `readings`: what was read in it, also where it was no news. `removed`: names of fields that were not kept; no value stands here. */
export type Noted = {
  readonly atMs: number;
  readonly outcome: "readings" | "ignored" | "dropped";
  readonly reason: HeardReason | null;
  readonly readings: readonly Pick<DecodedReading, "kind" | "value">[];
  readonly removed: readonly string[];
};

export type Journal = {
  note(deviceId: string, noted: Noted): void;
  /** The newest first; empty for a device never heard since the start. */
  of(deviceId: string): readonly Noted[];
  /** Forgets what was noted of a device in a span. */
  forget(deviceId: string, isMeant: (atMs: number) => boolean): void;
};

/** Bounded by the number of devices in the kit, times `heardPerDevice`. */
export function createJournal(): Journal {
  const byDevice = new Map<string, Noted[]>();
  return {
    note(deviceId, noted) {
      // A device that also speaks elsewhere, as some do when they start, must not push out what it says where it should.
      const notes = (byDevice.get(deviceId) ?? []).filter(
        ({ reason }) => noted.reason !== "foreign-topic" || reason !== "foreign-topic",
      );
      byDevice.set(deviceId, notes);
      notes.unshift(noted);
      notes.length = Math.min(notes.length, LIMITS.heardPerDevice);
    },
    of: (deviceId) => byDevice.get(deviceId) ?? [],
    forget(deviceId, isMeant) {
      const kept = (byDevice.get(deviceId) ?? []).filter(({ atMs }) => !isMeant(atMs));
      if (kept.length > 0) byDevice.set(deviceId, kept);
      else byDevice.delete(deviceId);
    },
  };
}

type MayPublish = (login: Login, topic: string) => boolean;

/** `mayPublish`, which the broker asks once for each message, noting what a device says on a topic that is not its own. */
export function notingForeignTopics(
  { journal, clock }: { readonly journal: Pick<Journal, "note">; readonly clock: Clock },
  mayPublish: MayPublish,
): MayPublish {
  return (login, topic) => {
    const isOwn = mayPublish(login, topic);
    if (!isOwn && login.kind === "device") {
      const noted = { outcome: "dropped", reason: "foreign-topic", readings: [], removed: [] } as const;
      journal.note(login.id, { ...noted, atMs: clock.nowMs() });
    }
    return isOwn;
  };
}
