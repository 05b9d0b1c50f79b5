// A typed fact in SI units, private: it may hold what must not leave, and only privacy/disclose.ts turns it into an event.

/** The kinds of readings with the type of their value; units stand in READING_UNITS. */
export type ReadingValue =
  | { readonly kind: "motion" | "presence"; readonly value: boolean }
  | { readonly kind: "illuminance"; readonly value: number }
  | { readonly kind: "light-category"; readonly value: "dark" | "dim" | "bright" }
  | { readonly kind: "switch" | "contact" | "tamper" | "battery-low" | "online"; readonly value: boolean }
  | { readonly kind: "brightness" | "battery" | "link"; readonly value: number };

export type ReadingKind = ReadingValue["kind"];

/** `atMs`: when it was true, by the gateway's clock unless the device's own time can be believed. */
export type Reading = ReadingValue & { readonly deviceId: string; readonly atMs: number };

export const READING_UNITS: Record<ReadingKind, string | null> = {
  motion: null,
  presence: null,
  illuminance: "lx",
  "light-category": null,
  switch: null,
  brightness: "%",
  contact: null,
  tamper: null,
  battery: "%",
  "battery-low": null,
  link: "%",
  online: null,
};

/** Edge kinds are news only when they change; the others are levels, news each time. */
export const EDGE_KINDS: ReadonlySet<ReadingKind> = new Set([
  "motion",
  "presence",
  "light-category",
  "switch",
  "contact",
  "tamper",
  "battery-low",
  "online",
] as const);

/** Why an arrival, or a reading of it, became nothing (product.md, Readings). */
export type Reason =
  | "repeat"
  | "retained-replay"
  | "history"
  | "not-mapped"
  | "bridge-state"
  | "awaits-approval"
  | "no-profile"
  | "not-json"
  | "encrypted"
  | "too-large"
  | "identity-only"
  | "bad-value";

/** What became of a device's message, for the page: also that it was on a topic that is not its own, which no decoding saw. */
export type HeardReason = Reason | "foreign-topic";

/** A reading as decoded. `saidAtMs`: the device's own time of it, epoch ms, not yet believed. */
export type DecodedReading = ReadingValue & { readonly saidAtMs?: number };

/**
 * What decoding made of an arrival. `removed`: names of fields that were there and were dropped. `once`: what tells this
 * message from the next one (a packet counter, a raw radio message): the same again within `withinMs` is a repeat.
 */
export type Decoded =
  | {
      readonly outcome: "readings";
      readonly readings: readonly DecodedReading[];
      readonly removed: readonly string[];
      readonly once?: { readonly key: string; readonly withinMs: number };
    }
  | { readonly outcome: "ignored" | "dropped"; readonly reason: Reason; readonly removed: readonly string[] };

export type DeviceState = "unknown" | "ok" | "stale" | "offline" | "paused";
export type DeviceFlag = "low-battery" | "tamper";
