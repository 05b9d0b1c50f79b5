// The door to outgoing e-mail: one message to the mail server that gateway.yaml names (SMTP submission, RFC 6409), by TLS unless
// the settings say `none`. A connection for each message: there are a few a day.
import type { SendMailOptions } from "nodemailer";
import type { NoticeFailure, NoticeProblem } from "../core/notices-commands.ts";
import type { GatewaySettings } from "../settings/schema.ts";
import { NOTICES_LIMITS } from "./notices-limits.ts";
import { failed, type Handed, type Message, type Way } from "./way.ts";

type EmailSettings = NonNullable<GatewaySettings["notices"]["email"]>;

/** `readSecret`: asked at each message, so that a password that was changed counts at once. */
type Needs = {
  readonly settings: EmailSettings;
  readonly readSecret: (path: string) => Promise<string>;
  readonly limits: { readonly attemptMs: number; readonly connectMs: number };
};

/** What nodemailer says beside the message of an error. */
type SmtpFault = {
  readonly code: string;
  readonly cause: string;
  readonly responseCode: number;
  readonly response: string;
};

export function emailWay({ settings, readSecret, limits }: Needs): Way {
  return {
    id: "email",
    kind: "email",
    host: settings.host,
    async send(message, stop) {
      const read = async (path: string | undefined): Promise<string | undefined> =>
        path === undefined ? undefined : await readSecret(path);
      let secrets: readonly (string | undefined)[];
      try {
        secrets = await Promise.all([settings.usernameFile, settings.passwordFile, settings.caFile].map(read));
      } catch {
        return failed({ problem: "secret", said: null }); // the file's name is for `hedgerow check`, which says it
      }
      const [user, pass, ca] = secrets;
      return await submit({ settings, user, pass, ca, message, limits }, stop);
    },
  };
}

type Submission = Pick<Needs, "settings" | "limits"> & {
  readonly user: string | undefined;
  readonly pass: string | undefined;
  readonly ca: string | undefined;
  readonly message: Message;
};

async function submit({ settings, user, pass, ca, message, limits }: Submission, stop: AbortSignal): Promise<Handed> {
  const { host, port, security, from, to } = settings;
  const { attemptMs, connectMs } = limits;
  const ends = AbortSignal.any([stop, AbortSignal.timeout(attemptMs)]);
  // Loaded with the first message: few houses send any, and it costs each start memory and time.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    // Encrypted or not at all: a server that offers no STARTTLS, or somebody between who hides it, gets neither login nor words.
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    // Said here, since Node's own checks can be lowered from outside (NODE_OPTIONS, NODE_TLS_REJECT_UNAUTHORIZED).
    tls: { minVersion: "TLSv1.2", rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    ...(user !== undefined && { auth: { user, pass: pass ?? "" } }),
    // Else it would be this machine's name [RFC 5321 §4.1.3].
    name: "[127.0.0.1]",
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: attemptMs,
    socketCloseTimeout: 0,
    maxResponseSize: NOTICES_LIMITS.answerBytes,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { rejected, rejectedErrors = [] } = await transport.sendMail({
      ...mailOf(message, { from, to }),
      signal: ends,
    });
    if (rejected.length === 0) return { isSent: true, failure: null };
    return { isSent: true, failure: failureOf(faultIn(rejectedErrors[0])) };
  } catch (thrown) {
    if (stop.aborted) return failed({ problem: "cut", said: null });
    return failed(ends.aborted ? { problem: "timeout", said: null } : failureOf(faultIn(thrown)));
  } finally {
    transport.close();
  }
}

/** Plain text alone. `Auto-Submitted` keeps absence notes from being sent back [RFC 3834]; the Message-ID is the same for the same message, and names no machine of the house. */
function mailOf(
  { id, subject, text, atMs }: Message,
  { from, to }: Pick<EmailSettings, "from" | "to">,
): SendMailOptions {
  const domain = from.slice(from.indexOf("@") + 1);
  return {
    from: { name: "Hedgerow", address: from },
    to: [...to],
    subject,
    text,
    textEncoding: "quoted-printable",
    date: new Date(atMs),
    messageId: `<${id}@${domain}>`,
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
  };
}

function faultIn(thrown: unknown): SmtpFault {
  const fields: ReadonlyMap<string, unknown> = new Map(
    typeof thrown === "object" && thrown !== null ? Object.entries(thrown) : [],
  );
  const text = (name: string): string => {
    const value = fields.get(name);
    return typeof value === "string" ? value : "";
  };
  const responseCode = fields.get("responseCode");
  return {
    code: text("code"),
    cause: `${text("originalCode")} ${thrown instanceof Error ? thrown.message : ""}`,
    responseCode: typeof responseCode === "number" ? responseCode : 0,
    response: text("response"),
  };
}

function failureOf({ code, cause, responseCode, response }: SmtpFault): NoticeFailure {
  const said = response === "" ? null : response.replaceAll(/\s+/g, " ").slice(0, NOTICES_LIMITS.saidChars);
  return { problem: problemOf({ code, cause, responseCode }), said };
}

/** nodemailer's own codes first, then what the server answered [RFC 5321 §4.2.1, RFC 4954 §6]. */
function problemOf({ code, cause, responseCode }: Omit<SmtpFault, "response">): NoticeProblem {
  // Refused, or never offered: what a server answers to STARTTLS, or to a login before it.
  if (code === "ETLS" && responseCode > 0) return "no-tls";
  if (responseCode === 530 || responseCode === 538) return "password-wanted";
  if (code === "EAUTH") return responseCode >= 400 && responseCode < 500 ? "not-now" : "wrong-password";
  if (responseCode >= 500) return "not-accepted";
  if (responseCode >= 400) return "not-now";
  if (/CERT|ALTNAME|SELF_SIGNED|UNABLE_TO|certificate|ISSUER|altnames/i.test(cause)) return "certificate";
  if (code === "EDNS" || /ENOTFOUND|EAI_AGAIN/.test(cause)) return "no-name";
  if (code === "ETIMEDOUT" || /ETIMEDOUT/.test(cause)) return "timeout";
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/.test(cause)) return "no-route";
  if (code === "ETLS" || /SSL|TLS|wrong version/i.test(cause)) return "no-tls";
  if (code === "EPROTOCOL") return "not-a-server";
  return "cut";
}
