// An RTSP camera of our own for tests: H.264 of a picture, interleaved, behind a login and TLS as asked; it notes what it is
// asked, and does what a real one will not do.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Doorkeeper, type DoorSettings } from "./rtsp-doorkeeper.ts";
import { encodeVideo, interleaved, type Video } from "./rtsp-video.ts";

/** Debian's package without which there is no stream to decode, or null. */
export const lacksFfmpeg: string | null = spawnSync("ffmpeg", ["-version"]).error === undefined ? null : "ffmpeg";

export type Request = {
  readonly method: string;
  readonly uri: string;
  readonly headers: ReadonlyMap<string, string>;
};

/** Does something else than a camera should: true where that was all. `say`: an answer with these headers and body. */
export type Behaviour = (request: Request | "connected" | "playing", at: Client) => boolean;

export type Client = {
  readonly socket: Socket;
  readonly say: (status: string, headers?: Readonly<Record<string, string>>, body?: string) => void;
  /** One frame more of the picture. */
  readonly sendFrame: () => void;
};

export type RtspServer = AsyncDisposable & {
  readonly port: number;
  readonly url: string;
  /** What was asked, in order, tries without a login included. */
  readonly asked: readonly Request[];
  readonly door: Doorkeeper | null;
  /** Connections open just now. */
  connections(): number;
  /** The scene from now on, a JPEG, and no other behaviour. */
  show(picture: Buffer): Promise<void>;
  behave(behaviour: Behaviour): void;
};

const FRAME_MS = 100;

/** `sound`: offered. `base`: what Content-Base says, for cameras that name another address there. */
export async function serveRtspCamera({
  picture,
  door,
  tls,
  hasSound = false,
  base,
}: {
  readonly picture: Buffer;
  readonly door?: DoorSettings;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly hasSound?: boolean;
  readonly base?: string;
}): Promise<RtspServer> {
  let video: Video = await encodeVideo(picture);
  let behaviour: Behaviour = () => false;
  const asked: Request[] = [];
  const clients = new Set<Socket>();
  const doorkeeper = door === undefined ? null : new Doorkeeper(door);

  const serve = (socket: Socket): void => {
    clients.add(socket);
    let timer: NodeJS.Timeout | undefined;
    let [frame, sequence] = [0, 0];
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      clearInterval(timer);
      clients.delete(socket);
    });
    const sendFrame = (): void => {
      const payloads = video[frame % video.length] ?? [];
      for (const [nth, payload] of payloads.entries())
        socket.write(
          interleaved({
            payload,
            sequence: sequence++,
            timestamp: frame * FRAME_MS * 90,
            isLast: nth === payloads.length - 1,
          }),
        );
      frame += 1;
    };
    let sequenceOfAsk = "";
    const client: Client = {
      socket,
      sendFrame,
      say(status, headers = {}, body = "") {
        const lines = Object.entries({
          CSeq: sequenceOfAsk,
          ...(body !== "" && { "Content-Length": String(Buffer.byteLength(body)) }),
          ...headers,
        }).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.write(`RTSP/1.0 ${status}\r\n${lines.join("")}\r\n${body}`);
      },
    };
    const answer = (request: Request): void => {
      asked.push(request);
      sequenceOfAsk = request.headers.get("cseq") ?? "";
      const refusal = doorkeeper?.refuse({
        method: request.method,
        authorization: request.headers.get("authorization"),
      });
      if (refusal !== undefined && refusal !== null) {
        const values = refusal.map((value) => `WWW-Authenticate: ${value}\r\n`).join("");
        socket.write(`RTSP/1.0 401 Unauthorized\r\nCSeq: ${sequenceOfAsk}\r\n${values}\r\n`);
        return;
      }
      if (behaviour(request, client)) return;
      if (request.method === "OPTIONS") client.say("200 OK", { Public: "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN" });
      else if (request.method === "DESCRIBE")
        client.say(
          "200 OK",
          { "Content-Type": "application/sdp", "Content-Base": base ?? `${request.uri}/` },
          describe(hasSound),
        );
      else if (request.method === "SETUP")
        client.say("200 OK", { Transport: "RTP/AVP/TCP;unicast;interleaved=0-1", Session: "4711;timeout=60" });
      else if (request.method === "PLAY") {
        client.say("200 OK", { Session: "4711" });
        if (behaviour("playing", client)) return;
        sendFrame();
        timer = setInterval(sendFrame, FRAME_MS);
      } else {
        client.say("200 OK", { Session: "4711" });
        if (request.method === "TEARDOWN") socket.end();
      }
    };
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += chunk;
      // Our client's own interleaved frames are reports; what they hold is nobody's here.
      for (;;) {
        if (text.startsWith("$")) {
          const end = 4 + text.charCodeAt(2) * 256 + text.charCodeAt(3);
          if (text.length < 4 || text.length < end) return;
          text = text.slice(end);
          continue;
        }
        const end = text.indexOf("\r\n\r\n");
        if (end < 0) return;
        const [start = "", ...lines] = text.slice(0, end).split("\r\n");
        text = text.slice(end + 4);
        const [method = "", uri = ""] = start.split(" ");
        const headers = lines.map(
          (line) => [line.split(":")[0]?.toLowerCase() ?? "", line.replace(/^[^:]*: */, "")] as const,
        );
        answer({ method, uri, headers: new Map(headers) });
      }
    });
    behaviour("connected", client);
  };

  const server =
    tls === undefined
      ? createServer({ noDelay: true }, serve)
      : createTlsServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }, serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    url: `${tls === undefined ? "rtsp" : "rtsps"}://127.0.0.1:${port}/stream1`,
    asked,
    door: doorkeeper,
    connections: () => clients.size,
    async show(shown) {
      video = await encodeVideo(shown);
      behaviour = () => false;
    },
    behave(next) {
      behaviour = next;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function describe(hasSound: boolean): string {
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=stream",
    "t=0 0",
    "a=control:*",
    ...(hasSound ? ["m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=control:sound"] : []),
    "m=video 0 RTP/AVP 96",
    "a=rtpmap:96 H264/90000",
    "a=fmtp:96 packetization-mode=1",
    "a=control:picture",
    "",
  ];
  return lines.join("\r\n");
}
