// Entries that were found damaged when a sink was to be offered them are set aside for a person, and never sent.
import type { Log } from "../core/log.ts";
import type { CommitQueue } from "./commit-queue.ts";

/** `takeDamaged`: sequences met since it was last called. `setAside`: within a transaction. */
type Deps = {
  readonly takeDamaged: () => number[];
  readonly setAside: (sequences: readonly number[], nowMs: number) => void;
  readonly queue: CommitQueue;
  readonly log: Log;
};

export class DamagedEntries {
  readonly #deps: Deps;
  readonly #inHand = new Set<number>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** After each look. Not waited for by who looked: on a full disk it waits for room, and meanwhile they are not offered either. */
  look(): void {
    const { takeDamaged, setAside, queue, log } = this.#deps;
    const met = takeDamaged().filter((sequence) => !this.#inHand.has(sequence));
    if (met.length === 0) return;
    for (const sequence of met) this.#inHand.add(sequence);
    log.error({ entries: met.length }, "entries are damaged on the disk; they are set aside and never sent");
    queue
      .commit(({ nowMs }) => setAside(met, nowMs), { frees: false })
      .catch((cause: unknown) => log.debug({ cause: String(cause) }, "damaged entries could not be set aside"))
      .finally(() => {
        for (const sequence of met) this.#inHand.delete(sequence);
      });
  }
}
