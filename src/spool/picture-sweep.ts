// Pictures that go, row and file: past their hour, kept for the page alone, or of entries that go unsent.
import type { CommitQueue } from "./commit-queue.ts";
import type { PictureKeeper } from "./picture-keeper.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";
import type { createReader } from "./sqlite-reader.ts";
import type { createWriter } from "./sqlite-writer.ts";

/** `erased` is called after each commit that erased something. */
type Deps = {
  readonly reader: ReturnType<typeof createReader>;
  readonly writer: ReturnType<typeof createWriter>;
  readonly queue: CommitQueue;
  readonly pictures: PictureKeeper;
  readonly erased: () => void;
};

export class PictureSweep {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Those past the hour (house time), and delivered ones that are no longer the last of their camera. Resolves to how many. */
  async due(hourMs: number): Promise<number> {
    const { reader, writer, pictures } = this.#deps;
    // Before the rows, since on a full disk this makes the room that their removal needs.
    await pictures.remove(() => reader.digestsPastTheirHour(hourMs));
    if (!reader.hasPicturesToRemove(hourMs)) return 0;
    return this.#drop(() => writer.removePictures(hourMs));
  }

  /** As the port's `dropSpare`. */
  async spare(bytes: number): Promise<boolean> {
    const { reader, writer } = this.#deps;
    if (!reader.hasSpare()) return false;
    await this.#drop(() => writer.dropSpare(bytes));
    return true;
  }

  /** Those that `write` drops, within a transaction, and gives the digests of. Resolves to how many. */
  these(write: () => string[]): Promise<number> {
    return this.#drop(write);
  }

  /**
   * Of the entries that `commit` discards; resolves when rows and files are gone. Where the commit waits for room for long the
   * files make it: should the gateway end between the two, the entries are found undeliverable, and go with a tombstone all the same.
   */
  async discarded(sequences: readonly number[], commit: () => Promise<void>): Promise<void> {
    const { reader, pictures, erased } = this.#deps;
    const digests = reader.digestsOf(sequences);
    const remove = () => pictures.remove(() => digests.filter((sha256) => !reader.isHeldBeside(sha256, sequences)));
    const early = setTimeout(() => {
      if (digests.length > 0) remove().catch(() => undefined); // what is wrong is met again after the commit
    }, SPOOL_LIMITS.filesFirstMs);
    try {
      await commit();
    } finally {
      clearTimeout(early);
    }
    erased();
    if (digests.length > 0) await remove();
  }

  async #drop(write: () => string[]): Promise<number> {
    const { reader, queue, pictures, erased } = this.#deps;
    let gone: string[] = [];
    const keepGone = () => {
      gone = write();
    };
    await queue.commit(keepGone, { frees: true });
    erased();
    await pictures.remove(() => gone.filter((sha256) => !reader.hasPicture(sha256)));
    return gone.length;
  }
}
