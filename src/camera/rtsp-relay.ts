// Our own decoder's way to an RTSP camera: it connects to a loopback port of this process, which passes RTSP on to the configured
// camera and nobody else. Why not let ffmpeg connect itself: it shows an address's password in `ps` and in what it complains
// of, knows no SHA-256 digest, believes any certificate, follows redirects wherever they lead, and asks for sound if let.
import type { Socket } from "node:net";
import { GatewayError } from "../core/errors.ts";
import type { CameraLogin } from "./camera.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { headerOf, headersOf, type RtspMessage, RtspDamage, type RtspPiece } from "./rtsp-messages.ts";
import { RtspReader, textOf, withHeaders } from "./rtsp-messages.ts";
import { failureOf } from "./rtsp-failures.ts";
import { RtspLogin } from "./rtsp-login.ts";
import { tracksOf } from "./rtsp-sdp.ts";
import { type CameraAddress, dialCamera, openChildDoor } from "./rtsp-sockets.ts";

/** A camera of the kit, its files read. `url`: rtsp:// or rtsps://, without a login in it. */
export type RtspSource = CameraAddress & { readonly login: CameraLogin | null };

export type RtspRelay = AsyncDisposable & {
  /** What the decoder is told to open: it holds nothing of the camera's address, since some cameras want a password in its path. */
  readonly url: string;
  /** Why it ended, or what the camera refused last; null while all is well. */
  failure(): GatewayError | null;
  /** Whether the camera offers sound, null until it has described itself. */
  hasSound(): boolean | null;
  /** Settles when camera or decoder are gone. Never rejects. */
  readonly ended: Promise<void>;
};

/** A request of the decoder that waits for its answer. `tries`: how often it was repeated with an answer to a challenge. */
type Ask = { readonly message: RtspMessage; readonly method: string; readonly uri: string; tries: number };

const METHODS = new Set([
  "OPTIONS",
  "DESCRIBE",
  "SETUP",
  "PLAY",
  "PAUSE",
  "TEARDOWN",
  "GET_PARAMETER",
  "SET_PARAMETER",
]);

/**
 * Connects to the camera, then waits for one decoder. Throws CAMERA_UNREACHABLE or CAMERA_TIMEOUT if there is no camera. What
 * goes wrong later ends the decoder's connection and is told by `failure`.
 */
export async function openRtspRelay(source: RtspSource, withinMs: number, stop: AbortSignal): Promise<RtspRelay> {
  const camera = await dialCamera(source, withinMs, stop);
  const door = await openChildDoor(source.id).catch((cause: unknown) => {
    camera.destroy();
    throw cause;
  });
  const relay = new Relay({ source, camera, url: `rtsp://127.0.0.1:${door.port}/stream` });
  void door.connection.then(
    (child) => relay.begin(child),
    (reason: unknown) => relay.end(reason instanceof GatewayError ? reason : failureOf(source.id, "broken")),
  );
  return {
    url: relay.url,
    failure: () => relay.failure,
    hasSound: () => relay.hasSound,
    ended: relay.ended,
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]();
      relay.end(null);
      await relay.ended;
    },
  };
}

class Relay {
  readonly url: string;
  readonly ended: Promise<void>;
  failure: GatewayError | null = null;
  hasSound: boolean | null = null;
  readonly #source: RtspSource;
  readonly #camera: Socket;
  readonly #resolveEnded: () => void;
  #child: Socket | null = null;
  #isOver = false;
  readonly #login: RtspLogin;
  #sequence = 0;
  readonly #asks = new Map<number, Ask>();
  #session: string | null = null;
  /** Requests of the camera since its last answer. */
  #asked = 0;

  constructor({ source, camera, url }: { source: RtspSource; camera: Socket; url: string }) {
    this.#source = source;
    this.#camera = camera;
    this.#login = new RtspLogin(source.id, source.login);
    this.url = url;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    camera.on("error", () => this.end(failureOf(source.id, "broken")));
    camera.once("close", () => this.end(failureOf(source.id, "closed")));
  }

  begin(child: Socket): void {
    if (this.#isOver) {
      child.destroy();
      return;
    }
    this.#child = child;
    child.on("error", () => this.end(null));
    child.once("close", () => this.end(null));
    this.#pass({ from: child, to: this.#camera, take: (message) => this.#takeAsk(message) });
    this.#pass({ from: this.#camera, to: child, take: (message) => this.#takeAnswer(message) });
  }

  /** Once; later reasons are consequences. A refusal noted before stays. */
  end(why: GatewayError | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.failure ??= why;
    // Some cameras keep a session, of which they have few, until they are told.
    if (why === null && this.#session !== null) this.#say("TEARDOWN", this.#session);
    const sockets = this.#child === null ? [this.#camera] : [this.#camera, this.#child];
    // Whoever is at the other end may read what was written last, and is read on so that its own end is heard.
    for (const socket of sockets) socket.resume().end();
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, CAMERA_LIMITS.rtspFarewellMs);
    void Promise.all(sockets.map(closed)).then(() => {
      clearTimeout(cut);
      this.#resolveEnded();
    });
  }

