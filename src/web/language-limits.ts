// Bounds of what a visitor of a public page may ask for in languages (I7).

export const LANGUAGE_LIMITS = {
  /** Characters of an Accept-Language header that are read: a browser with ten languages sends 100. */
  acceptedChars: 512,
  /** A volunteer comes once a week; browsers keep no cookie for longer than 400 days. */
  cookieS: 365 * 24 * 60 * 60,
} as const;
