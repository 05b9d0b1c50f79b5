// The spool in SQLite: what is appended and settled goes through one queue of commits and is acknowledged after fsync (I5, I6, I9).
import { randomBytes } from "node:crypto";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { stepBetween } from "../core/clock-steps.ts";
import { type Database, openDatabase } from "../core/database.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { Event } from "../privacy/disclose.ts";
import { RedactedImage } from "../privacy/redact.ts";
import { CommitQueue } from "./commit-queue.ts";
import { openImageFiles, type ImageFiles } from "./image-files.ts";
import { PictureKeeper } from "./picture-keeper.ts";
import { migrate } from "./schema.ts";
import type { Batch, Requeued, Settlement, Spool } from "./spool.ts";
import { createReader } from "./sqlite-reader.ts";
import { createWriter } from "./sqlite-writer.ts";

/**
 * `sinkIds`: entries wait for each of them; without any they wait for the first one that will be configured.
 * `reserveFreeBytes` of the disk are left to the system (0: none); `freeBytes` is the disk's answer, another in tests.
 */
type Deps = {
  readonly dataDir: string;
  readonly bytesMax: number;
  readonly reserveFreeBytes?: number;
  readonly freeBytes?: (path: string) => Promise<number>;
  readonly sinkIds: readonly string[];
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

/** Each event changes some six pages, and each is written whole: half of SQLite's usual size halves what an SD card has to bear. */
const PAGE_BYTES = 2048;
const UNASSIGNED = "unassigned";

/** Opens `dataDir/spool.db` and `dataDir/images`. Throws SPOOL_NEWER, DATA_DIR_UNUSABLE, KEY_UNREADABLE. */
export async function openSpool(deps: Deps): Promise<Spool> {
  const files = await openImageFiles(deps.dataDir);
  const database = openOrExplain(join(deps.dataDir, "spool.db"), deps.bytesMax);
  const spool = new SqliteSpool(deps, database, files);
  explained(deps.dataDir, () => spool.adopt());
  await files.sweep(spool.reader.pictureDigests());
  return spool;
}

function openOrExplain(path: string, bytesMax: number): Database {
  return explained(path, () => {
    const database = openDatabase(path, { bytesMax, pageBytes: PAGE_BYTES });
    migrate(database);
    return database;
  });
}

function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("DATA_DIR_UNUSABLE", `cannot open ${path}: ${messageOf(cause)}`, { cause });
  }
}

class SqliteSpool implements Spool {
  readonly reader;
  readonly #writer;
  readonly #queue: CommitQueue;
  readonly #pictures: PictureKeeper;
  readonly #deps: Deps;
  readonly #database: Database;
  readonly #files: ImageFiles;
  readonly #watchers = new Set<() => void>();
  #isClosed = false;

