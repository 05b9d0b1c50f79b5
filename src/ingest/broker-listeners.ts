// The ports of the broker: plain TCP, TLS and WebSocket. Whatever comes in by them leaves this file as a stream of MQTT.
import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type Server as TlsServer, TLSSocket } from "node:tls";
import type { Board } from "../core/board.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { networkOf } from "../core/network-of.ts";
import { Admission } from "./broker-admission.ts";
import { type CertificateFiles, certificateVersion, readCertificate } from "./broker-certificate.ts";
import type { Incoming, ListenerSettings } from "./broker-incoming.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";
import { openWebSockets, type WebSockets } from "./broker-websocket.ts";

type Deps = ListenerSettings & {
  readonly bytesMax: number;
  readonly onConnection: (incoming: Incoming) => void;
  readonly board: Board;
  readonly log: Log;
};

export type Listeners = {
  readonly port: number;
  readonly tlsPort: number | null;
  readonly websocketPort: number | null;
  /** No new connections; those that have logged in stay. */
  close(): void;
};

/** Opens the ports. Throws PORT_IN_USE, CERTIFICATE_UNUSABLE, or CONFIG_INVALID for an address this machine lacks; then none is open. */
export async function openListeners(deps: Deps): Promise<Listeners> {
  const ports = new Ports(deps);
  try {
    await ports.open();
  } catch (cause) {
    ports.close();
    throw cause;
  }
  return ports;
}

