// Room for frames in memory: twenty cameras at once must not fill a small computer. A look takes a place before the camera
// is asked, and gives it back when its frame is gone.

import { LIMITS } from "../core/limits.ts";

/** A place in the room. Disposing gives it back, once. */
export type Place = Disposable & {
  /** The frame has come: the place is now as large as it. False when there is no room for that beside the others. */
  grow(bytes: number): boolean;
};

/** `bytesMax`: of all frames. `usualBytes`: what a frame is taken for until it has come. `waitingMax`: looks that wait. */
type Bounds = { readonly bytesMax: number; readonly usualBytes: number; readonly waitingMax: number };

/** The house's own. */
export const FRAME_ROOM: Bounds = {
  bytesMax: LIMITS.framesHeldBytes,
  usualBytes: LIMITS.frameUsualBytes,
  waitingMax: LIMITS.framesWaiting,
};

export class FrameRoom {
  readonly #bounds: Bounds;
  #bytes = 0;
  readonly #waiting: ((place: Place) => void)[] = [];

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** The next free place, in the order of asking; null at once when too many wait. Throws `stop`'s reason once that aborts. */
  async enter(stop: AbortSignal): Promise<Place | null> {
    stop.throwIfAborted();
    if (this.#waiting.length === 0 && this.#fits(this.#bounds.usualBytes)) return this.#take();
    if (this.#waiting.length >= this.#bounds.waitingMax) return null;
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const leave = (): void => {
      const at = this.#waiting.indexOf(resolve);
      if (at >= 0) this.#waiting.splice(at, 1);
      reject(stop.reason);
    };
    this.#waiting.push(resolve);
    stop.addEventListener("abort", leave, { once: true });
    try {
      return await promise;
    } finally {
      stop.removeEventListener("abort", leave);
    }
  }

  #take(): Place {
    let held = this.#bounds.usualBytes;
    this.#bytes += held;
    return {
      grow: (bytes) => {
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
        this.#give(held);
        held = 0;
      },
    };
  }

  #give(bytes: number): void {
    this.#bytes -= bytes;
    // The place is taken here and now: whoever asks next must not find it free.
    while (this.#waiting.length > 0 && this.#fits(this.#bounds.usualBytes)) this.#waiting.shift()?.(this.#take());
  }

  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bounds.bytesMax;
  }
}
