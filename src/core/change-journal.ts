// The journal of logins and changes: the port by which the rooms note who did what. It never throws and never waits.

/** For how long an entry is kept, and from when on its address is cut short to the network: until then one can tell who it was in the house. In days. */
export const JOURNAL_KEPT = { days: 90, addressDays: 7 } as const;

/** What was done, as a word of the journal; the pages have a sentence for each (`journal.did-…`). */
export const JOURNAL_WORDS = [
  "login",
  "login-failed",
  "logout",
  "session-ended",
  "set-up",
  "account-added",
  "account-removed",
  "account-role",
  "account-joined",
  "passphrase-changed",
  "passphrase-link",
  "passphrase-renewed",
  "invitation-made",
  "invitation-revoked",
  "token-made",
  "token-removed",
  "device-added",
  "device-changed",
  "device-login",
  "device-removed",
  "device-paused",
  "device-resumed",
  "lamp-switched",
  "camera-changed",
  "camera-removed",
  "camera-paused",
  "camera-resumed",
  "camera-looked",
  "policy-changed",
  "policy-approved",
  "settings-changed",
  "buffer-sent",
  "notice-tried",
  "erased",
  "disclosed",
  "exported",
  "changed",
] as const;

export type JournalWord = (typeof JOURNAL_WORDS)[number];

/**
 * `by`: a user's name; null: nobody who has an account. `about`: an id, such as of a device; never a payload, a passphrase or
 * what stands in a one-time link. `address`: where it came from; absent: this machine itself.
 */
export type JournalNote = {
  readonly what: JournalWord;
  readonly by: string | null;
  readonly about?: string;
  readonly address?: string;
};

export type ChangeJournal = { note(noted: JournalNote): void };
