// Bounds of what is drawn and told of how things were (I7).

export const HISTORY_PAGE_LIMITS = {
  hoursMs: 24 * 3_600_000,
  days: 30,
  /** Spells that a sentence names, the newest; who hears it read aloud has a day, too. */
  spellsTold: 3,
  /** Devices on the page History, each with two drawings; of others it is on their own pages. */
  devicesShown: 60,
} as const;
