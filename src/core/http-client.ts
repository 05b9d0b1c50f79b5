// The one door to outgoing HTTP: the sink and the cameras ask through it, and nothing else in the house can.
// Redirects are not followed: a signed batch, or a camera's password, goes to the address a person wrote and nowhere else.
import { Agent, type Dispatcher, request } from "undici";
import { messageOf, systemCodeOf } from "./errors.ts";

/** `body` is sent with its length; `answerBytesMax` and `timeoutMs` (connecting to last byte) bound the whole exchange. */
export type HttpAsk = {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly answerBytesMax: number;
  readonly timeoutMs: number;
};

/** What came of it. `headers`: names in lower case. `body`: one buffer of its own, the caller's to keep or to zero. */
export type HttpOutcome =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
    }
  | { readonly kind: "failed"; readonly how: HttpFailure; readonly why: string };

/** `untrusted`: the certificate does not convince. `broken`: the connection ended in the middle. `stopped`: by our own signal. */
export type HttpFailure = "unreachable" | "untrusted" | "timeout" | "broken" | "too-large" | "stopped";

export type HttpClient = AsyncDisposable & {
  /** Any number of calls may overlap. Never throws for what a network or a server does; throws TypeError for an ill-formed ask. */
  ask(ask: HttpAsk, stop: AbortSignal): Promise<HttpOutcome>;
};

/**
 * Opens a client with its own connections. `ca`: PEM of a private authority, believed instead of the public ones.
 * `connections`: at once per host. Closing aborts what is in flight.
 */
export function openHttpClient({
  ca,
  connections = 2,
  connectTimeoutMs,
}: {
  ca?: string | undefined;
  connections?: number;
  connectTimeoutMs: number;
}): HttpClient {
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: { timeout: connectTimeoutMs, ...(ca !== undefined && { ca }) },
  });
  return {
    ask: (ask, stop) => exchange({ agent, ask, stop }),
    [Symbol.asyncDispose]: () => (agent.destroyed ? Promise.resolve() : agent.destroy()),
  };
}

async function exchange({ agent, ask, stop }: { agent: Agent; ask: HttpAsk; stop: AbortSignal }): Promise<HttpOutcome> {
  const url = new URL(ask.url);
  // A timer of our own, cleared below: AbortSignal.timeout would live on for its whole time after each answer.
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ask.timeoutMs);
  try {
    const answer = await request(url, {
      method: ask.method,
      dispatcher: agent,
      headers: { ...ask.headers },
      body: ask.body ?? null,
      // undici's own timers tick once a second; the signal is exact and covers the whole exchange.
      headersTimeout: ask.timeoutMs,
      bodyTimeout: ask.timeoutMs,
      signal: AbortSignal.any([stop, timeout.signal]),
    });
    const body = await readBounded(answer.body, ask.answerBytesMax);
    if (body === null)
      return { kind: "failed", how: "too-large", why: `the answer is larger than ${ask.answerBytesMax} bytes` };
    return { kind: "answer", status: answer.statusCode, headers: flatten(answer.headers), body };
  } catch (thrown) {
    if (systemCodeOf(thrown) === "UND_ERR_INVALID_ARG") throw new TypeError(messageOf(thrown), { cause: thrown });
    if (stop.aborted) return { kind: "failed", how: "stopped", why: "stopped" };
    if (timeout.signal.aborted) return { kind: "failed", how: "timeout", why: `no answer within ${ask.timeoutMs} ms` };
    return classify(thrown);
  } finally {
    clearTimeout(timer);
  }
}

/** All of it in one buffer, or null (and the connection cut) beyond the bound. The pieces are zeroed: they may be a camera's pixels (I1). */
async function readBounded(body: Dispatcher.ResponseData["body"], bytesMax: number): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body) {
      if (!Buffer.isBuffer(piece)) throw new TypeError("an answer's body comes in buffers");
      pieces.push(piece);
      size += piece.length;
      if (size > bytesMax) return null;
    }
    const whole = Buffer.alloc(size);
    let at = 0;
    for (const piece of pieces) at += piece.copy(whole, at);
    return whole;
  } finally {
    for (const piece of pieces) piece.fill(0);
    body.destroy();
  }
}

function flatten(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
]);
const TIMEOUTS = new Set(["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"]);

/** The sentence names the code and never the address: it is shown on the page and may be logged. */
function classify(thrown: unknown): HttpOutcome {
  const code = systemCodeOf(thrown) ?? (thrown instanceof Error ? thrown.name : "unknown");
  if (UNREACHABLE.has(code)) return { kind: "failed", how: "unreachable", why: `cannot be reached (${code})` };
  if (TIMEOUTS.has(code)) return { kind: "failed", how: "timeout", why: `did not answer in time (${code})` };
  // OpenSSL's verification results (man openssl-verification-options) and Node's host name check all carry one of these.
  if (/CERT|SELF_SIGNED|LEAF_SIGNATURE|HOSTNAME/.test(code))
    return { kind: "failed", how: "untrusted", why: `its certificate is not trusted (${code})` };
  return { kind: "failed", how: "broken", why: `the connection broke (${code})` };
}
