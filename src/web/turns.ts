// Whose turn it is: one at a time, and of those who wait the one with the fewest failures first, then in the order of arrival.

/** Who waits. `failures` is read when the turn is given. */
type Waiting = { readonly failures: () => number; readonly go: () => void };

export class Turns {
  #isBusy = false;
  #waiting: readonly Waiting[] = [];

  /** Resolves when it is this one's turn, which then owes `pass`. Throws when `gone` aborts the wait. */
  async take(failures: () => number, gone: AbortSignal): Promise<void> {
    gone.throwIfAborted();
    if (!this.#isBusy) {
      this.#isBusy = true;
      return;
    }
    const turn = Promise.withResolvers<void>();
    const mine: Waiting = { failures, go: turn.resolve };
    this.#waiting = [...this.#waiting, mine];
    const giveUp = () => {
      this.#waiting = this.#waiting.filter((each) => each !== mine);
      turn.reject(gone.reason);
    };
    gone.addEventListener("abort", giveUp, { once: true });
    try {
      await turn.promise;
    } finally {
      gone.removeEventListener("abort", giveUp);
    }
  }

  pass(): void {
    const [next] = this.#waiting.toSorted((a, b) => a.failures() - b.failures());
    this.#waiting = this.#waiting.filter((each) => each !== next);
    this.#isBusy = next !== undefined;
    next?.go();
  }
}
