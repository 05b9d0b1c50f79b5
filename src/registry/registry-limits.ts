// The bounds of the registry, each with its reason (I7).

export const REGISTRY_LIMITS = {
  /** Accounts of the local page: the registry is written whole with each change, and no association has more who look after one box. */
  accounts: 50,
  /** A made passphrase: groups of letters. 16 of 22 letters are 71 bits, out of reach for guessing where each guess costs 0.3 s. */
  passphraseGroups: 4,
  passphraseGroupLetters: 4,
} as const;
