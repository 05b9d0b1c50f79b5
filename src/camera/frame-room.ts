// Room for frames in memory: twenty cameras at once must not fill a small computer. A look takes a place before the camera
// is asked, and gives it back when its frame is gone. A camera that gave none last time takes a small place: a dozen dead ones
// would hold all the room for as long as a grab may take, and the living would wait.

import { LIMITS } from "../core/limits.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";

/** A place in the room. Disposing gives it back, once. */
export type Place = Disposable & {
  /** The frame has come: the place is now as large as it. False when there is no room for that beside the others. */
  grow(bytes: number): boolean;
};

/**
 * `bytesMax`: of all frames. `usualBytes`: what a frame is taken for until it has come. `silentBytes`: the same, of a
 * camera that gave none last time. `waitingMax`: looks that wait.
 */
type Bounds = {
  readonly bytesMax: number;
  readonly usualBytes: number;
  readonly silentBytes?: number;
  readonly waitingMax: number;
};

type Waiting = { readonly bytes: number; readonly come: () => void };

/** The house's own. */
export const FRAME_ROOM: Bounds = {
  bytesMax: LIMITS.framesHeldBytes,
  usualBytes: LIMITS.frameUsualBytes,
  silentBytes: CAMERA_LIMITS.frameSilentBytes,
  waitingMax: LIMITS.framesWaiting,
};

export class FrameRoom {
  readonly #bounds: Bounds;
  #bytes = 0;
  readonly #waiting: Waiting[] = [];
  readonly #silent = new Set<string>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /**
   * The next free place, in the order of asking; null at once when too many wait. Throws `stop`'s reason once that aborts.
   * `cameraId`: undefined for one that is not remembered.
   */
  async enter(stop: AbortSignal, cameraId?: string): Promise<Place | null> {
    stop.throwIfAborted();
    const { usualBytes, silentBytes = usualBytes, waitingMax } = this.#bounds;
    const bytes = cameraId !== undefined && this.#silent.has(cameraId) ? silentBytes : usualBytes;
    const take = (): Place => this.#take({ bytes, cameraId, stop });
    if (this.#waiting.length === 0 && this.#fits(bytes)) return take();
    if (this.#waiting.length >= waitingMax) return null;
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const waiting = { bytes, come: () => resolve(take()) };
    const leave = (): void => {
      const at = this.#waiting.indexOf(waiting);
      if (at >= 0) this.#waiting.splice(at, 1);
      reject(stop.reason);
      // Who stood behind may need less.
      this.#give(0);
    };
    this.#waiting.push(waiting);
    stop.addEventListener("abort", leave, { once: true });
    try {
      return await promise;
    } finally {
      stop.removeEventListener("abort", leave);
    }
  }

  #take({
    bytes: first,
    cameraId = "",
    stop,
  }: {
    bytes: number;
    cameraId: string | undefined;
    stop: AbortSignal;
  }): Place {
    let held = first;
    let isSilent = true;
    this.#bytes += held;
    return {
      grow: (bytes) => {
        isSilent = false;
        this.#silent.delete(cameraId);
        if (bytes <= held) {
          this.#give(held - bytes);
          held = bytes;
          return true;
        }
        // A frame larger than usual comes in beside others only where there is room; alone it always does.
        if (this.#bytes > held && !this.#fits(bytes - held)) return false;
        this.#bytes += bytes - held;
        held = bytes;
        return true;
      },
      [Symbol.dispose]: () => {
        // A look that was stopped says nothing of its camera.
        if (isSilent && !stop.aborted) this.#silent.add(cameraId);
        isSilent = false;
        this.#give(held);
        held = 0;
      },
    };
  }

  #give(bytes: number): void {
    this.#bytes -= bytes;
    // The place is taken here and now: whoever asks next must not find it free.
    for (let [first] = this.#waiting; first !== undefined && this.#fits(first.bytes); [first] = this.#waiting) {
      this.#waiting.shift();
      first.come();
    }
  }

  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bounds.bytesMax;
  }
}
