// The spool's own bounds, each with the reason for its size (I7); those of the whole house stand in core/limits.ts.

export const SPOOL_LIMITS = {
  /** The wall clock against the monotonic one between two looks: less is slewing or a small step of NTP, and followed in silence. */
  slewMs: 1000,
  /** House time on disk may lag by this much, with other writes and by itself: what a power cut may add to an hour without a believed clock. */
  timeKeepMs: 10_000,
  timeKeepMsMax: 5 * 60_000,
  /** Settings of the clock remembered in a run, so that entries made before them can be put right: a clock is set once or twice. */
  clockSegments: 64,
  /** What is made with an unbelieved clock waits this long for a better one before it is offered: NTP needs seconds once there is a network, a router some minutes to start. */
  clockWaitMs: 5 * 60_000,
  /** Entries whose hours or types are looked at between two turns of the event loop, at each start and after a change of the policy: 60 ms on a Pi by estimate; a million at once would hold up a start by many seconds. */
  lookedAtOnce: 5000,
  /** Entries that a tighter policy is asked about in one transaction: 200 ms on a Pi by estimate, before the doors open. */
  tightenedAtOnce: 1000,
  /** What a sink may have seen is noted so far ahead: one write for so many events that go as they come; so many too many are erased by a tighter policy, where they could have been rewritten. */
  offeredAhead: 64,
  /** An outage leaves a few stretches that were offered: the backlog's beginning, and what was live at each start of the program. */
  offeredRanges: 16,
  /** Entries whose bodies are read between two turns of the event loop, at a person's wish to erase: 8 ms measured, 40 on a Pi by estimate. */
  saidAtOnce: 1000,
  /** Entries put right in one transaction: 40 ms on a Pi by estimate, so that they hold up no acknowledgement for long. */
  correctedAtOnce: 200,
  /** What was erased is gone from the write-ahead log, too, after this; what the platform has taken, after the longer one: each time costs a few pages and fsyncs. */
  scrubErasedMs: 5000,
  scrubSettledMs: 60_000,
  /** Offered entries remembered by number, which are not put right any more; with more than that everything up to the newest of them counts as offered. */
  offeredUnsure: 10_000,
  /** A row read from a damaged file: an event is under 64 KiB, a device's memory under 100; a larger length is damage. */
  salvagedRowBytes: 1024 * 1024,
  /** Damaged buffers kept beside the new one for a person to look at, and for how long: what they hold has an hour too. */
  setAsideFiles: 3,
  setAsideMs: 72 * 3_600_000,
  /**
   * Bytes of spool.db that are looked through at start: 100 MiB take 0.25 s from memory, and on an SD card the 2 or 3 s of
   * reading them. A larger one is believed until damage is met at work; then the next start saves what can be read.
   */
  checkBytesAfterCrash: 128 * 1024 * 1024,
  checkBytesAfterClose: 32 * 1024 * 1024,
  /** Lost entries that are named one by one; more is a file put back from long ago, which the log and the counters tell. */
  lostNamed: 1_000_000,
  /** The high-water mark is given to the disk this often, beside each close: the kernel does so within half a minute by itself. */
  markSyncMs: 60_000,
  /** Entries that `spool verify` looks at between two steps of its bar, so that its reading holds up no checkpoint for long. */
  verifyChunk: 2000,
  /** Findings of one kind that `spool verify` names; more is counted. */
  findingsNamed: 20,
  /** A picture without a row may be one that is just being taken: its file comes first. */
  orphanAgeMs: 5 * 60_000,
  /** Pictures that are tried with a key that is said to be another one, the newest: one that is opened is enough, and a few may be damaged. */
  triedWithKey: 20,
  /** Entries that `spool list` shows unless it is told another number. */
  listed: 20,
  /** Damaged entries kept for a person to look at, the newest: an event is under 64 KiB and usually 600 bytes. */
  damagedKept: 1000,
  /** Shares of bytesMax: above the first, entries go until the second is reached, so that each round makes room for a while. */
  evictAbove: 0.97,
  evictDownTo: 0.95,
  /** A write did not fit: above the first share, so much goes at once. Below it a burst may have been too large, which is tried in small groups after 2 s, or the disk itself is full. */
  evictWhenFullAbove: 0.94,
  evictShareWhenFull: 0.025,
  evictBytesWhenFullMax: 1024 * 1024,
  fullPatienceMs: 3000,
  /** Entries of one round, in as many transactions as tombstones are needed: half a second's work on a Pi by estimate. */
  evictedAtOnce: 500,
  evictionsPerRound: 20,
  /** Tombstones' worth of what is past its hour in one tick, each a transaction of 30 ms (on a Pi by estimate 100), with others between: a million entries in seven minutes. */
  expiriesPerTick: 5,
  /** What an entry takes beside its body: its other columns, its rows in two indexes, and what pages leave empty. */
  entryOverheadBytes: 300,
  /** Of the house's newest own words so many are looked through for a tombstone that others can join. */
  tombstoneLookedBack: 200,
  /** A discard that waits for room for so long lets the pictures' files go first, which makes it. */
  filesFirstMs: 3000,
  /** Kept on the disk for when others have filled it: the log may have 1 MiB and a group's writes before it is written back, and that is the room it needs. */
  ballastBytes: 2 * 1024 * 1024,
  /** The disk is taken for full below this, where a write did not fit. */
  diskFullBelowBytes: 512 * 1024,
  /** Pages only for what makes room, 128 KiB, or this share of a small spool: a tombstone of 500 sequences takes 4 KiB. */
  sparePages: 64,
  sparePagesShare: 0.02,
  /** Free pages are given back to the disk in steps of 512 KiB, some per second, once nothing went on for this long; 1 MiB is kept for what comes next. */
  givenBackPages: 256,
  givenBackSteps: 8,
  freePagesKept: 512,
  quietMs: 2000,
  /** The rate at which the buffer fills is of a day of running; of less than ten minutes it would be a guess. Saved now and then, for the SD card's sake. */
  rateHours: 24,
  rateNeedsMs: 10 * 60_000,
  rateSaveMs: 10 * 60_000,
} as const;
