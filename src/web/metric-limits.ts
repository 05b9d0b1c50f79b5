// The bounds of /metrics, each with its reason (I7).

export const METRIC_LIMITS = {
  /** Names of counters. A gateway with five platforms has 300; none is made of what comes from outside, and a mistake in that must not fill a Prometheus. */
  counters: 1000,
} as const;
