// What is counted of motion and not told yet, device by device: kept over restarts, with where each count begins.
import { z } from "zod";
import type { HouseFact } from "../core/house-fact.ts";
import {
  type CountRule,
  type DropReason,
  dueMs,
  edgesOf,
  type Moment,
  type Settled,
  settle,
  type Stretch,
  stretchFrom,
  withEdge,
} from "./count-windows.ts";
import { NORMALISE_LIMITS } from "./normalise-limits.ts";

/** What the spool keeps of a device's open count, for people and erasures: from where, until when at least, how many edges. */
export type CountWindow = { readonly fromMs: number; readonly toMs: number; readonly count: number };
type CountFact = Extract<HouseFact, { kind: "motion-count" }>;

/**
 * `state`, `windows`: what the spool kept. `rule`: null where the policy tells no counts. `quietHours`: in which no edge is
 * counted, as text. `moment`: of the start.
 */
type Deps = {
  readonly state: (prefix: string) => ReadonlyMap<string, string>;
  readonly windows: ReadonlyMap<string, CountWindow>;
  readonly rule: CountRule | null;
  readonly quietHours?: string;
  readonly moment: Moment;
};

/** `dropped`: edges that were counted and will be told nowhere, by reason. */
export type Due = {
  readonly deviceId: string;
  readonly facts: readonly CountFact[];
  readonly dropped: Readonly<Record<string, number>>;
};

export type Counting = {
  /** Adds an edge of now; what was due before is in the answer. */
  add(deviceId: string, moment: Moment): Due;
  /** What is due of all devices. */
  due(moment: Moment): Due[];
  /** Forgets what is open of a device. Where its next count begins stays: that was told. */
  forget(deviceId: string): void;
  /** What is to be written in the same transaction, by spool key and by device; null forgets. */
  unsaved(): {
    readonly state: Readonly<Record<string, string | null>>;
    readonly windows: Readonly<Record<string, CountWindow | null>>;
    readonly dropped: Readonly<Record<string, number>>;
  };
};

const PREFIX = "counts:";
/** Ids hold no capital: no device is called so. */
const RULE = `${PREFIX}RULE`;
const NO_HOURS = "[]";
const Kept = z.object({
  sinceMs: z.int(),
  steps: z.array(z.tuple([z.int(), z.int().positive()])).max(NORMALISE_LIMITS.countStepsKept),
});
const KeptRule = z.object({
  stepMs: z.int(),
  atLeast: z.int(),
  quietHours: z.string().default(NO_HOURS),
  beganMs: z.int(),
});

