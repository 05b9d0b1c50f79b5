// The sums of promise 6 for people: worked out from the disk, and not more often than it is worth.
import type { Clock } from "./core/clock.ts";
import { type Conservation, conservationOf } from "./core/conservation.ts";
import type { Spool } from "./spool/spool.ts";

/** Several pages ask at once, and a million waiting entries take a tenth of a second to count: at most a hundredth of the time. */
const KEPT_MS = 250;
const KEPT_TIMES = 100;

type Deps = {
  readonly spool: Pick<Spool, "counters" | "waitingBySink">;
  readonly sinkIds: readonly string[];
  readonly clock: Clock;
};

/** Gives the sums as of a moment ago. */
export function watchConservation({ spool, sinkIds, clock }: Deps): () => Conservation {
  let kept: { readonly sums: Conservation; readonly untilMs: number } | null = null;
  return () => {
    const beganMs = clock.monotonicMs();
    if (kept !== null && beganMs < kept.untilMs) return kept.sums;
    // Both as of the last commit, and nothing can come between them.
    const sums = conservationOf({ counters: spool.counters(), waiting: spool.waitingBySink(), sinkIds });
    const nowMs = clock.monotonicMs();
    kept = { sums, untilMs: nowMs + Math.max(KEPT_MS, (nowMs - beganMs) * KEPT_TIMES) };
    return sums;
  };
}
