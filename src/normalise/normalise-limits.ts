// The bounds of counting motion, each with the reason for its size (I7).

export const NORMALISE_LIMITS = {
  /** No count covers more: who passes three times in a week is somebody, and counts that late serve nobody. */
  countWindowMs: 8 * 24 * 3_600_000,
  /** A count covers 512 of the policy's windows at most, five days of quarters of an hour: as many steps are kept of a device. */
  countWindowDoublings: 9,
  /** Steps of one device that are read back after a restart: twice as many as are kept; more is damage. */
  countStepsKept: 1024,
  /** A clock that is set back by less is waited for; when summer time is set by hand it is one hour. */
  countWaitMs: 2 * 3_600_000,
} as const;
