// What disclosure needs beside a reading or fact, and the two times that all events share.
import type { Clock } from "../core/clock.ts";
import type { Policy } from "../settings/schema.ts";
import type { EventClass } from "./event-content.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import type { Quiet } from "./quiet.ts";

/** `zoneOf` answers for devices and cameras of the kit. */
export type Disclosure = {
  readonly gatewayId: string;
  readonly cell?: string;
  readonly policy: Policy;
  readonly pseudonyms: Pseudonyms;
  readonly clock: Clock;
  /** The wall time that it is at least, for while the clock is not believed: the spool's. */
  readonly earliestNowMs: () => number;
  readonly zoneOf: (id: string) => string;
};

/** `timezone`: whose days and hours count. */
export type SiteDisclosure = Disclosure & { readonly quiet: Quiet; readonly timezone: string };

/** What is asked of readings, which speak of the street, and not of what the house says. */
export type ReadingDisclosure = SiteDisclosure & {
  /** Whether a device's profile can say motion or presence; true where nobody knows. */
  readonly sensesMotion: (deviceId: string) => boolean;
};

/** What an event will say; the rest is the same for all. */
export type Making = {
  readonly class: EventClass;
  readonly type: string;
  readonly about: { readonly atMs: number; readonly deviceId?: string; readonly cameraId?: string };
  readonly data: Readonly<Record<string, unknown>>;
  readonly ttlMs?: number;
  readonly dataref?: string;
};

/**
 * By what names go: the moment of recording. By the moment of the thing itself, what a sensor held back over the change of a
 * season would come under the old name among events under the new one. Names follow a clock that is believed: one that is not
 * may show a season that was, or will be, and would tie the names of the two together. Meanwhile the time is the one that it is
 * at least, so that a name lasts too long rather than come back.
 */
export function recordedMs({ clock, earliestNowMs }: Pick<Disclosure, "clock" | "earliestNowMs">): number {
  return clock.isSynced() ? clock.nowMs() : earliestNowMs();
}

/** Rounded down to the policy's bucket, ISO 8601 UTC. */
export function bucketed(atMs: number, by: Pick<Disclosure, "policy">): string {
  const bucketMs = by.policy.events.timeBucketS * 1000;
  return new Date(Math.floor(atMs / bucketMs) * bucketMs).toISOString();
}
