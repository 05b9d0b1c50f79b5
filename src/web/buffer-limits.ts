// The bounds of the page Buffer, each with its reason (I7).

export const BUFFER_LIMITS = {
  /** A loss stands on the status page for so long: whoever looks after the gateway opens it once a week. */
  lossToldDays: 7,
  /** Share of bytesMax from which it is said that the oldest go: a little below the one from which they do (spool/spool-limits.ts). */
  nearlyFullShare: 0.94,
  /** A full spool that uses more than this share of bytesMax is full by itself; with less, the disk is full of other things. */
  ownShare: 0.9,
  /** A platform that has been away for less is an ordinary hiccup, not worth a person's worry. */
  awayMs: 10 * 60_000,
  /** What the bar of hours stands for: a volunteer comes once a week. */
  barHours: 7 * 24,
  /** Hours of room below which the buffer may be full before somebody comes by. */
  hoursLeftMin: 24,
} as const;
