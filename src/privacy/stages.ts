// How long the steps of one redaction took: the measurements and `camera test` show it.
import type { Clock } from "../core/clock.ts";

/** Milliseconds by stage; a stage that happens twice is added up. */
export class Stages {
  readonly #clock: Clock;
  readonly #ms = new Map<string, number>();
  readonly #startMs: number;
  #lapMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
    this.#lapMs = this.#startMs;
  }

  lap(stage: string): void {
    const nowMs = this.#clock.monotonicMs();
    this.#ms.set(stage, (this.#ms.get(stage) ?? 0) + nowMs - this.#lapMs);
    this.#lapMs = nowMs;
  }

  ms(): Record<string, number> {
    const all = [...this.#ms, ["total", this.#clock.monotonicMs() - this.#startMs] as const];
    return Object.fromEntries(all.map(([stage, ms]) => [stage, Math.round(ms * 10) / 10]));
  }
}
