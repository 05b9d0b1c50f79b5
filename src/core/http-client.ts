// The one door to outgoing HTTP: the sink and the cameras ask through it, and nothing else in the house can.
// Redirects are not followed: a signed batch, or a camera's password, goes to the address a person wrote and nowhere else.
import { Agent, type buildConnector } from "undici";
import { GatewayError, messageOf, systemCodeOf } from "./errors.ts";
import { AnswerReading, type BodyRule, type HttpAnswer, type TooLarge } from "./http-answer.ts";
import { LIMITS } from "./limits.ts";
import { connectPeer, type PeerFailure, type PeerTrust, type Resolve } from "./peer-check.ts";

/** `body` is sent with its length; `timeoutMs` bounds the whole exchange, connecting to last byte. */
export type HttpAsk = {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly timeoutMs: number;
} & BodyRule;

/** What came of it. `body`: one buffer of its own, the caller's to keep or to zero. `hint`: where there is more to do than to wait. */
export type HttpOutcome =
  | HttpAnswer
  | { readonly kind: "failed"; readonly how: HttpFailure; readonly why: string; readonly hint?: string };

/**
 * `untrusted`: the certificate does not convince. `refused`: the name leads where we do not go. `broken`: the connection ended
 * in the middle. `stopped`: by our own signal.
 */
export type HttpFailure = PeerFailure["how"] | TooLarge["how"] | "broken";

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
  const { origin, pathname, search } = new URL(ask.url);
  const reading = new AnswerReading(ask);
  // A timer of our own, cleared below: AbortSignal.timeout would live on for its whole time after each answer.
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ask.timeoutMs);
  const ends = AbortSignal.any([stop, timeout.signal]);
  const end = (): void => reading.fail(new Error("ended by us"));
  ends.addEventListener("abort", end);
  try {
    stop.throwIfAborted();
    const { method, body = null } = ask;
    // undici's own timers tick once a second; ours is exact and covers the whole exchange.
    const within = { headersTimeout: ask.timeoutMs, bodyTimeout: ask.timeoutMs };
    const how = { origin, path: `${pathname}${search}`, method, headers: { ...ask.headers }, body, ...within };
    agent.dispatch({ ...how, ...(!isKept && { reset: true }) }, reading);
    return await reading.outcome;
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    if (systemCodeOf(thrown) === "UND_ERR_INVALID_ARG") throw new TypeError(messageOf(thrown), { cause: thrown });
    if (stop.aborted) return { kind: "failed", how: "stopped", why: "stopped" };
    if (timeout.signal.aborted) return { kind: "failed", how: "timeout", why: `no answer within ${ask.timeoutMs} ms` };
    return thrown instanceof PeerFailed ? thrown.failure : classify(thrown);
  } finally {
    clearTimeout(timer);
    ends.removeEventListener("abort", end);
  }
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
