// When a picture's file may be written and removed, so that no picture that waits loses its file.
// Files are written and removed in turn, and never while a write waits for the disk: erasing must go on when that is full.
import { GatewayError, messageOf } from "../core/errors.ts";
import { isDiskFull, isPassing } from "./disk-answers.ts";
import type { ImageFiles } from "./image-files.ts";

export class PictureKeeper {
  readonly #files: ImageFiles;
  readonly #failed: (cause: unknown) => void;
  /** Digests whose file is written and whose row is not yet committed, with how many such rows there are. */
  readonly #inHand = new Map<string, number>();
  #turn: Promise<void> = Promise.resolve();

  /** `failed` is told when the disk refused something other than room: then the gateway ends, as after a refused commit. */
  constructor(files: ImageFiles, failed: (cause: unknown) => void) {
    this.#files = files;
    this.#failed = failed;
  }

  /**
   * Writes the file, then calls `commit` for its row; until that has ended nobody removes the file. Throws SPOOL_FULL and
   * SPOOL_FAILED when the file cannot be written.
   */
  async keep({ sha256, jpeg }: { sha256: string; jpeg: Uint8Array }, commit: () => Promise<void>): Promise<void> {
    this.#hold(sha256, 1);
    try {
      await this.#inTurn(() => this.#files.write(sha256, jpeg)).catch((cause: unknown) => {
        throw this.#refusal("cannot store a redacted picture", cause);
      });
      await commit();
    } finally {
      this.#hold(sha256, -1);
    }
  }

  /** Removes the files of these digests but for those in hand. `choose` is called when it is this call's turn. */
  remove(choose: () => readonly string[]): Promise<void> {
    return this.#inTurn(() => this.#files.remove(choose().filter((sha256) => !this.#inHand.has(sha256)))).catch(
      (cause: unknown) => {
        throw this.#refusal("cannot remove a redacted picture", cause);
      },
    );
  }

  #refusal(what: string, cause: unknown): GatewayError {
    const isToEnd = !isDiskFull(cause) && !isPassing(cause);
    if (isToEnd) this.#failed(cause);
    return new GatewayError(isToEnd ? "SPOOL_FAILED" : "SPOOL_FULL", `${what}: ${messageOf(cause)}`, { cause });
  }

  #hold(sha256: string, by: 1 | -1): void {
    const count = (this.#inHand.get(sha256) ?? 0) + by;
    if (count === 0) this.#inHand.delete(sha256);
    else this.#inHand.set(sha256, count);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined); // told to the caller; the next one's turn comes all the same
    return mine;
  }
}
