// Motion as counts: how many edges a device saw in a window, published only from the policy's threshold on. A window with
// fewer is merged with the next, never published (product.md, motion.count).
import { EARLIEST_BELIEVABLE_MS } from "../core/clock.ts";
import type { HouseFact } from "../core/house-fact.ts";

type Window = { readonly fromMs: number; readonly toMs: number; readonly count: number };
type CountFact = Extract<HouseFact, { kind: "motion-count" }>;
type Rule = { readonly mode: string; readonly windowS?: number | undefined; readonly atLeast?: number | undefined };

/** Open windows by device, seeded with what the spool kept. `rule`: the policy's `events.motion`. */
export function createCountWindows(kept: ReadonlyMap<string, Window>, rule: Rule) {
  const windowMs = (rule.windowS ?? 900) * 1000;
  const atLeast = rule.atLeast ?? 1;
  const open = new Map(kept);

  /** Closes the device's window if its time is over and it holds enough; merges it onward if it does not. */
  const settle = (deviceId: string, nowMs: number): CountFact | null => {
    const window = open.get(deviceId);
    if (window === undefined) return null;
    // The clock was set back, so a window that lies ahead would never close; or it was set for the first time, and the window
    // would be told as one of 1970. What it holds belongs to the window of now.
    if (nowMs < window.fromMs || (window.fromMs < EARLIEST_BELIEVABLE_MS && nowMs >= EARLIEST_BELIEVABLE_MS)) {
      const fromMs = Math.floor(nowMs / windowMs) * windowMs;
      open.set(deviceId, { fromMs, toMs: fromMs + windowMs, count: window.count });
      return null;
    }
    if (nowMs < window.toMs) return null;
    // The policy no longer publishes counts: what was gathered under the old one is forgotten, below the threshold or not.
    if (rule.mode !== "counts") {
      open.delete(deviceId);
      return null;
    }
    if (window.count >= atLeast) {
      open.delete(deviceId);
      const { count, fromMs, toMs } = window;
      return { kind: "motion-count", deviceId, count, fromMs, toMs, atMs: toMs };
    }
    const missedWindows = Math.floor((nowMs - window.toMs) / windowMs) + 1;
    open.set(deviceId, { ...window, toMs: window.toMs + missedWindows * windowMs });
    return null;
  };

  return {
    get: (deviceId: string): Window | null => open.get(deviceId) ?? null,
    /** Adds one edge; `closed` is the fact of the window that had to close first. */
    add(deviceId: string, atMs: number): { closed: CountFact | null } {
      const closed = settle(deviceId, atMs);
      const fromMs = Math.floor(atMs / windowMs) * windowMs;
      const window = open.get(deviceId) ?? { fromMs, toMs: fromMs + windowMs, count: 0 };
      open.set(deviceId, { ...window, count: window.count + 1 });
      return { closed };
    },
    /** Windows whose time is over, with the fact to tell, or null where the window was merged onward. */
    due(nowMs: number): { deviceId: string; fact: CountFact | null }[] {
      const late = [...open].filter(([, window]) => nowMs >= window.toMs || nowMs < window.fromMs);
      return late.map(([deviceId]) => ({ deviceId, fact: settle(deviceId, nowMs) }));
    },
  };
}
