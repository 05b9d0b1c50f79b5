// Listening time: for how long the house has listened, over all its runs. It is what silence is measured by, since nobody
// can set it: the wall clock of a Pi jumps by months, and while the gateway was away no device was silent.
import type { Clock } from "../core/clock.ts";

export type ListeningTime = {
  /** Whole ms; goes on from what was kept. After a power cut it may lag by what was not kept yet. */
  nowMs(): number;
  /** What it was when this run began. */
  readonly startedMs: number;
};

/** `keptMs`: listening time of the runs before. */
export function startListeningTime(clock: Clock, keptMs: number): ListeningTime {
  const beganMs = clock.monotonicMs();
  return { startedMs: keptMs, nowMs: () => keptMs + Math.round(clock.monotonicMs() - beganMs) };
}
