// MQTT over WebSocket [MQTT-6]: for browsers and for programs behind proxies. The one place of ingest that speaks HTTP.
import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createWebSocketStream, type WebSocket, WebSocketServer } from "ws";
import { LIMITS } from "../core/limits.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";

type Deps = {
  /** Bytes of one frame after the login. */
  readonly bytesMax: number;
  readonly onStream: (stream: Duplex, socket: Socket, loggedIn: () => void) => void;
};

export type WebSockets = {
  /** A socket that was accepted, and deciphered if it was TLS. */
  accept(socket: Socket): void;
};

/** Makes streams of MQTT from sockets that speak WebSocket; it listens on no port itself. */
export function openWebSockets({ bytesMax, onStream }: Deps): WebSockets {
  const http = createServer({ maxHeaderSize: BROKER_LIMITS.webSocketHeaderBytes }, (_request, response) => {
    response.writeHead(426, { connection: "close", upgrade: "websocket" }).end();
  });
  http.headersTimeout = LIMITS.connectTimeoutMs;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.preConnectBytes,
    maxBufferedChunks: BROKER_LIMITS.chunks,
    handleProtocols: (offered) => spoken(offered) ?? false,
  });
  http.on("upgrade", (request, socket, head) => {
    if (!isOfThisHost(request)) return refuse(socket, "403 Forbidden");
    // A client must ask for MQTT by name [MQTT-6.0.0-3].
    if (spoken(namesIn(request.headers["sec-websocket-protocol"])) === undefined)
      return refuse(socket, "400 Bad Request");
    server.handleUpgrade(request, socket, head, (webSocket) => {
      // MQTT comes in binary frames; anything else ends the connection [MQTT-6.0.0-1].
      webSocket.on("message", (_data, isBinary) => {
        if (!isBinary) webSocket.terminate();
      });
      const stream = createWebSocketStream(webSocket);
      onStream(stream, request.socket, () => raiseLimit(webSocket, bytesMax));
    });
  });
  return { accept: (socket) => void http.emit("connection", socket) };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** Version 3.1 of MQTT had a name of its own; Eclipse Paho still offers it first. */
function spoken(offered: ReadonlySet<string>): "mqtt" | "mqttv3.1" | undefined {
  return (["mqtt", "mqttv3.1"] as const).find((name) => offered.has(name));
}

function namesIn(header: string | undefined): ReadonlySet<string> {
  return new Set((header ?? "").split(",").map((name) => name.trim()));
}

/** A browser names the page that opens the connection; it must be one of this machine, on whatever port. Programs name none. */
function isOfThisHost({ headers: { origin, host } }: IncomingMessage): boolean {
  if (origin === undefined) return true;
  const [from, to] = [URL.parse(origin), URL.parse(`http://${host ?? ""}`)];
  return from !== null && to !== null && from.hostname !== "" && from.hostname === to.hostname;
}

/** ws has one limit for the life of a connection, which would have to be that of a picture before anybody logged in. */
function raiseLimit(webSocket: WebSocket, bytesMax: number): void {
  const receiver: object | null | undefined = Reflect.get(webSocket, "_receiver");
  if (receiver === null || receiver === undefined) return; // it is closed
  if (!("_maxPayload" in receiver))
    throw new Error("this version of ws keeps its limit elsewhere: it cannot be raised");
  receiver._maxPayload = bytesMax;
}
