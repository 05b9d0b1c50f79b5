// The disk itself is full, whoever filled it: the ballast is let go, so that what makes room can be written, and spool.db does
// not grow any more: what is taken from then on lives in the room of what goes.
import type { Database } from "../core/database.ts";
import { Ballast } from "./ballast.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { isDiskFull } from "./disk-answers.ts";
import type { PageBound } from "./page-bound.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

type Deps = {
  readonly database: Database;
  readonly bound: PageBound;
  readonly queue: CommitQueue;
  readonly dataDir: string;
};

export class FullDisk {
  readonly #deps: Deps;
  readonly #ballast: Ballast;
  #hasBallast: boolean | null = null;
  #isFull = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#ballast = new Ballast(deps.dataDir);
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** `freeBytes` of the disk, beyond any reserve. */
  async look(freeBytes: number): Promise<void> {
    const { queue, bound } = this.#deps;
    this.#hasBallast ??= await this.#ballast.isThere();
    if (!this.#isFull && queue.condition === "full" && freeBytes < SPOOL_LIMITS.diskFullBelowBytes)
      return this.#letGo();
    if (this.#hasBallast || freeBytes < SPOOL_LIMITS.ballastBytes * 4) return;
    this.#hasBallast = await this.#ballast.make();
    if (!this.#hasBallast) return;
    this.#isFull = false;
    bound.freeze(false);
  }

  async #letGo(): Promise<void> {
    const { database, bound, queue } = this.#deps;
    await this.#ballast.letGo();
    this.#hasBallast = false;
    this.#isFull = true;
    try {
      // Into the file, which may still grow by this, so that the log begins anew.
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (cause) {
      if (!isDiskFull(cause)) queue.fail(cause);
    }
    bound.freeze(true);
  }
}
