// Bounds of forwarding alone, each with the reason for its size (I7). Those shared with other rooms are in core/limits.ts.

export const FORWARD_LIMITS = {
  /** The longest backoff grows with the outage, to its 96th part at most: who was away for a day is back a quarter of an hour late, who was away for an hour five minutes (LIMITS.backoffMaxMs). */
  backoffShareOfOutage: 96,
  backoffLongestMs: 15 * 60_000,
  /** On top of what the platform asks for, up to this part of it, so that a thousand gateways that were told the same do not return in one second. */
  retryAfterSpreadShare: 0.25,
  /** Pictures among what one batch carries that do not make it a backlog yet: 200 kB take a second each on an ordinary line. */
  livePictures: 4,
  /** Entries of the smallest offer; after a picture that went alone 500 would be read for one that is sent. */
  entriesWantedMin: 16,
  /** After so many batches in a row of the size that a 413 has left, twice as much is tried: a wrong setting at the platform, mended since, would else cost a request for each event until the gateway restarts. */
  ceilingBatches: 64,
  /** Subjects tried again at the head of one batch, each found by itself in the spool; the others have their turn in the next. */
  heldTriedAtOnce: 16,
  /** Batches looked through in one turn for something that is not held back: 2,000 entries take some 12 ms, then others have their turn. */
  windowsPerTurn: 4,
  /** While something is held back, what was passed over is looked at again after this; and later by so much for each batch of it (3 ms of work), so that it costs under 1 % of a core. */
  passedAgainMs: 60_000,
  passedAgainWindowMs: 500,
  /** Under a cap one batch of what is not live takes this many seconds of it, and a batch of 4 KiB is always allowed: less is all headers. */
  cappedBatchS: 5,
  cappedBatchBytesMin: 4096,
  /** Hours of a line are looked at this often: a pump starts and ends within ten seconds of what is written. */
  hoursLookMs: 10_000,
  /** Without a believable clock nobody knows the hours; after a whole day of it they have passed once, and it is sent, since waiting on would lose it. */
  hoursUnknownMs: 24 * 3_600_000,
  /** A person's "send now" in a line's closed hours holds for so long, should the platform be away; then the hours count again. */
  sendNowMs: 3_600_000,
} as const;
