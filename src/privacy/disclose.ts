// What may be said: the only way from a private reading or house fact to an event that may leave (promise 5, I4).
// An outgoing event is built anew from the fields written here and allowed by the policy; nothing is copied through.
import type { Clock } from "../core/clock.ts";
import type { HouseFact } from "../core/house-fact.ts";
import { LIMITS } from "../core/limits.ts";
import type { Reading } from "../core/reading.ts";
import type { Receipt } from "../core/receipt.ts";
import type { Policy } from "../settings/schema.ts";
import type { EventClass, EventContent } from "./event-content.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import type { RedactedImage } from "./redact.ts";

let mint: (content: EventContent) => Event;

/** An event: may leave. Only the functions of this file can make one; a look-alike or a cast does not compile. */
export class Event {
  readonly #content: EventContent;

  private constructor(content: EventContent) {
    this.#content = content;
  }

  get content(): EventContent {
    return this.#content;
  }
  /** False for a look-alike, however it was cast. */
  static isMinted(value: object): boolean {
    return #content in value;
  }

  static {
    mint = (content) => new Event(content);
  }
}

export type Disclosed =
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "count"; readonly windowMs: number }
  | { readonly kind: "withheld"; readonly why: string };

/** What disclosure needs beside the fact; `zoneOf` answers for devices and cameras of the kit. */
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

/** Decides on one reading. A new kind of reading does not compile until it is decided here. */
export function disclose(reading: Reading, by: Disclosure): Disclosed {
  const { policy } = by;
  switch (reading.kind) {
    case "motion":
    case "presence":
      if (!reading.value) return { kind: "withheld", why: `${reading.kind}-cleared` };
      if (policy.events.motion.mode === "none") return { kind: "withheld", why: "policy" };
      if (policy.events.motion.mode === "counts")
        return { kind: "count", windowMs: policy.events.motion.windowS * 1000 };
      return make(by, { class: "motion", type: "motion.detected", about: reading, data: {} });
    case "illuminance":
      if (!policy.events.light) return { kind: "withheld", why: "policy" };
      return make(by, {
        class: "light.level",
        type: "light.level",
        about: reading,
        data: { lux: Math.round(reading.value * 10) / 10 },
      });
    case "light-category":
      if (!policy.events.light) return { kind: "withheld", why: "policy" };
      return make(by, { class: "light.level", type: "light.level", about: reading, data: { category: reading.value } });
    case "switch":
      if (!policy.events.light) return { kind: "withheld", why: "policy" };
      return make(by, { class: "light.state", type: "light.state", about: reading, data: { on: reading.value } });
    case "brightness":
      if (!policy.events.light) return { kind: "withheld", why: "policy" };
      return make(by, {
        class: "light.state",
        type: "light.state",
        about: reading,
        data: { brightnessPct: Math.round(reading.value) },
      });
    case "contact":
      return { kind: "withheld", why: "no-event-type" };
    case "tamper":
    case "battery":
    case "battery-low":
    case "link":
    case "online":
      // These speak of the device, not of the street: normalise/presence.ts gathers them into a device-status fact.
      return { kind: "withheld", why: "device-status" };
  }
}

/** Decides on what the house itself has to say. */
export function discloseFact(fact: HouseFact, by: Disclosure): Event {
  switch (fact.kind) {
    case "device-status": {
      const { batteryPct, linkPct } = by.policy.events.fields;
      return event(by, {
        class: "house",
        type: "device.status",
        about: fact,
        data: {
          state: fact.state,
          flags: [...fact.flags],
          ...(batteryPct && fact.batteryPct !== undefined && { batteryPct: Math.round(fact.batteryPct) }),
          ...(linkPct && fact.linkPct !== undefined && { linkPct: Math.round(fact.linkPct) }),
        },
      });
    }
    case "motion-count":
      return event(by, {
        class: "motion",
        type: "motion.count",
        about: fact,
        data: { count: fact.count, from: bucketed(fact.fromMs, by), to: bucketed(fact.toMs, by) },
      });
    case "lamp-fault":
      return event(by, {
        class: "house",
        type: "light.fault",
        about: fact,
        data: { fault: fact.fault, present: fact.isPresent },
      });
    case "snapshot-withheld":
      return event(by, { class: "house", type: "snapshot.withheld", about: fact, data: { reason: fact.why } });
    case "entries-gone":
      return event(by, {
        class: "house",
        type: "tombstone",
        about: fact,
        data: { how: fact.how, ...(fact.why !== undefined && { why: fact.why }), sequences: [...fact.sequences] },
      });
    case "policy-changed":
      return event(by, {
        class: "house",
        type: "policy.changed",
        about: fact,
        data: {
          change: fact.change,
          policy: fact.policySha256,
          tighter: fact.tighter,
          looser: fact.looser,
          ...(fact.noticeHours !== undefined && { noticeHours: Math.ceil(fact.noticeHours) }),
        },
      });
    case "erasure-requested":
      return event(by, {
        class: "house",
        type: "erasure.requested",
        about: fact,
        // Longer than the house's other words may wait: until the platform has it, its copies stay.
        ttlMs: LIMITS.eventTtlMs,
        data: {
          subjects: fact.subjects.flatMap(({ kind, id }) => by.pseudonyms.namesOf(kind, id, spanOfNames(fact, by))),
          ...(fact.fromMs !== null && { from: bucketed(fact.fromMs, by) }),
          ...(fact.toMs !== null && { to: bucketed(fact.toMs, by) }),
        },
      });
    case "gateway-status":
      return event(by, {
        class: "house",
        type: "gateway.status",
        about: fact,
        data: {
          state: fact.state,
          version: fact.version,
          ...(fact.devices !== undefined && { devices: fact.devices }),
        },
      });
  }
}

