// A camera whose stream is kept open: its newest key frame waits in memory, so that a trigger gets a picture from just before
// it, without a new connection. A stream that ends is started again. While the camera may not look there is none.
import { backoffMs } from "../core/backoff.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { untilAborted, waitFor } from "../core/wait.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { RawFrame } from "./raw-frame.ts";
import { failureOf, isLoginFailure, timeoutOf } from "./rtsp-failures.ts";

/** Bounds that tests shorten. */
type Pace = {
  readonly firstFrameMs: number;
  readonly silentMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  readonly freshMs: number;
};

const PACE: Pace = {
  firstFrameMs: CAMERA_LIMITS.warmFirstFrameMs,
  silentMs: CAMERA_LIMITS.warmSilentMs,
  retryMinMs: CAMERA_LIMITS.warmRetryMinMs,
  retryMaxMs: CAMERA_LIMITS.warmRetryMaxMs,
  freshMs: LIMITS.cameraFrameFreshMs,
};

/** `pictures`: begins the stream, which ends with the signal; each picture is the receiver's. */
type Deps = Required<CameraDeps> & {
  readonly pictures: (stop: AbortSignal) => AsyncGenerator<Buffer>;
  readonly pace?: Partial<Pace>;
};

type Waiter = { readonly resolve: () => void; readonly reject: (reason: GatewayError) => void };

export function openWarmCamera({ pace = {}, ...deps }: Deps): Camera & AsyncDisposable {
  const camera = new WarmCamera({ ...deps, pace: { ...PACE, ...pace } });
  const running = camera.run();
  return {
    id: deps.id,
    grab: (stop) => camera.grab(stop),
    rest: (isResting) => camera.rest(isResting),
    async [Symbol.asyncDispose]() {
      camera.close();
      await running;
    },
  };
}

class WarmCamera {
  readonly #deps: Deps & { readonly pace: Pace };
  readonly #closing = new AbortController();
  readonly #waiters = new Set<Waiter>();
  #newest: RawFrame | null = null;
  #forget: NodeJS.Timeout | undefined;
  /** Why there is no stream just now; null while there is one or it is being started. */
  #failure: GatewayError | null = null;
  /** Ends the wait for the next start. */
  #wake = new AbortController();
  #isResting = true;
  /** Ends the stream that there is when the rest begins. */
  #resting = new AbortController();

  constructor(deps: Deps & { readonly pace: Pace }) {
    this.#deps = deps;
  }

  /** Until `close`. Never rejects. */
  async run(): Promise<void> {
    const { retryMinMs: minMs, retryMaxMs } = this.#deps.pace;
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      if (this.#isResting) {
        this.#wake = new AbortController();
        await untilAborted(AbortSignal.any([this.#closing.signal, this.#wake.signal]));
        continue;
      }
      const resting = this.#resting.signal;
      const { failure, hadFrames } = await this.#watch(resting);
      if (this.#closing.signal.aborted) return;
      if (resting.aborted) continue;
      failures = hadFrames ? 1 : failures + 1;
      this.#fail(failure);
      const ms = isLoginFailure(failure)
        ? CAMERA_LIMITS.warmLoginRetryMs
        : backoffMs({ failures, minMs, maxMs: retryMaxMs });
      this.#wake = new AbortController();
      await waitFor(ms, AbortSignal.any([this.#closing.signal, this.#wake.signal]));
      this.#failure = null;
    }
  }

  async grab(stop: AbortSignal): Promise<RawFrame> {
    const { id, grabMs } = this.#deps;
    if (stop.aborted || this.#closing.signal.aborted) throw failureOf(id, "ended");
    this.rest(false);
    const kept = this.#take();
    if (kept !== null) return kept;
    // Somebody wants a picture now: the next start does not wait its turn. A refused password does.
    if (this.#failure !== null && isLoginFailure(this.#failure)) throw this.#failure;
    this.#wake.abort();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { resolve, reject };
    const end = (): void => reject(failureOf(id, "ended"));
    const timer = setTimeout(() => reject(timeoutOf(id, grabMs)), grabMs);
    stop.addEventListener("abort", end, { once: true });
    this.#waiters.add(waiter);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      this.#waiters.delete(waiter);
    }
    // Two grabs may wait for one frame: the port has one at a time, and the other is told.
    return this.#take() ?? Promise.reject(timeoutOf(id, grabMs));
  }

  /** A rest waits for who waits for a picture. */
  rest(isResting: boolean): void {
    if (this.#isResting === isResting || (isResting && this.#waiters.size > 0)) return;
    this.#isResting = isResting;
    if (isResting) {
      this.#resting.abort();
      this.#failure = null;
      this.#take()?.[Symbol.dispose]();
    } else {
      this.#resting = new AbortController();
    }
    this.#wake.abort();
  }

  close(): void {
    this.#closing.abort();
    this.#fail(failureOf(this.#deps.id, "ended"));
    this.#take()?.[Symbol.dispose]();
  }

  /** One stream, from its start to its end. */
  async #watch(resting: AbortSignal): Promise<{ failure: GatewayError; hadFrames: boolean }> {
    const { id, pictures, pace } = this.#deps;
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(), pace.firstFrameMs);
    let hadFrames = false;
    try {
      for await (const bytes of pictures(AbortSignal.any([this.#closing.signal, silent.signal, resting]))) {
        clearTimeout(timer);
        timer = setTimeout(() => silent.abort(), pace.silentMs);
        hadFrames = true;
        if (resting.aborted) bytes.fill(0);
        else this.#keep(bytes);
      }
      return { failure: failureOf(id, "closed"), hadFrames };
    } catch (thrown) {
      if (thrown instanceof GatewayError) return { failure: thrown, hadFrames };
      const ms = hadFrames ? pace.silentMs : pace.firstFrameMs;
      const failure = silent.signal.aborted ? timeoutOf(id, ms) : new GatewayError("INTERNAL", messageOf(thrown));
      return { failure, hadFrames };
    } finally {
      clearTimeout(timer);
    }
  }

  /** The one before is zeroed, and this one too once it is too old to be handed out. */
  #keep(bytes: Buffer): void {
    const { id, clock, pace } = this.#deps;
    this.#take()?.[Symbol.dispose]();
    const frame = new RawFrame({ bytes, cameraId: id, takenAtMs: clock.nowMs() });
    if (this.#closing.signal.aborted) {
      frame[Symbol.dispose]();
      return;
    }
    this.#newest = frame;
    this.#forget = setTimeout(() => this.#take()?.[Symbol.dispose](), pace.freshMs);
    this.#failure = null;
    for (const { resolve } of this.#waiters) resolve();
  }

  /** The frame that is kept, no longer kept. */
  #take(): RawFrame | null {
    clearTimeout(this.#forget);
    const frame = this.#newest;
    this.#newest = null;
    return frame;
  }

  #fail(failure: GatewayError): void {
    this.#failure = failure;
    for (const { reject } of this.#waiters) reject(failure);
  }
}
