// Bounds of what the public pages show at once (I7).

export const PUBLIC_LIMITS = {
  /** Days of the table that stand open; the others unfold, so that a phone has not to scroll past a month. */
  daysOpen: 7,
  /** Receipts on the page of what is collected; the page of receipts has all that are shown. */
  receiptsFirst: 5,
  /** In such steps a day's readings are told where not each movement is: a sensor's hours of silence say nothing, a busy day does. */
  readingsStep: 100,
  /** Readings that one movement may be: it begins and ends, each time with light, battery, link and more. A step holds the policy's `atLeast` of them. */
  readingsOfMotion: 10,
} as const;
