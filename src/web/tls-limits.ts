// The bounds of https for the page, each with its reason (I7).
const DAY_MS = 24 * 60 * 60_000;

export const TLS_LIMITS = {
  /** A phone in bad reach takes two seconds to greet; who takes longer keeps one of the page's connections from others. */
  handshakeMs: 10_000,
  /** How often files, addresses and the calendar are looked at: a renewed certificate is in use a minute later. */
  lookMs: 60_000,
  /** A phone keeps an authority until somebody takes it away; after ten years the box has another card anyway. */
  authorityMs: 3650 * DAY_MS,
  /** Browsers refuse what is valid for more than 398 days (CA/Browser Forum, Ballot SC31). One day of it lies in the past. */
  pageMs: 396 * DAY_MS,
  /** Phones' clocks go wrong by hours. */
  earlierMs: DAY_MS,
  /** Long before the end, since a box may be switched off for weeks. */
  renewMs: 30 * DAY_MS,
  /** Names and addresses in one certificate; a box with containers has a dozen addresses. */
  names: 32,
  /** Of the file with the authority, its key and comments that somebody added. */
  authorityBytes: 64 * 1024,
} as const;
