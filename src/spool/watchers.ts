// Who is told of something that happened in the spool.

export class Watchers {
  readonly #watchers = new Set<() => void>();

  /** The watcher is told until the returned function is called. It must not throw. */
  add(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  tell(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
