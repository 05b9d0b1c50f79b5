// Bounds of what goes out: the gateway's keys, the way to the platform through a proxy, and what comes before an answer.

export const OUTGOING_LIMITS = {
  /** An ed25519 key as PEM has 119 bytes; with comments before it a few hundred. */
  keyBytes: 16 * 1024,
  /** Keys of before: one a month makes 83 years of receipts that stay verifiable; each takes some 150 bytes of JSON. */
  retiredKeys: 1000,
  retiredKeysBytes: 512 * 1024,
  /** A proxy's answer to CONNECT, as long as it is looked at; a refusal's page of HTML begins after some 500 bytes. */
  proxyHeadBytes: 16 * 1024,
  /** Interim answers (1xx) before the answer: most servers send none, some one a second while they think. Each is work, and the body's bound does not count them. */
  interimAnswers: 64,
} as const;
