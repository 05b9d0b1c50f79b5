// The subjects of which the platform asked to keep something: what comes later of one waits behind it, and nothing else does.
import { backoffMs } from "../core/backoff.ts";
import type { Entry } from "../spool/spool.ts";

type Held = { readonly sequence: number; readonly failures: number; readonly dueMs: number };
type Spread = { readonly minMs: number; readonly maxMs: number; readonly random: () => number };

/** Of one lane, by subject. In memory only: after a restart everything is offered once more. `nowMs` is monotonic. */
export class HeldBack {
  readonly #held = new Map<string, Held>();
  readonly #max: number;
  readonly #spread: Spread;

  constructor(max: number, spread: Spread) {
    this.#max = max;
    this.#spread = spread;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /** Holds an entry back, each time for longer, and with it all that follows of its subject. False when full: it is not held. */
  hold({ subject, sequence }: Entry, nowMs: number): boolean {
    const held = this.#held.get(subject);
    if (held === undefined && this.#held.size >= this.#max) return false;
    if (held !== undefined && held.sequence < sequence) return true;
    const failures = held?.sequence === sequence ? held.failures + 1 : 1;
    this.#held.set(subject, { sequence, failures, dueMs: nowMs + backoffMs({ failures, ...this.#spread }) });
    return true;
  }

  /** Whether it is held back, or behind one that is. */
  isBehind({ subject, sequence }: Entry): boolean {
    const held = this.#held.get(subject);
    return held !== undefined && held.sequence <= sequence;
  }

  /** The sequences up to `upTo` to try again now, the longest due first, `limit` at most. */
  due({ nowMs, upTo, limit }: { readonly nowMs: number; readonly upTo: number; readonly limit: number }): number[] {
    if (this.#held.size === 0) return [];
    return [...this.#held.values()]
      .filter(({ dueMs, sequence }) => dueMs <= nowMs && sequence <= upTo)
      .toSorted((a, b) => a.dueMs - b.dueMs)
      .slice(0, limit)
      .map(({ sequence }) => sequence);
  }

  /** It left the queue. True when others waited behind it, and may go. */
  release(sequence: number): boolean {
    for (const [subject, held] of this.#held) if (held.sequence === sequence) return this.#held.delete(subject);
    return false;
  }

  /** Milliseconds until the first up to `upTo` is due, or null when none is held. */
  nextDueInMs(nowMs: number, upTo: number): number | null {
    let firstMs = Number.POSITIVE_INFINITY;
    for (const { dueMs, sequence } of this.#held.values()) if (sequence <= upTo) firstMs = Math.min(firstMs, dueMs);
    return firstMs === Number.POSITIVE_INFINITY ? null : Math.max(0, firstMs - nowMs);
  }
}
