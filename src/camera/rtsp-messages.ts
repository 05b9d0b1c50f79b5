// Takes an RTSP connection apart (RFC 2326; interleaved frames: 10.12) and puts its texts together again: pure, no sockets.
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { LIMITS } from "../core/limits.ts";

/** `headers`: in their order, names as written. `body`: text, empty where there is none. */
export type RtspMessage = {
  readonly startLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

/** `frames`: bytes of interleaved frames, headers included, a view into what was pushed; frames may span several. */
export type RtspPiece =
  | { readonly kind: "frames"; readonly bytes: Buffer }
  | { readonly kind: "message"; readonly message: RtspMessage };

/** What came is no RTSP, or beyond its bounds. The message holds nothing of it. */
export class RtspDamage extends Error {
  override readonly name = "RtspDamage";
}

const DOLLAR = 0x24;
const FRAME_HEADER_BYTES = 4;

/**
 * Reads one direction of a connection, whatever the chunks it comes in. Holds at most one text message; frames are handed on
 * as they come, so that no pixel is copied here.
 */
export class RtspReader {
  /** Of an interleaved frame: bytes of its header seen, its length so far, bytes of it to come. */
  #headerSeen = 0;
  #frameLength = 0;
  #frameLeft = 0;
  #text: Buffer = Buffer.alloc(0);

  /** Throws RtspDamage; nothing may be pushed afterwards. */
  push(chunk: Buffer): RtspPiece[] {
    const pieces: RtspPiece[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#text.length > 0) at += this.#takeText(chunk.subarray(at), pieces);
      else if (this.#headerSeen > 0 || chunk[at] === DOLLAR) {
        const end = this.#frameEnd(chunk, at);
        pieces.push({ kind: "frames", bytes: chunk.subarray(at, end) });
        at = end;
      } else if (chunk[at] === 0x0d || chunk[at] === 0x0a)
        at += 1; // Empty lines between messages are to be passed over (RFC 9112, 2.2; cameras send them).
      else at += this.#takeText(chunk.subarray(at), pieces);
    }
    return pieces;
  }

  /** Where the frames that begin or go on at `at` end in this chunk. */
  #frameEnd(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#headerSeen === 0 && chunk[at] !== DOLLAR) break;
      if (this.#headerSeen < FRAME_HEADER_BYTES) {
        if (this.#headerSeen >= 2) this.#frameLength = (this.#frameLength << 8) | (chunk[at] ?? 0);
        this.#headerSeen += 1;
        at += 1;
        if (this.#headerSeen < FRAME_HEADER_BYTES) continue;
        this.#frameLeft = this.#frameLength;
      }
      const taken = Math.min(this.#frameLeft, chunk.length - at);
      this.#frameLeft -= taken;
      at += taken;
      if (this.#frameLeft === 0) {
        this.#headerSeen = 0;
        this.#frameLength = 0;
      }
    }
    return at;
  }

  /** Bytes of `rest` that belong to the message in hand. */
  #takeText(rest: Buffer, pieces: RtspPiece[]): number {
    const known = this.#text.length;
    const whole = Buffer.concat([
      this.#text,
      rest.subarray(0, LIMITS.cameraHeaderBytes + CAMERA_LIMITS.sdpBytes + 1 - known),
    ]);
    const head = headOf(whole);
    if (head === null) {
      this.#text = whole;
      return whole.length - known;
    }
    const message = parseHead(whole.toString("latin1", 0, head.end));
    const length = bodyBytes(message);
    if (whole.length < head.next + length) {
      this.#text = whole;
      return whole.length - known;
    }
    pieces.push({
      kind: "message",
      message: { ...message, body: whole.toString("utf8", head.next, head.next + length) },
    });
    // What follows in `whole` may be pixels: it is not held, and read again from `rest`.
    whole.fill(0);
    this.#text = Buffer.alloc(0);
    return head.next + length - known;
  }
}

/** The first value of a header, whatever the case of its name. */
export function headerOf(message: Pick<RtspMessage, "headers">, name: string): string | undefined {
  return headersOf(message, name)[0];
}

export function headersOf({ headers }: Pick<RtspMessage, "headers">, name: string): string[] {
  return headers.flatMap(([each, value]) => (each.toLowerCase() === name.toLowerCase() ? [value] : []));
}

/** With these headers in place of all of the same names; Content-Length is written by `textOf`. */
export function withHeaders(message: RtspMessage, replaced: Readonly<Record<string, string | null>>): RtspMessage {
  const names = new Set(Object.keys(replaced).map((name) => name.toLowerCase()));
  const kept = message.headers.filter(([name]) => !names.has(name.toLowerCase()));
  const added = Object.entries(replaced).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return { ...message, headers: [...kept, ...added] };
}

/** The message on the wire, its length counted anew. */
export function textOf({ startLine, headers, body }: RtspMessage): string {
  const lines = headers.filter(([name]) => name.toLowerCase() !== "content-length");
  const length = body === "" ? [] : [["Content-Length", String(Buffer.byteLength(body))] as const];
  return `${[startLine, ...[...lines, ...length].map(([name, value]) => `${name}: ${value}`)].join("\r\n")}\r\n\r\n${body}`;
}

/** Where the head ends and what follows it begins; null: not yet. Bare line feeds are taken, since cameras send them. */
function headOf(text: Buffer): { end: number; next: number } | null {
  const [strict, bare] = [text.indexOf("\r\n\r\n"), text.indexOf("\n\n")];
  const end = strict < 0 || (bare >= 0 && bare < strict) ? bare : strict;
  if (end < 0 ? text.length > LIMITS.cameraHeaderBytes : end > LIMITS.cameraHeaderBytes)
    throw new RtspDamage(`headers of more than ${LIMITS.cameraHeaderBytes} bytes`);
  // What begins like no message never becomes one: garbage is not waited for.
  const start = text.toString("latin1", 0, Math.min(text.length, 12));
  if (!/^[A-Z_]{1,20}([ /]|$)/.test(start)) throw new RtspDamage("bytes that are no RTSP");
  return end < 0 ? null : { end, next: end + (end === bare ? 2 : 4) };
}

function parseHead(text: string): Omit<RtspMessage, "body"> {
  const [startLine = "", ...lines] = text.split(/\r?\n/);
  if (!/^(RTSP\/1\.\d \d{3}( .*)?|[A-Z_]+ \S+ RTSP\/1\.\d)$/.test(startLine))
    throw new RtspDamage("bytes that are no RTSP");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    // Folded lines are of 1996; with them one could hide a header from this reader.
    if (colon <= 0 || /^\s|[\0\r]/.test(line)) throw new RtspDamage("a header that is none");
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
  });
  return { startLine, headers };
}

function bodyBytes(head: Omit<RtspMessage, "body">): number {
  const values = new Set(headersOf(head, "Content-Length"));
  if (values.size > 1) throw new RtspDamage("two lengths of one message");
  const [value = "0"] = values;
  if (!/^\d{1,9}$/.test(value)) throw new RtspDamage("a length that is none");
  if (Number(value) > CAMERA_LIMITS.sdpBytes)
    throw new RtspDamage(`a text of more than ${CAMERA_LIMITS.sdpBytes} bytes`);
  return Number(value);
}
