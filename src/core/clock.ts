// Time comes in as an argument, so that tests can hold it.

/** Wall time for what people read and platforms store, monotonic time for waits and ages. */
export type Clock = {
  /** Milliseconds since 1970-01-01 UTC; may jump when the clock is set. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never jumps. */
  monotonicMs(): number;
  /** Whether the wall clock can be believed: a Pi has no clock battery and boots in the past. */
  isSynced(): boolean;
};

/** A wall clock before this was never set: no Hedgerow existed then. */
export const EARLIEST_BELIEVABLE_MS = Date.UTC(2026, 0, 1);

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  isSynced: () => Date.now() > EARLIEST_BELIEVABLE_MS,
};
