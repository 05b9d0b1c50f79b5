// The spool in SQLite: group commit, one FIFO for every write, acknowledged only after fsync (I5, I6, I9).
// Commits run on the main thread: measured with 20 publishers they cost less than a hop to a worker, and while one fsync
// runs the next group gathers in the sockets, so a slow SD card makes groups larger, not queues longer.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { type Database, openDatabase, sqliteCodeOf } from "../core/database.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { Event } from "../privacy/disclose.ts";
import { RedactedImage } from "../privacy/redact.ts";
import { type ImageFiles, openImageFiles } from "./image-files.ts";
import { migrate } from "./schema.ts";
import type { Batch, Settlement, Spool } from "./spool.ts";
import { createWriter } from "./sqlite-writer.ts";
import { createReader } from "./sqlite-reader.ts";

const SQLITE_FULL = 13;

type Write = (nowMs: number) => void;
/** `frees`: it makes room, so on a full disk it goes before those that need room. */
type Pending = {
  readonly write: Write;
  readonly frees: boolean;
  readonly done: () => void;
  readonly fail: (why: Error) => void;
};

/** `sinkIds`: entries wait for each of them; without any they wait for the first one that will be configured. */
type Deps = {
  readonly dataDir: string;
  readonly bytesMax: number;
  readonly sinkIds: readonly string[];
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

const PAGE_BYTES = 4096;

/** Opens `dataDir/spool.db` and `dataDir/images`. Throws SPOOL_NEWER, DATA_DIR_UNUSABLE, KEY_UNREADABLE. */
export async function openSpool(deps: Deps): Promise<Spool> {
  const files = await openImageFiles(deps.dataDir);
  const database = openOrExplain(join(deps.dataDir, "spool.db"), deps.bytesMax);
  const spool = new SqliteSpool(deps, database, files);
  await files.sweep(spool.reader.pictureDigests());
  return spool;
}

function openOrExplain(path: string, bytesMax: number): Database {
  try {
    const database = openDatabase(path, { pagesMax: bytesMax / PAGE_BYTES });
    migrate(database);
    return database;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("DATA_DIR_UNUSABLE", `cannot open ${path}: ${messageOf(cause)}`, { cause });
  }
}

class SqliteSpool implements Spool {
  readonly reader;
  readonly #writer;
  readonly #deps: Deps;
  readonly #database: Database;
  readonly #files: ImageFiles;
  readonly #watchers = new Set<() => void>();
  #queue: Pending[] = [];
  #timer: NodeJS.Timeout | undefined;
  #state: "ok" | "full" | "failed" = "ok";
  #isClosed = false;

  constructor(deps: Deps, database: Database, files: ImageFiles) {
    this.#deps = deps;
    this.#database = database;
    this.#files = files;
    this.reader = createReader(database);
    const sinkIds = deps.sinkIds.length > 0 ? deps.sinkIds : ["unassigned"];
    this.#writer = createWriter({ database, sinkIds, randomHex: randomIdParts() });
    if (deps.sinkIds.length > 0) this.#writer.adoptUnassigned();
  }

  async append(batch: Batch): Promise<void> {
    for (const { event, image } of batch.make ?? []) {
      // The types say so; this says it again at run time, where a cast could have lied.
      if (!Event.isMinted(event) || (image !== undefined && !RedactedImage.isMinted(image.redacted))) {
        throw new TypeError("the spool takes only what privacy made");
      }
      if (image !== undefined) await this.#writeImage(image.redacted.content.sha256, image.redacted.content.jpeg);
    }
    await this.#commit((nowMs) => this.#writer.append(batch, nowMs), batch.discard !== undefined);
    for (const watcher of this.#watchers) watcher();
  }

  settled(): Promise<void> {
    return this.#queue.length === 0 && this.#state !== "failed"
      ? Promise.resolve()
      : this.#commit(() => undefined, false);
  }

  hasRoom(): boolean {
    return this.#state !== "failed" && !this.#isClosed && this.#queue.length < LIMITS.appendsWaiting;
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#commit((nowMs) => this.#writer.settle(settlement, nowMs), true);
  }

  async sweepPictures(nowMs: number): Promise<number> {
    const gone = this.reader.picturesToRemove(nowMs);
    if (gone.length === 0) return 0;
    await this.#commit(() => this.#writer.removePictures(gone), true);
    await this.#files.remove(gone);
    return gone.length;
  }

  onAppend(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  peek: Spool["peek"] = (ask) => this.reader.peek(ask);
  image: Spool["image"] = (sha256) => this.#files.read(sha256);
  state: Spool["state"] = (prefix) => this.reader.state(prefix);
  openWindows: Spool["openWindows"] = () => this.reader.openWindows();
  counters: Spool["counters"] = () => this.reader.counters();
  expired: Spool["expired"] = (nowMs, limit) => this.reader.expired(nowMs, limit);
  lastPicture: Spool["lastPicture"] = (cameraId) => this.reader.lastPicture(cameraId);
  deadLetters: Spool["deadLetters"] = (limit) => this.reader.deadLetters(limit);
  condition: Spool["condition"] = () => this.#state;
  stats: Spool["stats"] = (nowMs) => ({ state: this.#state, ...this.reader.stats(nowMs, this.#deps.bytesMax) });

  /** Commits what waits, then closes; what could not be committed rejects. May be called twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#state !== "failed") this.#flush();
    this.#rejectAll(new GatewayError("SPOOL_FAILED", "the spool was closed before this could be written"));
    this.#database.close();
  }

  async #writeImage(sha256: string, jpeg: Uint8Array): Promise<void> {
    try {
      await this.#files.write(sha256, jpeg);
    } catch (cause) {
      const code = systemCodeOf(cause) === "ENOSPC" ? "SPOOL_FULL" : "SPOOL_FAILED";
      throw new GatewayError(code, `cannot store a redacted picture: ${messageOf(cause)}`, { cause });
    }
  }

  #commit(write: Write, frees: boolean): Promise<void> {
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

  /** One transaction for what waits, in the order of the calls; on a full disk, first one for what makes room. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#state === "full") {
      const frees = this.#queue.filter((pending) => pending.frees);
      if (frees.length > 0 && !this.#commitGroup(frees.slice(0, LIMITS.groupCommitEntries))) return;
    }
    // Small groups on a full disk: a large one would not fit where its first writes would.
    const group = this.#queue.slice(0, this.#state === "full" ? LIMITS.groupCommitWhenFull : LIMITS.groupCommitEntries);
    if (group.length > 0 && !this.#commitGroup(group)) return;
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#flush(), 0);
    else this.#setState("ok");
  }

  /** Whether the group is on disk; if not, it is dealt with. */
  #commitGroup(group: readonly Pending[]): boolean {
    try {
      this.#writer.transaction((nowMs) => {
        for (const pending of group) pending.write(nowMs);
      }, this.#deps.clock.nowMs());
    } catch (cause) {
      this.#onFailure(cause);
      return false;
    }
    const committed = new Set(group);
    this.#queue = this.#queue.filter((pending) => !committed.has(pending));
    for (const pending of group) pending.done();
    return true;
  }

  #onFailure(cause: unknown): void {
    if (sqliteCodeOf(cause) === SQLITE_FULL && !this.#isClosed) {
      this.#setState("full");
      this.#timer = setTimeout(() => this.#flush(), LIMITS.spoolFullRetryMs);
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
