// One lane of a sink's queue: its entries in the order of their sequence, those of a subject never past one that is held back.
//
// The spool is asked for a window at a time, after what was passed over: however many entries are held back, expired or behind
// others, one turn costs the same. What was passed over is looked at again once nothing is held back, else now and then.
import { LIMITS } from "../core/limits.ts";
import type { Entry, SpoolReader } from "../spool/spool.ts";
import { FORWARD_LIMITS } from "./forward-limits.ts";
import type { HeldBack } from "./held-back.ts";

/** `after`, `upTo`: sequences; `behind`: other lanes' holds that count here too. */
type Needs = {
  readonly spool: Pick<SpoolReader, "peek">;
  readonly sinkId: string;
  readonly after: number;
  readonly upTo: number;
  readonly isUrgent: boolean;
  readonly held: HeldBack;
  readonly behind: readonly HeldBack[];
};

/** `nowMs`: wall time; `upTo`: no further than this sequence just now; `isLight`: nothing with a picture. */
export type Asked = {
  readonly nowMs: number;
  readonly monotonicMs: number;
  readonly upTo: number;
  readonly bytesMax: number;
  readonly isLight: boolean;
};

/** `hasMore`: nothing was found, and not all was looked at: ask again. */
export type Taken = { readonly entries: readonly Entry[]; readonly hasMore: boolean };

export class Lane {
  readonly held: HeldBack;
  readonly #needs: Needs;
  /** Up to here nothing can go: it is held back, behind another, or past its hour. */
  #passed: number;
  /** Full windows passed over since the last look from the start, and when that was (monotonic). */
  #windowsPassed = 0;
  #lookedAtMs: number | null = null;
  #wanted: number = LIMITS.batchEvents;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.held = needs.held;
    this.#passed = needs.after;
  }

  /** The next entries that may go, LIMITS.batchEvents at most and in sequence order; those that were held back and are due among them. */
  take(asked: Asked): Taken {
    const heads = this.#dueHeads(asked);
    const { entries, hasMore } = this.#scan(asked);
    if (heads.length === 0) return { entries, hasMore };
    const batch = [...heads, ...entries].toSorted((a, b) => a.sequence - b.sequence).slice(0, LIMITS.batchEvents);
    return { entries: batch, hasMore: false };
  }

  /** What left the queue: who waited behind it may go. */
  release(settled: readonly Entry[]): void {
    for (const { sequence } of settled) this.#unblock(sequence);
  }

  /** How many of its last offer were answered: of twice as many the next is made, since a sink that sends a picture reads no further. */
  answered(count: number): void {
    if (count > 0) this.#wanted = Math.min(LIMITS.batchEvents, Math.max(FORWARD_LIMITS.entriesWantedMin, 2 * count));
  }

  /** Looks at everything once more. */
  lookAgain(): void {
    this.#passed = this.#needs.after;
    this.#windowsPassed = 0;
  }

  #dueHeads(asked: Asked): Entry[] {
    const { monotonicMs: nowMs, upTo } = asked;
    return this.held.due({ nowMs, upTo, limit: FORWARD_LIMITS.heldTriedAtOnce }).flatMap((sequence) => {
      const [head] = this.#peek(asked, { after: sequence - 1, entriesMax: 1 });
      if (head?.sequence === sequence) return asked.isLight && head.image !== undefined ? [] : [head];
      // It is gone: expired, erased, or settled by another lane.
      this.#unblock(sequence);
      return [];
    });
  }

  #unblock(sequence: number): void {
    if (this.held.release(sequence)) this.#passed = Math.min(this.#passed, sequence - 1);
  }

  #scan(asked: Asked): Taken {
    const holds = [this.held, ...this.#needs.behind];
    let isFromStart = this.#passed === this.#needs.after;
    for (let window = 0; window < FORWARD_LIMITS.windowsPerTurn; window++) {
      const entriesMax = window === 0 ? this.#wanted : LIMITS.batchEvents;
      const seen = this.#peek(asked, { after: this.#passed, entriesMax });
      const last = seen.at(-1);
      if (last === undefined) {
        if (isFromStart || !this.#mayLookAgain(asked.monotonicMs, holds)) return { entries: [], hasMore: false };
        this.lookAgain();
        isFromStart = true;
        continue;
      }
      const free = seen.filter((entry) => !holds.some((held) => held.isBehind(entry)));
      const entries = asked.isLight ? light(free) : free;
      // Over what could go but for its picture the lane does not pass.
      this.#passed = (free[0]?.sequence ?? last.sequence + 1) - 1;
      if (free.length > 0) return { entries, hasMore: false };
      this.#windowsPassed++;
    }
    return { entries: [], hasMore: true };
  }

  /** Entries come back below what was passed over: requeued by a person, or due once more since the clock was set. */
  #mayLookAgain(monotonicMs: number, holds: readonly HeldBack[]): boolean {
    const { passedAgainMs, passedAgainWindowMs } = FORWARD_LIMITS;
    this.#lookedAtMs ??= monotonicMs;
    const isDue = monotonicMs - this.#lookedAtMs >= passedAgainMs + this.#windowsPassed * passedAgainWindowMs;
    if (isDue) this.#lookedAtMs = monotonicMs;
    return isDue || holds.every((held) => held.isEmpty);
  }

  #peek({ nowMs, upTo, bytesMax }: Asked, { after, entriesMax }: { after: number; entriesMax: number }): Entry[] {
    const { spool, sinkId, isUrgent, upTo: last } = this.#needs;
    return spool.peek({ sinkId, after, upTo: Math.min(upTo, last), isUrgent, entriesMax, bytesMax, nowMs });
  }
}

/** Those without a picture; what follows of a subject whose picture has to wait does so too. */
function light(entries: readonly Entry[]): Entry[] {
  const waiting = new Set<string>();
  return entries.filter(({ image, subject }) => {
    if (image !== undefined) waiting.add(subject);
    return !waiting.has(subject);
  });
}