export function createCounting({ state, windows, rule, quietHours = NO_HOURS, moment }: Deps): Counting {
  const stretches = new Map<string, Stretch>();
  const changed = new Set<string>();
  const dropped: Record<string, number> = {};
  const drop = (why: DropReason | "policy" | "gone", edges: number) => {
    if (edges > 0) dropped[why] = (dropped[why] ?? 0) + edges;
  };
  const kept = state(PREFIX);
  const before = parsed(KeptRule, kept.get(RULE));
  const isSameRule =
    before !== null &&
    rule !== null &&
    before.stepMs === rule.stepMs &&
    before.atLeast === rule.atLeast &&
    before.quietHours === quietHours;
  const isFirst = !kept.has(RULE);
  /** From when on all devices are counted: a count that began with a device's first edge would tell of that one. */
  let beganMs = before !== null && isSameRule ? before.beganMs : rule === null ? 0 : began(moment.atMs, rule, isFirst);
  let isRuleSaved = rule === null ? kept.get(RULE) === "null" : isSameRule;

  for (const id of new Set([...windows.keys(), ...[...kept.keys()].map((key) => key.slice(PREFIX.length))])) {
    if (`${PREFIX}${id}` === RULE) continue;
    const window = windows.get(id);
    const { stretch, lost } = restored(parsed(Kept, kept.get(`${PREFIX}${id}`)), window);
    drop("gone", lost);
    // What was gathered under another window, threshold or other quiet hours is told under none.
    if (rule !== null && (isSameRule || isFirst)) stretches.set(id, stretch);
    else drop("policy", edgesOf(stretch));
    if (lost > 0 || !stretches.has(id)) changed.add(id);
  }

  const stretchOf = (deviceId: string, by: CountRule, atMs: number): Stretch => {
    const own = stretches.get(deviceId);
    if (own !== undefined && (own.steps.length > 0 || own.sinceMs >= beganMs)) return own;
    return { sinceMs: beganMs > atMs + by.stepMs ? began(atMs, by, true) : beganMs, steps: [] };
  };

  const take = (deviceId: string, settled: Settled): Due => {
    const old = stretches.get(deviceId);
    if (old === undefined || serialised(old) !== serialised(settled.stretch)) changed.add(deviceId);
    stretches.set(deviceId, settled.stretch);
    const facts = settled.told.map((told): CountFact => ({ kind: "motion-count", deviceId, ...told, atMs: told.toMs }));
    return { deviceId, facts, dropped: { ...settled.dropped } };
  };

  return {
    add(deviceId, now) {
      if (rule === null) return { deviceId, facts: [], dropped: { policy: 1 } };
      const settled = settle(stretchOf(deviceId, rule, now.atMs), rule, now);
      return take(deviceId, { ...settled, stretch: withEdge(settled.stretch, rule, now.atMs) });
    },
    due(now) {
      if (rule === null) return [];
      // The clock was set, for the first time or back: for who has nothing open, too, counting begins now.
      const shared = settle({ sinceMs: beganMs, steps: [] }, rule, now).stretch.sinceMs;
      if (shared !== beganMs) [beganMs, isRuleSaved] = [shared, false];
      const late = [...stretches].filter(([, stretch]) => isLate(stretch, rule, now.atMs));
      const due = late.map(([deviceId, stretch]) => take(deviceId, settle(stretch, rule, now)));
      return due.filter(({ facts, dropped: lost }) => facts.length > 0 || Object.keys(lost).length > 0);
    },
    forget(deviceId) {
      const stretch = stretches.get(deviceId);
      if (stretch === undefined || stretch.steps.length === 0) return;
      drop("gone", edgesOf(stretch));
      stretches.set(deviceId, { ...stretch, steps: [] });
      changed.add(deviceId);
    },
    unsaved() {
      const state: Record<string, string | null> = {};
      const open: Record<string, CountWindow | null> = {};
      if (!isRuleSaved) state[RULE] = JSON.stringify(rule && { ...ruleOf(rule), quietHours, beganMs });
      isRuleSaved = true;
      for (const id of changed) {
        const stretch = stretches.get(id);
        state[`${PREFIX}${id}`] = stretch === undefined ? null : serialised(stretch);
        open[id] = stretch === undefined || rule === null ? null : windowOf(stretch, rule);
      }
      changed.clear();
      const told = { ...dropped };
      for (const why of Object.keys(dropped)) delete dropped[why];
      return { state, windows: open, dropped: told };
    },
  };
}

function isLate(stretch: Stretch, rule: CountRule, atMs: number): boolean {
  const due = dueMs(stretch, rule);
  return due !== null && (atMs >= due || atMs < stretch.sinceMs);
}

/** `isNow`: with the step of now, where no window of another policy can lie in it. */
function began(atMs: number, rule: CountRule, isNow: boolean): number {
  return stretchFrom(atMs, rule, { isNext: !isNow }).sinceMs;
}

function windowOf(stretch: Stretch, rule: CountRule): CountWindow | null {
  const toMs = dueMs(stretch, rule);
  return toMs === null ? null : { fromMs: stretch.sinceMs, toMs, count: edgesOf(stretch) };
}

/**
 * `kept`: null where there is none (a gateway of before) or it is damaged; then the window tells how many they were. Without the
 * window what was in it was erased, or it is damaged: `lost` edges.
 */
function restored(
  kept: z.infer<typeof Kept> | null,
  window: CountWindow | undefined,
): { readonly stretch: Stretch; readonly lost: number } {
  const stretch = kept && { sinceMs: kept.sinceMs, steps: kept.steps.map(([fromMs, count]) => ({ fromMs, count })) };
  if (window === undefined)
    return { stretch: { sinceMs: stretch?.sinceMs ?? 0, steps: [] }, lost: stretch === null ? 0 : edgesOf(stretch) };
  if (stretch !== null && edgesOf(stretch) === window.count) return { stretch, lost: 0 };
  const { fromMs, count } = window;
  return { stretch: { sinceMs: fromMs, steps: count === 0 ? [] : [{ fromMs, count }] }, lost: 0 };
}

function serialised({ sinceMs, steps }: Stretch): string {
  return JSON.stringify({ sinceMs, steps: steps.map(({ fromMs, count }) => [fromMs, count]) });
}

function ruleOf({ stepMs, atLeast }: CountRule) {
  return { stepMs, atLeast };
}

function parsed<T>(schema: z.ZodType<T>, text: string | undefined): T | null {
  try {
    return schema.safeParse(JSON.parse(text ?? "null")).data ?? null;
  } catch {
    return null; // damaged: what is known otherwise has to do
  }
}
