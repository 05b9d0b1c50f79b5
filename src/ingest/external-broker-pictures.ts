// Pictures that come by the site's own broker. mqtt.js never sees one: as in the embedded broker, its bytes are taken out of
// the stream as they come, and a token goes through in their place (I1).
import { randomBytes } from "node:crypto";
import type { Pictures } from "./source.ts";

const TOKEN_BYTES = 16;

/** `isPicture`: whether pictures come on this topic. `bytesMax`: of a whole packet; twice that is held in all. */
type Deps = { readonly bytesMax: number; readonly isPicture: (topic: string) => boolean } & Pick<Pictures, "drop">;

/** `lead`: the packet's first byte, then what stands before its payload. */
type Coming = { readonly lead: Buffer; readonly picture: Buffer; end: number };

/** Of one connection; one picture comes at a time. */
export class SiteLift implements Disposable {
  readonly #deps: Deps;
  readonly #lifted = new Map<string, Buffer>();
  #coming: Coming | null = null;
  #bytes = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get bytesMax(): number {
    return this.#deps.bytesMax;
  }

  get isBusy(): boolean {
    return this.#coming !== null;
  }

  isPicture(topic: string): boolean {
    return this.#deps.isPicture(topic);
  }

  /** A picture of so many bytes follows. */
  begin({ lead, bytes }: { readonly lead: Buffer; readonly bytes: number }): void {
    this.#coming = { lead, picture: Buffer.alloc(bytes), end: 0 };
  }

  /** Takes what belongs to the picture, and zeroes it there. `standIn`: the packet that goes on for it, once it is whole. */
  add(chunk: Buffer): { readonly taken: number; readonly standIn: Buffer | null } {
    const coming = this.#coming;
    if (coming === null) return { taken: 0, standIn: null };
    const part = chunk.subarray(0, coming.picture.length - coming.end);
    coming.end += part.copy(coming.picture, coming.end);
    part.fill(0);
    if (coming.end < coming.picture.length) return { taken: part.length, standIn: null };
    this.#coming = null;
    return { taken: part.length, standIn: this.#keep(coming) };
  }

  /** The picture that stands behind a message's payload; the caller owns it. Null: the payload is what it is. */
  take(payload: Buffer | string): Buffer | null {
    const token = payload.toString("latin1");
    const picture = payload.length === TOKEN_BYTES ? this.#lifted.get(token) : undefined;
    if (picture === undefined) return null;
    this.#lifted.delete(token);
    this.#bytes -= picture.length;
    return picture;
  }

  /** The connection is over: what has not been taken is zeroed. */
  [Symbol.dispose](): void {
    for (const picture of [...this.#lifted.values(), ...(this.#coming === null ? [] : [this.#coming.picture])])
      picture.fill(0);
    this.#lifted.clear();
    this.#coming = null;
  }

  #keep({ lead, picture }: Coming): Buffer {
    const token = randomBytes(TOKEN_BYTES);
    if (this.#bytes + picture.length > 2 * this.#deps.bytesMax) {
      // Many wait behind messages that wait for the disk: a newer one will come.
      picture.fill(0);
      this.#deps.drop("no-room");
    } else {
      this.#lifted.set(token.toString("latin1"), picture);
      this.#bytes += picture.length;
    }
    const body = Buffer.concat([lead.subarray(1), token]);
    const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
    return Buffer.concat([lead.subarray(0, 1), Buffer.from(length), body]);
  }
}
