// How many events of a class one device may cause in a day (the policy's `events.perDay`), counted over restarts.
import type { Policy } from "../settings/schema.ts";

export type BudgetClass = keyof Policy["events"]["perDay"];

type Spent = { readonly day: string; readonly told: Readonly<Record<string, number>> };

export type DailyBudgets = {
  /** Takes one event from the day's budget; false where it is used up, and then nothing was taken. `today`: YYYY-MM-DD at the site. */
  spend(deviceId: string, eventClass: BudgetClass, today: string): boolean;
  /** What was spent and is to be kept in the same transaction as the events, by spool key; null forgets. */
  unsaved(): Readonly<Record<string, string | null>>;
};

const PREFIX = "budget:";
/** A board without a clock battery wakes up with an hour it kept before, most often of the same day or the one before. */
const SET_BACK_MS = 2 * 24 * 3_600_000;

/** `state`: what the spool keeps under a prefix. A damaged text costs one day's budget once more. */
export function createDailyBudgets(
  state: (prefix: string) => ReadonlyMap<string, string>,
  perDay: Policy["events"]["perDay"],
): DailyBudgets {
  const spent = new Map<string, Spent>();
  const changed = new Set<string>();
  const isBudgeted = Object.keys(perDay).length > 0;
  const forgotten = new Set<string>();
  for (const [key, text] of state(PREFIX)) {
    const kept = isBudgeted ? parseSpent(text) : null;
    if (kept === null) forgotten.add(key);
    else spent.set(key.slice(PREFIX.length), kept);
  }
  return {
    spend(deviceId, eventClass, today) {
      const most = perDay[eventClass];
      if (most === undefined) return true;
      const { day, told } = current(spent.get(deviceId), today);
      const n = told[eventClass] ?? 0;
      if (n >= most) {
        // The day may have been moved: it must be over some time.
        spent.set(deviceId, { day, told });
        return false;
      }
      spent.set(deviceId, { day, told: { ...told, [eventClass]: n + 1 } });
      changed.add(deviceId);
      return true;
    },
    unsaved() {
      const texts: Record<string, string | null> = {};
      for (const key of forgotten) texts[key] = null;
      for (const deviceId of changed) texts[`${PREFIX}${deviceId}`] = JSON.stringify(spent.get(deviceId));
      forgotten.clear();
      changed.clear();
      return texts;
    },
  };
}

/**
 * The day that counts. A clock that was set back gives no second budget: by up to two days the day goes on that had begun; from
 * further ahead that day was wrong, and what was told then counts today.
 */
function current(kept: Spent | undefined, today: string): Spent {
  if (kept === undefined || kept.day < today) return { day: today, told: {} };
  const isAhead = Date.parse(kept.day) - Date.parse(today) > SET_BACK_MS;
  return isAhead ? { ...kept, day: today } : kept;
}

function parseSpent(text: string): Spent | null {
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept !== "object" || kept === null || !("day" in kept) || !("told" in kept)) return null;
    const { day, told } = kept;
    if (typeof day !== "string" || Number.isNaN(Date.parse(day)) || typeof told !== "object" || told === null)
      return null;
    return { day, told: Object.fromEntries(Object.entries(told).filter(([, n]) => Number.isSafeInteger(n))) };
  } catch {
    return null;
  }
}