class Ports implements Listeners {
  readonly #deps: Deps;
  readonly #admission: Admission;
  readonly #servers: Server[] = [];
  readonly #tlsServers: TlsServer[] = [];
  /** Who still shakes hands, by address and port: Node tells of the end with another object than of the beginning. */
  readonly #shakingHands = new Map<string, Socket>();
  #ports: readonly number[] = [];
  #certificate = "";
  #isLooking = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#admission = new Admission({
      onDropped: () => deps.board.count("broker.refused.too-many-connections"),
      waitMs: LIMITS.connectTimeoutMs,
    });
  }

  get port(): number {
    return this.#ports[0] ?? this.#deps.listen.port;
  }

  get tlsPort(): number | null {
    return this.#deps.tls === undefined ? null : (this.#ports[1] ?? null);
  }

  get websocketPort(): number | null {
    return this.#deps.websocket === undefined ? null : (this.#ports.at(-1) ?? null);
  }

  async open(): Promise<void> {
    const { listen, tls, websocket } = this.#deps;
    const ports = [await this.#listen(createServer(SOCKET), listen, "MQTT", (socket) => this.#onMqtt(socket))];
    if (tls !== undefined) {
      const server = await this.#tlsServer(tls);
      ports.push(await this.#listen(server, { ...tls, host: tls.host ?? listen.host }, "MQTT over TLS"));
      server.on("secureConnection", (socket) => this.#onSecure(socket, () => this.#onMqtt(socket)));
    }
    if (websocket !== undefined) {
      const address = { ...websocket, host: websocket.host ?? listen.host };
      const sockets = openWebSockets({
        bytesMax: this.#deps.bytesMax,
        onStream: (stream, socket, loggedIn) => this.#onStream({ stream, socket, isWebSocket: true, loggedIn }),
      });
      ports.push(await this.#openWebSocket(sockets, address));
    }
    this.#ports = ports;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    this.#admission.close();
  }

  async #openWebSocket(sockets: WebSockets, { host, port, tls }: { host: string; port: number; tls: boolean }) {
    const { tls: files } = this.#deps;
    const enter = (socket: Socket) => {
      this.#enter(socket);
      sockets.accept(socket);
    };
    if (!tls || files === undefined) return this.#listen(createServer(SOCKET), { host, port }, "WebSocket", enter);
    const server = await this.#tlsServer(files);
    server.on("secureConnection", (socket) => this.#onSecure(socket, () => enter(socket)));
    return this.#listen(server, { host, port }, "WebSocket over TLS");
  }

  async #listen(
    server: Server,
    { host, port }: { readonly host: string; readonly port: number },
    what: string,
    onSocket?: (socket: Socket) => void,
  ): Promise<number> {
    this.#servers.push(server);
    if (onSocket !== undefined) server.on("connection", onSocket);
    const options: ListenOptions = { host, port, backlog: BROKER_LIMITS.backlog };
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => {
        const code = systemCodeOf(cause) === "EADDRINUSE" ? "PORT_IN_USE" : "CONFIG_INVALID";
        reject(new GatewayError(code, `cannot listen for ${what} on ${host}:${port}: ${messageOf(cause)}`, { cause }));
      });
      server.listen(options, resolve);
    });
    // Such as "too many open files" while accepting: the port stays open, and the next connection is tried again.
    server.on("error", (cause) => this.#deps.log.error({ why: messageOf(cause) }, "an MQTT port reports an error"));
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  async #tlsServer(files: CertificateFiles): Promise<TlsServer> {
    const { version, ...pem } = await readCertificate(files);
    this.#certificate = version;
    const server = createTlsServer({
      ...SOCKET,
      ...TLS,
      ...pem,
      requestCert: pem.ca !== undefined,
      // A device may also log in by password: a certificate that nobody signed is worth as much as none.
      rejectUnauthorized: false,
      handshakeTimeout: LIMITS.connectTimeoutMs,
    });
    this.#tlsServers.push(server);
    server.on("connection", (socket) => {
      this.#enter(socket);
      const key = keyOf(socket);
      this.#shakingHands.set(key, socket);
      socket.once("close", () => this.#shakingHands.delete(key));
      void this.#renew(files);
    });
    server.on("tlsClientError", (_error, socket) => {
      this.#deps.board.count("broker.refused.tls");
      this.#endHandshake(socket)?.destroy();
      socket.destroy();
    });
    return server;
  }

  /** Looks at each connection whether the files changed; the one after the change has the new certificate. */
  async #renew(files: CertificateFiles): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      if ((await certificateVersion(files)) === this.#certificate) return;
      const { version, ...pem } = await readCertificate(files);
      for (const server of this.#tlsServers) server.setSecureContext({ ...TLS, ...pem });
      this.#certificate = version;
      this.#deps.log.info("the broker's certificate was renewed");
    } catch (cause) {
      // Half a renewal: the old one serves on, and the next connection looks again.
      this.#deps.log.warn({ why: messageOf(cause) }, "the broker's new certificate cannot be used");
    } finally {
      this.#isLooking = false;
    }
  }

  #onSecure(socket: TLSSocket, then: () => void): void {
    this.#endHandshake(socket);
    then();
  }

  #endHandshake(socket: TLSSocket): Socket | undefined {
    const key = keyOf(socket);
    const raw = this.#shakingHands.get(key);
    this.#shakingHands.delete(key);
    if (raw !== undefined) this.#admission.leave(raw, networkOf(socket.remoteAddress ?? ""));
    return raw;
  }

  #onMqtt(socket: Socket): void {
    this.#enter(socket);
    this.#onStream({ stream: socket, socket, isWebSocket: false, loggedIn: () => undefined });
  }

  #onStream({
    stream,
    socket,
    isWebSocket,
    loggedIn,
  }: {
    stream: Duplex;
    socket: Socket;
    isWebSocket: boolean;
    loggedIn: () => void;
  }): void {
    const network = networkOf(socket.remoteAddress ?? "");
    this.#deps.onConnection({
      stream,
      network,
      commonName: commonNameOf(socket),
      preLoginBytes: LIMITS.preConnectBytes - (isWebSocket ? BROKER_LIMITS.webSocketHeaderBytes : 0),
      loggedIn: () => {
        this.#admission.leave(socket, network);
        loggedIn();
      },
    });
  }

  #enter(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    const network = networkOf(socket.remoteAddress ?? "");
    this.#admission.enter(socket, network);
    socket.once("close", () => this.#admission.leave(socket, network));
  }
}

const SOCKET = {
  noDelay: true,
  // A device that lost its power is found out, also one without MQTT keep-alive.
  keepAlive: true,
  keepAliveInitialDelay: BROKER_LIMITS.tcpKeepAliveMs,
} as const;

const TLS = { minVersion: "TLSv1.2" } as const;

function keyOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}

function commonNameOf(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const name = socket.getPeerCertificate().subject?.CN;
  return typeof name === "string" && name !== "" ? name : null;
}
