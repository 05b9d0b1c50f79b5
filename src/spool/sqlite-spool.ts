// The spool in SQLite: what is appended and settled goes through one queue of commits and is acknowledged after fsync (I5, I6, I9).
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { CorrectTime } from "../privacy/correct-time.ts";
import { Event } from "../privacy/disclose.ts";
import { RedactedImage } from "../privacy/redact.ts";
import { CommitQueue } from "./commit-queue.ts";
import { explained, isReadOnly } from "./disk-answers.ts";
import { Hours } from "./hours.ts";
import { openImageFiles, type ImageFiles } from "./image-files.ts";
import { PageBound } from "./page-bound.ts";
import { PictureKeeper } from "./picture-keeper.ts";
import { giveUpPicturesOfOtherKey } from "./pictures-given-up.ts";
import { PictureSweep } from "./picture-sweep.ts";
import { randomIdParts } from "./random-id-parts.ts";
import { sweepSetAside } from "./damage-files.ts";
import { DamagedEntries } from "./damaged-entries.ts";
import { createErasable } from "./erasure.ts";
import type { Batch, Entry, Peek, Requeued, Settlement, Spool } from "./spool.ts";
import { Room } from "./room.ts";
import { openSpoolFile, type SpoolFile } from "./spool-file.ts";
import { shortenInParts } from "./sqlite-retention.ts";
import { createReader } from "./sqlite-reader.ts";
import { createWriter } from "./sqlite-writer.ts";
import { Watchers } from "./watchers.ts";

/**
 * `sinkIds`: entries wait for each of them; without any they wait for the first one that will be configured.
 * `correctTime` is privacy's (none: what was made with an unbelieved clock stays as it is). `reserveFreeBytes` of the disk are
 * left to the system (0: none); `freeBytes` is the disk's answer, another in tests.
 */
