// What the page gives of the ledger at once, each with its reason (I7).

export const LOCAL_LEDGER = {
  /** Lines in one answer, 20 MB at most by rule of thumb; who wants more asks on from there. */
  linesAtOnce: 20_000,
  /** Exports that are written at once: each reads the card while sensors wait for it. */
  exportsAtOnce: 2,
  /** One export, from asking to its last byte: 20 MB at 70 kB/s, a phone at the edge of the Wi-Fi. */
  exportMs: 5 * 60_000,
  /** Written in one go: some hundred lines, read in a few milliseconds. */
  chunkChars: 64 * 1024,
} as const;
