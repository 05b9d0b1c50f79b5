// The entries that the platform asked to keep: each waits for its own hour, so that it does not hold up the others.
import { backoffMs } from "../core/backoff.ts";

type Held = { readonly failures: number; readonly dueMs: number };

/** In memory only: after a restart everything is offered once more. `nowMs` is monotonic. */
export class HeldBack {
  readonly #held = new Map<string, Held>();
  readonly #max: number;
  readonly #pace: { readonly minMs: number; readonly maxMs: number; readonly random: () => number };

  constructor(max: number, pace: { readonly minMs: number; readonly maxMs: number; readonly random: () => number }) {
    this.#max = max;
    this.#pace = pace;
  }

  get size(): number {
    return this.#held.size;
  }

  get isFull(): boolean {
    return this.#held.size >= this.#max;
  }

  /** Holds an entry back for longer each time. When full, further ones are simply offered again at once. */
  hold(id: string, nowMs: number): void {
    const failures = (this.#held.get(id)?.failures ?? 0) + 1;
    if (this.isFull && failures === 1) return;
    this.#held.set(id, { failures, dueMs: nowMs + backoffMs({ failures, ...this.#pace }) });
  }

  isDue(id: string, nowMs: number): boolean {
    const held = this.#held.get(id);
    return held === undefined || held.dueMs <= nowMs;
  }

  release(id: string): void {
    this.#held.delete(id);
  }

  /** Forgets those that no longer wait (expired, erased). */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#held.keys()) if (!ids.has(id)) this.#held.delete(id);
  }

  /** Milliseconds until the first is due, or null when nothing is held. */
  nextDueInMs(nowMs: number): number | null {
    if (this.#held.size === 0) return null;
    return Math.max(0, Math.min(...[...this.#held.values()].map(({ dueMs }) => dueMs)) - nowMs);
  }
}
