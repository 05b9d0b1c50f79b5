// A picture that stands as base64 in a JSON message, read from the bytes alone: as a string of JavaScript it could not be
// zeroed, and would lie in memory until it is collected (I1).
import { LIMITS } from "../core/limits.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";

/**
 * Decodes the base64 text at the JSON pointer (RFC 6901) in place, and zeroes the rest of the message. Null, and then the
 * message is as it was, where there is no such text, or it is no base64. A `data:` URL is read too.
 */
export function pictureInJson(message: Buffer, pointer: string): Buffer | null {
  const names = pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  const text = new Walk(message).find(names);
  if (text === null) return null;
  const from = afterDataUrl(message, text);
  const length = decodedLength(message, { from, to: text.to });
  if (length === null) return null;
  decode(message, { from, to: text.to });
  message.fill(0, length);
  return message.subarray(0, length);
}

/** Bytes from the first to before the last; of a text without its quotes. */
type Range = { readonly from: number; readonly to: number };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Walks through JSON byte by byte, without making values of it. Ill-formed JSON leads to null or to no base64. */
class Walk {
  readonly #bytes: Buffer;
  #at = 0;
  #steps = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The text that these names lead to, one level each. */
  find(names: readonly string[]): Range | null {
    if (names.length > LIMITS.jsonDepth) return null;
    for (const name of names) if (!this.#enter(name)) return null;
    this.#skipSpace();
    return this.#text();
  }

  /** Goes to the value of this name in the object, or of this place in the list, that begins here. */
  #enter(name: string): boolean {
    this.#skipSpace();
    const head = this.#bytes[this.#at++];
    if (head === 0x7b) {
      while (this.#mayGoOn() && this.#isAnother()) {
        const key = this.#text();
        this.#skipSpace();
        if (key === null || this.#bytes[this.#at++] !== 0x3a) return false;
        if (this.#isKey(key, name)) return true;
        this.#skipValue();
      }
    }
    if (head === 0x5b) {
      for (let place = 0; this.#mayGoOn() && this.#isAnother(); place++) {
        if (String(place) === name) return true;
        this.#skipValue();
      }
    }
    return false;
  }

  /** Whether a member follows; stands before it then. */
  #isAnother(): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#at] === COMMA) this.#at++;
    this.#skipSpace();
    const byte = this.#bytes[this.#at];
    return byte !== undefined && !CLOSE.has(byte);
  }

  /** Nothing else is done meanwhile: a message that is all commas would hold up the house for seconds. */
  #mayGoOn(): boolean {
    this.#steps += 1;
    return this.#steps <= CAMERA_LIMITS.jsonSteps;
  }

  #isKey({ from, to }: Range, name: string): boolean {
    if (to - from > CAMERA_LIMITS.jsonKeyBytes) return false;
    const written = this.#bytes.toString("utf8", from, to);
    if (!written.includes("\\")) return written === name;
    try {
      return JSON.parse(`"${written}"`) === name;
    } catch (cause) {
      if (cause instanceof SyntaxError) return false;
      throw cause;
    }
  }

  /** The text that begins here, and goes behind it; null where none does. */
  #text(): Range | null {
    if (this.#bytes[this.#at] !== QUOTE) return null;
    const from = this.#at + 1;
    for (
      let to = this.#bytes.indexOf(QUOTE, from);
      to >= 0 && this.#mayGoOn();
      to = this.#bytes.indexOf(QUOTE, to + 1)
    ) {
      let backslashes = 0;
      while (this.#bytes[to - 1 - backslashes] === BACKSLASH) backslashes++;
      if (backslashes % 2 === 1) continue;
      this.#at = to + 1;
      return { from, to };
    }
    this.#at = this.#bytes.length;
    return null;
  }

  #skipValue(): void {
    for (let depth = 0; this.#at < this.#bytes.length && this.#mayGoOn(); ) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte === QUOTE) this.#text();
      else if (depth === 0 && (byte === COMMA || CLOSE.has(byte))) return;
      else {
        depth += OPEN.has(byte) ? 1 : CLOSE.has(byte) ? -1 : 0;
        this.#at++;
      }
    }
  }

  #skipSpace(): void {
    while (SPACE.has(this.#bytes[this.#at] ?? 0) && this.#mayGoOn()) this.#at++;
  }
}

/** "data:image/jpeg;base64,": a header of this many bytes at most. */
const DATA_URL_BYTES = 128;

function afterDataUrl(bytes: Buffer, { from, to }: Range): number {
  if (bytes.toString("latin1", from, Math.min(to, from + 5)) !== "data:") return from;
  const comma = bytes.subarray(from, Math.min(to, from + DATA_URL_BYTES)).indexOf(COMMA);
  return comma < 0 ? from : from + comma + 1;
}

/** Bits of each letter of base64 and base64url (RFC 4648), by its code; -1: not one of them. */
const BITS = Int8Array.from({ length: 256 }, (_, code) => {
  const letter = String.fromCharCode(code).replace("-", "+").replace("_", "/");
  return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(letter);
});
const PADDING = 0x3d;
/** What may stand behind a backslash between the letters: some writers escape the slash, others break lines. */
const ESCAPED = new Map([
  [0x2f, 0x2f],
  [0x6e, 0x0a],
  [0x72, 0x0d],
]);

/** Null where a byte is no base64. */
function decodedLength(bytes: Buffer, { from, to }: Range): number | null {
  let letters = 0;
  for (let at = from; at < to; at++) {
    const code = bytes[at] ?? 0;
    const meant = code === BACKSLASH ? (ESCAPED.get(bytes[++at] ?? 0) ?? 0) : code;
    if ((BITS[meant] ?? -1) >= 0) letters++;
    else if (meant !== PADDING && !SPACE.has(meant)) return null;
  }
  return Math.floor((letters * 3) / 4);
}

/** From the start of the same buffer on: four letters become three bytes, so that it never overtakes itself. */
function decode(bytes: Buffer, { from, to }: Range): void {
  let [held, heldBits, end] = [0, 0, 0];
  for (let at = from; at < to; at++) {
    const code = bytes[at] ?? 0;
    const bits = BITS[code] ?? -1;
    // Behind a backslash the n and r of a line break are no letters.
    if (code === BACKSLASH && bytes[at + 1] !== 0x2f) at++;
    if (bits < 0) continue;
    held = ((held << 6) | bits) & 0xffff;
    heldBits += 6;
    if (heldBits < 8) continue;
    heldBits -= 8;
    bytes[end++] = (held >> heldBits) & 255;
  }
}
