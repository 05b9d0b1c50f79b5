// What a light sensor can say of a lamp. It learns what lit looks like from whole nights, and whether it sees at all from the
// days: a sensor that never saw the lamp lit, or is covered, or sits in a cellar, says nothing (`shows` null, or not `seesDay`).
import { LAMP_LIMITS } from "./lamp-limits.ts";
import { type Sight, withChange } from "./lamp-memory.ts";

export type Phase = Sight["phase"];

/** A reading of the sensor. `isLampOff`: the lamp itself says so, and the night teaches nothing of it being lit. */
export type Look = {
  readonly lux: number;
  readonly atMs: number;
  readonly phase: Phase;
  readonly isLampOff: boolean;
};

/** Readings older than the last one by more than this mean that the clock was set back; by less, that one came late. */
const CLOCK_BACK_MS = 3_600_000;

/** Takes up a reading; one that came late changes nothing. */
export function look(before: Sight | undefined, seen: Look): Sight {
  const { lux, atMs, phase } = seen;
  if (before === undefined) return look({ ...unseen, atMs, lux, phase }, seen);
  if (atMs < before.atMs && before.atMs - atMs <= CLOCK_BACK_MS) return before;
  const isContinued = atMs >= before.atMs && atMs - before.atMs <= LAMP_LIMITS.sensorSilentMs;
  const learned = learnDay(learnNight(before, seen, isContinued), seen);
  const shown = show(learned, seen, isContinued && before.phase === phase);
  return { ...learned, ...shown, atMs, lux, phase };
}

/** The lamp's light at this sensor, lx: what two nights of the last ones reached; null while that is not known. */
export function litLuxOf(nights: Sight["nights"]): number | null {
  const lux = nights.toSorted((one, other) => other - one)[LAMP_LIMITS.litNights - 1] ?? 0;
  return lux >= LAMP_LIMITS.litLuxMin ? lux : null;
}

/** It sees its lamp and never the day, so that it can tell by day as well. */
export function isSheltered(sight: Sight): boolean {
  return sight.shelteredDays >= LAMP_LIMITS.shelteredDays;
}

const unseen: Omit<Sight, "atMs" | "lux" | "phase"> = {
  night: {},
  nights: [],
  day: null,
  seesDay: null,
  shelteredDays: 0,
  litAtMs: null,
  shows: null,
  doubt: null,
  changes: [],
};

/** Gathers how long which brightness lasted, and at the night's end keeps the one in the middle: no car is in it. */
function learnNight(sight: Sight, { atMs, phase, isLampOff }: Look, isContinued: boolean): Sight {
  const night = { ...sight.night };
  if (isContinued && phase === "night" && sight.phase === "night" && !isLampOff) {
    const step = String(stepOf(sight.lux));
    night[step] = (night[step] ?? 0) + atMs - sight.atMs;
  }
  const seenMs = Object.values(night).reduce((sum, ms) => sum + ms, 0);
  if (isContinued && phase === "night" && seenMs < LAMP_LIMITS.polarNightMs) return { ...sight, night };
  if (seenMs < LAMP_LIMITS.learnNightMs) return { ...sight, night: {} };
  return { ...sight, night: {}, nights: [...sight.nights, middleOf(night, seenMs)].slice(-LAMP_LIMITS.nights) };
}

/** Steps of a factor of √2, from the starlight to the sun: -4 to 34. */
function stepOf(lux: number): number {
  return Math.round(2 * Math.log2(Math.min(Math.max(lux, 0.25), 131_072)));
}

function middleOf(night: Sight["night"], seenMs: number): number {
  let passedMs = 0;
  for (const [step, ms] of Object.entries(night).toSorted(([one], [other]) => Number(one) - Number(other))) {
    passedMs += ms;
    if (passedMs * 2 >= seenMs) return 2 ** (Number(step) / 2);
  }
  return 0;
}

