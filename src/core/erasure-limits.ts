// The bounds of erasures and of the disclosure log, each with the reason for its size (I7).

export const ERASURE_LIMITS = {
  /** Devices and cameras in one erasure: a whole street; more is an erasure of everything. */
  things: 64,
  /** Of them, those told in one event: eight with the names of twenty years of months take 54 kB. */
  thingsTold: 8,
  /** Wishes to erase remembered until each platform has them: one a day for as long as an event may wait, twice over. */
  wishesRemembered: 64,
  /** A wish that waits for a platform is told again so long after it was told: its event lives five days longer (LIMITS.eventTtlMs). */
  retellMs: 25 * 24 * 3_600_000,
  /** How often it is looked whether one has to be told again. */
  lookMs: 3_600_000,
  /** An erasure is waited for so long by who asked; 25,000 entries take 2 s on a PC; of a million it goes on by itself. */
  answerMs: 10_000,
  /** Counting what is held, on the command socket: a million entries take 8 s on a PC, and on a Pi five times as long by estimate. */
  countMs: 90_000,
  /** Characters of one field of the disclosure log; a paragraph. */
  disclosureChars: 1000,
  /** Its entries: one a week for twenty years. */
  disclosures: 1000,
  /** Its file: so many entries of four fields in an alphabet of three bytes, escaped. */
  disclosureBytes: 32 * 1024 * 1024,
} as const;
