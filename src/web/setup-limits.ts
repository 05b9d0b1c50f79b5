// The bounds of the set-up pages (I7), each with its reason.

export const SETUP_LIMITS = {
  /** After a change the house is open again within a second on a PC; an older Pi takes three. A browser without script goes on then. */
  openingS: 4,
  /** For so long the page that waits can ask for its style and script, on the connection by which it came. */
  lastAssetsMs: 400,
  /** A script asks until the house answers; after this it goes on in any case, and the browser says what is wrong. */
  openingWaitMs: 20_000,
  /** A platform's answer to "is it there": a person waits before the page. */
  platformLookMs: 8000,
  /** Of that answer nothing is read but that there is one. */
  platformLookBytes: 64 * 1024,
  /** Characters of an address of a platform, and of a login there. */
  urlChars: 300,
  secretChars: 500,
  /** Characters of who answers for the data, and of how to reach them: both stand on the sign, on one line each. */
  controllerChars: 120,
  /** Rows of quiet hours that a policy may hold (settings/schema.ts). */
  quietHours: 16,
  /** Zones of a list that a person types. */
  quietZones: 32,
  /** Of a place that was typed, such as "48.8566, 2.3522". */
  placeChars: 60,
} as const;
