// When a message is made: once something has needed a hand for long enough, once more when all is well again, and never more than
// the day's number. Pure: what was remembered, what is so now and how much time went by, in; what is remembered, out.
//
// Decision: time is counted as it passes (monotonic), not read from a clock: a Pi boots in the past, and no setting of the clock
// may make a sensor silent for a year. A restart goes on where it stopped.
import { TROUBLE_KINDS, type TroubleGroup, type TroubleKind } from "../core/notices-commands.ts";
import { NOTICES_LIMITS } from "./notices-limits.ts";

/** `mark`: tells it from others of its kind; a digest, since it is kept. */
export type MarkedTrouble = { readonly kind: TroubleKind; readonly mark: string };

/** `wellMs`: for how long it has been well again, 0 while it needs a hand. `isTold`: a message was made of it. */
export type KeptTrouble = MarkedTrouble & {
  readonly lastedMs: number;
  readonly wellMs: number;
  readonly isTold: boolean;
};

/** `isTold`: people know of something, and not yet that it is well. `made`: messages of `day`. `untold`: those that the day's number forbade. */
export type Rhythm = {
  readonly troubles: readonly KeptTrouble[];
  readonly isTold: boolean;
  readonly day: string;
  readonly made: number;
  readonly untold: number;
};

/** What a message says. `untold`: how many were left out since the one before. `isLast`: of its day. */
export type Facts = {
  readonly what: "needs-a-hand" | "all-well";
  readonly troubles: readonly TroubleGroup[];
  readonly untold: number;
  readonly isLast: boolean;
};

export type Rule = {
  readonly afterMs: number;
  readonly atMostPerDay: number;
  readonly gatherMs: number;
  readonly calmMs: number;
};

export const NOTHING_YET: Rhythm = { troubles: [], isTold: false, day: "", made: 0, untold: 0 };

/** `unsure`: of what nobody can tell now whether it is well: known troubles among them are not over yet. */
type Now = {
  readonly troubles: readonly MarkedTrouble[];
  readonly unsure?: readonly MarkedTrouble[];
  readonly elapsedMs: number;
};

/** `elapsedMs`: since the step before. `day`: at the site. `isPaused`: nothing is told, and nothing is forgotten. `facts`: of the message to send now. */
export function step(
  before: Rhythm,
  now: Now & { readonly day: string },
  rule: Rule & { readonly isPaused: boolean },
): { readonly rhythm: Rhythm; readonly facts: Facts | null } {
  const troubles = aged(before.troubles, now, rule);
  const today = now.day === before.day ? before : { ...before, day: now.day, made: 0 };
  const rhythm: Rhythm = { ...today, troubles };
  if (rule.isPaused) return { rhythm, facts: null };
  const ripe = troubles.filter(({ wellMs, lastedMs }) => wellMs === 0 && lastedMs >= rule.afterMs);
  const isNews = ripe.some(({ isTold, lastedMs }) => !isTold && lastedMs >= rule.afterMs + rule.gatherMs);
  const isOver = rhythm.isTold && !troubles.some(({ isTold }) => isTold) && ripe.length === 0;
  const isOwed = rhythm.untold > 0 && rhythm.made === 0;
  if (!isNews && !isOver && !isOwed) return { rhythm, facts: null };
  const isWell = ripe.length === 0;
  const told = troubles.map((each) => (ripe.includes(each) ? { ...each, isTold: true } : each));
  // What is owed of yesterday may have ended for a while only: then it waits, and nobody hears of an end that is none.
  if (isWell && told.some(({ isTold }) => isTold)) return { rhythm, facts: null };
  const next = { ...rhythm, troubles: told, isTold: !isWell };
  if (rhythm.made >= rule.atMostPerDay) return { rhythm: { ...next, untold: rhythm.untold + 1 }, facts: null };
  const made = rhythm.made + 1;
  const facts: Facts = {
    what: isWell ? "all-well" : "needs-a-hand",
    troubles: groupsOf(ripe),
    untold: rhythm.untold,
    isLast: made >= rule.atMostPerDay,
  };
  return { rhythm: { ...next, made, untold: 0 }, facts };
}

/** Whether there is something that no message was made of, so that the time it has lasted is worth keeping. */
export function isRipening({ troubles }: Rhythm): boolean {
  return troubles.some(({ isTold }) => !isTold);
}

/** Whether a restart that knew the one before alone would tell otherwise. What comes and goes untold, however often, is written by nobody. */
export function isOther(before: Rhythm, now: Rhythm): boolean {
  const told = ({ troubles }: Rhythm): number => troubles.filter(({ isTold }) => isTold).length;
  const isCounted = now.made !== before.made || now.untold !== before.untold;
  return isCounted || now.isTold !== before.isTold || told(now) !== told(before);
}

function aged(
  before: readonly KeptTrouble[],
  { troubles, unsure = [], elapsedMs }: Now,
  { afterMs, calmMs }: Rule,
): KeptTrouble[] {
  const nameOf = ({ kind, mark }: MarkedTrouble): string => `${kind} ${mark}`;
  const known = new Map(before.map((each) => [nameOf(each), each]));
  const unknown = new Set(unsure.map(nameOf));
  const present = new Map(troubles.map((each) => [nameOf(each), each]));
  const still = [...present].map(([name, { kind, mark }]): KeptTrouble => {
    const { lastedMs = -elapsedMs, isTold = false } = known.get(name) ?? {};
    return { kind, mark, lastedMs: lastedMs + elapsedMs, wellMs: 0, isTold };
  });
  const gone = before
    .filter((each) => each.isTold && !present.has(nameOf(each)))
    .map((each) => (unknown.has(nameOf(each)) ? each : { ...each, wellMs: each.wellMs + elapsedMs }))
    .filter(({ wellMs }) => wellMs < Math.max(afterMs, calmMs));
  return [...gone, ...still].slice(0, NOTICES_LIMITS.troubles);
}

/** In the order of TROUBLE_KINDS. */
function groupsOf(troubles: readonly KeptTrouble[]): TroubleGroup[] {
  return TROUBLE_KINDS.flatMap((kind) => {
    const lasted = troubles.filter((each) => each.kind === kind).map(({ lastedMs }) => lastedMs);
    return lasted.length === 0 ? [] : [{ kind, count: lasted.length, lastedMs: Math.max(...lasted) }];
  });
}
