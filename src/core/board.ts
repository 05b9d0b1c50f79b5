// The board in the hallway: everything that leaves, is withheld or is lost is counted by name, and people can see it.

/**
 * Named counters. Names read from coarse to fine: `snapshot.withheld.no-detector`.
 * `count` is for what is not part of a spool transaction; what is (I9) reaches the board through `set` after its commit,
 * so that the board never runs ahead of the disk.
 */
export class Board {
  readonly #counters = new Map<string, number>();
  readonly #watchers = new Set<() => void>();

  count(name: string, by = 1): void {
    this.#counters.set(name, this.get(name) + by);
    for (const watcher of this.#watchers) watcher();
  }

  get(name: string): number {
    return this.#counters.get(name) ?? 0;
  }

  /** All counters, sorted by name. */
  all(): Record<string, number> {
    return Object.fromEntries([...this.#counters].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Calls back after each change until the returned function is called. The callback must be cheap and must not throw. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
