// How one thing was, step by step: a list of changes, the oldest first. Pure. A step shows the worst that was seen in it, and a
// change is rounded to it, so that the list is short and tells no moment.
import type { DeviceState } from "../core/reading.ts";
import { HISTORY_LIMITS } from "./history-limits.ts";

/** `step`: number of the step (HISTORY_LIMITS.stepMs since 1970). `state`: from then on; null: it was erased, and is not known. */
export type Change = { readonly step: number; readonly state: DeviceState | null };
/** Ascending steps; no two neighbours alike. */
export type Track = readonly Change[];

const WORST_FIRST: readonly DeviceState[] = ["offline", "stale", "unknown", "paused", "ok"];

/** Takes up what is seen in a step. `rounding`: steps that belong together. Worse counts from this step on, better from the next. */
export function noted(
  track: Track,
  { step, state, rounding = 1 }: { readonly step: number; readonly state: DeviceState; readonly rounding?: number },
): Track {
  const at = step - (step % rounding);
  // A change for the better that was to count from the next step on, and is out of date by now, goes.
  const begun = track.filter((change) => change.step <= at);
  const now = begun.at(-1)?.state ?? null;
  if (now === state) return begun.length === track.length ? track : begun;
  const from = now !== null && isWorse(now, state) ? at + rounding : at;
  return bounded([...begun.filter((change) => change.step !== from), { step: from, state }]);
}

function isWorse(one: DeviceState, other: DeviceState): boolean {
  return WORST_FIRST.indexOf(one) < WORST_FIRST.indexOf(other);
}

/** Without what is older than a step, but for what held then. */
export function since(track: Track, step: number): Track {
  const first = track.findLastIndex((change) => change.step <= step);
  return first <= 0 ? track : track.slice(first);
}

/** Without what is said of steps after this one: the clock was set back, and it was no time that has been. */
export function upTo(track: Track, step: number): Track {
  const left = track.filter((change) => change.step <= step);
  return left.length === track.length ? track : left;
}

/** As if nothing had been seen from `first` to `last`, both included. */
export function without(track: Track, { first, last }: { readonly first: number; readonly last: number }): Track {
  if (track.length === 0) return track;
  const after = track.findLast((change) => change.step <= last + 1)?.state ?? null;
  const before = track.filter(({ step }) => step < first);
  const later = track.filter(({ step }) => step > last + 1);
  const erased = [...before, { step: first, state: null }, { step: last + 1, state: after }, ...later];
  const isFirst = before.length === 0;
  return bounded(isFirst ? erased.filter(({ step }) => step > last) : erased);
}

const LETTERS: Readonly<Record<DeviceState, string>> = { ok: "o", stale: "s", offline: "x", unknown: "u", paused: "p" };
const ERASED = "e";

/** "ohb2x shb34": a letter and the step in base 36. */
export function textOf(track: Track): string {
  return track.map(({ step, state }) => (state === null ? ERASED : LETTERS[state]) + step.toString(36)).join(" ");
}

/** Reads what `textOf` wrote; what is no change is passed over. */
export function trackOf(text: string): Track {
  const changes = text.split(" ").flatMap((word): Change[] => {
    const step = Number.parseInt(word.slice(1), 36);
    const state = WORST_FIRST.find((each) => LETTERS[each] === word[0]) ?? null;
    return Number.isSafeInteger(step) && (state !== null || word[0] === ERASED) ? [{ step, state }] : [];
  });
  return bounded(changes.toSorted((a, b) => a.step - b.step));
}

function bounded(changes: readonly Change[]): Track {
  return changes
    .filter(({ state }, index) => index === 0 || changes[index - 1]?.state !== state)
    .slice(-HISTORY_LIMITS.changesMax);
}
