// Pictures that cameras send by themselves, until somebody grabs them: the newest one of each camera, in memory, for a few
// seconds. What is not handed out is zeroed and counted (I1).
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { RawFrame } from "./raw-frame.ts";

/** Why a picture that came was never looked at; each is counted as `camera.picture.dropped.<why>`. */
export type PictureDropped =
  | "no-camera"
  | "no-picture"
  | "too-large"
  | "no-room"
  | "replaced"
  | "too-old"
  | "retained-replay"
  | "left-over"
  | "unfinished"
  | "video"
  | "unreadable"
  | "not-erased"
  | "paused"
  | "closed";

/** `bytesMax`: of all pictures that wait. `freshMs`: how long one waits. Both are bounds of the house unless a test shrinks them. `isPaused`: whether a camera does not look, so that what it sends is dropped unread unless somebody waits for it. */
type Deps = {
  readonly clock: Clock;
  readonly board: Board;
  readonly bytesMax?: number;
  readonly freshMs?: number;
  readonly isPaused?: (cameraId: string) => boolean;
};

type ReadMessage = (message: Buffer) => Buffer | null;

/** The place of one camera. */
export type PictureSlot = Disposable & {
  /** Takes ownership of the bytes (an encoded picture) and zeroes them unless they are grabbed in time. */
  put(bytes: Buffer): void;
  /** Counts what was not put. */
  drop(why: PictureDropped, count?: number): void;
  /** The picture that waits, or the next one that comes within `waitMs`. Throws CAMERA_TIMEOUT, CAMERA_UNREACHABLE once closed. */
  next(waitMs: number, stop: AbortSignal): Promise<RawFrame>;
  /** Ends a `next` that waits with this error. */
  fail(cause: GatewayError): void;
  /** Calls back for each picture that nobody was waiting for, until the returned function is called. */
  onPicture(heard: () => void): () => void;
};

export class PictureInbox implements Disposable {
  readonly #deps: Required<Deps>;
  readonly #slots = new Map<string, Slot>();
  #bytes = 0;

