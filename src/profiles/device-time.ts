// When a device says that something was: its clocks come as numbers since 1970 in any unit, or as dates with a zone.
// A date without a zone, or a time since the device's own start, is no time: nobody knows what it means here.

/** 2015: an earlier clock was never set. */
const EARLIEST_MS = Date.UTC(2015, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
const DATE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)([.,]\d{1,12})?\s?(?:(Z|UTC)|([+-]\d\d):?(\d\d))$/i;

/** Epoch ms, or null for what is no time of day anywhere. Units by size: seconds, milliseconds, microseconds, nanoseconds. */
export function deviceTime(raw: unknown): number | null {
  if (typeof raw !== "string" && typeof raw !== "number") return null;
  const text = String(raw).trim();
  const ms = /^\d{9,20}(\.\d{1,9})?$/.test(text) ? ofNumber(Number(text)) : ofDate(text);
  return ms !== null && ms >= EARLIEST_MS && ms < LATEST_MS ? ms : null;
}

/** Seconds reach 10^11 in the year 5138, and milliseconds 10^11 in 1973: so the size tells the unit. */
function ofNumber(number: number): number {
  const units = [1e11, 1e14, 1e17];
  const unit = units.findIndex((bound) => number < bound);
  return Math.round([number * 1000, number, number / 1000][unit] ?? number / 1_000_000);
}

function ofDate(text: string): number | null {
  const [, day, time, fraction = "", utc, hours, minutes] = DATE.exec(text) ?? [];
  if (day === undefined || time === undefined) return null;
  const zone = utc === undefined ? `${hours}:${minutes}` : "Z";
  const ms = Date.parse(`${day}T${time}${fraction.replace(",", ".").slice(0, 4)}${zone}`);
  return Number.isFinite(ms) ? ms : null;
}
