// HTTP cameras on loopback: one picture for a request, or MJPEG; well, or ill in one of the ways that cameras and routers are.
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server, Socket } from "node:net";
import { LIMITS } from "../../src/core/limits.ts";
import { type Door, type Login, openDoor } from "./http-login.ts";

/** `redirects`: to wherever `to` says, for ever. `length`: what is told beside the picture's true one. */
export type HttpIllness =
  | { readonly kind: "silent" | "hangs-in-header" | "endless-header" | "hangs-at-10000" | "one-byte-a-second" }
  | {
      readonly kind:
        | "endless-body"
        | "gone-in-the-middle"
        | "too-large"
        | "text"
        | "ends-at-once"
        | "refuses"
        | "empty";
    }
  | { readonly kind: "wrong-length"; readonly by: number }
  | { readonly kind: "redirects"; readonly to: string }
  | { readonly kind: "status"; readonly status: number };

export type HttpCameraOptions = {
  readonly picture: Buffer;
  readonly login?: Login;
  readonly tls?: { readonly cert: string; readonly key: string };
};

export type HttpCameraServer = AsyncDisposable & {
  /** Of the picture, with a query as cameras have. */
  readonly url: string;
  readonly port: number;
  /** What was asked so far, and how it was answered; 0: as its illness does. */
  readonly asked: { readonly authorization: string | undefined; readonly status: number }[];
  connections(): number;
  /** Well from now on, with this picture. */
  show(picture: Buffer): void;
  /** Ill from now on, until `show`. */
  fall(ill: HttpIllness): void;
  /** Of its own certificate, as the kit has it; undefined without TLS. */
  readonly certSha256: string | undefined;
  /** Its login is another from now on, in what is named. */
  relock(change: Partial<Login>): void;
};

export function serveSnapshotCamera(options: HttpCameraOptions): Promise<HttpCameraServer> {
  return serve(options, {
    head: (length) => `${OK}Content-Type: image/jpeg\r\n${length === null ? "" : `Content-Length: ${length}\r\n`}\r\n`,
    show: (response, picture) => response.writeHead(200, { "content-type": "image/jpeg" }).end(picture),
  });
}

/** `form`: how the parts are written; "single": not as MJPEG at all, but as one picture. */
export function serveMjpegCamera(
  options: HttpCameraOptions & { readonly form?: "lengths" | "boundaries" | "single" },
): Promise<HttpCameraServer> {
  const multipart = 'multipart/x-mixed-replace; boundary="--cam"';
  const part = (length: number | null): string =>
    `--cam\r\nContent-Type: image/jpeg\r\n${length === null ? "" : `Content-Length: ${length}\r\n`}\r\n`;
  return serve(options, {
    head: (length) => `${OK}Content-Type: ${multipart}\r\n\r\n${part(length)}`,
    show: (response, picture) => {
      if (options.form === "single") return response.writeHead(200, { "content-type": "image/jpeg" }).end(picture);
      response.writeHead(200, { "content-type": multipart });
      const length = options.form === "boundaries" ? null : picture.length;
      const next = (): void => {
        if (response.destroyed) return;
        response.write(part(length));
        response.write(picture);
        response.write("\r\n", () => setTimeout(next, 5).unref());
      };
      return next();
    },
  });
}

/** Listens on a free port of 127.0.0.1. */
export async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}

const OK = "HTTP/1.1 200 OK\r\n";

/** How a kind of camera writes: raw headers up to the picture's first byte, `length` being told; and a whole answer. */
type Form = {
  readonly head: (length: number | null) => string;
  readonly show: (response: ServerResponse, picture: Buffer) => unknown;
};

async function serve({ picture, login, tls }: HttpCameraOptions, form: Form): Promise<HttpCameraServer> {
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const asked: { authorization: string | undefined; status: number }[] = [];
  const now: { picture: Buffer; ill: HttpIllness | null; door: Door | null } = {
    picture,
    ill: null,
    door: login === undefined ? null : openDoor(login),
  };
  const answer = ({ method = "", url = "", headers, socket }: IncomingMessage, response: ServerResponse): void => {
    const authorization = headers.authorization && Buffer.from(headers.authorization, "latin1").toString();
    const challenge = now.door?.check({ method, uri: url, authorization }) ?? null;
    asked.push({ authorization, status: challenge === null ? (now.ill === null ? 200 : 0) : 401 });
    if (challenge !== null) response.writeHead(401, { "www-authenticate": challenge }).end("<html>please log in");
    else if (now.ill === null) form.show(response, now.picture);
    else sicken({ ill: now.ill, socket, picture: now.picture, form, timers });
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    if (now.ill?.kind === "refuses") socket.resetAndDestroy();
  });
  const port = await portOf(server);
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/cgi/picture.jpg?channel=1&size=a,b`,
    port,
    asked,
    connections: () => sockets.size,
    show(picture) {
      now.picture = picture;
      now.ill = null;
    },
    fall(ill) {
      now.ill = ill;
    },
    certSha256: tls && new X509Certificate(tls.cert).fingerprint256.replaceAll(":", "").toLowerCase(),
    relock(change) {
      if (login !== undefined) now.door = openDoor({ ...login, ...change });
    },
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

type Sick = {
  readonly ill: HttpIllness;
  readonly socket: Socket;
  readonly picture: Buffer;
  readonly form: Form;
  readonly timers: Set<NodeJS.Timeout>;
};

/** Past Node's own server, which does most of this to nobody. */
function sicken({ ill, socket, picture, form, timers }: Sick): void {
  const begun = (bytes: number, length = picture.length): void => {
    socket.write(form.head(length));
    socket.write(picture.subarray(0, bytes));
  };
  switch (ill.kind) {
    case "silent":
    case "refuses":
      return;
    case "hangs-in-header":
      return void socket.write(`${OK}Content-Ty`);
    case "endless-header":
      socket.write(OK);
      return pour(socket, Buffer.from("X-Camera: still here\r\n".repeat(500)));
    case "hangs-at-10000":
      return begun(10_000);
    case "one-byte-a-second": {
      begun(0);
      let at = 0;
      const timer = setInterval(() => socket.write(picture.subarray(at, ++at)), 1000);
      timers.add(timer);
      return;
    }
    case "endless-body":
      socket.write(form.head(null));
      socket.write(picture.subarray(0, -2));
      return pour(socket, Buffer.alloc(64 * 1024, 7));
    case "gone-in-the-middle":
      socket.write(form.head(picture.length));
      return void socket.write(picture.subarray(0, picture.length >> 1), () => socket.destroy());
    case "too-large":
      socket.write(form.head(LIMITS.frameBytes + 1));
      return pour(socket, Buffer.alloc(64 * 1024, 7));
    case "text":
      return void socket.end(`${OK}Content-Type: text/html\r\n\r\n<!doctype html><title>Log in</title>`);
    case "ends-at-once":
      return void socket.end();
    case "empty":
      return void socket.end(form.head(0));
    case "wrong-length":
      begun(picture.length, picture.length + ill.by);
      return void socket.end("\r\n--cam\r\n");
    case "redirects":
      return void socket.end(`HTTP/1.1 302 Found\r\nLocation: ${ill.to}\r\nContent-Length: 0\r\n\r\n`);
    case "status":
      return void socket.end(`HTTP/1.1 ${ill.status} Sorry\r\nContent-Length: 0\r\n\r\n`);
  }
}

/** Writes without end, as fast as it is read. */
function pour(socket: Socket, piece: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece)) continue;
  };
  socket.on("drain", more);
  more();
}
