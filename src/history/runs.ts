// When the house itself was awake and knew the time: runs of steps. What lies between two runs is not known of anything. Pure.
import type { Change, Track } from "./track.ts";
import { HISTORY_LIMITS } from "./history-limits.ts";

/** From a step to a step, both included. */
export type Run = { readonly first: number; readonly last: number };
/** Ascending, with at least one step between two. */
export type Runs = readonly Run[];

/** The house is awake in this step. One before the last (the clock was set back) takes back what was said of later ones. */
export function awakeIn(runs: Runs, step: number): Runs {
  const begun = runs.flatMap((run) => (run.first > step ? [] : [{ ...run, last: Math.min(run.last, step) }]));
  const last = begun.at(-1);
  if (last !== undefined && last.last >= step - 1) return [...begun.slice(0, -1), { ...last, last: step }];
  return [...begun, { first: step, last: step }].slice(-HISTORY_LIMITS.changesMax);
}

/** Without what ended before a step. */
export function runsSince(runs: Runs, step: number): Runs {
  return runs.filter(({ last }) => last >= step);
}

/** How a thing was from `first` to `last`, as far as the house was awake; the first is at `first`, and null is not known. */
export function knownIn(track: Track, { runs, first, last }: Run & { readonly runs: Runs }): Track {
  const known: Change[] = [];
  const add = (change: Change): void => {
    if (known.at(-1)?.state !== change.state) known.push(change);
  };
  let next = first;
  for (const run of runs) {
    const [from, to] = [Math.max(run.first, first), Math.min(run.last, last)];
    if (from > to) continue;
    if (from > next) add({ step: next, state: null });
    const begun = track.findLastIndex(({ step }) => step <= from);
    add({ step: from, state: track[begun]?.state ?? null });
    for (const change of track.slice(begun + 1)) if (change.step <= to) add(change);
    next = to + 1;
  }
  if (next <= last) add({ step: next, state: null });
  return known;
}

/** "hb2x-hb34": steps in base 36. */
export function runsText(runs: Runs): string {
  return runs.map(({ first, last }) => `${first.toString(36)}-${last.toString(36)}`).join(" ");
}

/** Reads what `runsText` wrote; what is no run is passed over. */
export function runsOf(text: string): Runs {
  const runs = text.split(" ").flatMap((word): Run[] => {
    const [first = Number.NaN, last = Number.NaN] = word.split("-").map((each) => Number.parseInt(each, 36));
    return Number.isSafeInteger(first) && Number.isSafeInteger(last) && first <= last ? [{ first, last }] : [];
  });
  return runs.toSorted((a, b) => a.first - b.first).slice(-HISTORY_LIMITS.changesMax);
}
