// Numbers, times and sizes as people say them.

/** What times are told against: now, and the gateway's time zone. */
export type Now = { readonly nowMs: number; readonly timezone: string };

/** "12 events", "1 event". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${numberOf(count)} ${count === 1 ? one : many}`;
}

/** 12,345 */
export function numberOf(value: number): string {
  return new Intl.NumberFormat("en").format(value);
}

/** "5 minutes", of milliseconds; the largest unit that gives at least 1, up to days. */
export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return countOf(seconds, "second");
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return countOf(minutes, "minute");
  const hours = Math.round(minutes / 60);
  if (hours < 48) return countOf(hours, "hour");
  return countOf(Math.round(hours / 24), "day");
}

/** "just now", "3 minutes ago". A time in the future (the clock was set) is "just now". */
export function ago(iso: string, { nowMs }: Now): string {
  const ms = nowMs - Date.parse(iso);
  return ms < 5000 ? "just now" : `${durationOf(ms)} ago`;
}

/** "21 Nov 2026, 14:05" in the gateway's time zone. */
export function exactTime(iso: string, { timezone }: Pick<Now, "timezone">): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone: timezone, dateStyle: "medium", timeStyle: "short" }).format(
    new Date(iso),
  );
}

/** "01:00" of a time within the next day, in the gateway's time zone; of a later one with its date. */
export function soon(iso: string, now: Now): string {
  if (Date.parse(iso) - now.nowMs >= DAY_MS) return exactTime(iso, now);
  return new Intl.DateTimeFormat("en-GB", { timeZone: now.timezone, timeStyle: "short" }).format(new Date(iso));
}

/** "21 November 2026" of "2026-11-21". */
export function dayOf(date: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", dateStyle: "long" }).format(new Date(`${date}T00:00:00Z`));
}

/** "3.2 MB"; decimal units, as on the box the SD card came in. */
export function sizeOf(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? ""}`;
}

/** When the day of `nowMs` began in a time zone, to the minute; also on days of 23 and 25 hours. */
export function midnightBefore(nowMs: number, timezone: string): number {
  const wall = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "short" });
  const [today = ""] = wall.format(nowMs).split(" ");
  let beganMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  // Back by what the clock shows; where it was set in between, that is an hour off, and the second round mends it.
  for (let round = 0; round < 3; round += 1) {
    const [date = "", hours = "0", minutes = "0"] = wall.format(beganMs).split(/[ :]/);
    const sinceMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
    beganMs += date < today ? DAY_MS - sinceMs : -sinceMs;
  }
  return beganMs;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
