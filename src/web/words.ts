// Times as people say them, against now and in the reader's language; how a language writes them is in languages/.
import type { Language } from "../languages/say.ts";

/** What words are told against: now, the gateway's time zone, and the reader's language. */
export type Now = { readonly nowMs: number; readonly timezone: string; readonly language: Language };

const JUST_NOW_MS = 5000;

/** "just now", "3 minutes ago". A time in the future (the clock was set) is "just now". */
export function ago(iso: string, { nowMs, language }: Now): string {
  const ms = nowMs - Date.parse(iso);
  return ms < JUST_NOW_MS ? language.say("time.just-now") : language.ago(ms);
}

/** "21 Nov 2026, 14:05" in the gateway's time zone. */
export function exactTime(iso: string, { timezone, language }: Pick<Now, "timezone" | "language">): string {
  return language.stamp(Date.parse(iso), timezone);
}

/** "01:00" of a time within the next day, in the gateway's time zone; of a later one with its date. */
export function soon(iso: string, now: Now): string {
  if (Date.parse(iso) - now.nowMs >= DAY_MS) return exactTime(iso, now);
  return now.language.time(Date.parse(iso), now.timezone);
}

/** "21 November 2026" of "2026-11-21". */
export function dayOf(date: string, language: Language): string {
  return language.day(date);
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
