// Lets one piece of work after the other be done, and refuses more than may wait.

export class Turns {
  readonly #waitingMax: number;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** Settles when all that was begun is over. Never rejects. */
  get idle(): Promise<unknown> {
    return this.#last;
  }

  /** Does the work when all before it is over; null, at once, when too many wait. Throws `stop`'s reason once that aborts. */
  take<Made>(stop: AbortSignal, work: () => Promise<Made>): Promise<Made> | null {
    if (this.#waiting >= this.#waitingMax) return null;
    this.#waiting += 1;
    const made = this.#last.then(() => {
      stop.throwIfAborted();
      return work();
    });
    const isOver = (): void => {
      this.#waiting -= 1;
    };
    this.#last = made.then(isOver, isOver);
    return made;
  }
}

/** The work's end, or `stop`'s reason as soon as that aborts; then the work ends by itself, unwatched. */
export async function unlessStopped<Made>(work: Promise<Made>, stop: AbortSignal): Promise<Made> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onStop = (): void => reject(stop.reason);
  if (stop.aborted) onStop();
  stop.addEventListener("abort", onStop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}
