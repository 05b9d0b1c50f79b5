// How the pump rests between two turns: for a time, until an append or until a person acts, and never past the stop.
import { untilAborted } from "../core/wait.ts";

type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** One rest at a time. `wait` as in PumpNeeds; `stop` ends every rest. */
export class Rest {
  readonly #wait: Wait;
  readonly #stop: AbortSignal;
  /** Set by an append or a person, cleared before each look at the queue: neither is missed in the middle of a turn. */
  #hasNews = false;
  #resting: { readonly wake: AbortController; readonly until: "append" | "resume" } | null = null;

  constructor(wait: Wait, stop: AbortSignal) {
    this.#wait = wait;
    this.#stop = stop;
  }

  /** The queue is being looked at: what was appended so far is seen. */
  looks(): void {
    this.#hasNews = false;
  }

  appended(): void {
    this.#hasNews = true;
    if (this.#resting?.until === "append") this.#resting.wake.abort();
  }

  /** Ends a rest of either kind. */
  resume(): void {
    this.#hasNews = true;
    this.#resting?.wake.abort();
  }

  /** Ends after `ms` (null: no time), or on what `until` says, or at the stop, whichever comes first. */
  async wait({ ms, until }: { ms: number | null; until: "append" | "resume" }): Promise<void> {
    if (this.#stop.aborted || (until === "append" && this.#hasNews)) return;
    const wake = new AbortController();
    const end = () => wake.abort();
    this.#resting = { wake, until };
    this.#stop.addEventListener("abort", end, { once: true });
    await (ms === null ? untilAborted(wake.signal) : this.#wait(ms, wake.signal));
    this.#stop.removeEventListener("abort", end);
    this.#resting = null;
  }
}
