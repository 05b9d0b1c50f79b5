// A platform over TLS that takes everything, and whose certificates it has seen.
import { once } from "node:events";
import { createServer, type Server, type ServerOptions } from "node:https";

export type TlsPlatform = AsyncDisposable & {
  readonly url: string;
  /** Of each connection so far, the serial number of the client's certificate in hex, or null. */
  readonly clients: readonly (string | null)[];
  readonly server: Server;
};

/** It answers an empty 204 and closes the connection. */
export async function serveTls(options: ServerOptions): Promise<TlsPlatform> {
  const clients: (string | null)[] = [];
  const server = createServer(options, (incoming, response) => {
    incoming.resume().on("end", () => response.writeHead(204, { connection: "close" }).end());
  });
  server.on("secureConnection", (socket) => clients.push(socket.getPeerX509Certificate()?.serialNumber ?? null));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    clients,
    server,
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
      await once(server, "close");
    },
  };
}