  constructor(deps: Deps) {
    this.#deps = {
      bytesMax: CAMERA_LIMITS.inboxBytes,
      freshMs: LIMITS.cameraFrameFreshMs,
      isPaused: () => false,
      ...deps,
    };
  }

  /** The camera's place; disposing it zeroes what waits there. `read`: finds the picture in a message, in place; null: none. */
  open(cameraId: string, read: ReadMessage = (message) => message): PictureSlot {
    const slot = new Slot(cameraId, {
      ...this.#deps,
      read,
      hasRoom: (bytes) => this.#bytes + bytes <= this.#deps.bytesMax,
      hold: (bytes) => void (this.#bytes += bytes),
      closed: () => this.#slots.delete(cameraId),
    });
    this.#slots.set(cameraId, slot);
    return slot;
  }

  /** A message of the camera, as it came: its camera reads the picture in it. Zeroed where no such camera is open. */
  take(cameraId: string, message: Buffer): void {
    const slot = this.#slots.get(cameraId);
    if (slot !== undefined) return slot.receive(message);
    message.fill(0);
    this.#deps.board.count("camera.picture.dropped.no-camera");
  }

  /** Counts a picture that was dropped on its way here. */
  drop(why: PictureDropped): void {
    this.#deps.board.count(`camera.picture.dropped.${why}`);
  }

  [Symbol.dispose](): void {
    for (const slot of this.#slots.values()) slot[Symbol.dispose]();
  }
}

type SlotDeps = Required<Deps> & {
  readonly read: ReadMessage;
  readonly hasRoom: (bytes: number) => boolean;
  /** Bytes more, or less, that wait. */
  readonly hold: (bytes: number) => void;
  readonly closed: () => void;
};

class Slot implements PictureSlot {
  readonly #cameraId: string;
  readonly #deps: SlotDeps;
  readonly #watchers = new Set<() => void>();
  #waiting: { readonly bytes: Buffer; readonly takenAtMs: number; readonly timer: NodeJS.Timeout } | null = null;
  #next: PromiseWithResolvers<RawFrame> | null = null;
  #isClosed = false;

  constructor(cameraId: string, deps: SlotDeps) {
    this.#cameraId = cameraId;
    this.#deps = deps;
  }

  receive(message: Buffer): void {
    const isUnread = this.#isClosed || this.#isHeld();
    const picture = isUnread ? null : this.#deps.read(message);
    if (picture !== null) return this.put(picture);
    message.fill(0);
    this.drop(this.#isHeld() ? "paused" : "no-picture");
  }

  put(bytes: Buffer): void {
    const { clock, hasRoom, hold, freshMs } = this.#deps;
    this.#forget("replaced");
    const why = this.#isHeld() ? "paused" : (this.#refuses(bytes) ?? (hasRoom(bytes.length) ? null : "no-room"));
    if (why !== null) {
      bytes.fill(0);
      this.drop(why);
      return;
    }
    this.#deps.board.count("camera.picture.taken");
    const takenAtMs = clock.nowMs();
    if (this.#next !== null) {
      const frame = new RawFrame({ bytes, cameraId: this.#cameraId, takenAtMs });
      this.#next.resolve(frame);
      this.#next = null;
      return;
    }
    hold(bytes.length);
    // Not a reason to keep the program alive.
    const timer = setTimeout(() => this.#forget("too-old"), freshMs).unref();
    this.#waiting = { bytes, takenAtMs, timer };
    for (const watcher of this.#watchers) watcher();
  }

  drop(why: PictureDropped, count = 1): void {
    if (count > 0) this.#deps.board.count(`camera.picture.dropped.${why}`, count);
  }

  async next(waitMs: number, stop: AbortSignal): Promise<RawFrame> {
    if (this.#isClosed || stop.aborted)
      throw new GatewayError("CAMERA_UNREACHABLE", `camera ${this.#cameraId} is closed`);
    const waiting = this.#release();
    if (waiting !== null) return new RawFrame({ ...waiting, cameraId: this.#cameraId });
    // The road asks one at a time.
    this.fail(new GatewayError("CAMERA_TIMEOUT", `camera ${this.#cameraId}: another look waits by now`));
    const mine = Promise.withResolvers<RawFrame>();
    this.#next = mine;
    const giveUp = (cause: GatewayError): void => {
      if (this.#next === mine) this.fail(cause);
    };
    const timer = setTimeout(() => giveUp(silent(this.#cameraId, waitMs)), waitMs);
    const stopped = (): void =>
      giveUp(new GatewayError("CAMERA_UNREACHABLE", `camera ${this.#cameraId}: the look was stopped`));
    stop.addEventListener("abort", stopped, { once: true });
    try {
      return await mine.promise;
    } finally {
      clearTimeout(timer);
      stop.removeEventListener("abort", stopped);
    }
  }

  fail(cause: GatewayError): void {
    this.#next?.reject(cause);
    this.#next = null;
  }

  onPicture(heard: () => void): () => void {
    this.#watchers.add(heard);
    return () => this.#watchers.delete(heard);
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watchers.clear();
    this.#forget("closed");
    this.fail(new GatewayError("CAMERA_UNREACHABLE", `camera ${this.#cameraId} is closed`));
    this.#deps.closed();
  }

  /** A test of a house whose policy is a draft waits for its picture. */
  #isHeld(): boolean {
    return this.#next === null && this.#deps.isPaused(this.#cameraId);
  }

  #refuses(bytes: Buffer): PictureDropped | null {
    if (this.#isClosed) return "closed";
    if (bytes.length === 0) return "no-picture";
    return bytes.length > LIMITS.frameBytes ? "too-large" : null;
  }

  #forget(why: PictureDropped): void {
    const waiting = this.#release();
    if (waiting === null) return;
    waiting.bytes.fill(0);
    this.drop(why);
  }

  #release(): { readonly bytes: Buffer; readonly takenAtMs: number } | null {
    const waiting = this.#waiting;
    if (waiting === null) return null;
    clearTimeout(waiting.timer);
    this.#waiting = null;
    this.#deps.hold(-waiting.bytes.length);
    return waiting;
  }
}

function silent(cameraId: string, waitMs: number): GatewayError {
  return new GatewayError("CAMERA_TIMEOUT", `camera ${cameraId} sent no picture within ${waitMs} ms`, {
    hint: "This camera sends its pictures by itself, and none came. Is it on, and does it send them to the right place?",
  });
}
