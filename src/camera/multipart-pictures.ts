// Takes single pictures out of an endless answer of them: multipart/x-mixed-replace of MJPEG cameras, `-f mpjpeg` of ffmpeg.
// Our own: readers of forms wait for the end of a part's stream, want every dash that cameras forget, and zero nothing (I1).
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { isCutJpeg } from "./picture-form.ts";

const LF = 0x0a;

/** What a part's headers said. `length`: null where the next boundary ends it. */
type Part = { length: number | null; isPicture: boolean };

/** The boundary that a multipart answer's Content-Type names, null where it names none; then the first line with dashes is it. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;,"]+))/i.exec(contentType) ?? [];
  return quoted ?? bare ?? null;
}

/**
 * Reads by Content-Length where a part has one, else up to the next boundary; dashes, CR and Content-Type may be missing.
 * Holds one part at most (LIMITS.frameBytes, LIMITS.cameraHeaderBytes); dispose zeroes what is held.
 */
export class MultipartPictures {
  readonly #id: string;
  /** The boundary without its dashes, since cameras forget them on either side. */
  readonly #name: string | null;
  /** A line end and the boundary as this stream writes it. */
  #delimiter: Buffer | null = null;
  #held = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  /** Up to here there is no delimiter. */
  #sought = 0;
  #lineBytes = 0;
  /** Null between two parts. */
  #part: Part | null = null;
  #isInBody = false;

  /** `boundary`: see `boundaryOf`. `id`: the camera's, for errors. */
  constructor({ id, boundary }: { readonly id: string; readonly boundary: string | null }) {
    this.#id = id;
    this.#name = boundary?.replaceAll(/^-+|-+$/g, "") || null;
  }

  /**
   * Takes ownership of `chunk` and zeroes it. The pictures that are whole now, oldest first, each in a buffer of its own
   * for the caller to zero. Throws PICTURE_REFUSED for what is no such stream; nothing can be pushed after that.
   */
  push(chunk: Buffer): Buffer[] {
    this.#hold(chunk);
    const pictures: Buffer[] = [];
    try {
      while (this.#isInBody ? this.#readBody(pictures) : this.#readLine()) continue;
    } catch (thrown) {
      for (const picture of pictures) picture.fill(0);
      this[Symbol.dispose]();
      throw thrown;
    }
    this.#held.copyWithin(0, this.#from, this.#to);
    this.#held.fill(0, this.#to - this.#from, this.#to);
    this.#to -= this.#from;
    this.#sought -= this.#from;
    this.#from = 0;
    return pictures;
  }

  [Symbol.dispose](): void {
    this.#held.fill(0);
    this.#from = this.#to;
  }

  #hold(chunk: Buffer): void {
    if (this.#to + chunk.length > this.#held.length) {
      const larger = Buffer.alloc(Math.max(2 * this.#held.length, this.#to + chunk.length));
      this.#held.copy(larger, 0, 0, this.#to);
      this.#held.fill(0);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#to);
    chunk.fill(0);
    this.#to += chunk.length;
  }

  /** One line between parts or of a part's headers; false when it is not whole yet. */
  #readLine(): boolean {
    const end = this.#held.subarray(0, this.#to).indexOf(LF, this.#from);
    const bytes = (end < 0 ? this.#to : end + 1) - this.#from;
    if (this.#lineBytes + bytes > LIMITS.cameraHeaderBytes)
      throw this.#refuse(`there is no picture in the first ${LIMITS.cameraHeaderBytes} bytes of a part`);
    if (end < 0) return false;
    const line = this.#held.toString("latin1", this.#from, end).trim();
    this.#from = end + 1;
    this.#lineBytes += bytes;
    if (this.#part === null) this.#readBetween(line);
    else if (line === "") this.#beginBody();
    else this.#readHeader(this.#part, line);
    return true;
  }

  #readBetween(line: string): void {
    const isHeader = /^content-(type|length)\s*:/i.test(line);
    const name = line.replaceAll(/^-+|-+$/g, "");
    const isDelimiter = this.#name === null ? line.startsWith("--") : name === this.#name;
    if (!isHeader && !isDelimiter) return;
    this.#part = { length: null, isPicture: true };
    // A first part without its boundary was seen, too: the headers come at once.
    if (isHeader) this.#readHeader(this.#part, line);
    else this.#delimiter ??= Buffer.from(`\n${name === "" ? line : line.replace(/-+$/, "")}`, "latin1");
  }

  #readHeader(part: Part, line: string): void {
    const [, name = "", value = ""] = /^([^:\s]+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === "content-type") part.isPicture = /^(image\/|application\/octet-stream)/i.test(value);
    if (name.toLowerCase() !== "content-length") return;
    if (!/^\d{1,12}$/.test(value)) throw this.#refuse("the length of a part is no number");
    part.length = Number(value);
    if (part.length > LIMITS.frameBytes) throw this.#refuse(`it is larger than ${LIMITS.frameBytes} bytes`);
  }

  #beginBody(): void {
    this.#isInBody = true;
    this.#lineBytes = 0;
    // The line end stays: an empty part's delimiter begins with it.
    this.#from -= 1;
    this.#sought = this.#from;
    this.#delimiter ??= this.#name === null ? null : Buffer.from(`\n--${this.#name}`, "latin1");
  }

  /** The part's body, if it is whole. */
  #readBody(pictures: Buffer[]): boolean {
    const end = this.#part?.length != null ? this.#endByLength(this.#part.length) : this.#endByDelimiter();
    if (end === null) return false;
    const from = this.#from + 1;
    if (end - from > LIMITS.frameBytes) throw this.#refuse(`it is larger than ${LIMITS.frameBytes} bytes`);
    if (this.#part?.isPicture === true && end > from) pictures.push(this.#copyOf(from, end));
    this.#from = end;
    this.#part = null;
    this.#isInBody = false;
    return true;
  }

  #endByLength(length: number): number | null {
    const end = this.#from + 1 + length;
    return this.#to < end ? null : end;
  }

  #endByDelimiter(): number | null {
    if (this.#delimiter === null) throw this.#refuse("its parts have neither a length nor a boundary");
    const at = this.#held.subarray(0, this.#to).indexOf(this.#delimiter, this.#sought);
    if (at >= 0) return Math.max(this.#from + 1, this.#held[at - 1] === 0x0d ? at - 1 : at);
    this.#sought = Math.max(this.#sought, this.#to - this.#delimiter.length + 1);
    if (this.#to - this.#from > LIMITS.frameBytes + this.#delimiter.length)
      throw this.#refuse(`it is larger than ${LIMITS.frameBytes} bytes`);
    return null;
  }

  #copyOf(from: number, to: number): Buffer {
    const found = this.#held.subarray(from, to);
    if (isCutJpeg(found)) throw this.#refuse("its length does not fit the picture");
    // Not Buffer.from, which puts small ones into memory that others share.
    const picture = Buffer.alloc(found.length);
    found.copy(picture);
    return picture;
  }

  #refuse(why: string): GatewayError {
    return new GatewayError("PICTURE_REFUSED", `the pictures that ${this.#id} sends cannot be read: ${why}`, {
      hint: "Does the camera's address give MJPEG? Open it in a browser: it should show a moving picture.",
    });
  }
}
