// Bounds of what is remembered of how things were (I7).

export const HISTORY_LIMITS = {
  /** A step of time: what lasts for less is a hiccup on a chart of a day. */
  stepMs: 15 * 60_000,
  /** Steps that a device's changes are rounded to, an hour: its return, to the minute, could be when somebody passed its sensor. */
  deviceSteps: 4,
  /** A month, and the day that has begun. */
  days: 31,
  /** Changes of one thing that are kept, the newest: four days of one at each step; what flickers for longer has lost its meaning. */
  changesMax: 400,
  /** How often things are looked at, and so how often at most this writes to the disk. A change counts when it is seen twice. */
  lookMs: 60_000,
  /** Of a kept text: 400 changes of 7 characters and 31 days of 18 fit well; what is longer is not ours. */
  charsMax: 8192,
} as const;

/** So many steps are kept. */
export const STEPS_KEPT = (HISTORY_LIMITS.days * 86_400_000) / HISTORY_LIMITS.stepMs;
