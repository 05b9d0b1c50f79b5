// Messages to who looks after the kit, by e-mail or push: which there were, and trying them out. A part of the port core/commands.ts.

/** What may need a hand, as a message tells it: by kind and number, never which one. Most urgent first, as messages list them. */
export const TROUBLE_KINDS = [
  "camera-blind",
  "disk-full",
  "buffer-filling",
  "ledger-stuck",
  "platform-refuses",
  "platform-away",
  "site-broker-away",
  "sensor-opened",
  "camera-unreachable",
  "bridge-away",
  "sensor-silent",
  "lamp-fault",
  "camera-withheld",
  "battery-low",
  "clock-unsure",
  "certificate-ending",
  "login-hammered",
  "policy-announced",
] as const;
export type TroubleKind = (typeof TROUBLE_KINDS)[number];

/** Something that needs a hand now. `of`: which one, among those of its kind; it never stands in a message. */
export type Trouble = { readonly kind: TroubleKind; readonly of: string };

/** `lastedMs`: of the one that has lasted longest. */
export type TroubleGroup = { readonly kind: TroubleKind; readonly count: number; readonly lastedMs: number };

/** Why a message could not be handed over: each has a sentence and a next step in the languages. */
export const NOTICE_PROBLEMS = [
  "no-name",
  "no-route",
  "timeout",
  "cut",
  "no-tls",
  "certificate",
  "wrong-password",
  "password-wanted",
  "not-accepted",
  "not-now",
  "not-a-server",
  "secret",
  "redirected",
  "no-such-address",
  "refused",
  "server-error",
] as const;
export type NoticeProblem = (typeof NOTICE_PROBLEMS)[number];

export type NoticeWayKind = "email" | "ntfy" | "webhook";

/** `said`: what the other side said, shortened; null where it said nothing. For stewards alone: it may hold an address. */
export type NoticeFailure = { readonly problem: NoticeProblem; readonly said: string | null };

/**
 * One way to people. `id`: stable while its address stays. `host`: of the server. `waiting`: messages that could not be handed
 * over yet. `failure`: of the last attempt, null once one got through. Times are ISO 8601 UTC.
 */
export type NoticeWayView = {
  readonly id: string;
  readonly kind: NoticeWayKind;
  readonly host: string;
  readonly waiting: number;
  readonly lastSentAt: string | null;
  readonly failure: NoticeFailure | null;
};

/** A message that was made. `sent`, `waiting`: by how many ways it went, and by how many it still has to. */
export type NoticeView = {
  readonly at: string;
  readonly what: "needs-a-hand" | "all-well";
  readonly troubles: readonly TroubleGroup[];
  readonly sent: number;
  readonly waiting: number;
};

/** `messages`: the newest first. `paused`: by whom and since when; null while messages are made. */
export type NoticesView = {
  readonly paused: { readonly by: string; readonly at: string } | null;
  readonly ways: readonly NoticeWayView[];
  readonly messages: readonly NoticeView[];
};

/** `failure`: null where the message was accepted. */
export type NoticeTest = Pick<NoticeWayView, "id" | "kind" | "host"> & { readonly failure: NoticeFailure | null };

export type NoticesCommands = {
  notices(): NoticesView;
  /** Sends a test message by each way, now and once, and says what came of it. Throws USAGE where no way is set up; TOO_SOON while another test runs. */
  testNotices(stop: AbortSignal): Promise<readonly NoticeTest[]>;
  /** While paused no message is made; what still needs a hand afterwards is told then. */
  pauseNotices(ask: { readonly isPaused: boolean; readonly by: string }): Promise<void>;
};
