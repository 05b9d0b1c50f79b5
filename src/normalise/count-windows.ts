// Motion as counts: how many edges a device saw between two moments, told only from the policy's threshold k on, and so that no
// two things that are told can be subtracted to a smaller number.
//
// The rule. Time is cut into steps of the policy's window. What is not told yet of a device lies in one open stretch, from the
// end of what was told last until now. At the end T of each step the last step is looked at, then the last two where T is a
// multiple of two steps, the last four where it is one of four, and so on, none beyond the beginning of the stretch. If one of
// these spans holds k edges or more, the whole stretch is told up to T: as one number, or as two where what lies before the span
// holds k by itself. Where none does, nothing is told and the stretch goes on; at a multiple of the longest span what is in it is
// dropped, and the stretch begins anew there.
//
// What can be subtracted. Each edge is in one window at most, and windows of a device do not overlap: over restarts, since the
// beginning of the stretch is kept with the edges, and over changes of the policy, since what was gathered under another
// threshold or window is dropped. So unions of windows differ by nothing or by windows of k and more. When the clock is set
// back by long, labels of windows may overlap; their edges still do not.
//
// What a reader learns who knows the rule. Only two things ever decide: whether a span holds k, and where the stretch begins,
// which was told. Whether a span below k holds none, one or two edges decides nothing. (Beginning a window with its first edge,
// or leaving empty steps out of one, would tell that.) The end of a window tells that one of the spans that end there holds k,
// and that none did before. Most often it is the last step alone, and then what lies before it may be none. If it cannot have
// been the last step alone, both halves of a longer span hold fewer than k and k together: then each half holds at least one. A
// rule that waits for enough cannot hide that, but the halves are never shorter than a step, and no number of either is told.
import { EARLIEST_BELIEVABLE_MS } from "../core/clock.ts";
import type { HouseFact } from "../core/house-fact.ts";
import { NORMALISE_LIMITS } from "./normalise-limits.ts";

type CountFact = Extract<HouseFact, { kind: "motion-count" }>;

/** `stepMs`: the policy's window, a multiple of its time bucket. `keptMs`: for how long motion may be kept. */
export type CountRule = { readonly stepMs: number; readonly atLeast: number; readonly keptMs: number };

/** A stretch: from `sinceMs` on nothing is told yet. `steps`: those that hold edges, the earliest first. */
export type Stretch = { readonly sinceMs: number; readonly steps: readonly Step[] };
type Step = { readonly fromMs: number; readonly count: number };

/** What a look at a stretch makes of it. `dropped`: edges that are told nowhere, and why. */
export type Settled = {
  readonly stretch: Stretch;
  readonly told: readonly Omit<CountFact, "kind" | "deviceId" | "atMs">[];
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
};
export type DropReason = "below-threshold" | "too-old" | "new-name";

/** `atMs` is now; `seasonMs`: when the names under which devices are told began. Epoch milliseconds. */
export type Moment = { readonly atMs: number; readonly seasonMs: number };

/** The longest span: doubled while motion may be kept for so long. */
export function longestMs({ stepMs, keptMs }: CountRule): number {
  const { countWindowMs, countWindowDoublings } = NORMALISE_LIMITS;
  let spanMs = stepMs;
  for (let n = 0; n < countWindowDoublings && spanMs * 2 <= Math.min(keptMs, countWindowMs); n++) spanMs *= 2;
  return spanMs;
}

/** A stretch that begins with the step of this moment, or with the next one. */
export function stretchFrom(atMs: number, { stepMs }: CountRule, { isNext = false } = {}): Stretch {
  return { sinceMs: isNext ? ceilTo(atMs, stepMs) : floorTo(atMs, stepMs), steps: [] };
}

