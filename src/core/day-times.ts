// When something may be done and when it is done by itself (a camera's look, a sink's connection): times of the day in the
// site's time zone, and the sun's.

/** Sunrise and sunset of the day around `noonMs` (epoch milliseconds), or whether the sun is up all day. */
export type Sun = (noonMs: number) => { readonly riseMs: number; readonly setMs: number } | { readonly isUp: boolean };

/** Times as `22:00`, `sunset` or `sunset+30m` (settings/forms.ts checks them). */
type Settings = {
  readonly between?: readonly [string, string] | undefined;
  readonly at?: readonly string[] | undefined;
};
/** A day as YYYY-MM-DD. */
type Day = string;
type When = {
  readonly timezone: string /** Null where the site has no cell: the sun's times never come. */;
  readonly sun: Sun | null;
};

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The day on which this moment falls in a time zone, as YYYY-MM-DD. */
export function dayIn(timezone: string, atMs: number): Day {
  return formatsOf(timezone).day.format(atMs);
}

/** The first moment of a day (YYYY-MM-DD) in a time zone, in epoch milliseconds. */
export function startOfDay(day: Day, timezone: string): number {
  return localMs(day, 0, timezone);
}

/**
 * Whether it may be done. Without `between` always. Where the sun neither rises nor sets, a span from one of its times to
 * the other is the whole day or none of it; any other span with the sun is closed then.
 */
export function isOpen({ between }: Settings, atMs: number, when: When): boolean {
  if (between === undefined) return true;
  const [from, to] = between;
  const polar = polarSpan(between, atMs, when);
  if (polar !== null) return polar;
  // A span over midnight began yesterday; one over the end of summer time may have begun the day before.
  return daysAround(atMs, when, [-2, -1, 0]).some((day) => {
    const startMs = timeOn(from, day, when);
    if (startMs === null || startMs > atMs) return false;
    const endMs = [day, ...daysAfter(day)]
      .map((each) => timeOn(to, each, when))
      .find((ms) => ms !== null && ms > startMs);
    return endMs !== undefined && endMs !== null && atMs < endMs;
  });
}

/** The times in (afterMs, untilMs] at which it is done by itself, in order. */
export function timesBetween({ at = [] }: Settings, span: { afterMs: number; untilMs: number }, when: When): number[] {
  return daysAround(span.untilMs, when, [-1, 0, 1])
    .flatMap((day) => at.map((time) => timeOn(time, day, when)))
    .filter((ms) => ms !== null)
    .filter((ms) => ms > span.afterMs && ms <= span.untilMs)
    .toSorted((a, b) => a - b);
}

function polarSpan([from, to]: readonly [string, string], atMs: number, { sun, timezone }: When): boolean | null {
  const names = [from, to].map((time) => /^sun(rise|set)/.exec(time)?.[1]);
  if (sun === null || names.every((name) => name === undefined)) return null;
  const times = sun(noonOf(dayIn(timezone, atMs), timezone));
  if (!("isUp" in times)) return null;
  if (names[0] === "set" && names[1] === "rise") return !times.isUp;
  return names[0] === "rise" && names[1] === "set" && times.isUp;
}

/** A written time on a day, in epoch milliseconds; null where the sun does not rise or set, or nobody knows. */
function timeOn(time: string, day: Day, { timezone, sun }: When): number | null {
  const [, name, shift = "0"] = /^sun(rise|set)([+-]\d+)?$/.exec(time) ?? [];
  if (name === undefined) {
    const [hours = 0, minutes = 0] = time.split(":").map(Number);
    return localMs(day, hours * 60 + minutes, timezone);
  }
  const times = sun?.(noonOf(day, timezone));
  if (times === undefined || "isUp" in times) return null;
  return (name === "rise" ? times.riseMs : times.setMs) + Number(shift) * MINUTE_MS;
}

function noonOf(day: Day, timezone: string): number {
  return localMs(day, 12 * 60, timezone);
}

/** A time of the day in a time zone. One that the change to summer time leaves out comes an hour later, one that comes twice is the first. */
export function localMs(day: Day, minutes: number, timezone: string): number {
  const asUtcMs = Date.parse(`${day}T00:00:00Z`) + minutes * MINUTE_MS;
  const beforeMs = asUtcMs - offsetMs(timezone, asUtcMs - DAY_MS);
  const afterMs = asUtcMs - offsetMs(timezone, asUtcMs + DAY_MS);
  return offsetMs(timezone, beforeMs) === asUtcMs - beforeMs
    ? beforeMs
    : offsetMs(timezone, afterMs) === asUtcMs - afterMs
      ? afterMs
      : beforeMs;
}

/** When the clocks of a time zone first showed what they show at this moment: in the hour that comes twice, the one before. To the minute. */
export function firstShown(atMs: number, timezone: string): number {
  const shownMs = atMs + offsetMs(timezone, atMs);
  return localMs(isoDay(shownMs), Math.floor((shownMs % DAY_MS) / MINUTE_MS), timezone);
}

/** How far a time zone is ahead of UTC at this moment. */
function offsetMs(timezone: string, atMs: number): number {
  const parts = formatsOf(timezone).offset.formatToParts(atMs);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value;
  const [, sign = "+", hours = "0", minutes = "0"] = /GMT(?:([+-])(\d+):?(\d+)?)?/.exec(name ?? "") ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}

function daysAround(atMs: number, { timezone }: When, days: readonly number[]): Day[] {
  const today = Date.parse(`${dayIn(timezone, atMs)}T00:00:00Z`);
  return days.map((by) => isoDay(today + by * DAY_MS));
}

function daysAfter(day: Day): Day[] {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return [1, 2].map((by) => isoDay(ms + by * DAY_MS));
}

function isoDay(utcMs: number): Day {
  return dayIn("UTC", utcMs);
}

type Formats = { readonly day: Intl.DateTimeFormat; readonly offset: Intl.DateTimeFormat };

/** Made once: each takes 25 kB outside the heap, where the garbage collector does not see that it should come by. */
const FORMATS = new Map<string, Formats>();

/** The site has one time zone; UTC is the other. */
function formatsOf(timezone: string): Formats {
  const made = FORMATS.get(timezone) ?? {
    // sv-SE writes dates as YYYY-MM-DD.
    day: new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short" }),
    offset: new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" }),
  };
  FORMATS.set(timezone, made);
  return made;
}
