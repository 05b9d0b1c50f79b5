// Messages to an address on the web: a topic of an ntfy server, or JSON to a webhook, signed as Standard Webhooks has it (the
// gateway's key, as what goes to the platform). Redirects are not followed: the token goes where a person wrote.
import { createHash } from "node:crypto";
import { type HttpOutcome, openHttpClient } from "../core/http-client.ts";
import type { NoticeFailure, NoticeProblem } from "../core/notices-commands.ts";
import type { GatewaySettings } from "../settings/schema.ts";
import { NOTICES_LIMITS } from "./notices-limits.ts";
import { failed, type Message, type Way } from "./way.ts";

type PushSettings = GatewaySettings["notices"]["push"][number];

/** Gives the three `webhook-*` headers. */
export type Sign = (message: {
  readonly id: string;
  readonly timestampS: number;
  readonly content: string;
}) => Readonly<Record<string, string>>;

/** `readSecret`: asked at each message, so that a token that was changed counts at once. `nowMs`: of the signature, which ages. */
type Needs = {
  readonly settings: PushSettings;
  readonly readSecret: (path: string) => Promise<string>;
  readonly sign: Sign;
  readonly nowMs: () => number;
  readonly limits: { readonly attemptMs: number; readonly connectMs: number };
};

export function pushWay({ settings, readSecret, sign, nowMs, limits }: Needs): Way {
  const { kind, url, tokenFile, caFile } = settings;
  return {
    id: `${kind}-${createHash("sha256").update(url).digest("hex").slice(0, 12)}`,
    kind,
    host: new URL(url).host,
    async send(message, stop) {
      let token: string | undefined;
      let ca: string | undefined;
      try {
        token = tokenFile === undefined ? undefined : await readSecret(tokenFile);
        ca = caFile === undefined ? undefined : await readSecret(caFile);
      } catch {
        return failed({ problem: "secret", said: null }); // the file's name is for `hedgerow check`, which says it
      }
      const content = kind === "ntfy" ? message.text : webhookBody(message);
      const signed = (): Readonly<Record<string, string>> =>
        sign({ id: message.id, timestampS: Math.floor(nowMs() / 1000), content });
      const headers = {
        ...(kind === "ntfy" ? ntfyHeaders(message) : { "content-type": "application/json", ...signed() }),
        "accept-encoding": "identity",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      };
      const { attemptMs, connectMs } = limits;
      await using http = openHttpClient({ ca, connections: 1, connectTimeoutMs: connectMs });
      const bounds = { timeoutMs: attemptMs, answerBytesMax: NOTICES_LIMITS.answerBytes };
      const failure = failureOf(
        await askOnce(() => http.ask({ method: "POST", url, headers, body: content, ...bounds }, stop)),
      );
      return { isSent: failure === null, failure };
    },
  };
}

/** A token that no header can hold is no token. */
async function askOnce(ask: () => Promise<HttpOutcome>): Promise<HttpOutcome | "ill"> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof TypeError) return "ill";
    throw thrown;
  }
}

/** [docs.ntfy.sh/publish]: headers beyond ASCII are written as RFC 2047 has it. */
function ntfyHeaders({ subject, what, page }: Message): Readonly<Record<string, string>> {
  const title = `=?UTF-8?B?${Buffer.from(subject, "utf8").toString("base64")}?=`;
  return {
    "content-type": "text/plain; charset=utf-8",
    title,
    tags: { "needs-a-hand": "warning", "all-well": "white_check_mark", test: "wave" }[what],
    ...(page !== null && { click: page }),
  };
}

function webhookBody({ atMs, what, troubles, subject, text, page }: Message): string {
  const said = troubles.map(({ kind, count, lastedMs }) => ({ kind, count, minutes: Math.floor(lastedMs / 60_000) }));
  const data = { state: what, troubles: said, title: subject, text, page };
  return JSON.stringify({ type: "hedgerow.notice.v1", timestamp: new Date(atMs).toISOString(), data });
}

function failureOf(outcome: HttpOutcome | "ill"): NoticeFailure | null {
  if (outcome === "ill") return { problem: "secret", said: null };
  if (outcome.kind === "failed") return { problem: problemOf(outcome), said: outcome.why };
  const { status, body } = outcome;
  if (status >= 200 && status < 300) return null;
  const words = body.toString("utf8").replaceAll(/\s+/g, " ").trim();
  return { problem: problemOfStatus(status), said: `${status} ${words}`.trim().slice(0, NOTICES_LIMITS.saidChars) };
}

function problemOf({ how, why }: Extract<HttpOutcome, { kind: "failed" }>): NoticeProblem {
  switch (how) {
    case "unreachable":
    case "refused":
      return /ENOTFOUND|EAI_AGAIN/.test(why) ? "no-name" : "no-route";
    case "timeout":
      return "timeout";
    case "untrusted":
      return "certificate";
    case "too-large":
      return "not-a-server";
    case "broken":
    case "stopped":
      return "cut";
  }
}

function problemOfStatus(status: number): NoticeProblem {
  if (status >= 300 && status < 400) return "redirected";
  if (status === 401 || status === 403) return "refused";
  if (status === 404 || status === 410) return "no-such-address";
  if (status === 408 || status === 425 || status === 429) return "not-now";
  return status >= 500 ? "server-error" : "not-accepted";
}
