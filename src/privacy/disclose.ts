// What may be said: the only way from a private reading or house fact to an event that may leave (promise 5, I4).
// An outgoing event is built anew from the fields written here and allowed by the policy; nothing is copied through.
import type { HouseFact } from "../core/house-fact.ts";
import { LIMITS } from "../core/limits.ts";
import type { Reading } from "../core/reading.ts";
import type { Receipt } from "../core/receipt.ts";
import type { Policy } from "../settings/schema.ts";
import { bucketed, type Disclosure, type Making, type ReadingDisclosure, recordedMs } from "./disclosure.ts";
import type { EventClass, EventContent } from "./event-content.ts";
import { contentOf } from "./fact-content.ts";
import type { RedactedImage } from "./redact.ts";

export type { Disclosure, ReadingDisclosure, SiteDisclosure } from "./disclosure.ts";

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
  | { readonly kind: "count" }
  | { readonly kind: "withheld"; readonly why: string };

/**
 * Decides on one reading. A new kind of reading does not compile until it is decided here. `count`: it is one edge more of what
 * is told by numbers. `mayStill`: asked last, whether the day has room for one event more of its class.
 */
export function disclose(
  reading: Reading,
  by: ReadingDisclosure,
  mayStill: (eventClass: Exclude<EventClass, "snapshot" | "house">) => boolean = () => true,
): Disclosed {
  const said = decide(reading, by);
  if (said.kind === "withheld") return said;
  const zone = by.zoneOf(reading.deviceId);
  // Its own moment, and that of its telling: what was held back for hours does not come at a time when nothing is told.
  if (by.quiet.isQuiet(zone, reading.atMs) || by.quiet.isHour()) return { kind: "withheld", why: "quiet" };
  if (said.kind === "count") return said;
  if (!mayStill(said.class)) return { kind: "withheld", why: "daily-budget" };
  return { kind: "event", event: event(by, { ...said, about: reading }) };
}

type Decided =
  | { readonly kind: "withheld"; readonly why: string }
  | { readonly kind: "count" }
  | ({ readonly kind: "event"; readonly class: "light.level" | "light.state" | "motion" } & Pick<
      Making,
      "type" | "data"
    >);

function decide(reading: Reading, { policy, sensesMotion }: ReadingDisclosure): Decided {
  const { mode } = policy.events.motion;
  switch (reading.kind) {
    case "motion":
    case "presence":
      if (!reading.value) return { kind: "withheld", why: `${reading.kind}-cleared` };
      if (mode === "none") return { kind: "withheld", why: "policy" };
      if (mode === "counts") return { kind: "count" };
      return { kind: "event", class: "motion", type: "motion.detected", data: {} };
    case "illuminance":
    case "light-category":
      // It measures the light when somebody passes: told one by one, that would be the motion that is not told.
      if (mode !== "each" && !policy.events.lightOfMotionSensors && sensesMotion(reading.deviceId))
        return { kind: "withheld", why: "policy" };
      return light(policy, "light.level", levelOf(reading));
    case "switch":
      return light(policy, "light.state", { on: reading.value });
    case "brightness":
      return light(policy, "light.state", { brightnessPct: Math.round(reading.value) });
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

function light(policy: Policy, type: "light.level" | "light.state", data: Making["data"]): Decided {
  return policy.events.light ? { kind: "event", class: type, type, data } : { kind: "withheld", why: "policy" };
}

function levelOf(reading: Extract<Reading, { kind: "illuminance" | "light-category" }>): Making["data"] {
  if (reading.kind === "light-category") return { category: reading.value };
  return { lux: Math.round(reading.value * 10) / 10 };
}

/** Decides on what the house itself has to say. */
export function discloseFact(fact: HouseFact, by: Disclosure): Event {
  return event(by, contentOf(fact, by));
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

/** What each zone is called where the policy tells none. */
const ANY_ZONE = "site";

function event(by: Disclosure, { class: eventClass, type, about, data, ttlMs, dataref }: Making): Event {
  const kind = about.cameraId === undefined ? "device" : "camera";
  const id = about.cameraId ?? about.deviceId;
  const { retentionHours, retentionHoursOf, zones, cellLetters } = by.policy.events;
  const cell = (by.cell ?? "").slice(0, cellLetters);
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
        ...(id !== undefined && { zone: zones ? by.zoneOf(id) : ANY_ZONE }),
        ...(cell !== "" && { cell }),
        clock: by.clock.isSynced() ? "synced" : "unsure",
        ...data,
      },
    },
  });
}