  /** One direction: texts through `take`, frames as they are, each zeroed once the kernel has it (I1). */
  #pass({ from, to, take }: { from: Socket; to: Socket; take: (message: RtspMessage) => void }): void {
    const reader = new RtspReader();
    const write = (piece: RtspPiece): void => {
      if (piece.kind === "message") take(piece.message);
      else if (!this.#isOver) {
        const { bytes } = piece;
        if (!to.write(bytes, () => bytes.fill(0))) from.pause();
      } else piece.bytes.fill(0);
    };
    from.on("data", (chunk) => {
      if (this.#isOver) return void chunk.fill(0);
      try {
        for (const piece of reader.push(chunk)) write(piece);
      } catch (thrown) {
        chunk.fill(0);
        if (!(thrown instanceof RtspDamage)) throw thrown;
        this.end(failureOf(this.#source.id, "damaged", thrown.message));
      }
    });
    to.on("drain", () => from.resume());
  }

  #takeAsk(message: RtspMessage): void {
    const [method = "", uri = ""] = message.startLine.split(" ");
    // An answer of our decoder to the camera: the relay answers for it.
    if (message.startLine.startsWith("RTSP/")) return;
    if (!METHODS.has(method) || this.#asks.size >= CAMERA_LIMITS.rtspAsksWaiting)
      return this.end(failureOf(this.#source.id, "damaged", "a request that was not expected"));
    if (method === "SETUP" && !/^RTP\/AVP\/TCP\b/i.test(headerOf(message, "Transport") ?? ""))
      return this.#refuseUdp(message);
    this.#ask({ message, method, uri: this.#uriAtCamera(uri), tries: 0 });
  }

  /** Over UDP anybody's packets would be pictures of this camera. */
  #refuseUdp(message: RtspMessage): void {
    const headers = [["CSeq", headerOf(message, "CSeq") ?? ""]] as const;
    this.#child?.write(textOf({ startLine: "RTSP/1.0 461 Unsupported Transport", headers, body: "" }));
  }

  /** Our own address becomes the camera's; what the camera itself named goes back to it as it was. */
  #uriAtCamera(uri: string): string {
    return uri === this.url || uri.startsWith(`${this.url}/`)
      ? `${this.#source.url}${uri.slice(this.url.length)}`
      : uri;
  }

  #ask(ask: Ask): void {
    this.#sequence += 1;
    this.#asks.set(this.#sequence, ask);
    const headers = { CSeq: String(this.#sequence), Authorization: this.#login.authorization(ask.method, ask.uri) };
    const startLine = `${ask.method} ${ask.uri} RTSP/1.0`;
    this.#camera.write(textOf(withHeaders({ ...ask.message, startLine }, headers)));
  }

  #takeAnswer(message: RtspMessage): void {
    const sequence = headerOf(message, "CSeq") ?? "";
    if (!message.startLine.startsWith("RTSP/")) return this.#refuseAsk(message, sequence);
    // Cameras that count wrongly are known; they answer in order.
    const key = this.#asks.has(Number(sequence)) ? Number(sequence) : this.#asks.keys().next().value;
    const ask = key === undefined ? undefined : this.#asks.get(key);
    if (key === undefined || ask === undefined)
      return this.end(failureOf(this.#source.id, "damaged", "an answer to nothing"));
    this.#asks.delete(key);
    this.#asked = 0;
    const status = Number(message.startLine.split(" ")[1]);
    if (status === 401) return this.#meetChallenge(message, ask);
    if (status >= 300 && status < 400) return this.end(failureOf(this.#source.id, "redirected"));
    if (status >= 400) this.failure = failureOf(this.#source.id, status);
    this.#session ??= headerOf(message, "Session")?.split(";")[0] ?? null;
    const isDescription = ask.method === "DESCRIBE" && status < 300;
    const body = isDescription ? this.#describe(message.body) : message.body;
    if (body === null) return;
    const headers = { CSeq: headerOf(ask.message, "CSeq") ?? null };
    this.#child?.write(textOf(withHeaders({ ...message, body }, headers)));
  }

  #describe(sdp: string): string | null {
    const { video, hasSound, isForeign } = tracksOf(sdp);
    this.hasSound = hasSound;
    if (video === null) this.end(failureOf(this.#source.id, isForeign ? "undecodable" : "no-video"));
    return video;
  }

  #meetChallenge(message: RtspMessage, ask: Ask): void {
    const refusal = this.#login.meet(headersOf(message, "WWW-Authenticate"), ask.tries);
    if (refusal !== null) return this.end(refusal);
    ask.tries += 1;
    this.#ask(ask);
  }

  /** A camera may ask, too: to go elsewhere, which is refused, or whether somebody is there. */
  #refuseAsk({ startLine }: RtspMessage, sequence: string): void {
    if (startLine.startsWith("REDIRECT ")) return this.end(failureOf(this.#source.id, "redirected"));
    // One that asks and asks, and reads no answer, would fill the memory with them.
    if (++this.#asked > CAMERA_LIMITS.rtspCameraAsks)
      return this.end(failureOf(this.#source.id, "damaged", "it asks without end"));
    this.#camera.write(`RTSP/1.0 501 Not Implemented\r\nCSeq: ${sequence}\r\n\r\n`);
  }

  #say(method: string, session: string): void {
    const uri = this.#source.url;
    const headers: [string, string][] = [
      ["CSeq", String(this.#sequence + 1)],
      ["Session", session],
    ];
    const authorization = this.#login.authorization(method, uri);
    if (authorization !== null) headers.push(["Authorization", authorization]);
    this.#camera.write(textOf({ startLine: `${method} ${uri} RTSP/1.0`, headers, body: "" }));
  }
}

function closed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
  });
}
