// What one wired sensor said and the disk has not taken yet, in order. A wire cannot be told to wait: while the disk is full
// the queue fills, then what it holds becomes one, the newest level, and what is given up is counted.
import type { Arrival } from "../core/arrival.ts";
import type { Board } from "../core/board.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { waitFor } from "../core/wait.ts";
import type { Take } from "./source.ts";

type Deps = {
  readonly take: Take;
  readonly isHeldBack: () => boolean;
  readonly board: Board;
  readonly log: Log;
  readonly edgesMax: number;
  /** The pace at which what was refused is handed in again. */
  readonly retryMs: number;
};

export class EdgeQueue implements AsyncDisposable {
  readonly #deps: Deps;
  readonly #stop = new AbortController();
  #waiting: Arrival[] = [];
  #sending: Promise<void> | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Takes it on; it is handed to `take` after all that was put before, and again until it is on disk. */
  put(arrival: Arrival): void {
    const { board, edgesMax } = this.#deps;
    if (this.#waiting.length >= edgesMax) {
      board.count("gpio.collapsed", this.#waiting.length);
      this.#waiting = [];
    }
    this.#waiting.push(arrival);
    this.#sending ??= this.#send();
  }

  /** Waits for what the disk takes now, and no longer: at the next start the level is read anew. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    if (!this.#deps.isHeldBack()) await this.#sending;
    if (this.#waiting.length > 0)
      this.#deps.log.warn({ edges: this.#waiting.length }, "changes of a wired sensor were not kept");
  }

  async #send(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        await this.#deps.take(next);
      } catch (cause) {
        this.#deps.board.count("gpio.unacknowledged");
        // A full disk is told by the disk's own watch; whatever else goes wrong here is not.
        const isFull = cause instanceof GatewayError && cause.code === "SPOOL_FULL";
        this.#deps.log[isFull ? "debug" : "error"](
          { cause: messageOf(cause) },
          "a change on a wire is handed in again",
        );
        this.#waiting.unshift(next);
        // At the stop it has had its turn.
        if (this.#stop.signal.aborted) break;
        await waitFor(this.#deps.retryMs, this.#stop.signal);
      }
    }
    this.#sending = null;
  }
}
