// The one door to outgoing HTTP: the sink and the cameras ask through it, and nothing else in the house can.
// Redirects are not followed: a signed batch, or a camera's password, goes to the address a person wrote and nowhere else.
import { Duplex } from "node:stream";
import { Agent, buildConnector } from "undici";
import { GatewayError, messageOf, systemCodeOf } from "./errors.ts";
import { AnswerReading, type BodyRule, type HttpAnswer } from "./http-answer.ts";
import { ConnectFailed, type Failed, failureOf } from "./http-failure.ts";
import { LIMITS } from "./limits.ts";
import { connectPeer, type PeerTrust, type Resolve } from "./peer-check.ts";
import { tunnelThrough } from "./proxy-tunnel.ts";

/** `body` is sent with its length; `timeoutMs` bounds the whole exchange, connecting to last byte. */
export type HttpAsk = {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly timeoutMs: number;
} & BodyRule;

/** What came of it. `body`: one buffer of its own, the caller's to keep or to zero. */
export type HttpOutcome = HttpAnswer | Failed;

export type HttpClient = AsyncDisposable & {
  /** Any number of calls may overlap. Never throws for what a network or a server does; throws TypeError for an ill-formed ask, and what a taker throws. */
  ask(ask: HttpAsk, stop: AbortSignal): Promise<HttpOutcome>;
};

/**
 * What connections are opened with, all PEM. `ca`: a private authority, believed instead of the public ones, by an https proxy's
 * connection too; `crl`: its revocation lists. `cert`, `key`: our own certificate. `proxyLogin`: user:password.
 */
export type HttpCredentials = {
  readonly ca?: string | undefined;
  readonly crl?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly proxyLogin?: string | undefined;
};

type Needs = {
  readonly ca?: string | undefined;
  readonly credentials?: () => Promise<HttpCredentials>;
  readonly proxy?: string | undefined;
  readonly peer?: PeerTrust & { readonly resolve?: Resolve | undefined };
  readonly connections?: number;
  readonly connectTimeoutMs: number;
};

/**
 * Opens a client with its own connections. `ca`: PEM of a private authority, believed instead of the public ones.
 * `credentials`: asked for before each question, in place of `ca`; where they are another object than before, new connections
 * are made. `proxy`: its address; everything goes through tunnels that it makes.
 * `peer`: connects as core/peer-check.ts does, anew for each ask, to what stands in the site's own network; it has its own `ca`.
 * `connections`: at once per host. Closing aborts what is in flight.
 */
export function openHttpClient(needs: Needs): HttpClient {
  const { ca, peer } = needs;
  const fixed = { ca };
  const credentials = needs.credentials ?? (async () => fixed);
  const closing = new AbortController();
  const ending = new Set<Agent>();
  let current: { readonly of: HttpCredentials; readonly agent: Agent } | null = null;
  const agentFor = (of: HttpCredentials): Agent => {
    if (current?.of === of) return current.agent;
    if (current !== null) endLater(current.agent, ending);
    current = { of, agent: newAgent(needs, of, closing.signal) };
    return current.agent;
  };
  return {
    ask: async (ask, stop) => {
      const of = await credentials();
      // Cameras close kept connections without a word, also right after a 401: then the next ask would break.
      return await exchange({ agent: agentFor(of), ask, isKept: peer === undefined }, stop);
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      const agents = [...ending, ...(current === null ? [] : [current.agent])];
      await Promise.all(agents.filter(({ destroyed }) => !destroyed).map((agent) => agent.destroy()));
    },
  };
}

/** What is under way on older connections may end there; nothing new begins on them. */
function endLater(agent: Agent, ending: Set<Agent>): void {
  ending.add(agent);
  const forget = (): boolean => ending.delete(agent);
  agent.close().then(forget, forget);
}

function newAgent(
  { peer, proxy, connections = 2, connectTimeoutMs }: Needs,
  { proxyLogin, ...tls }: HttpCredentials,
  closing: AbortSignal,
): Agent {
  const limits = { connections, pipelining: 1 };
  if (peer !== undefined) {
    const connect = peerConnector({ ...peer, connectMs: connectTimeoutMs }, closing);
    return new Agent({ ...limits, maxHeaderSize: LIMITS.cameraHeaderBytes, connect });
  }
  // Said here, since Node's own least version and its checks can be lowered from outside (NODE_OPTIONS, NODE_TLS_REJECT_UNAUTHORIZED).
  const safely = { minVersion: "TLSv1.2", rejectUnauthorized: true, timeout: connectTimeoutMs } as const;
  const toPlatform = endedAt(closing, tellingAlerts(buildConnector({ ...tls, ...safely })));
  if (proxy === undefined) return new Agent({ ...limits, connect: toPlatform });
  const toProxy = endedAt(closing, buildConnector({ ca: tls.ca, ...safely }));
  const ways = { toProxy, toPlatform, connectMs: connectTimeoutMs, closing };
  return new Agent({ ...limits, connect: tunnelThrough({ url: proxy, login: proxyLogin }, ways) });
}

/**
 * In TLS 1.3 a platform refuses our certificate after the connection stands, by an alert and a hang-up; undici keeps the error
 * that comes last, which would be the hang-up.
 */
function tellingAlerts(connect: buildConnector.connector): buildConnector.connector {
  return (to, done) =>
    connect(to, (...result) => {
      const [, socket] = result;
      socket?.on("error", (thrown: Error) => socket.destroy(thrown));
      done(...result);
    });
}

/** undici ends connections that stand, and leaves those that are being made to their time-out: the process would live on for it. */
function endedAt(closing: AbortSignal, connect: buildConnector.connector): buildConnector.connector {
  return (to, done) => {
    let begun: unknown = null;
    const end = (): void => {
      if (begun instanceof Duplex) begun.destroy(new Error("closing"));
    };
    closing.addEventListener("abort", end);
    begun = connect(to, (...result) => {
      closing.removeEventListener("abort", end);
      done(...result);
    });
    if (closing.aborted) end();
  };
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
        if (outcome.kind === "failed") done(new ConnectFailed(outcome), null);
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
    if (timeout.signal.aborted)
      return { kind: "failed", how: "timeout", why: `gave no answer within ${ask.timeoutMs} ms` };
    return failureOf(thrown);
  } finally {
    clearTimeout(timer);
    ends.removeEventListener("abort", end);
  }
}
