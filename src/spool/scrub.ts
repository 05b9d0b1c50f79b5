// Erased means gone from the files, too. SQLite's secure_delete zeroes what is deleted inside spool.db; its older pages lie in
// the write-ahead log until that is written back and cut off, which is done here, soon after something was erased.
// What lies in blocks that the file system freed is beyond a program: on a card or an SSD overwriting a file writes elsewhere.
// There only the pictures' key protects, and a card that is destroyed.
import type { Clock } from "../core/clock.ts";
import type { Database } from "../core/database.ts";
import type { Log } from "../core/log.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { isDiskFull } from "./disk-answers.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

type Deps = { readonly database: Database; readonly clock: Clock; readonly log: Log };

export class Scrub {
  readonly #deps: Deps;
  /** A log that the last run left may hold anything. */
  #dueMs: number;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#dueMs = deps.clock.monotonicMs() + SPOOL_LIMITS.scrubErasedMs;
  }

  /** After a commit that erased what may no longer be held. */
  erased(): void {
    this.#dueBy(SPOOL_LIMITS.scrubErasedMs);
  }

  /** After a commit by which entries left, since the platform has them. */
  settled(): void {
    this.#dueBy(SPOOL_LIMITS.scrubSettledMs);
  }

  /** Between transactions; holds up the program for as long as the disk needs to write back what the log holds, 4 MB at most. */
  runWhenDue(queue: CommitQueue): void {
    const { database, clock, log } = this.#deps;
    if (clock.monotonicMs() < this.#dueMs || !database.isOpen) return;
    try {
      // A command that reads beside the gateway holds the log for a moment: it is not waited for, but come back for.
      database.exec("PRAGMA busy_timeout=0");
      const { busy } = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() ?? {};
      this.#dueMs = busy === 0 ? Number.POSITIVE_INFINITY : clock.monotonicMs() + SPOOL_LIMITS.scrubErasedMs;
    } catch (cause) {
      // SQLite's own checkpoints swallow their errors; what they wrote is written anew here, so nothing is lost by that, and
      // a disk that fails is noticed within SPOOL_LIMITS.scrubSettledMs.
      if (!isDiskFull(cause)) return queue.fail(cause);
      log.warn("the disk is full: what was erased stays in the write-ahead log until there is room");
      this.#dueMs = clock.monotonicMs() + SPOOL_LIMITS.scrubSettledMs;
    } finally {
      database.exec("PRAGMA busy_timeout=5000");
    }
  }

  #dueBy(ms: number): void {
    this.#dueMs = Math.min(this.#dueMs, this.#deps.clock.monotonicMs() + ms);
  }
}
