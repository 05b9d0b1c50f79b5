// How long ago, how long, how much room, at which time: as a language writes them on a page that is looked at in passing.
import { localeOf } from "./amounts.ts";

export type Spans = {
  /** "3 minutes ago", of milliseconds; the largest unit that gives at least 1, up to days. */
  readonly ago: (ms: number) => string;
  /** "5 minutes", standing alone; as above. */
  readonly span: (ms: number) => string;
  /** "3.2 MB"; decimal units, as on the box the SD card came in. */
  readonly size: (bytes: number) => string;
  /** "21 Nov 2026, 14:05", of ms since 1970. */
  readonly stamp: (ms: number, timezone: string) => string;
  /** "14:05", of ms since 1970. */
  readonly time: (ms: number, timezone: string) => string;
};

type Unit = "second" | "minute" | "hour" | "day";
const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

export function spansOf(tag: string): Spans {
  const locale = localeOf(tag);
  const relative = new Intl.RelativeTimeFormat(locale);
  // Formats are dear to make; there are ten, and each is used on every page.
  const made = new Map<string, Intl.NumberFormat>();
  const inUnits = (value: number, unit: string, unitDisplay: "long" | "short", digits = 0): string => {
    const key = `${unit} ${digits}`;
    const style = { style: "unit", unit, unitDisplay, maximumFractionDigits: digits } as const;
    const format = made.get(key) ?? new Intl.NumberFormat(locale, style);
    made.set(key, format);
    return format.format(value);
  };
  const stamps = new Map<string, Intl.DateTimeFormat>();
  const at = (ms: number, timeZone: string, style: Intl.DateTimeFormatOptions): string => {
    const key = `${timeZone} ${Object.keys(style).join(" ")}`;
    const format = stamps.get(key) ?? new Intl.DateTimeFormat(locale, { ...style, hourCycle: "h23", timeZone });
    stamps.set(key, format);
    return format.format(ms);
  };
  return {
    ago: (ms) => {
      const { value, unit } = largestUnit(ms);
      return relative.format(-value, unit);
    },
    span: (ms) => {
      const { value, unit } = largestUnit(ms);
      return inUnits(value, unit, "long");
    },
    size: (bytes) => {
      const power = Math.max(
        0,
        SIZES.findLastIndex((_, index) => bytes >= 1000 ** index),
      );
      const value = bytes / 1000 ** power;
      return inUnits(value, SIZES[power] ?? "byte", "short", power > 0 && value < 10 ? 1 : 0);
    },
    stamp: (ms, timezone) => at(ms, timezone, { dateStyle: "medium", timeStyle: "short" }),
    time: (ms, timezone) => at(ms, timezone, { timeStyle: "short" }),
  };
}

function largestUnit(ms: number): { readonly value: number; readonly unit: Unit } {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return { value: seconds, unit: "second" };
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return { value: minutes, unit: "minute" };
  const hours = Math.round(minutes / 60);
  return hours < 48 ? { value: hours, unit: "hour" } : { value: Math.round(hours / 24), unit: "day" };
}
