// The way to a platform through an HTTP proxy: CONNECT [RFC 9110 §9.3.6], then the same TLS and the same checks as without one.
// The proxy sees the platform's name and no content. Whatever it says in place of a tunnel is not the platform's word: a page of
// its own, a log-in, a gateway's error never reach what reads answers.
import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import { ConnectFailed, failureOf } from "./http-failure.ts";
import { OUTGOING_LIMITS } from "./outgoing-limits.ts";

/** `url`: http or https, without a login. `login`: user:password, for Basic [RFC 7617]. */
export type Proxy = { readonly url: string; readonly login?: string | undefined };

type Ways = {
  readonly toProxy: buildConnector.connector;
  /** TLS over a socket that is there. */
  readonly toPlatform: buildConnector.connector;
  readonly connectMs: number;
  readonly closing: AbortSignal;
};

/** Connects by the proxy. Its failures are `unreachable`: nothing was sent to the platform. They name the proxy and never its login. */
export function tunnelThrough(proxy: Proxy, ways: Ways): buildConnector.connector {
  return (to, done) => {
    open(proxy, ways, to).then(
      (socket) => {
        if (to.protocol === "https:") ways.toPlatform({ ...to, httpSocket: socket }, done);
        else done(null, socket);
      },
      (thrown: unknown) => done(thrown instanceof Error ? thrown : new Error("no tunnel"), null),
    );
  };
}

async function open(proxy: Proxy, { toProxy, connectMs, closing }: Ways, to: buildConnector.Options): Promise<Socket> {
  const { hostname, port, protocol, host } = new URL(proxy.url);
  const failed = (what: string): ConnectFailed =>
    new ConnectFailed({
      kind: "failed",
      how: "unreachable",
      why: `cannot be reached: the proxy ${host} ${what}`,
      hint: HINT,
    });
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  const socket = await new Promise<Socket>((resolve, reject) => {
    const at = { hostname: bare, host, protocol, port: port || (protocol === "https:" ? "443" : "80") };
    toProxy(at, (thrown, connected) => {
      if (thrown !== null) reject(failed(failureOf(thrown).why));
      else resolve(connected);
    });
  });
  try {
    const target = `${to.hostname.includes(":") ? `[${to.hostname}]` : to.hostname}:${to.port || (to.protocol === "https:" ? 443 : 80)}`;
    socket.write(
      [
        `CONNECT ${target} HTTP/1.1`,
        `host: ${target}`,
        ...(proxy.login === undefined
          ? []
          : [`proxy-authorization: Basic ${Buffer.from(proxy.login, "utf8").toString("base64")}`]),
        "\r\n",
      ].join("\r\n"),
    );
    const refusal = refusalOf(await headOf(socket, { connectMs, closing }), { hasLogin: proxy.login !== undefined });
    if (refusal !== null) throw failed(refusal);
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown instanceof ConnectFailed ? thrown : failed(thrown instanceof Error ? thrown.message : "broke off");
  }
}

const HINT = "Is proxy under platform right, and does that proxy let this gateway through to the platform?";

/** Null when the tunnel stands. `head`: all that has come so far. */
function refusalOf(head: string, { hasLogin }: { hasLogin: boolean }): string | null {
  const status = Number(/^HTTP\/1\.[01] (\d{3})[ \r\n]/.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) return "does not speak HTTP";
  if (status === 407)
    return hasLogin
      ? "refuses the login in proxyCredentialsFile (407)"
      : "asks for a login (407); name proxyCredentialsFile";
  if (status === 403) return "does not allow it (403)";
  if (status === 405 || status === 501) return `makes no tunnels (${status})`;
  if (status >= 500) return `does not reach it (${status})`;
  if (status < 200 || status >= 300) return `answers ${status}`;
  // In a tunnel we speak first: whoever speaks now is the proxy itself, such as with a page.
  return /\r?\n\r?\n[^]/.test(head) ? "answers in its place" : null;
}

/** What came up to the end of the head, or a little more. Read without flowing: what follows is the tunnel's. Throws in words. */
function headOf(socket: Socket, { connectMs, closing }: { connectMs: number; closing: AbortSignal }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let head = "";
  const read = (): void => {
    for (let piece: unknown = socket.read(); piece !== null; piece = socket.read())
      head += Buffer.isBuffer(piece) ? piece.toString("latin1") : "";
    if (/\r?\n\r?\n/.test(head)) resolve(head);
    else if (head.length > OUTGOING_LIMITS.proxyHeadBytes) reject(new Error("does not speak HTTP"));
  };
  const timer = setTimeout(() => reject(new Error(`did not answer within ${connectMs} ms`)), connectMs);
  const onError = (thrown: Error): void => reject(new Error(failureOf(thrown).why));
  const onEnd = (): void => reject(new Error("hung up"));
  const onClosing = (): void => reject(new Error("was not waited for"));
  socket.on("readable", read).on("error", onError).on("end", onEnd).on("close", onEnd);
  closing.addEventListener("abort", onClosing);
  if (closing.aborted) onClosing();
  return promise.finally(() => {
    clearTimeout(timer);
    closing.removeEventListener("abort", onClosing);
    socket.off("readable", read).off("error", onError).off("end", onEnd).off("close", onEnd);
  });
}
