// One field's value becomes one reading's value, by the steps a rule names and within what the unit allows.
import type { ReadingKind, ReadingValue } from "../core/reading.ts";
import type { ReadEntry } from "./schema.ts";

/** `nothing`: understood, and says nothing. `bad`: not a value of this kind. */
export type Converted =
  | { readonly kind: "reading"; readonly reading: ReadingValue }
  | { readonly kind: "nothing" }
  | { readonly kind: "bad" };

/** A rule as decoding needs it: `map` has lower-case keys. */
export type Conversion = Omit<ReadEntry, "at" | "when" | "unless" | "time" | "map"> & {
  readonly map: ReadonlyMap<string, boolean | number | string | null> | null;
};

const BAD: Converted = { kind: "bad" };
/** Bright sun is 130,000 lx. */
const ILLUMINANCE_LX_MAX = 200_000;
/** Devices that count to 255 where their documentation says 254. */
const PERCENT_TOLERANCE = 1;
/** A number, perhaps with its unit behind it: "79.2 lx", "85%". */
const NUMBER = /^([+-]?\d{1,15}(?:\.\d{1,20})?(?:e[+-]?\d{1,2})?)(?: ?(?:lx|lux|%))?$/i;
/** What senders write for "no value at present"; it is understood, and says nothing. */
const NO_VALUE = /^(|nan|null|none|unknown|unavailable|undefined|n\/a|-)$/;
const words = (yes: string, no: string): ReadonlyMap<string, boolean> =>
  new Map([
    ...yes.split(", ").map((word) => [word, true] as const),
    ...no.split(", ").map((word) => [word, false] as const),
  ]);
const THERE = words(
  "true, on, 1, yes, motion, motion detected, motion_detected, detected, active, alarm, occupied, present, presence, trigger, triggered, busy",
  "false, off, 0, no, no motion, no_motion, no motion detected, clear, cleared, inactive, idle, normal, unoccupied, vacant, absent, standby, none detected",
);
const YES = words("true, on, 1, yes", "false, off, 0, no");
/** The words that devices use of themselves, by kind. "on" means open to some contacts and closed to others: they need a map for it. */
const WORDS = {
  motion: THERE,
  presence: THERE,
  switch: YES,
  contact: words("true, closed, close", "false, open, opened"),
  tamper: words("true, on, 1, yes, tamper, tampered, alarm, triggered", "false, off, 0, no, ok, clear, normal, secure"),
  "battery-low": words("true, on, 1, yes, low, critical", "false, off, 0, no, ok, normal, high, medium, full, good"),
  online: words(
    "true, on, 1, yes, online, up, alive, ready, connected, awake, available",
    "false, off, 0, no, offline, down, dead, lost, disconnected",
  ),
} as const;

/** Converts a field's value. The order of steps: map, above or below, curve, scale, offset, from. */
export function convert(raw: unknown, rule: Conversion): Converted {
  const text = textOf(raw);
  if (text === null) return BAD;
  const mapped = rule.map?.get(text);
  if (mapped === null) return { kind: "nothing" };
  if (mapped !== undefined) return asReading(rule.kind, mapped);
  if (NO_VALUE.test(text) || isBatteryInVolts(text, rule)) return { kind: "nothing" };
  switch (rule.kind) {
    case "motion":
    case "presence":
    case "switch":
    case "contact":
    case "tamper":
    case "battery-low":
    case "online":
      return asReading(rule.kind, booleanOf(text, { ...rule, kind: rule.kind }));
    case "illuminance":
    case "brightness":
    case "battery":
    case "link":
      return asReading(rule.kind, numberOf(text, rule));
    case "light-category":
      return BAD;
  }
}

/** A value as a reading of its kind, or bad when it is of another type or outside what the unit allows. */
export function asReading(kind: ReadingKind, value: unknown): Converted {
  switch (kind) {
    case "motion":
    case "presence":
      return typeof value === "boolean" ? { kind: "reading", reading: { kind, value } } : BAD;
    case "switch":
    case "contact":
    case "tamper":
    case "battery-low":
    case "online":
      return typeof value === "boolean" ? { kind: "reading", reading: { kind, value } } : BAD;
    case "illuminance":
      return isWithin(value, ILLUMINANCE_LX_MAX) ? { kind: "reading", reading: { kind, value } } : BAD;
    case "brightness":
    case "battery":
    case "link":
      return isWithin(value, 100) ? { kind: "reading", reading: { kind, value } } : BAD;
    case "light-category":
      return value === "dark" || value === "dim" || value === "bright"
        ? { kind: "reading", reading: { kind, value } }
        : BAD;
  }
}

/** A scalar as lower-case text without surrounding space; null for objects, lists and what is too long to be a value. */
export function textOf(raw: unknown): string | null {
  if (typeof raw === "number" || typeof raw === "boolean") return String(raw);
  if (typeof raw !== "string" || raw.length > 64) return null;
  return raw.trim().toLowerCase();
}

function booleanOf(
  text: string,
  { kind, map, above, below }: Conversion & { readonly kind: keyof typeof WORDS },
): boolean | null {
  if (above !== undefined || below !== undefined) {
    const number = parseNumber(text);
    if (number === null) return WORDS[kind].get(text) ?? null;
    return above === undefined ? number < (below ?? 0) : number > above;
  }
  if (map !== null) return null;
  return WORDS[kind].get(text) ?? null;
}

/** A cell has 1 to 4.2 V, and no device counts the last percents of its battery in hundredths. */
function isBatteryInVolts(text: string, { kind, scale, from }: Conversion): boolean {
  const number = parseNumber(text);
  const isAsSent = scale === undefined && from === undefined;
  return kind === "battery" && isAsSent && number !== null && number < 5 && !Number.isInteger(number);
}

function numberOf(text: string, { curve, scale = 1, offset = 0, from, clamp }: Conversion): number | null {
  const parsed = parseNumber(text);
  const number = curve === undefined || parsed === null ? parsed : luxOfZigbee(parsed);
  if (number === null) return null;
  const scaled = number * scale + offset;
  if (from === undefined) return scale === 1 ? scaled : rounded(scaled);
  const percent = ((scaled - from[0]) / (from[1] - from[0])) * 100;
  if (clamp !== true && (percent < -PERCENT_TOLERANCE || percent > 100 + PERCENT_TOLERANCE)) return null;
  return Math.round(Math.min(100, Math.max(0, percent)));
}

/** Zigbee Cluster Library 4.2.2.2.1: 10000·log10(lx)+1; 0 is too dark to measure, 0xffff invalid. */
function luxOfZigbee(raw: number): number | null {
  if (raw < 0 || raw >= 0xffff) return null;
  return raw === 0 ? 0 : rounded(10 ** ((raw - 1) / 10_000));
}

function parseNumber(text: string): number | null {
  const digits = NUMBER.exec(text)?.[1];
  const number = Number(digits);
  return digits !== undefined && Number.isFinite(number) ? number : null;
}

function isWithin(value: unknown, max: number): value is number {
  return typeof value === "number" && value >= 0 && value <= max;
}

/** To two decimals, so that 0.1·3 does not read 0.30000000000000004. */
function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
