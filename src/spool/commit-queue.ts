// Group commit: one FIFO for every write of the spool, one fsync for a group, and what happens on a full or failed disk.
// Commits run on the main thread: measured with 20 publishers they cost less than a hop to a worker, and while one fsync
// runs the next group gathers in the sockets, so a slow SD card makes groups larger, not queues longer.
import type { Board } from "../core/board.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { isDiskFull } from "./disk-answers.ts";
import type { HouseTime, Moment } from "./house-time.ts";

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
 * `transaction` runs all of the work or nothing of it, after the moment's leap. `onLeap` is called after a leap is on disk.
 * `isReadOnly`: whether the disk takes no writes at all just now; asked after a failure, for its reason.
 */
type Deps = {
  readonly transaction: (work: () => void, moment: Moment) => void;
  readonly onLeap: () => void;
  readonly isReadOnly: () => boolean;
  /** Called each time a write did not fit, after it was rolled back. */
  readonly onFull?: () => void;
  readonly time: HouseTime;
  readonly board: Board;
  readonly log: Log;
};

export class CommitQueue {
  readonly #deps: Deps;
  #queue: Pending[] = [];
  #timer: NodeJS.Timeout | undefined;
  #state: "ok" | "full" | "failed" = "ok";
  /** The disk's reserve is touched: only what makes room is written. */
  #isHeld = false;
  #isClosed = false;
  #failure: GatewayError | null = null;
  /** A leap moves rows: where that did not fit on a full disk, what makes room goes without it. */
  #mayLeap = true;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get condition(): "ok" | "full" | "failed" {
    return this.#state;
  }

  get hasRoom(): boolean {
    return this.#state !== "failed" && !this.#isClosed && this.#queue.length < LIMITS.appendsWaiting;
  }

  /** Resolves when the write is fsynced, in the order of the calls; waits on a full disk; rejects with SPOOL_FAILED. */
  commit(write: Write, { frees }: { readonly frees: boolean }): Promise<void> {
    if (this.#isClosed || this.#failure !== null)
      return Promise.reject(this.#failure ?? new GatewayError("SPOOL_FAILED", "the spool takes no more writes"));
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
      if (frees.length > 0 && !this.#commitFreeing(frees.slice(0, LIMITS.groupCommitEntries))) return;
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

  /** Together, or, where that does not fit, in halves: one that needs some room first (a tombstone, a dead letter) holds up no other. */
  #commitFreeing(group: readonly Pending[]): boolean {
    if (this.#commitGroup(group)) return true;
    if (group.length === 1) return false;
    const half = Math.ceil(group.length / 2);
    const isFirstDone = this.#failure === null && this.#commitFreeing(group.slice(0, half));
    return this.#failure === null && this.#commitFreeing(group.slice(half)) && isFirstDone;
  }

  /** Whether the group is on disk; if not, it is dealt with. */
  #commitGroup(group: readonly Pending[]): boolean {
    const moment = this.#deps.time.look({ mayLeap: this.#mayLeap });
    try {
      this.#deps.transaction(() => {
        for (const pending of group) pending.write(moment);
      }, moment);
    } catch (cause) {
      this.#onFailure(cause, moment);
      return false;
    }
    const committed = new Set(group);
    this.#queue = this.#queue.filter((pending) => !committed.has(pending));
    this.#deps.time.acted(moment);
    for (const pending of group) pending.done();
    if (moment.leapMs !== 0) {
      this.#deps.log.warn({ leapMs: moment.leapMs }, "the clock is known now; hours count by it from here on");
      this.#deps.onLeap();
    }
    return true;
  }

  #onFailure(cause: unknown, { leapMs }: Moment): void {
    if (!isDiskFull(cause)) return this.fail(cause);
    this.#setState("full");
    if (leapMs !== 0) this.#mayLeap = false;
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#flush(), LIMITS.spoolFullRetryMs);
    this.#deps.onFull?.();
  }

  /**
   * The disk refused something other than room: nothing more is written, and the gateway has to end. A failed fsync leaves
   * pages clean in memory that are not on disk, so trying again would succeed falsely (fsyncgate); a failed write, a read-only
   * disk and a failed checkpoint are treated alike, since none tells what is on disk.
   *
   * When COMMIT itself failed, its outcome is unknown: the frames may be whole in the log, and the next start may find the
   * transaction kept. So nothing of the group is tried again here, under other ids, in this run or the next: it is rejected,
   * unacknowledged, and forgotten. What its sensor sends again is another arrival, as after an acknowledgement that the network
   * lost; the state of its device lies in the same transaction, so where the entry was kept, the repeat of an edge is known.
   */
  fail(cause: unknown): void {
    if (this.#failure !== null) return;
    if (cause instanceof GatewayError) return this.#end(cause); // damage, by its own name
    const reason = this.#deps.isReadOnly() ? "the disk is read-only" : "the disk refused a write";
    this.#end(new GatewayError("SPOOL_FAILED", `${reason}: ${messageOf(cause)}`, { cause }));
  }

  #end(failure: GatewayError): void {
    this.#failure = failure;
    clearTimeout(this.#timer);
    this.#setState("failed");
    this.#rejectAll(this.#failure);
  }

  #rejectAll(why: GatewayError): void {
    const rejected = this.#queue;
    this.#queue = [];
    for (const pending of rejected) pending.fail(why);
  }

  #setState(state: "ok" | "full" | "failed"): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === "ok") this.#mayLeap = true;
    this.#deps.board.count(`spool.became-${state}`);
    this.#deps.log.warn({ state }, "spool changed state");
  }
}
