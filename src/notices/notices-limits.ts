// The bounds of messages to who looks after the kit, each with its reason (I7).

export const NOTICES_LIMITS = {
  /** From one look at what needs a hand to the next: minutes are what messages speak of. */
  tickMs: 10_000,
  /** What ripens within so long of the first goes into the same message: a router that fails takes several things along. */
  gatherMs: 30_000,
  /** What needs a hand is over once it was well for so long: else a sensor at the edge of its reach makes a message an hour. */
  calmMs: 15 * 60_000,
  /** What has not ripened is written down so seldom: each write wears the SD card. */
  keepMs: 5 * 60_000,
  /** Things that need a hand and are told apart; a kit of a thousand devices whose line breaks is one message all the same. */
  troubles: 500,
  /** Messages that wait for one way while the line is down: more says nothing that the newest does not say. */
  waiting: 5,
  /** For how long a message waits: after that it is no news. */
  waitMs: 3 * 24 * 60 * 60_000,
  /** A message that leaves later than this says when it is from. */
  lateMs: 10 * 60_000,
  /** Messages shown on the page. */
  shown: 20,
  /** Between attempts at a way that fails; the longest also where trying again changes little, such as after a wrong password. */
  retryMinMs: 60_000,
  retryMaxMs: 60 * 60_000,
  /** A certificate that ends within so long is told: time to get another one, also over the holidays. */
  certificateMs: 14 * 24 * 60 * 60_000,
  /** From one look at the certificates' files to the next. */
  certificateLookMs: 60 * 60_000,
  /** Wrong logins within loginsMs that no forgetful person makes: the door lets some dozens an hour try. */
  wrongLogins: 30,
  loginsMs: 60 * 60_000,
  /** One attempt, from looking up the name to the last answer: mail servers that delay on purpose take up to half a minute. */
  attemptMs: 60_000,
  /** To connect, and to hear the first word; within attemptMs. */
  connectMs: 20_000,
  /** What a mail server may say at once, and a push server answer: some hundred bytes in practice. */
  answerBytes: 64 * 1024,
  /** What is shown of the other side's words. */
  saidChars: 200,
} as const;

/** Others in tests. */
export type NoticesLimits = { readonly [Name in keyof typeof NOTICES_LIMITS]: number };
