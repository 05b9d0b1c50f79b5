// Bounds of what the public pages show at once (I7).

export const PUBLIC_LIMITS = {
  /** Days of the table that stand open; the others unfold, so that a phone has not to scroll past a month. */
  daysOpen: 7,
  /** Receipts on the page of what is collected; the page of receipts has all that are shown. */
  receiptsFirst: 5,
} as const;