/** The event that goes with a redacted picture, its receipt beside it. */
export function discloseSnapshot(
  { image, receipt, retentionMs }: { image: RedactedImage; receipt: Receipt; retentionMs: number },
  by: Disclosure,
): Event {
  const { sha256, width, height, outcome, boxes } = image.content;
  return event(by, {
    class: "snapshot",
    type: "snapshot.redacted",
    about: { cameraId: image.cameraId, atMs: image.takenAtMs },
    ttlMs: retentionMs,
    dataref: `v1/snapshots/${sha256}`,
    data: { sha256, width, height, outcome, regions: boxes.length, receipt },
  });
}

type Making = {
  readonly class: EventClass;
  readonly type: string;
  readonly about: { readonly atMs: number; readonly deviceId?: string; readonly cameraId?: string };
  readonly data: Readonly<Record<string, unknown>>;
  readonly ttlMs?: number;
  readonly dataref?: string;
};

function make(by: Disclosure, making: Making): Disclosed {
  return { kind: "event", event: event(by, making) };
}

function event(by: Disclosure, { class: eventClass, type, about, data, ttlMs, dataref }: Making): Event {
  const kind = about.cameraId === undefined ? "device" : "camera";
  const id = about.cameraId ?? about.deviceId;
  const { retentionHours, retentionHoursOf } = by.policy.events;
  const hours = (eventClass === "snapshot" ? undefined : retentionHoursOf[eventClass]) ?? retentionHours;
  const ttl = Math.min(ttlMs ?? hours * 3_600_000, LIMITS.eventTtlMs);
  const expirytime = bucketed(by.clock.nowMs() + ttl, by);
  return mint({
    class: eventClass,
    expiresAtMs: Date.parse(expirytime),
    attributes: {
      source: `urn:hedgerow:${by.gatewayId}`,
      type: `hedgerow.${type}.v1`,
      subject: id === undefined ? "gateway" : by.pseudonyms.nameOf(kind, id, recordedMs(by)),
      time: bucketed(about.atMs, by),
      recordedtime: bucketed(by.clock.nowMs(), by),
      expirytime,
      dataschema: `urn:hedgerow:schema:${type}.v1`,
      dataclassification: "internal",
      ...(dataref !== undefined && { dataref }),
      data: {
        ...(id !== undefined && { zone: by.zoneOf(id) }),
        ...(by.cell !== undefined && { cell: by.cell }),
        clock: by.clock.isSynced() ? "synced" : "unsure",
        ...data,
      },
    },
  });
}

/**
 * By what names go: the moment of recording. By the moment of the thing itself, what a sensor held back over the change of a
 * season would come under the old name among events under the new one. Names follow a clock that is believed: one that is not
 * may show a season that was, or will be, and would tie the names of the two together. Meanwhile the time is the one that it is
 * at least, so that a name lasts too long rather than come back.
 */
function recordedMs({ clock, earliestNowMs }: Disclosure): number {
  return clock.isSynced() ? clock.nowMs() : earliestNowMs();
}

/** When names were given for what happened in a span; never ahead of now, since names to come are nobody's business. */
function spanOfNames({ fromMs, toMs }: { fromMs: number | null; toMs: number | null }, by: Disclosure) {
  const nowMs = recordedMs(by);
  return { fromMs: fromMs ?? 0, toMs: Math.min(nowMs, (toMs ?? nowMs) + PRIVACY_LIMITS.recordedLateMs) };
}

/** Rounded down to the policy's bucket, ISO 8601 UTC. */
function bucketed(atMs: number, by: Disclosure): string {
  const bucketMs = by.policy.events.timeBucketS * 1000;
  return new Date(Math.floor(atMs / bucketMs) * bucketMs).toISOString();
}
