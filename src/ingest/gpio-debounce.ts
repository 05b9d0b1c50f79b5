// Debounce, pure: a level counts once it has stayed. onoff's own drops edges (it reads after the event, and once per burst),
// and then a motion may seem to last for ever; here the last level seen is always the one that is told.
import type { Level } from "./gpio-lines.ts";

/** A level that has stayed, and when it began (epoch ms). */
export type Settled = { readonly level: Level; readonly atMs: number };

/**
 * `level`: as it was at the start. Hand in what is seen with `see`, and ask `settle` at `wakeAtMs`. Times are of one clock
 * that may be set: a step back makes a change wait once more for `debounceMs`, never longer.
 */
export function createDebounce({ level, debounceMs }: { readonly level: Level; readonly debounceMs: number }) {
  let told: Level = level;
  let candidate: Settled | null = null;

  return {
    /** The last level told. */
    level: (): Level => told,
    /** When to ask `settle`, or null while nothing changes. */
    wakeAtMs: (): number | null => (candidate === null ? null : candidate.atMs + debounceMs),
    /** An edge to this level. The same level again means that it left in between: its time begins anew. True: noise ended here. */
    see(seen: Level, atMs: number): boolean {
      const before = candidate;
      candidate = seen === told ? null : { level: seen, atMs };
      return before !== null;
    },
    /** The change, once it has stayed for debounceMs; told once. */
    settle(nowMs: number): Settled | null {
      if (candidate === null) return null;
      // The clock was set back: the change cannot lie ahead.
      if (candidate.atMs > nowMs) candidate = { ...candidate, atMs: nowMs };
      if (nowMs - candidate.atMs < debounceMs) return null;
      const settled = candidate;
      told = settled.level;
      candidate = null;
      return settled;
    },
  };
}
