// One field's value becomes one reading's value, by the steps a rule names and within what the unit allows.
import type { ReadingKind, ReadingValue } from "../core/reading.ts";
import type { ReadEntry } from "./schema.ts";

/** `nothing`: understood, and says nothing. `bad`: not a value of this kind. */
export type Converted =
  | { readonly kind: "reading"; readonly reading: ReadingValue }
  | { readonly kind: "nothing" }
  | { readonly kind: "bad" };

/** A rule as decoding needs it: `map` has lower-case keys. */
export type Conversion = Omit<ReadEntry, "at" | "when" | "map"> & {
  readonly map: ReadonlyMap<string, boolean | number | string | null> | null;
};

const BAD: Converted = { kind: "bad" };
/** Bright sun is 130,000 lx. */
const ILLUMINANCE_LX_MAX = 200_000;
/** Devices that count to 255 where their documentation says 254. */
const PERCENT_TOLERANCE = 1;
const NUMBER = /^[+-]?\d{1,15}(\.\d{1,20})?(e[+-]?\d{1,2})?$/i;
const WORDS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
  ["on", true],
  ["off", false],
  ["1", true],
  ["0", false],
]);
/** "on" means open to some and closed to others, so a contact needs a map for words. */
const CONTACT_WORDS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);

/** Converts a field's value. The order of steps: map, above or below, curve, scale, offset, from. */
export function convert(raw: unknown, rule: Conversion): Converted {
  const text = textOf(raw);
  if (text === null) return BAD;
  const mapped = rule.map?.get(text);
  if (mapped === null) return { kind: "nothing" };
  if (mapped !== undefined) return asReading(rule.kind, mapped);
  switch (rule.kind) {
    case "motion":
    case "presence":
    case "switch":
    case "contact":
    case "tamper":
    case "battery-low":
    case "online":
      return asReading(rule.kind, booleanOf(text, rule));
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

function booleanOf(text: string, { kind, map, above, below }: Conversion): boolean | null {
  if (above !== undefined || below !== undefined) {
    const number = parseNumber(text);
    if (number === null) return null;
    return above === undefined ? number < (below ?? 0) : number > above;
  }
  if (map !== null) return null;
  return (kind === "contact" ? CONTACT_WORDS : WORDS).get(text) ?? null;
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
  if (!NUMBER.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

function isWithin(value: unknown, max: number): value is number {
  return typeof value === "number" && value >= 0 && value <= max;
}

/** To two decimals, so that 0.1·3 does not read 0.30000000000000004. */
function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
