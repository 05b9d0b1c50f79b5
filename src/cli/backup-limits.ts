// The bounds of a backup, each with its reason (I7).

export const BACKUP_LIMITS = {
  /** A registry of 10,000 devices has 5 MB; with papers and lists of years it stays well below. */
  fileBytes: 32 * 1024 * 1024,
  /** All of it, unpacked: what a Pi with 512 MB still holds twice. */
  bytes: 96 * 1024 * 1024,
  /** Of the settings' files beside the three: secrets of platforms, brokers and cameras. */
  settingsFiles: 300,
  /** Readings until two in a row are the same: only a change of keys takes more than one. */
  tries: 5,
  /** Of what is kept of the policy's standing: two policies as JSON, at most. */
  standingChars: 4 * 1024 * 1024,
  /** Of a passphrase's file. */
  passphraseBytes: 4096,
  /**
   * A restored gateway counts on from a whole million, and leaves out one more for each ten minutes since its backup (1,600 events
   * a second, for all that time): so neither what it made after the backup nor what an earlier restore made has the same number,
   * and a hole of that form is known for what it is. Numbers have twelve digits, by which platforms sort: a backup of 19 years.
   */
  sequenceStep: 1_000_000,
  sequenceStepMs: 10 * 60_000,
} as const;

/** 64 MiB and two passes: twice as long as for a login, since a stolen file can be tried at leisure. A Pi takes a second. */
export const BACKUP_COST = { N: 2 ** 16, r: 8, p: 2, maxmem: 128 * 1024 * 1024 } as const;