type Deps = {
  readonly dataDir: string;
  readonly bytesMax: number;
  readonly reserveFreeBytes?: number;
  readonly freeBytes?: (path: string) => Promise<number>;
  readonly sinkIds: readonly string[];
  readonly correctTime?: CorrectTime;
  readonly pictureKeyFile?: string | undefined;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

/** Each event changes some six pages, and each is written whole: half of SQLite's usual size halves what an SD card has to bear. */
const PAGE_BYTES = 2048;
const UNASSIGNED = "unassigned";

/** Opens `dataDir/spool.db` and `dataDir/images`. Throws SPOOL_NEWER, DATA_DIR_UNUSABLE, KEY_UNREADABLE. */
export async function openSpool(deps: Deps): Promise<Spool> {
  const files = await openImageFiles(deps.dataDir, deps.pictureKeyFile);
  const sinkIds = deps.sinkIds.length > 0 ? deps.sinkIds : [UNASSIGNED];
  const file = await openSpoolFile({ ...deps, pageBytes: PAGE_BYTES, sinkIds });
  await giveUpPicturesOfOtherKey({ ...deps, database: file.database, files });
  const spool = new SqliteSpool(deps, file, files);
  explained(deps.dataDir, () => spool.adopt());
  await files.sweep(spool.reader.pictureDigests());
  return spool;
}

class SqliteSpool implements Spool {
  readonly reader;
  readonly erasable: Spool["erasable"];
  readonly #writer;
  readonly #queue: CommitQueue;
  readonly #pictures: PictureKeeper;
  readonly #hours: Hours;
  readonly #deps: Deps;
  readonly #file: SpoolFile;
  readonly #files: ImageFiles;
  readonly #onAppend = new Watchers();
  readonly #onFull = new Watchers();
  readonly #damaged: DamagedEntries;
  readonly #room: Room;
  readonly #sweep: PictureSweep;
  #isClosed = false;

  constructor(deps: Deps, file: SpoolFile, files: ImageFiles) {
    this.#deps = deps;
    this.#file = file;
    const { database } = file;
    this.#files = files;
    this.#pictures = new PictureKeeper(files, (cause) => this.#queue.fail(cause));
    this.reader = file.watched(createReader(database), (cause) => this.#queue.fail(cause));
    const sinkIds = deps.sinkIds.length > 0 ? deps.sinkIds : [UNASSIGNED];
    const bound = new PageBound(database);
    this.#writer = createWriter({ database, bound, sinkIds, randomHex: randomIdParts() });
    const { correctTime = () => null, clock, board, log } = deps;
    const onVisible = () => {
      this.reader.lookAgain();
      this.#onAppend.tell();
    };
    const failed = (cause: unknown) => this.#queue.fail(cause);
    this.#hours = new Hours({ file, reader: this.reader, correctTime, onVisible, failed, clock, board, log });
    this.#queue = new CommitQueue({
      transaction: (work, moment) => file.commit(() => this.#writer.transaction(work, moment)),
      onLeap: onVisible,
      onFull: () => this.#onFull.tell(),
      isReadOnly: () => isReadOnly(deps.dataDir),
      time: this.#hours.time,
      board,
      log,
    });
    this.#room = new Room({ ...deps, file, bound, queue: this.#queue });
    const parts = { reader: this.reader, writer: this.#writer, queue: this.#queue, pictures: this.#pictures };
    this.#sweep = new PictureSweep({ ...parts, erased: () => this.#hours.scrub.erased() });
    this.erasable = createErasable({ ...deps, database, queue: this.#queue, hours: this.#hours, sweep: this.#sweep });
    this.#damaged = new DamagedEntries({ ...this.reader, ...this.#writer, queue: this.#queue, log });
  }

  /** What waited for no sink in particular waits for those configured; what waits for a sink that is no more is said. */
  adopt(): void {
    const { sinkIds, log } = this.#deps;
    const waiting = this.reader.waitingBySink();
    if (sinkIds.length > 0 && waiting.has(UNASSIGNED)) {
      const moment = this.#hours.time.look();
      this.#writer.transaction(() => this.#writer.adoptUnassigned(), moment);
      this.#hours.time.acted(moment);
    }
    for (const [sink, entries] of waiting) {
      if (sinkIds.includes(sink) || sink === UNASSIGNED) continue;
      log.warn({ sink, entries }, "entries wait for a sink that gateway.yaml does not name; they expire unsent");
    }
  }

  async append(batch: Batch): Promise<void> {
    const { time } = this.#hours;
    const stamp = time.stamp();
    let commit = () =>
      this.#queue.commit(
        (moment) => this.#writer.append(batch, { nowMs: moment.nowMs, ...time.since(stamp, moment) }),
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
    await (batch.discard === undefined ? commit() : this.#sweep.discarded(batch.discard.sequences, commit));
    this.#room.worked();
    this.#onAppend.tell();
  }

  peek(ask: Peek): Entry[] {
    const entries = this.#hours.peek(ask);
    this.#damaged.look();
    return entries;
  }

  hasRoom(): boolean {
    return this.#queue.hasRoom;
  }

  async settle(settlement: Settlement): Promise<void> {
    await this.#queue.commit(({ nowMs }) => this.#writer.settle(settlement, nowMs), { frees: true });
    this.#hours.scrub.settled();
    this.#room.worked();
  }

  async timeSettled(): Promise<number> {
    await this.#hours.settle(this.#queue);
    return this.#deps.clock.nowMs();
  }

  async sweepDeadLetters(nowMs: number): Promise<void> {
    const keep = Math.min(LIMITS.deadLetters, Math.floor(this.#deps.bytesMax / LIMITS.deadLetterSpoolBytes));
    const asOf = { nowMs: this.#hours.time.fromWall(nowMs), keep };
    await sweepSetAside(this.#deps.dataDir, asOf.nowMs);
    if (!this.reader.hasDeadLettersToDrop(asOf)) return;
    await this.#queue.commit(() => this.#writer.dropDeadLetters(asOf), { frees: true });
    this.#hours.scrub.erased();
  }

  async shortenRetention(to: Parameters<Spool["shortenRetention"]>[0]): Promise<void> {
    await shortenInParts(this.#queue, (after, nowMs) => this.#writer.shortenRetention(to, { after, nowMs }));
    this.#hours.scrub.erased();
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
    this.reader.lookAgain();
    if (done.requeued > 0) this.#onAppend.tell();
    return done;
  }

  onAppend: Spool["onAppend"] = (watcher) => this.#onAppend.add(watcher);
  onFull: Spool["onFull"] = (watcher) => this.#onFull.add(watcher);
  settled: Spool["settled"] = () => this.#queue.settled();
  waitingBySink: Spool["waitingBySink"] = () => this.reader.waitingBySink();
  earliestNowMs: Spool["earliestNowMs"] = () => this.#hours.time.earliestWallMs();
  sweepPictures: Spool["sweepPictures"] = (nowMs) => this.#sweep.due(this.#hours.time.fromWall(nowMs));
  dropSpare: Spool["dropSpare"] = (bytes) => this.#sweep.spare(bytes);
  lookAtDisk: Spool["lookAtDisk"] = () => this.#room.look();
  shortBytes: Spool["shortBytes"] = () => this.#room.shortBytes;
  giveBack: Spool["giveBack"] = () => this.#room.giveBack();
  evictable: Spool["evictable"] = (ask) => this.reader.evictable(ask);
  lastTombstone: Spool["lastTombstone"] = (how) => this.reader.lastTombstone(how);
  tombstonesAmong: Spool["tombstonesAmong"] = (sequences) => this.reader.tombstonesAmong(sequences);
  newestSequence: Spool["newestSequence"] = () => this.#hours.newestSequence();
  ledgerNotes: Spool["ledgerNotes"] = (limit) => this.reader.ledgerNotes(limit);
  told: Spool["told"] = (upTo) => this.#queue.commit(() => this.#writer.told(upTo), { frees: true });
  image: Spool["image"] = (sha256) => this.#files.read(sha256);
  state: Spool["state"] = (prefix) => this.reader.state(prefix);
  openWindows: Spool["openWindows"] = () => this.reader.openWindows();
  counters: Spool["counters"] = () => this.reader.counters();
  expired: Spool["expired"] = (nowMs, limit) => this.#hours.expired(nowMs, limit);
  tighten: Spool["tighten"] = (part) => this.#hours.tighten(this.#queue, part);
  waiting: Spool["waiting"] = (part) => this.reader.waiting(part);
  undeliverable: Spool["undeliverable"] = (limit) => this.reader.undeliverable(limit);
  damaged: Spool["damaged"] = (limit) => this.reader.damaged(limit);
  lastPicture: Spool["lastPicture"] = (cameraId) => this.#hours.picturesOf(cameraId, 1)[0] ?? null;
  picturesOf: Spool["picturesOf"] = (cameraId, limit) => this.#hours.picturesOf(cameraId, limit);
  deadLetters: Spool["deadLetters"] = (limit) => this.#hours.deadLetters(limit);
  condition: Spool["condition"] = () => this.#queue.condition;
  stats: Spool["stats"] = (nowMs) => ({
    state: this.#queue.condition,
    ...this.#hours.stats(nowMs, this.#deps.bytesMax),
    hoursLeft: this.#room.hoursLeft,
  });

  /** Commits what waits, then closes; what could not be committed rejects. May be called twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hours.keepLast(this.#queue);
    this.#queue.close();
    this.#file[Symbol.dispose]();
  }
}
