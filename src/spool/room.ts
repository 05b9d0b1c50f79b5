// How much room there is: beyond bytesMax or below the disk's reserve appends are held back, until something has gone; and
// room that is free again is given back to the disk in quiet moments.
import type { Clock } from "../core/clock.ts";
import type { Database } from "../core/database.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { freeBytesOf } from "./disk-answers.ts";
import { FullDisk } from "./full-disk.ts";
import type { PageBound } from "./page-bound.ts";
import { Rate, RATE_KEY, TAKEN_BYTES } from "./rate.ts";
import type { SpoolFile } from "./spool-file.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

/** `reserveFreeBytes` of the disk are left to the system (0: none); `freeBytes` is the disk's answer. */
type Deps = {
  readonly file: SpoolFile;
  readonly bound: PageBound;
  readonly queue: CommitQueue;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly bytesMax: number;
  readonly reserveFreeBytes?: number;
  readonly freeBytes?: (path: string) => Promise<number>;
};

export class Room {
  readonly #deps: Deps;
  readonly #reads;
  readonly #keepRate: (text: string) => void;
  readonly #rate: Rate;
  readonly #fullDisk: FullDisk;
  /** Of the disk, as last looked at. */
  #diskBytes = Number.POSITIVE_INFINITY;
  #busyAtMs = 0;
  #fullSinceMs: number | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#fullDisk = new FullDisk({ ...deps, database: deps.file.database });
    const sql = prepare(deps.file.database);
    const number = (name: string, row: Record<string, unknown> | undefined) => Number(row?.[name] ?? 0);
    const reads = {
      pages: () => sql.pages.get() ?? {},
      pictureBytes: () => Math.max(0, number("n", sql.pictures.get())),
      taken: () => number("n", sql.taken.get(TAKEN_BYTES)),
      rate: () => sql.keptRate.get(RATE_KEY)?.["value"],
    };
    this.#reads = deps.file.watched(reads, (cause) => deps.queue.fail(cause));
    this.#keepRate = (text) => void sql.keepRate.run(RATE_KEY, text);
    const kept = this.#reads.rate();
    this.#rate = new Rate(typeof kept === "string" ? kept : null, this.#taken());
  }

  /** Events and pictures, as they lie on the disk. */
  get usedBytes(): number {
    const { pages, free, size } = this.#pages();
    return (pages - free) * size + this.#reads.pictureBytes();
  }

  /** What may still be taken; below 0 appends are held back. Free pages of the file are room that the disk has given already. */
  get leftBytes(): number {
    const { bytesMax } = this.#deps;
    const { free, size } = this.#pages();
    return Math.min(bytesMax - this.usedBytes, this.#diskBytes + free * size);
  }

  /** Bytes that have to go so that there is room for a while, 0 where there is. */
  get shortBytes(): number {
    const { bytesMax, clock } = this.#deps;
    const { free, size } = this.#pages();
    const { usedBytes } = this;
    const ofDisk = this.#diskBytes + free * size < 0 ? -(this.#diskBytes + free * size) : 0;
    // Full although neither bound is reached: what waits does not fit, or others have filled the disk.
    const fullMs = this.#fullSinceMs === null ? null : clock.monotonicMs() - this.#fullSinceMs;
    const isFull =
      fullMs !== null &&
      (usedBytes > bytesMax * SPOOL_LIMITS.evictWhenFullAbove || fullMs > SPOOL_LIMITS.fullPatienceMs);
    if (this.#fullDisk.isFull)
      return free * size < SPOOL_LIMITS.diskFullBelowBytes ? SPOOL_LIMITS.evictBytesWhenFullMax : 0;
    const ofFull = Math.min(bytesMax * SPOOL_LIMITS.evictShareWhenFull, SPOOL_LIMITS.evictBytesWhenFullMax);
    const isDue = usedBytes > bytesMax * SPOOL_LIMITS.evictAbove;
    const ofBytes = isDue ? usedBytes - bytesMax * SPOOL_LIMITS.evictDownTo : 0;
    return Math.ceil(Math.max(ofDisk, ofBytes, isFull ? ofFull : 0));
  }

  /** Looks at the disk and at what is used, and holds appends back or lets them go on. */
  look(): Promise<void> {
    return this.#guarded(() => this.#look());
  }

  async #look(): Promise<void> {
    const { dataDir, reserveFreeBytes = 0, freeBytes = freeBytesOf, queue, clock } = this.#deps;
    const diskBytes = await freeBytes(dataDir);
    if (reserveFreeBytes > 0) this.#diskBytes = diskBytes - reserveFreeBytes;
    await this.#fullDisk.look(diskBytes);
    queue.hold(this.leftBytes < 0);
    this.#rate.look(this.#taken());
    const text = queue.condition === "ok" ? this.#rate.textWhenDue() : null;
    // Not waited for: where the disk fills up just now, it waits for the room that whoever asks here is about to make.
    if (text !== null) queue.commit(() => this.#keepRate(text), { frees: false }).catch(() => undefined); // the queue's end is told to all
    this.#fullSinceMs = queue.condition === "full" ? (this.#fullSinceMs ?? clock.monotonicMs()) : null;
  }

  /** For how long what is left lasts, at the rate of the last day of running; null while that is a guess. */
  get hoursLeft(): number | null {
    this.#rate.look(this.#taken());
    return this.#rate.hoursFor(this.leftBytes);
  }

  /** Something was appended or settled. */
  worked(): void {
    this.#busyAtMs = this.#deps.clock.monotonicMs();
  }

  /**
   * Some steps, each a small transaction of its own, so that no acknowledgement waits for long. While much goes on only where
   * most of the file is empty: pages that are moved now may be free in a minute, and each move is written to the card.
   */
  giveBack(): Promise<void> {
    return this.#guarded(() => this.#giveBack());
  }

  async #giveBack(): Promise<void> {
    const { file, queue, clock } = this.#deps;
    for (let step = 0; step < SPOOL_LIMITS.givenBackSteps; step++) {
      const { pages, free } = this.#pages();
      const isQuiet = clock.monotonicMs() - this.#busyAtMs > SPOOL_LIMITS.quietMs;
      if (free <= SPOOL_LIMITS.freePagesKept || !(isQuiet || free > pages / 2) || queue.condition === "failed") return;
      await queue.commit(() => file.database.exec(`PRAGMA incremental_vacuum(${SPOOL_LIMITS.givenBackPages})`), {
        frees: true,
      });
    }
  }

  /** A disk that does not answer has failed, whoever asks: the gateway ends with that reason. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    const { queue } = this.#deps;
    if (queue.condition === "failed") return;
    await work().catch((cause: unknown) => queue.fail(cause));
  }

  #taken(): { readonly taken: number; readonly atMs: number } {
    return { taken: this.#reads.taken(), atMs: this.#deps.clock.monotonicMs() };
  }

  #pages(): { readonly pages: number; readonly free: number; readonly size: number } {
    const { pages, free, size } = this.#reads.pages();
    return { pages: Number(pages), free: Number(free), size: Number(size) };
  }
}

function prepare(database: Database) {
  return {
    pages: database.prepare(
      "SELECT page_count AS pages, freelist_count AS free, page_size AS size FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    ),
    pictures: database.prepare(
      "SELECT coalesce(sum(bytes), 0) AS n FROM (SELECT max(bytes) AS bytes FROM pictures GROUP BY sha256)",
    ),
    taken: database.prepare("SELECT n FROM counters WHERE name = ?"),
    keptRate: database.prepare("SELECT value FROM state WHERE key = ?"),
    keepRate: database.prepare("INSERT OR REPLACE INTO state VALUES (?, ?)"),
  };
}
