// An HTTP proxy that makes tunnels, or that behaves as proxies, log-in pages and middle boxes do instead.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

export type TestProxy = AsyncDisposable & {
  readonly url: string;
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** The heads of the requests that came, as text. */
  readonly asked: readonly string[];
  /** All bytes that went through tunnels towards the platform. */
  readonly seen: () => string;
};

/** What it does with a CONNECT, beside the tunnel: `says` bytes and goes on or hangs up, or says nothing. */
export type ProxyManner = {
  /** `user:password` that it asks for. */
  readonly login?: string;
  /** In place of a tunnel. */
  readonly says?: string;
  /** `answer`: with a page, to whatever is said next. */
  readonly after?: "hang-up" | "wait" | "answer";
  /** PEM: it is spoken to by TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
};

export async function startProxy({ login, says, after = "hang-up", tls }: ProxyManner = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  const serve = (socket: Socket): void => {
    keep(socket);
    let head = "";
    const read = (piece: Buffer): void => {
      head += piece.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      socket.off("data", read);
      asked.push(head);
      if (says !== undefined) {
        socket.write(says);
        if (after === "hang-up") socket.end();
        if (after === "answer")
          socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\n<!doctype html><p>Log in"));
        return;
      }
      const expected = `Basic ${Buffer.from(login ?? "").toString("base64")}`;
      if (login !== undefined && /^proxy-authorization: (.*)\r$/im.exec(head)?.[1] !== expected) {
        socket.end(
          'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n',
        );
        return;
      }
      const target = /^CONNECT (.+):(\d+) HTTP\/1\.1\r$/m.exec(head);
      const onward = connect({ host: target?.[1] ?? "", port: Number(target?.[2]) });
      keep(onward);
      onward.once("connect", () => {
        socket.write("HTTP/1.1 200 Connection established\r\nvia: 1.1 test\r\n\r\n");
        socket.on("data", (bytes: Buffer) => seen.push(bytes.toString("latin1")));
        socket.pipe(onward).pipe(socket);
      });
      onward.once("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nno\n"));
      socket.once("close", () => onward.destroy());
    };
    socket.on("data", read);
  };
  const server: Server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return {
    url: `${tls === undefined ? "http" : "https"}://${host}`,
    host,
    asked,
    seen: () => seen.join(""),
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
