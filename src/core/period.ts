// The ends of a period as people write them: a day, a day with a time as on the clock at the site, or an instant with its zone.
import { localMs, startOfDay } from "./day-times.ts";

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const LOCAL = /^(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-3]):([0-5]\d)$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 UTC; null for what is none of them. `isEnd`: of a day its end, so that the day itself belongs to the period. */
export function endOfPeriod(
  text: string,
  { timezone, isEnd }: { readonly timezone: string; readonly isEnd: boolean },
): string | null {
  const [, day = "", hours, minutes] = LOCAL.exec(text) ?? [];
  if (isDay(text)) return iso(startOfDay(isEnd ? dayAfter(text) : text, timezone));
  if (isDay(day)) return iso(localMs(day, Number(hours) * 60 + Number(minutes), timezone));
  const ms = INSTANT.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : iso(ms);
}

/** 2026-02-30 is none, although Date would take it for a day of March. */
function isDay(text: string): boolean {
  const ms = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && iso(ms).startsWith(text);
}

function dayAfter(day: string): string {
  return iso(Date.parse(`${day}T00:00:00Z`) + 24 * 3_600_000).slice(0, 10);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
