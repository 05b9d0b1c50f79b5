// Every bound of the ledger, each with the reason for its size (I7).

export const LEDGER_LIMITS = {
  /** Lines kept: ten cameras at 25 pictures a day make 250, so these are eleven years; a line without body takes 130 bytes. */
  lines: 1_000_000,
  /** Of them, those whose receipt, tombstone or lamp command is kept whole: the newest 800 days at that rate, 0.9 kB each. */
  bodies: 200_000,
  /** Lines that lose their body, or go, in one step, one each second: 20 ms were measured, and sensors wait for it. */
  trimLines: 1000,
  /** ledger.db gives up its oldest bodies from this size on, whatever their number: a fifth of the smallest card that is sold. */
  databaseBytes: 384 * 1024 * 1024,
  /** And never grows beyond this. Between the two lies room for a year of receipts, so that no picture is withheld meanwhile. */
  databaseBytesMax: 512 * 1024 * 1024,
  /** One line's body; a tombstone of 500 scattered sequences has 9 kB. */
  bodyBytes: 16 * 1024,
  /** Notes carried from the spool in one transaction; an outage that ends makes 345 tombstones a day. */
  notesAtOnce: 200,
  /** Notes that wait in the spool while the ledger cannot be written: a month of that outage. The oldest give way, counted. */
  notesWaiting: 10_000,
  /** The newest lines that are looked through at each start. */
  linesChecked: 200,
  /** After a crash the whole file is looked through up to this size; SQLite reads 40 MB a second from a slow card. */
  fileCheckedBytes: 64 * 1024 * 1024,
  /** Damaged ledgers kept aside for a person to look at; the last name is overwritten. */
  damagedKept: 9,
  /** Rows read in one go while an export is written: a few milliseconds. */
  rowsAtOnce: 200,
  /** One line of an exported file, its body written as a JSON string. */
  exportLineBytes: 64 * 1024,
  /** ledger.head, and a file with one head. */
  headBytes: 16 * 1024,
} as const;
