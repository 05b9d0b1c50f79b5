// The bounds of waiting for a disk that cannot be used, each with its reason (I7).

export const DISK_LIMITS = {
  /** A disk that cannot be used is tried again after a second at least and, with backoff, half a minute at most: somebody stands before the box with a new card. */
  retryMinMs: 1000,
  retryMaxMs: 30_000,
  /** Bytes written to try a disk: what a start writes by itself (an empty spool, ledger, registry and lock) has half of it. */
  trialBytes: 256 * 1024,
  /** A trial that takes longer hangs, as worn-out cards do; a slow card writes its 256 KiB in two seconds. */
  trialMs: 20_000,
  /** How soon the page in a browser looks again whether the gateway is there. */
  pageRefreshS: 10,
  /** `hedgerow status` waits this long for the page on this machine, and reads so much of its answer: four sentences. */
  askMs: 3000,
  answerBytes: 16 * 1024,
} as const;
