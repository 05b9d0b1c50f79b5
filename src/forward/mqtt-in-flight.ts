// The messages in flight on one connection: how many at once, each for how long. First come, first served.
import { LIMITS } from "../core/limits.ts";

/** `code`: the broker's reason, 0 with MQTT 3.1.1. `unanswered`: it was sent; whether it arrived nobody knows. */
export type Answer =
  | { readonly kind: "acknowledged"; readonly code: number }
  | { readonly kind: "too-large"; readonly bytesMax: number }
  | { readonly kind: "unanswered"; readonly how: "ended" | "late" | "stopped" }
  | { readonly kind: "unsent" };

export class InFlight {
  readonly #answerMs: number;
  readonly #waiting = new Set<(isMine: boolean) => void>();
  readonly #unanswered = new Set<(answer: Answer) => void>();
  #max: number;
  #count = 0;
  #bytes = 0;
  #isClosed = false;

  /** `max`: messages at once. `answerMs`: for each, and more on a slow line by the bytes in flight (LIMITS.platformBytesPerS). */
  constructor({ max, answerMs }: { max: number; answerMs: number }) {
    this.#max = max;
    this.#answerMs = answerMs;
  }

  /** The broker allows this many at once; to be said before the first is sent. */
  narrow(max: number): void {
    this.#max = Math.min(this.#max, max);
  }

  /** Sends as soon as there is room: `send` gives the acknowledgement's code. As many wait for room as a batch has entries. */
  async run(bytes: number, send: () => Promise<number>, stop: AbortSignal): Promise<Answer> {
    if (!(await this.#enter(stop))) return { kind: "unsent" };
    this.#bytes += bytes;
    const ms = this.#answerMs + Math.ceil((this.#bytes / LIMITS.platformBytesPerS) * 1000);
    // An answer may come late: the place is free when it has come, whoever waits for it.
    const code = send().finally(() => this.#leave(bytes));
    return this.#inTime(code, ms, stop);
  }

  /** The connection is over: nothing is sent any more, and nothing will be answered. */
  close(): void {
    this.#isClosed = true;
    for (const next of this.#waiting) next(false);
    for (const resolve of this.#unanswered) resolve({ kind: "unanswered", how: "ended" });
  }

  async #enter(stop: AbortSignal): Promise<boolean> {
    if (this.#isClosed || stop.aborted) return false;
    if (this.#count < this.#max) {
      this.#count += 1;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const end = (isMine: boolean): void => {
      this.#waiting.delete(end);
      resolve(isMine);
    };
    const onStop = (): void => end(false);
    this.#waiting.add(end);
    stop.addEventListener("abort", onStop);
    const isMine = await promise;
    stop.removeEventListener("abort", onStop);
    return isMine;
  }

  /** The place goes to the one that waits the longest. */
  #leave(bytes: number): void {
    this.#bytes -= bytes;
    const [next] = this.#waiting;
    if (next === undefined) this.#count -= 1;
    else next(true);
  }

  async #inTime(code: Promise<number>, ms: number, stop: AbortSignal): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const onStop = (): void => resolve({ kind: "unanswered", how: "stopped" });
    const timer = setTimeout(() => resolve({ kind: "unanswered", how: "late" }), ms);
    stop.addEventListener("abort", onStop);
    this.#unanswered.add(resolve);
    try {
      return await Promise.race([promise, code.then((given): Answer => ({ kind: "acknowledged", code: given }))]);
    } finally {
      clearTimeout(timer);
      stop.removeEventListener("abort", onStop);
      this.#unanswered.delete(resolve);
    }
  }
}
