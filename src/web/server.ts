// The doors: the HTTP and the HTTPS server of the page, their time limits and their end.
//
// Decision: both answer. Plain http is the way in on the first day, when no phone knows our authority, and the way in that is left
// where a certificate has run out or a name cannot be looked up without internet. Under a name that the association's own
// certificate is for, http leads on to https (tls-routes.ts). No HSTS: it would hold for each port of that name, and so close
// plain http to every browser that has seen https once.
import { once } from "node:events";
import { createServer, Server } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import { Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { WebEnv } from "./answers.ts";
import { SETUP_LIMITS } from "./setup-limits.ts";
import type { Pair } from "./tls-files.ts";
import { TLS_LIMITS } from "./tls-limits.ts";

type Place = { readonly host: string; readonly port: number };

export type HttpServer = AsyncDisposable & { readonly address: Place };

export type HttpsServer = HttpServer & {
  /** Takes another certificate for the connections to come. */
  show(pair: Pair): void;
};

const TIMES = {
  requestTimeout: LIMITS.webRequestMs,
  headersTimeout: LIMITS.webRequestMs / 2,
  maxHeaderSize: 16 * 1024,
} as const;
const TLS = { minVersion: "TLSv1.2" } as const;

/** Listens; port 0 takes a free one. Closing waits for what is being answered, 2 s at most. Throws PORT_IN_USE, or CONFIG_INVALID for an address that is not of this machine. */
export async function openServer(app: Hono<WebEnv>, place: Place): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: (request, { incoming }) =>
      app.fetch(request, { address: incoming.socket.remoteAddress ?? "", isSecure: false }),
    // The gateway's other rooms keep Node's own Request and Response.
    overrideGlobalObjects: false,
    createServer,
    serverOptions: TIMES,
  });
  if (!(server instanceof Server)) throw new GatewayError("INTERNAL", "the local page needs a plain HTTP server");
  return await listening(server, place);
}

/** The same by https, from TLS 1.2 on (RFC 9325, 3.1.1). `refused`: told of each greeting that came to nothing. */
export async function openSecureServer(
  app: Hono<WebEnv>,
  { pair, refused, ...place }: Place & { readonly pair: Pair; readonly refused: () => void },
): Promise<HttpsServer> {
  const server = createAdaptorServer({
    fetch: (request, { incoming }) =>
      app.fetch(request, { address: incoming.socket.remoteAddress ?? "", isSecure: true }),
    overrideGlobalObjects: false,
    createServer: createTlsServer,
    serverOptions: { ...TIMES, ...TLS, ...pair, handshakeTimeout: TLS_LIMITS.handshakeMs },
  });
  if (!(server instanceof TlsServer)) throw new GatewayError("INTERNAL", "the local page needs an HTTPS server");
  server.on("tlsClientError", (_error, socket) => {
    refused();
    socket.destroy();
  });
  const greeting = boundedGreetings(server);
  const opened = await listening(server, place);
  return {
    ...opened,
    show: (next) => server.setSecureContext({ ...TLS, ...next }),
    async [Symbol.asyncDispose]() {
      const closed = opened[Symbol.asyncDispose]();
      for (const socket of greeting) socket.destroy();
      await closed;
    },
  };
}

/** Connections that have not greeted to the end yet: HTTP knows nothing of them, so closing has to end them by itself. */
function boundedGreetings(server: TlsServer): Iterable<Socket> {
  const greeting = new Map<string, Socket>();
  server.on("connection", (socket) => {
    if (!(socket instanceof Socket)) return; // for its types: it is one
    const key = keyOf(socket);
    greeting.set(key, socket);
    socket.once("close", () => greeting.delete(key));
  });
  server.on("secureConnection", (socket) => greeting.delete(keyOf(socket)));
  return { [Symbol.iterator]: () => greeting.values() };
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

async function listening(server: Server | TlsServer, { host, port }: Place): Promise<HttpServer> {
  server.maxConnections = LIMITS.webConnections;
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    throw listenError(cause, { host, port });
  }
  const bound = server.address();
  return {
    address: { host, port: typeof bound === "object" && bound !== null ? bound.port : port },
    [Symbol.asyncDispose]: () => close(server),
  };
}

async function close(server: Server | TlsServer): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  // The connection of an answer that is on its way would else be kept for as long as the deadline: sensors wait meanwhile.
  server.keepAliveTimeout = SETUP_LIMITS.lastAssetsMs;
  server.keepAliveTimeoutBuffer = 0;
  server.close();
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), LIMITS.webCloseMs);
  await closed;
  clearTimeout(deadline);
}

function listenError(cause: unknown, { host, port }: Place): GatewayError {
  switch (systemCodeOf(cause)) {
    case "EADDRINUSE":
      return new GatewayError("PORT_IN_USE", `port ${port} of the status page is in use by another program`, { cause });
    case "EACCES":
      return new GatewayError("CONFIG_INVALID", `the status page may not use port ${port}`, {
        hint: "Ports below 1024 are reserved; choose another port under `status` in gateway.yaml.",
        cause,
      });
    case undefined:
    default:
      return new GatewayError(
        "CONFIG_INVALID",
        `the status page cannot listen on ${host}:${port}: ${messageOf(cause)}`,
        { hint: "Correct `status` in gateway.yaml; 0.0.0.0 stands for all addresses of this machine.", cause },
      );
  }
}
