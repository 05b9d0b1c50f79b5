// Bounds of what a visitor of a public page may ask for in languages (I7).

export const LANGUAGE_LIMITS = {
  /** Characters of an Accept-Language header that are read: a browser with ten languages sends 100. */
  acceptedChars: 512,
} as const;
