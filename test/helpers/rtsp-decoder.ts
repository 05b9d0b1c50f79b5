// A decoder for tests of the RTSP relay: a socket that asks one thing after the other.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { RtspRelay } from "../../src/camera/rtsp-relay.ts";

export class Decoder {
  readonly socket: Socket;
  readonly #url: string;
  #text = "";
  #sequence = 0;

  private constructor(url: string, socket: Socket) {
    this.#url = url;
    this.socket = socket;
    socket.on("error", () => socket.destroy());
    socket.setEncoding("latin1").on("data", (chunk) => {
      this.#text += chunk;
    });
  }

  static async come({ url }: Pick<RtspRelay, "url">): Promise<Decoder> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    await once(socket, "connect");
    onTestFinished(() => void socket.destroy());
    return new Decoder(url, socket);
  }

  /** The answer, or what had come when the connection ended. */
  async ask(method: string, path = "", headers: readonly string[] = []): Promise<string> {
    this.#sequence += 1;
    this.#text = "";
    this.socket.write(
      [`${method} ${this.#url}${path} RTSP/1.0`, `CSeq: ${this.#sequence}`, ...headers, "", ""].join("\r\n"),
    );
    while (!this.socket.destroyed && !this.#isWhole())
      await Promise.race([once(this.socket, "data"), once(this.socket, "close")]);
    return this.#text;
  }

  /** All four, to the picture's beginning; what had come by the first that was refused. */
  async play(): Promise<string> {
    for (const [method, path, ...headers] of [
      ["OPTIONS", ""],
      ["DESCRIBE", ""],
      ["SETUP", "/picture", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"],
      ["PLAY", ""],
    ] as const) {
      const answer = await this.ask(method, path, headers);
      if (!answer.startsWith("RTSP/1.0 200")) return answer;
    }
    return "playing";
  }

  #isWhole(): boolean {
    const end = this.#text.indexOf("\r\n\r\n");
    const length = Number(/Content-Length: (\d+)/.exec(this.#text)?.[1] ?? 0);
    return end >= 0 && this.#text.length >= end + 4 + length;
  }
}
