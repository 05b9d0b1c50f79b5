// What time does to the spool: house time, entries that wait for a better clock, and what was erased going out of the files.
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { CorrectTime } from "../privacy/correct-time.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { HouseTime } from "./house-time.ts";
import { Offered } from "./offered.ts";
import { Scrub } from "./scrub.ts";
import type { DeadLetter, Entry, HeldPicture, Peek, Spool, SpoolStats } from "./spool.ts";
import type { SpoolFile } from "./spool-file.ts";
import type { createReader } from "./sqlite-reader.ts";
import { tightenPart } from "./sqlite-tighten.ts";
import { keptTime } from "./sqlite-time.ts";
import { UnsureEntries } from "./unsure-entries.ts";

/** `onVisible` is called when entries may be offered that were kept back; `failed` when the disk refuses a write. */
type Deps = {
  readonly file: SpoolFile;
  readonly reader: ReturnType<typeof createReader>;
  readonly correctTime: CorrectTime;
  readonly onVisible: () => void;
  readonly failed: (cause: unknown) => void;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

/** The reads here take and give wall time; rows hold house time. */
export class Hours {
  readonly time: HouseTime;
  readonly scrub: Scrub;
  readonly #deps: Deps;
  readonly #unsure: UnsureEntries;
  readonly #offered: Offered;
  #hiddenFrom: number | null = null;
  #isPuttingRight = false;

  constructor(deps: Deps) {
    const { file, reader, failed, clock, board, log } = deps;
    const { database } = file;
    this.#deps = deps;
    this.time = new HouseTime({
      clock,
      kept: keptTime(database, clock),
      nextSequence: () => reader.newestSequence() + 1,
      stepped(byMs) {
        board.count("clock.stepped");
        log.warn({ byMs }, "the clock was set; hours go on as before");
      },
    });
    const firstOfThisRun = reader.newestSequence() + 1;
    const newestSequence = () => reader.newestSequence();
    this.#offered = new Offered({ database, newestSequence, commit: (write) => file.commit(write), failed });
    this.#unsure = new UnsureEntries({ ...deps, database, time: this.time, firstOfThisRun });
    this.scrub = new Scrub({ database, clock, log });
  }

  /** See the port. What a sink is given here stays as it is from now on. */
  peek(ask: Peek): Entry[] {
    const hiddenFrom = this.#unsure.hiddenFrom();
    const upTo = hiddenFrom === null ? ask.upTo : Math.min(ask.upTo ?? hiddenFrom, hiddenFrom - 1);
    const nowMs = this.time.fromWall(ask.nowMs);
    const entries = this.#deps.reader.peek({ ...ask, nowMs, ...(upTo !== undefined && { upTo }) });
    this.#unsure.wereOffered(entries.map(({ sequence }) => sequence));
    this.#offered.note(entries);
    return entries.map((entry) => ({ ...entry, expiresAtMs: this.time.toWall(entry.expiresAtMs) }));
  }

  /** Of those that may be offered: what is kept back is not passed over by who goes on from here. */
  newestSequence(): number {
    const hiddenFrom = this.#unsure.hiddenFrom();
    return hiddenFrom === null ? this.#deps.reader.newestSequence() : hiddenFrom - 1;
  }

  /** See the port. */
  async tighten(queue: CommitQueue, part: Parameters<Spool["tighten"]>[0]): ReturnType<Spool["tighten"]> {
    const done = await tightenPart({ database: this.#deps.file.database, offered: this.#offered, queue }, part);
    if (done.rewritten > 0) this.scrub.erased();
    return done;
  }

  expired(nowMs: number, limit: number): number[] {
    return this.#deps.reader.expired(this.time.fromWall(nowMs), limit);
  }

  stats(nowMs: number, bytesMax: number): Omit<SpoolStats, "state"> {
    const stats = this.#deps.reader.stats(this.time.fromWall(nowMs), bytesMax);
    return { ...stats, oldestAtMs: stats.oldestAtMs === null ? null : this.time.toWall(stats.oldestAtMs) };
  }

  picturesOf(cameraId: string, limit: number): HeldPicture[] {
    const pictures = this.#deps.reader.picturesOf(cameraId, limit);
    return pictures.map((picture) => ({ ...picture, takenAtMs: this.time.toWall(picture.takenAtMs) }));
  }

  deadLetters(limit: number): DeadLetter[] {
    return this.#deps.reader.deadLetters(limit).map((letter) => ({
      ...letter,
      atMs: this.time.toWall(letter.atMs),
      expiresAtMs: this.time.toWall(letter.expiresAtMs),
    }));
  }

  /** See the port. What is put right goes on in turn with other writes; on a full disk it waits, and erasing does not. */
  async settle(queue: CommitQueue): Promise<void> {
    if (queue.condition === "ok" && this.time.isSaveDue) await queue.commit(() => undefined, { frees: true });
    if (queue.condition === "failed") return;
    this.scrub.runWhenDue(queue);
    void this.#putRight(queue);
    const hiddenFrom = this.#unsure.hiddenFrom();
    if (this.#hiddenFrom !== null && hiddenFrom !== this.#hiddenFrom) this.#deps.onVisible();
    this.#hiddenFrom = hiddenFrom;
  }

  /** Before the queue closes: how far time went in this run. */
  keepLast(queue: CommitQueue): void {
    if (queue.condition !== "ok") return;
    queue
      .commit(() => undefined, { frees: true })
      .catch((cause: unknown) => this.#deps.log.debug({ cause: String(cause) }, "the time could not be kept"));
  }

  async #putRight(queue: CommitQueue): Promise<void> {
    if (this.#isPuttingRight) return;
    this.#isPuttingRight = true;
    try {
      while (this.#unsure.isWorkDue()) {
        let chunk = { settled: (): void => undefined };
        await queue.commit(
          () => {
            chunk = this.#unsure.putRight();
          },
          { frees: false },
        );
        chunk.settled();
        this.scrub.erased();
        this.#deps.onVisible();
      }
    } catch (cause) {
      // The queue has said so to whoever must end the gateway, or was closed.
      this.#deps.log.debug({ cause: String(cause) }, "times of events could not be put right");
    } finally {
      this.#isPuttingRight = false;
    }
  }
}