/** Tells and drops what is due of a stretch. To be asked before an edge is added, and about once a second. */
export function settle(kept: Stretch, rule: CountRule, { atMs, seasonMs }: Moment): Settled {
  const told: Settled["told"][number][] = [];
  const dropped: Partial<Record<DropReason, number>> = {};
  const drop = (why: DropReason, steps: readonly Step[]) => {
    const edges = sum(steps);
    if (edges > 0) dropped[why] = (dropped[why] ?? 0) + edges;
  };

  let stretch = byTheClock(kept, rule, atMs);
  // Under its new name a device must not be told to go on where one of the old names ended.
  if (stretch.sinceMs < seasonMs && seasonMs <= atMs) {
    drop("new-name", stretch.steps);
    stretch = { sinceMs: Math.max(ceilTo(seasonMs, rule.stepMs), floorTo(atMs, longestMs(rule))), steps: [] };
  }
  for (const endMs of looks(stretch, rule, atMs)) {
    const isOld = atMs - stretch.sinceMs > Math.max(rule.keptMs, longestMs(rule)) + rule.stepMs;
    const enough = enoughFrom(stretch, rule, endMs);
    if (enough !== null && !isOld) {
      const before = stretch.steps.filter(({ fromMs }) => fromMs < enough);
      const splitMs = sum(before) >= rule.atLeast ? enough : stretch.sinceMs;
      const after = stretch.steps.filter(({ fromMs }) => fromMs >= splitMs);
      if (splitMs > stretch.sinceMs) told.push({ fromMs: stretch.sinceMs, toMs: splitMs, count: sum(before) });
      told.push({ fromMs: splitMs, toMs: endMs, count: sum(after) });
      stretch = { sinceMs: endMs, steps: [] };
    } else if (endMs % longestMs(rule) === 0) {
      drop(isOld ? "too-old" : "below-threshold", stretch.steps);
      stretch = { sinceMs: endMs, steps: [] };
    }
  }
  // Nothing came for long: a stretch lies within one of the longest spans.
  const sinceMs = Math.max(stretch.sinceMs, stretch.steps.length === 0 ? floorTo(atMs, longestMs(rule)) : 0);
  return { stretch: { ...stretch, sinceMs }, told, dropped };
}

/** One edge more. What came before the stretch began (the clock was set back a little) is its first. */
export function withEdge(stretch: Stretch, rule: CountRule, atMs: number): Stretch {
  const newest = stretch.steps.at(-1);
  const fromMs = Math.max(floorTo(atMs, rule.stepMs), stretch.sinceMs, newest?.fromMs ?? 0);
  if (newest?.fromMs !== fromMs) return { ...stretch, steps: [...stretch.steps, { fromMs, count: 1 }] };
  return { ...stretch, steps: [...stretch.steps.slice(0, -1), { fromMs, count: newest.count + 1 }] };
}

/** When it is looked at next, where there is anything in it. */
export function dueMs({ steps }: Stretch, { stepMs }: CountRule): number | null {
  const newest = steps.at(-1);
  return newest === undefined ? null : floorTo(newest.fromMs, stepMs) + stepMs;
}

export function edgesOf({ steps }: Stretch): number {
  return sum(steps);
}

/**
 * A clock that was set back by more than some hours, or set for the first time, would leave a stretch in the far future, or tell
 * it as one of 1970: what is in it belongs to the step of now.
 */
function byTheClock(stretch: Stretch, rule: CountRule, atMs: number): Stretch {
  const newestMs = Math.max(stretch.sinceMs, stretch.steps.at(-1)?.fromMs ?? 0);
  const isAhead = newestMs - atMs > Math.max(rule.stepMs, NORMALISE_LIMITS.countWaitMs);
  const isFirstSet = stretch.sinceMs < EARLIEST_BELIEVABLE_MS && atMs >= EARLIEST_BELIEVABLE_MS;
  if (!isAhead && !isFirstSet) return stretch;
  const anew = stretchFrom(atMs, rule);
  const count = edgesOf(stretch);
  return count === 0 ? anew : { ...anew, steps: [{ fromMs: anew.sinceMs, count }] };
}

/** Ends of steps, until now, at which a span first holds more than at the end before: those of the newest step and of its multiples. */
function* looks({ steps }: Stretch, rule: CountRule, atMs: number): Generator<number> {
  const newest = steps.at(-1);
  if (newest === undefined) return;
  let lastMs = 0;
  for (let spanMs = rule.stepMs; spanMs <= longestMs(rule); spanMs *= 2) {
    const endMs = floorTo(newest.fromMs, spanMs) + spanMs;
    if (endMs > atMs) return;
    if (endMs > lastMs) yield endMs;
    lastMs = endMs;
  }
}

/** Where the shortest span begins that ends at `endMs` and holds enough; null where none does. */
function enoughFrom({ sinceMs, steps }: Stretch, rule: CountRule, endMs: number): number | null {
  for (let spanMs = rule.stepMs; spanMs <= longestMs(rule) && endMs % spanMs === 0; spanMs *= 2) {
    const fromMs = Math.max(endMs - spanMs, sinceMs);
    const within = steps.filter((step) => step.fromMs >= fromMs);
    if (sum(within) >= rule.atLeast) return fromMs;
    if (fromMs === sinceMs) return null;
  }
  return null;
}

function sum(steps: readonly Step[]): number {
  return steps.reduce((all, { count }) => all + count, 0);
}

function floorTo(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}

function ceilTo(ms: number, stepMs: number): number {
  return Math.ceil(ms / stepMs) * stepMs;
}
