// The bounds of the registry, each with its reason (I7).

export const REGISTRY_LIMITS = {
  /** Accounts of the local page: the registry is written whole with each change, and no association has more who look after one box. */
  accounts: 50,
  /** Invitations that are open: one for each account there could be. */
  invitations: 50,
  /** An invitation, or a link for a new passphrase, works this long: sent on Friday, opened on Sunday. */
  invitationMs: 48 * 3_600_000,
  /** When a token was last used is written this often at most: each writing wears the SD card. */
  tokenUsedMs: 3_600_000,
  /** Characters of a token's name, such as Home Assistant. */
  tokenNameChars: 80,
  /** Programs that read or switch by the API; a house with Home Assistant, Prometheus and two scripts has four. */
  tokens: 20,
  /** A made passphrase: groups of letters. 16 of 22 letters are 71 bits, out of reach for guessing where each guess costs 0.3 s. */
  passphraseGroups: 4,
  passphraseGroupLetters: 4,
} as const;
