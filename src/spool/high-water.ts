// The high-water mark: a small file beside spool.db that says which sequence comes next. SQLite drops the end of a damaged or
// missing log without a word: entries that were acknowledged would be gone and their sequences used twice. The mark tells.
//
// Two records that are written in turn, each with its checksum, so that a torn one leaves the other. Written after each
// commit, without fsync: the mark may be behind (then it says nothing) and is never ahead of what was committed.
import { randomBytes } from "node:crypto";
import { closeSync, fdatasync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { SPOOL_LIMITS } from "./spool-limits.ts";

/**
 * `databaseId`: of the spool.db that it speaks of, so that another one's mark says nothing. `next`: the sequence of the next
 * entry. `oldest`: no entry below it waits. `turn` counts records.
 */
export type Mark = {
  readonly databaseId: number;
  readonly next: number;
  readonly oldest: number;
  readonly turn: number;
};

const MAGIC = Buffer.from("HGMARK1\n");
const RECORD_BYTES = 64;
/** Apart from each other, so that one torn sector does not take both. */
const SLOT_BYTES = 4096;

export function newDatabaseId(): number {
  return randomBytes(6).readUIntBE(0, 6);
}

/** The newer whole record of dataDir/spool.mark, or null: absent, torn or something else. Throws nothing. */
export function readMark(dataDir: string): Mark | null {
  let file: number;
  try {
    file = openSync(pathIn(dataDir), "r");
  } catch {
    return null; // nothing is known, as before the first commit
  }
  try {
    const marks = [0, SLOT_BYTES].flatMap((at) => recordAt(file, at) ?? []);
    return marks.toSorted((a, b) => b.turn - a.turn)[0] ?? null;
  } finally {
    closeSync(file);
  }
}

/** Writes the mark of one spool.db, until it is disposed. A disk that refuses it is no reason to refuse events. */
export class HighWater implements Disposable {
  readonly #file: number;
  readonly #databaseId: number;
  #last: Mark;
  #isSyncing = false;
  #syncedAtMs = 0;
  #isOpen = true;

  /** Throws Node's system errors when the file cannot be opened. */
  constructor(dataDir: string, databaseId: number) {
    this.#databaseId = databaseId;
    this.#last = readMark(dataDir) ?? { databaseId, next: 0, oldest: 0, turn: 0 };
    // Not "w", which would empty it: until the first record is written, the old one stands.
    this.#file = openOrMake(pathIn(dataDir));
  }

  /** After each commit. `monotonicMs`: now and then the disk is asked to keep it, without waiting for that. */
  note({ next, oldest, monotonicMs }: { next: number; oldest: number; monotonicMs: number }): void {
    const last = this.#last;
    if (!this.#isOpen || (next === last.next && oldest === last.oldest && last.databaseId === this.#databaseId)) return;
    this.#last = { databaseId: this.#databaseId, next, oldest, turn: last.turn + 1 };
    try {
      writeSync(this.#file, recordOf(this.#last), 0, RECORD_BYTES, (this.#last.turn % 2) * SLOT_BYTES);
    } catch {
      return; // the commit before it holds; the mark stays behind, and the disk's own trouble shows in the next commit
    }
    if (this.#isSyncing || monotonicMs < this.#syncedAtMs + SPOOL_LIMITS.markSyncMs) return;
    this.#isSyncing = true;
    this.#syncedAtMs = monotonicMs;
    fdatasync(this.#file, () => {
      this.#isSyncing = false;
      if (!this.#isOpen) closeSync(this.#file);
    });
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (!this.#isSyncing) closeSync(this.#file); // else closed when that is done: its number must not be another file's
  }
}

function pathIn(dataDir: string): string {
  return join(dataDir, "spool.mark");
}

function openOrMake(path: string): number {
  try {
    return openSync(path, "r+");
  } catch {
    rmSync(path, { recursive: true, force: true }); // whatever else has its name
    return openSync(path, "w+", 0o600);
  }
}

function recordOf({ databaseId, next, oldest, turn }: Mark): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  MAGIC.copy(bytes);
  for (const [index, number] of [databaseId, next, oldest, turn].entries())
    bytes.writeBigUInt64BE(BigInt(number), MAGIC.length + index * 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, RECORD_BYTES - 4)), RECORD_BYTES - 4);
  return bytes;
}

function recordAt(file: number, at: number): Mark | null {
  const bytes = Buffer.alloc(RECORD_BYTES);
  try {
    if (readSync(file, bytes, 0, RECORD_BYTES, at) < RECORD_BYTES) return null;
  } catch {
    return null; // a sector that cannot be read
  }
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  if (crc32(bytes.subarray(0, RECORD_BYTES - 4)) !== bytes.readUInt32BE(RECORD_BYTES - 4)) return null;
  const number = (index: number) => Number(bytes.readBigUInt64BE(MAGIC.length + index * 8));
  return { databaseId: number(0), next: number(1), oldest: number(2), turn: number(3) };
}