/** Daylight is seen as it comes; that it was not seen any more, as by a sensor covered at noon, is known when the day is over. */
function learnDay(sight: Sight, { lux, atMs, phase }: Look): Sight {
  const { daylightLux, dayReadings } = LAMP_LIMITS;
  if (phase === "day") {
    const { mostLux, last } = sight.day ?? { mostLux: 0, last: [] };
    const day = { mostLux: Math.max(mostLux, lux), last: [...last, lux].slice(-dayReadings) };
    return { ...sight, day, seesDay: lux >= daylightLux ? true : sight.seesDay };
  }
  if (sight.day === null || sight.day.last.length < dayReadings) return { ...sight, day: null };
  const { mostLux, last } = sight.day;
  return {
    ...sight,
    day: null,
    seesDay: last.some((each) => each >= daylightLux),
    shelteredDays: daysSheltered(sight, { mostLux, atMs }),
  };
}

/** Dark all day and lit the night before: a covered sensor would not have seen the lamp. */
function daysSheltered(sight: Sight, { mostLux, atMs }: { mostLux: number; atMs: number }): number {
  const litLux = litLuxOf(sight.nights);
  if (litLux === null || mostLux > litLux * LAMP_LIMITS.otherLightShare) return 0;
  const wasLit = sight.litAtMs !== null && atMs - sight.litAtMs <= LAMP_LIMITS.lampSilentMs;
  const isDark = mostLux <= litLux * LAMP_LIMITS.darkShare;
  return Math.min(sight.shelteredDays + (wasLit && isDark ? 1 : 0), LAMP_LIMITS.shelteredDays);
}

type Shown = Pick<Sight, "shows" | "doubt" | "changes" | "litAtMs">;

/** What it shows now. The opposite counts once it has outweighed it by LAMP_LIMITS.peakMs; shorter peaks are cars, however many. */
function show(sight: Sight, { lux, atMs, phase }: Look, isContinued: boolean): Shown {
  const litLux = litLuxOf(sight.nights);
  const nothing = { shows: null, doubt: null, changes: [], litAtMs: sight.litAtMs };
  if (litLux === null || phase === "twilight") return nothing;
  const isOtherLight = lux > litLux * LAMP_LIMITS.otherLightShare;
  if (phase === "day" && (isOtherLight || !isSheltered(sight))) return nothing;
  const past = isContinued ? sight : unseen;
  const is = shownBy(lux / litLux);
  const { least, most } = LAMP_LIMITS.flickerLux;
  const isChange = is === "dark" || (lux >= litLux * least && lux <= litLux * most);
  const changes = isChange ? withChange(past.changes, { atMs, isLit: is === "lit" }) : past.changes;
  const shown = { shows: past.shows, doubt: past.doubt, changes, litAtMs: sight.litAtMs };
  if (is === null) return shown;
  if (past.shows === null) return { ...shown, shows: { is, sinceMs: atMs } };
  const held = isContinued ? shownBy(sight.lux / litLux) : null;
  const doubt = doubted(past.doubt, {
    isOpposite: is !== past.shows.is,
    held: held === past.shows.is ? -1 : 1,
    atMs,
    forMs: held === null ? 0 : atMs - sight.atMs,
  });
  const isOver = doubt !== null && doubt.ms >= LAMP_LIMITS.peakMs && is !== past.shows.is;
  if (isOver) return { ...shown, shows: { is, sinceMs: doubt.sinceMs }, doubt: null };
  return { ...shown, doubt, litAtMs: phase === "night" && is === "lit" ? atMs : sight.litAtMs };
}

/** The doubt after a reading: it grows by the time that the opposite was shown, and shrinks by the other. */
function doubted(
  before: Sight["doubt"],
  { isOpposite, held, atMs, forMs }: { isOpposite: boolean; held: 1 | -1; atMs: number; forMs: number },
): Sight["doubt"] {
  const ms = before === null ? 0 : Math.min(Math.max(before.ms + held * forMs, 0), LAMP_LIMITS.peakMs);
  if (!isOpposite && ms === 0) return null;
  return { sinceMs: before?.sinceMs ?? atMs, ms };
}

function shownBy(share: number): "dark" | "lit" | null {
  if (share <= LAMP_LIMITS.darkShare) return "dark";
  return share >= LAMP_LIMITS.litShare ? "lit" : null;
}
