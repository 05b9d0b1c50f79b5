// How long a pump waits before it asks a platform again: longer with each failure, and longer still in an outage of days.
import { backoffMs } from "../core/backoff.ts";
import { FORWARD_LIMITS } from "./forward-limits.ts";

type Needs = {
  readonly minMs: number;
  readonly maxMs: number;
  readonly random: () => number;
  /** Since the platform last took something, 0 while it does. */
  readonly awayMs: () => number;
};

export class Patience {
  readonly #needs: Needs;
  #failures = 0;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** After a success, or when a person has acted. */
  reset(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait after one more failure; `retryAfterMs`: what the platform asked for, or null. */
  failed(retryAfterMs: number | null): number {
    this.#failures++;
    if (retryAfterMs === null) return backoffMs({ failures: this.#failures, ...this.#spread() });
    // What the platform asks for is the least; the jitter on top keeps a thousand gateways from returning in one moment.
    const { minMs, random } = this.#needs;
    return retryAfterMs + minMs + random() * Math.max(minMs, retryAfterMs * FORWARD_LIMITS.retryAfterSpreadShare);
  }

  /** Bounds of one backoff: an outage of days is asked about more seldom. */
  #spread(): { readonly minMs: number; readonly maxMs: number; readonly random: () => number } {
    const { minMs, maxMs, random, awayMs } = this.#needs;
    const { backoffShareOfOutage, backoffLongestMs } = FORWARD_LIMITS;
    return { minMs, maxMs: Math.max(maxMs, Math.min(backoffLongestMs, awayMs() / backoffShareOfOutage)), random };
  }
}
