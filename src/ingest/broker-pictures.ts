// Pictures of cameras that publish here. aedes never sees one: a message on a picture's topic is taken out of the stream as
// it comes, its bytes zeroed where they were read, and a token goes through aedes in its place. So no picture is parsed,
// forwarded, retained or stored, and what cameras send at once has one bound (I1, I7).
import { randomBytes } from "node:crypto";
import type { Login } from "../core/arrival.ts";
import type { Chunks } from "./aedes-inside.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";
import { giveBack } from "./broker-porch.ts";
import type { Pictures } from "./source.ts";

const TOKEN_BYTES = 16;

/** Memory for pictures on their way in, all connections together. A picture that is larger than all comes in alone. */
export class PictureRoom {
  readonly #bytesMax: number;
  readonly #inside = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** One picture of a login at a time. Null: no room; `onRoom` is called when it is worth to ask again. */
  enter({ kind, id }: Login, bytes: number, onRoom: () => void): Disposable | null {
    const key = `${kind} ${id}`;
    const held = [...this.#inside.values()].reduce((sum, each) => sum + each, 0);
    if (this.#inside.has(key) || (held > 0 && held + bytes > this.#bytesMax)) {
      this.#waiting.add(onRoom);
      return null;
    }
    this.#waiting.delete(onRoom);
    this.#inside.set(key, bytes);
    return {
      [Symbol.dispose]: () => {
        if (!this.#inside.delete(key)) return;
        const waiting = [...this.#waiting];
        this.#waiting.clear();
        for (const ask of waiting) ask();
      },
    };
  }

  /** Whoever waited has gone. */
  forget(onRoom: () => void): void {
    this.#waiting.delete(onRoom);
  }
}

/** `bytesMax`: of the whole packet. `onWait`: there is no room; `onRoom`: reads on. `onSlow`: the picture took too long, and its connection must go. */
type Deps = {
  readonly login: Login;
  readonly pictures: Pictures;
  readonly room: PictureRoom;
  readonly bytesMax: number;
  readonly onRoom: () => void;
  readonly onWait: () => void;
  readonly onSlow: () => void;
};

type Coming = {
  readonly lead: Buffer;
  readonly picture: Buffer;
  end: number;
  readonly timer: NodeJS.Timeout;
  readonly place: Disposable;
};
type Lifted = { readonly picture: Buffer; readonly place: Disposable };

/** Takes the pictures out of one connection. */
export class PictureLift implements Disposable {
  readonly #deps: Deps;
  readonly #lifted = new Map<string, Lifted>();
  #coming: Coming | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * A PUBLISH of which something has come. `list`: the bytes behind its length; `packet.length` of them are its own. "none": it
   * is no picture. "lifted": list and length are now those of the message with the token. The others: not yet, or never.
   */
  step(
    head: number,
    packet: { length: number },
    list: Chunks,
  ): "none" | "unfinished" | "no-room" | "too-large" | "lifted" {
    const coming = this.#coming ?? this.#begin(head, packet, list);
    if (typeof coming === "string") return coming;
    coming.end += moveTo(coming.picture.subarray(coming.end), list);
    if (coming.end < coming.picture.length) return "unfinished";
    clearTimeout(coming.timer);
    this.#coming = null;
    const token = randomBytes(TOKEN_BYTES);
    this.#lifted.set(token.toString("latin1"), coming);
    list.prepend(Buffer.concat([coming.lead, token]));
    packet.length = coming.lead.length + TOKEN_BYTES;
    return "lifted";
  }

  /** The picture that stands behind a message's payload; the caller owns it. Null: the payload is what it is. */
  take(payload: Buffer | string): Buffer | null {
    if (this.#lifted.size === 0 || payload.length !== TOKEN_BYTES) return null;
    const token = payload.toString("latin1");
    const lifted = this.#lifted.get(token);
    if (lifted === undefined) return null;
    this.#lifted.delete(token);
    lifted.place[Symbol.dispose]();
    return lifted.picture;
  }

  /** The connection is over: what has not been taken is zeroed. */
  [Symbol.dispose](): void {
    this.#deps.room.forget(this.#deps.onRoom);
    const left: readonly Lifted[] = [...this.#lifted.values(), ...(this.#coming === null ? [] : [this.#coming])];
    clearTimeout(this.#coming?.timer);
    this.#coming = null;
    this.#lifted.clear();
    for (const { picture, place } of left) {
      picture.fill(0);
      place[Symbol.dispose]();
    }
  }

  #begin(
    head: number,
    packet: { readonly length: number },
    list: Chunks,
  ): Coming | "none" | "unfinished" | "no-room" | "too-large" {
    const { login, pictures, room, bytesMax, onRoom, onWait, onSlow } = this.#deps;
    if (!pictures.hasAny(login) || packet.length < 2) return "none";
    if (list.length < 2) return "unfinished";
    const topicEnd = 2 + list.slice(0, 2).readUInt16BE(0);
    const leadBytes = topicEnd + ((head & 0b0110) === 0 ? 0 : 2);
    if (leadBytes > packet.length) return "none";
    if (list.length < leadBytes) return "unfinished";
    if (pictures.cameraOf(login, list.slice(2, topicEnd).toString("utf8")) === null) return "none";
    if (packet.length > bytesMax) return "too-large";
    const bytes = packet.length - leadBytes;
    const place = room.enter(login, bytes, onRoom);
    if (place === null) {
      onWait();
      return "no-room";
    }
    const lead = Buffer.from(list.slice(0, leadBytes));
    list.consume(leadBytes);
    const timer = setTimeout(onSlow, BROKER_LIMITS.pictureMs).unref();
    this.#coming = { lead, picture: Buffer.alloc(bytes), end: 0, timer, place };
    return this.#coming;
  }
}

/** Moves what is there, and fits: the bytes are zeroed where they were, and whole chunks given back. Returns how many. */
function moveTo(target: Buffer, list: Chunks): number {
  let moved = 0;
  const emptied: Buffer[] = [];
  for (const chunk of list.getBuffers()) {
    const part = chunk.subarray(0, target.length - moved);
    moved += part.copy(target, moved);
    part.fill(0);
    if (part.length > 0 && part.length === chunk.length) emptied.push(chunk);
    if (moved === target.length) break;
  }
  list.consume(moved);
  for (const chunk of emptied) giveBack(chunk);
  return moved;
}
