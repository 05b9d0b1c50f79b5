// Group commit: one FIFO for every write of the spool, one fsync for a group, and what happens on a full or failed disk.
// Commits run on the main thread: measured with 20 publishers they cost less than a hop to a worker, and while one fsync
// runs the next group gathers in the sockets, so a slow SD card makes groups larger, not queues longer.
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { ClockSteps, type Moment } from "../core/clock-steps.ts";
import { sqliteCodeOf } from "../core/database.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";

const SQLITE_FULL = 13;

/** Called inside a transaction, perhaps again when that was rolled back. */
export type Write = (moment: Moment) => void;

/** `frees`: it makes room, so on a full disk it goes before those that need room. */
type Pending = {
  readonly write: Write;
  readonly frees: boolean;
  readonly done: () => void;
  readonly fail: (why: Error) => void;
};

/**
 * `transaction` runs all of the work or nothing of it, and first moves what was made in this run by `moment.stepMs`.
 * `onStep` is called after such a move is on disk.
 */
type Deps = {
  readonly transaction: (work: () => void, moment: Moment) => void;
  readonly onStep: () => void;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

export class CommitQueue {
  readonly #deps: Deps;
  readonly #steps: ClockSteps;
  #queue: Pending[] = [];
  #timer: NodeJS.Timeout | undefined;
  #state: "ok" | "full" | "failed" = "ok";
  /** The disk's reserve is touched: only what makes room is written. */
  #isHeld = false;
  #isClosed = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#steps = new ClockSteps(deps.clock);
  }

  get condition(): "ok" | "full" | "failed" {
    return this.#state;
  }

  get hasRoom(): boolean {
    return this.#state !== "failed" && !this.#isClosed && this.#queue.length < LIMITS.appendsWaiting;
  }

  /** Resolves when the write is fsynced, in the order of the calls; waits on a full disk; rejects with SPOOL_FAILED. */
  commit(write: Write, { frees }: { readonly frees: boolean }): Promise<void> {
    if (this.#isClosed || this.#state === "failed") {
      return Promise.reject(new GatewayError("SPOOL_FAILED", "the spool takes no more writes"));
    }
    return new Promise((done, fail) => {
      this.#queue.push({ write, frees, done, fail });
      const isGroupWhole = this.#queue.length >= LIMITS.groupCommitEntries;
      if (this.#state === "ok" ? isGroupWhole : frees) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), LIMITS.groupCommitMs);
    });
  }

  /** Resolves when all that was committed before is on disk, at once if nothing waits. Writes nothing. */
  settled(): Promise<void> {
    return this.#queue.length === 0 && this.#state !== "failed"
      ? Promise.resolve()
      : this.commit(() => undefined, { frees: false });
  }

  /** Both clocks, now; a step that is not yet on disk stands in it. */
  look(): Moment {
    return this.#steps.look();
  }

  /** While held, writes wait as on a full disk, but for those that make room. */
  hold(isHeld: boolean): void {
    if (this.#state === "failed" || this.#isClosed || isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    if (isHeld) this.#setState("full");
    else this.#flush();
  }

  /** Commits what waits; what could not be committed rejects. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isHeld = false; // what waits for the reserve only is small, and still fits
    if (this.#state !== "failed") this.#flush();
    clearTimeout(this.#timer);
    this.#rejectAll(new GatewayError("SPOOL_FAILED", "the spool was closed before this could be written"));
  }

  /** One transaction for what waits, in the order of the calls; on a full disk, first one for what makes room. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#state === "full") {
      const frees = this.#queue.filter((pending) => pending.frees);
      if (frees.length > 0 && !this.#commitGroup(frees.slice(0, LIMITS.groupCommitEntries))) return;
      if (this.#isHeld) {
        if (frees.length > LIMITS.groupCommitEntries) this.#timer = setTimeout(() => this.#flush(), 0);
        return;
      }
    }
    // Small groups on a full disk: a large one would not fit where its first writes would.
    const group = this.#queue.slice(0, this.#state === "full" ? LIMITS.groupCommitWhenFull : LIMITS.groupCommitEntries);
    if (group.length > 0 && !this.#commitGroup(group)) return;
    if (this.#queue.length === 0) this.#setState("ok");
    else if (this.#isClosed) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), 0);
  }

  /** Whether the group is on disk; if not, it is dealt with. */
  #commitGroup(group: readonly Pending[]): boolean {
    const moment = this.#steps.look();
    try {
      this.#deps.transaction(() => {
        for (const pending of group) pending.write(moment);
      }, moment);
    } catch (cause) {
      this.#onFailure(cause);
      return false;
    }
    const committed = new Set(group);
    this.#queue = this.#queue.filter((pending) => !committed.has(pending));
    for (const pending of group) pending.done();
    if (moment.stepMs !== 0) {
      this.#steps.acted(moment);
      this.#deps.board.count("clock.stepped");
      this.#deps.log.warn({ stepMs: moment.stepMs }, "the clock was set; what was made in this run keeps its time");
      this.#deps.onStep();
    }
    return true;
  }

  #onFailure(cause: unknown): void {
    if (sqliteCodeOf(cause) === SQLITE_FULL) {
      this.#setState("full");
      if (!this.#isClosed) this.#timer = setTimeout(() => this.#flush(), LIMITS.spoolFullRetryMs);
      return;
    }
    // A failed fsync leaves pages clean in memory that are not on disk: trying again would succeed falsely (fsyncgate).
    this.#setState("failed");
    this.#rejectAll(new GatewayError("SPOOL_FAILED", `the spool could not be written: ${messageOf(cause)}`, { cause }));
  }

  #rejectAll(why: GatewayError): void {
    const rejected = this.#queue;
    this.#queue = [];
    for (const pending of rejected) pending.fail(why);
  }

  #setState(state: "ok" | "full" | "failed"): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#deps.board.count(`spool.became-${state}`);
    this.#deps.log.warn({ state }, "spool changed state");
  }
}
