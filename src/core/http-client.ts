// The one door to outgoing HTTP: the sink and the cameras ask through it, and nothing else in the house can.
// Redirects are not followed: a signed batch, or a camera's password, goes to the address a person wrote and nowhere else.
import { Agent, type buildConnector, type Dispatcher, request } from "undici";
import { GatewayError, messageOf, systemCodeOf } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { connectPeer, type PeerFailure, type PeerTrust, type Resolve } from "./peer-check.ts";

/** `body` is sent with its length; `answerBytesMax` and `timeoutMs` (connecting to last byte) bound the whole exchange. */
export type HttpAsk = {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly answerBytesMax: number;
  readonly timeoutMs: number;
  /** Asked once the headers are there; without it the body is collected. */
  readonly bodyFate?: (head: HttpHead) => BodyFate;
};

/** `headers`: names in lower case, several of one name joined by commas. */
export type HttpHead = { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** What becomes of a body: `cut` does not wait for it. Where it is cut or taken, the outcome's body is empty. */
export type BodyFate = "collect" | "cut" | BodyTaker;

/** Takes the pieces as they come, each its own to zero, until it says "enough": then the connection is cut. What it throws, `ask` throws. */
export type BodyTaker = (piece: Buffer) => "more" | "enough";

/** What came of it. `body`: one buffer of its own, the caller's to keep or to zero. `hint`: where there is more to do than to wait. */
export type HttpOutcome =
  | (HttpHead & { readonly kind: "answer"; readonly body: Buffer })
  | { readonly kind: "failed"; readonly how: HttpFailure; readonly why: string; readonly hint?: string };

/**
 * `untrusted`: the certificate does not convince. `refused`: the name leads where we do not go. `broken`: the connection ended
 * in the middle. `stopped`: by our own signal.
 */
export type HttpFailure = PeerFailure["how"] | "broken" | "too-large";

export type HttpClient = AsyncDisposable & {
  /** Any number of calls may overlap. Never throws for what a network or a server does; throws TypeError for an ill-formed ask, and what a taker throws. */
  ask(ask: HttpAsk, stop: AbortSignal): Promise<HttpOutcome>;
};

/**
 * Opens a client with its own connections. `ca`: PEM of a private authority, believed instead of the public ones.
 * `peer`: connects as core/peer-check.ts does, anew for each ask, to what stands in the site's own network; it has its own `ca`.
 * `connections`: at once per host. Closing aborts what is in flight.
 */
export function openHttpClient({
  ca,
  peer,
  connections = 2,
  connectTimeoutMs,
}: {
  ca?: string | undefined;
  peer?: PeerTrust & { readonly resolve?: Resolve | undefined };
  connections?: number;
  connectTimeoutMs: number;
}): HttpClient {
  const closing = new AbortController();
  const agent = new Agent({
    connections,
    pipelining: 1,
    ...(peer !== undefined && { maxHeaderSize: LIMITS.cameraHeaderBytes }),
    connect:
      peer === undefined
        ? { timeout: connectTimeoutMs, ...(ca !== undefined && { ca }) }
        : peerConnector({ ...peer, connectMs: connectTimeoutMs }, closing.signal),
  });
  return {
    // Cameras close kept connections without a word, also right after a 401: then the next ask would break.
    ask: (ask, stop) => exchange({ agent, ask, isKept: peer === undefined }, stop),
    [Symbol.asyncDispose]: () => {
      closing.abort();
      return agent.destroyed ? Promise.resolve() : agent.destroy();
    },
  };
}

class PeerFailed extends Error {
  readonly failure: PeerFailure;

  constructor(failure: PeerFailure) {
    super(failure.why);
    this.failure = failure;
  }
}

function peerConnector(
  { resolve, connectMs, ...trust }: PeerTrust & { readonly resolve?: Resolve | undefined; readonly connectMs: number },
  closing: AbortSignal,
): buildConnector.connector {
  return ({ hostname, port, protocol }, done) => {
    const isTls = protocol === "https:";
    const peer = { host: hostname, port: Number(port || (isTls ? 443 : 80)), trust: isTls ? trust : null };
    connectPeer({ ...peer, connectMs, resolve }, closing).then(
      (outcome) => {
        if (outcome.kind === "failed") done(new PeerFailed(outcome), null);
        else done(null, outcome.socket.setNoDelay(true));
      },
      (thrown: unknown) => done(thrown instanceof Error ? thrown : new Error(messageOf(thrown)), null),
    );
  };
}

async function exchange(
  { agent, ask, isKept }: { agent: Agent; ask: HttpAsk; isKept: boolean },
  stop: AbortSignal,
): Promise<HttpOutcome> {
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
      ...(!isKept && { reset: true }),
      // undici's own timers tick once a second; the signal is exact and covers the whole exchange.
      headersTimeout: ask.timeoutMs,
      bodyTimeout: ask.timeoutMs,
      signal: AbortSignal.any([stop, timeout.signal]),
    });
    const head = { status: answer.statusCode, headers: flatten(answer.headers) };
    const fate = ask.bodyFate?.(head) ?? "collect";
    const body = await readBounded(answer.body, { bytesMax: ask.answerBytesMax, fate });
    if (body === null)
      return { kind: "failed", how: "too-large", why: `the answer is larger than ${ask.answerBytesMax} bytes` };
    return { kind: "answer", ...head, body };
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    if (systemCodeOf(thrown) === "UND_ERR_INVALID_ARG") throw new TypeError(messageOf(thrown), { cause: thrown });
    if (stop.aborted) return { kind: "failed", how: "stopped", why: "stopped" };
    if (timeout.signal.aborted) return { kind: "failed", how: "timeout", why: `no answer within ${ask.timeoutMs} ms` };
    return thrown instanceof PeerFailed ? thrown.failure : classify(thrown);
  } finally {
    clearTimeout(timer);
  }
}

/** All of it in one buffer, or null (and the connection cut) beyond the bound. The pieces are zeroed: they may be a camera's pixels (I1). */
async function readBounded(
  body: Dispatcher.ResponseData["body"],
  { bytesMax, fate }: { readonly bytesMax: number; readonly fate: BodyFate },
): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    if (fate === "cut") return Buffer.alloc(0);
    for await (const piece of body.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(piece)) throw new TypeError("an answer's body comes in buffers");
      pieces.push(piece);
      size += piece.length;
      if (size > bytesMax) return null;
      if (fate === "collect") continue;
      pieces.pop();
      if (fate(piece) === "enough") return Buffer.alloc(0);
    }
    const whole = Buffer.alloc(fate === "collect" ? size : 0);
    let at = 0;
    for (const piece of pieces) at += piece.copy(whole, at);
    return whole;
  } finally {
    for (const piece of pieces) piece.fill(0);
    // The cut is our own; what else went wrong was thrown in the loop.
    body.on("error", () => undefined);
    zeroUnread(body);
    body.destroy();
  }
}

/** What came and was not asked for any more. */
function zeroUnread(body: Dispatcher.ResponseData["body"]): void {
  for (let bytes = body.readableLength; bytes > 0; bytes = body.readableLength) {
    const piece: unknown = body.read();
    if (!Buffer.isBuffer(piece)) return;
    piece.fill(0);
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
