// The bounds of the forms of messages, each with its reason (I7), and the example that they show.

export const NOTICES_FORM_LIMITS = {
  /** A host's name, a mailbox, a password: the longest that mail knows has 254. */
  textChars: 256,
  /** Mailboxes with commas between: as many as gateway.yaml takes, of ordinary length. */
  listChars: 2000,
  urlChars: 2048,
  /** Push addresses, as settings/notices-schema.ts takes them. */
  pushes: 4,
} as const;

/** A mail server, in help and refusals: what is written to machines is the same in every language. */
export const HOST_EXAMPLE = "mail.example.org";
