// Notices when the wall clock is set: a Pi without a clock battery boots in the past and gets the time later.
import type { Clock } from "./clock.ts";
import { LIMITS } from "./limits.ts";

/**
 * One moment on both clocks. `offsetMs`: wall minus monotonic time, which stays as it is until the clock is set. `stepMs`: by
 * how much it was set since the last step that was acted upon; 0 below LIMITS.clockStepMs.
 */
export type Moment = { readonly nowMs: number; readonly offsetMs: number; readonly stepMs: number };

/** Compares the clocks from its making on. A machine that slept looks as if its clock had been set; a Pi does not sleep. */
export class ClockSteps {
  readonly #clock: Clock;
  #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.nowMs() - clock.monotonicMs();
  }

  /** A step is told at each look until it is `acted` upon; slewing is followed in silence. */
  look(): Moment {
    const nowMs = this.#clock.nowMs();
    const offsetMs = nowMs - this.#clock.monotonicMs();
    const stepMs = stepBetween({ beforeMs: this.#offsetMs, afterMs: offsetMs });
    if (stepMs === 0) this.#offsetMs = offsetMs;
    return { nowMs, offsetMs, stepMs };
  }

  acted({ offsetMs }: Moment): void {
    this.#offsetMs = offsetMs;
  }
}

/** By how much the clock was set between two moments' `offsetMs`, whole milliseconds; 0 below LIMITS.clockStepMs. */
export function stepBetween({ beforeMs, afterMs }: { beforeMs: number; afterMs: number }): number {
  const stepMs = Math.round(afterMs - beforeMs);
  return Math.abs(stepMs) < LIMITS.clockStepMs ? 0 : stepMs;
}
