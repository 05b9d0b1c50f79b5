// The bounds of accounts, sessions, tokens and their journal, each with its reason (I7).

export const PEOPLE_LIMITS = {
  /** Sessions of one user: a phone, a computer and the association's tablet, each by both doors, several times over. Beyond it the longest unused ends. */
  sessionsPerUser: 20,
  /** A browser that was let in once is known this long: the volunteer who comes once a month still has a lane of their own. */
  knownBrowserS: 365 * 24 * 3600,
  /** Lanes in which wrong passphrases for one name are counted; names share them by a keyed hash, so that unknown names need no memory. */
  accountLanes: 512,
  /** What is shown once (a link, a token) can be looked at again by who made it, for so long and so many at once. */
  shownMs: 10 * 60_000,
  shown: 20,
  /** Entries of the journal: a year of an association's changes. For how long they are kept: core/change-journal.ts. */
  journalEntries: 5000,
  /** Bytes of journal.db: 5,000 entries of 200 bytes are 1 MB; beyond it nothing is noted, and nothing else stops. */
  journalBytes: 8 * 1024 * 1024,
  /** Characters of what an entry is about; ids have 63. */
  journalChars: 120,
  /** Entries on one page of the journal. */
  journalShown: 100,
  /** Failed logins of one address for one account are one entry within this; its number grows. */
  failuresMs: 3_600_000,
  /** Entries of failed logins in the journal, and those whose number still grows: of a box that is hammered from everywhere. */
  failures: 500,
  /** The journal is looked through for what is too old this often. */
  sweepMs: 3_600_000,
  /** Characters of a User-Agent that are looked at. */
  userAgentChars: 400,
} as const;
