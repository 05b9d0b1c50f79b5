// Whether what happened at a time that is known only roughly may have happened in quiet hours.
import { type Sun, timesBetween } from "../core/day-times.ts";
import type { Policy } from "../settings/schema.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";
import { createQuiet } from "./quiet.ts";

const DAY_MS = 24 * 3_600_000;
/** Of the minute in which a quiet hour begins all is quiet (quiet.ts). */
const MINUTE_MS = 60_000;
/** Spans are widened to this: a backlog of weeks has thousands of them, and to look at the sun for each minute would take a minute. */
const BLOCK_MS = 5 * MINUTE_MS;

/** Epoch milliseconds, the end not included. */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** A span of a day or more, or one that nobody knows, touches any quiet hour; none is touched where there are none. */
export function createQuietMoments(
  hours: Policy["quiet"]["hours"],
  when: { readonly timezone: string; readonly sun: Sun | null },
): (span: Span) => boolean {
  // What is asked about was told with a time, which stands for itself.
  const clock = { nowMs: () => 0, monotonicMs: () => 0, isSynced: () => true };
  const quiet = createQuiet({ rule: { zones: [], hours }, ...when, clock });
  const at = hours.map(({ between }) => between[0]);
  const known = new Map<string, boolean>();
  const isTouched = ({ fromMs, toMs }: Span): boolean => {
    if (!(toMs - fromMs < DAY_MS)) return true;
    const begins = timesBetween({ at }, { afterMs: fromMs, untilMs: toMs + MINUTE_MS }, when);
    return begins.length > 0 || quiet.isQuiet("", fromMs);
  };
  return ({ fromMs, toMs }) => {
    if (hours.length === 0) return false;
    const span = { fromMs: Math.floor(fromMs / BLOCK_MS) * BLOCK_MS, toMs: Math.ceil(toMs / BLOCK_MS) * BLOCK_MS };
    const key = `${span.fromMs} ${span.toMs}`;
    const found = known.get(key) ?? isTouched(span);
    if (known.size >= PRIVACY_LIMITS.spansHeld) known.clear();
    known.set(key, found);
    return found;
  };
}
