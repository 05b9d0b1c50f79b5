// The door: the one HTTP server of the gateway, its time limits and its end.
import { once } from "node:events";
import { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { WebEnv } from "./answers.ts";

export type HttpServer = AsyncDisposable & { readonly address: { readonly host: string; readonly port: number } };

/** Listens; port 0 takes a free one. Closing waits for what is being answered, 2 s at most. Throws PORT_IN_USE, or CONFIG_INVALID for an address that is not of this machine. */
export async function openServer(
  app: Hono<WebEnv>,
  { host, port }: { host: string; port: number },
): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: (request, { incoming }) => app.fetch(request, { address: incoming.socket.remoteAddress ?? "" }),
    // The gateway's other rooms keep Node's own Request and Response.
    overrideGlobalObjects: false,
    serverOptions: {
      requestTimeout: LIMITS.webRequestMs,
      headersTimeout: LIMITS.webRequestMs / 2,
      maxHeaderSize: 16 * 1024,
    },
  });
  if (!(server instanceof Server)) throw new GatewayError("INTERNAL", "the local page needs a plain HTTP server");
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

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), LIMITS.webCloseMs);
  await closed;
  clearTimeout(deadline);
}

function listenError(cause: unknown, { host, port }: { host: string; port: number }): GatewayError {
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