  constructor(deps: Deps, database: Database, files: ImageFiles) {
    this.#deps = deps;
    this.#database = database;
    this.#files = files;
    this.#pictures = new PictureKeeper(files);
    this.reader = createReader(database);
    const sinkIds = deps.sinkIds.length > 0 ? deps.sinkIds : [UNASSIGNED];
    this.#writer = createWriter({ database, sinkIds, randomHex: randomIdParts() });
    const { clock, board, log } = deps;
    this.#queue = new CommitQueue({
      transaction: (work, moment) => this.#writer.transaction(work, moment),
      onStep: () => this.#tellWatchers(),
      clock,
      board,
      log,
    });
  }

  /** What waited for no sink in particular waits for those configured; what waits for a sink that is no more is said. */
  adopt(): void {
    const { sinkIds, log } = this.#deps;
    const waiting = this.reader.waitingBySink();
    if (sinkIds.length > 0 && waiting.has(UNASSIGNED)) {
      this.#writer.transaction(() => this.#writer.adoptUnassigned(), this.#queue.look());
    }
    for (const [sink, entries] of waiting) {
      if (sinkIds.includes(sink) || sink === UNASSIGNED) continue;
      log.warn({ sink, entries }, "entries wait for a sink that gateway.yaml does not name; they expire unsent");
    }
  }

  async append(batch: Batch): Promise<void> {
    const { offsetMs: beforeMs } = this.#queue.look();
    let commit = () =>
      this.#queue.commit(
        ({ nowMs, offsetMs: afterMs }) =>
          this.#writer.append(batch, { nowMs, lateByMs: stepBetween({ beforeMs, afterMs }) }),
        { frees: batch.discard !== undefined },
      );
    for (const { event, image } of batch.make ?? []) {
      // The types say so; this says it again at run time, where a cast could have lied.
      if (!Event.isMinted(event) || (image !== undefined && !RedactedImage.isMinted(image.redacted))) {
        throw new TypeError("the spool takes only what privacy made");
      }
      if (image === undefined) continue;
      const inner = commit;
      commit = () => this.#pictures.keep(image.redacted.content, inner);
    }
    await commit();
    this.#tellWatchers();
  }

  settled(): Promise<void> {
    return this.#queue.settled();
  }

  hasRoom(): boolean {
    return this.#queue.hasRoom;
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#queue.commit(({ nowMs }) => this.#writer.settle(settlement, nowMs), { frees: true });
  }

  async timeSettled(): Promise<number> {
    const { stepMs, nowMs } = this.#queue.look();
    if (stepMs === 0) return nowMs;
    await this.#queue.commit(() => undefined, { frees: true });
    return this.timeSettled();
  }

  async lookAtDisk(): Promise<void> {
    const { dataDir, reserveFreeBytes = 0, freeBytes = freeBytesOf } = this.#deps;
    if (reserveFreeBytes === 0) return;
    this.#queue.hold((await freeBytes(dataDir)) < reserveFreeBytes);
  }

  async sweepPictures(nowMs: number): Promise<number> {
    // Not by an hour that a step of the clock has overtaken since.
    const hour = () => Math.min(nowMs, this.#queue.look().nowMs);
    // Before the rows, since on a full disk this makes the room that their removal needs.
    await this.#pictures.remove(() => this.reader.digestsPastTheirHour(hour()));
    if (!this.reader.hasPicturesToRemove(nowMs)) return 0;
    let gone: string[] = [];
    const write = () => {
      gone = this.#writer.removePictures(hour());
    };
    await this.#queue.commit(write, { frees: true });
    await this.#pictures.remove(() => gone.filter((sha256) => !this.reader.hasPicture(sha256)));
    return gone.length;
  }

  async sweepDeadLetters(nowMs: number): Promise<void> {
    const keep = Math.min(LIMITS.deadLetters, Math.floor(this.#deps.bytesMax / LIMITS.deadLetterSpoolBytes));
    if (!this.reader.hasDeadLettersToDrop({ nowMs, keep })) return;
    await this.#queue.commit((moment) => this.#writer.dropDeadLetters({ nowMs: Math.min(nowMs, moment.nowMs), keep }), {
      frees: true,
    });
  }

  shortenRetention(to: Parameters<Spool["shortenRetention"]>[0]): Promise<void> {
    return this.#queue.commit(() => this.#writer.shortenRetention(to), { frees: true });
  }

  async requeue(ask: Parameters<Spool["requeue"]>[0]): Promise<Requeued> {
    if (this.#queue.condition === "full")
      throw new GatewayError("SPOOL_FULL", "rejected events cannot be put back while the buffer is full");
    let done: Requeued = { requeued: 0, left: [] };
    await this.#queue.commit(
      ({ nowMs }) => {
        done = this.#writer.requeue(ask, nowMs);
      },
      { frees: false },
    );
    if (done.requeued > 0) this.#tellWatchers();
    return done;
  }

  onAppend(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  peek: Spool["peek"] = (ask) => this.reader.peek(ask);
  newestSequence: Spool["newestSequence"] = () => this.reader.newestSequence();
  ledgerNotes: Spool["ledgerNotes"] = (limit) => this.reader.ledgerNotes(limit);
  told: Spool["told"] = (upTo) => this.#queue.commit(() => this.#writer.told(upTo), { frees: true });
  image: Spool["image"] = (sha256) => this.#files.read(sha256);
  state: Spool["state"] = (prefix) => this.reader.state(prefix);
  openWindows: Spool["openWindows"] = () => this.reader.openWindows();
  counters: Spool["counters"] = () => this.reader.counters();
  expired: Spool["expired"] = (nowMs, limit) => this.reader.expired(nowMs, limit);
  waiting: Spool["waiting"] = () => this.reader.waiting();
  undeliverable: Spool["undeliverable"] = (limit) => this.reader.undeliverable(limit);
  lastPicture: Spool["lastPicture"] = (cameraId) => this.reader.lastPicture(cameraId);
  deadLetters: Spool["deadLetters"] = (limit) => this.reader.deadLetters(limit);
  condition: Spool["condition"] = () => this.#queue.condition;
  stats: Spool["stats"] = (nowMs) => ({
    state: this.#queue.condition,
    ...this.reader.stats(nowMs, this.#deps.bytesMax),
  });

  /** Commits what waits, then closes; what could not be committed rejects. May be called twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue.close();
    this.#database.close();
  }

  #tellWatchers(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** What this user may still write on the path's disk. */
async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** 80 random bits in hex at each call, drawn from the system 400 at a time: one call each was a fourteenth of the event road. */
function randomIdParts(): () => string {
  const ID_BYTES = 10;
  let pool = Buffer.alloc(0);
  return () => {
    if (pool.length < ID_BYTES) pool = randomBytes(ID_BYTES * 400);
    const part = pool.toString("hex", 0, ID_BYTES);
    pool = pool.subarray(ID_BYTES);
    return part;
  };
}
