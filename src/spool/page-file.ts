// The pages of a spool.db that SQLite may refuse, as its last commit left them: the file itself with its write-ahead log
// laid over it. Nothing is written here. Formats: sqlite.org/fileformat2.html, "The Write-Ahead Log" and "The Database File".
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const DATABASE_HEADER_BYTES = 100;
/** Of logs whose checksums were made on little-endian words; the lowest bit set means big-endian. */
const WAL_MAGIC = 0x377f0682;

/** Where a page's newest bytes lie in the log. */
type Frame = { readonly page: number; readonly offset: number };

/**
 * `committed`: what SQLite reads, up to the last commit before the first frame that does not hold together, a frame for each
 * page. `beyond`: frames behind that point which hold together by themselves: SQLite drops them without a word.
 */
export type WalFrames = { readonly committed: readonly Frame[]; readonly beyond: readonly Frame[] };

/** An open file and its log. `page` answers null for what lies beyond the end or cannot be read. */
export class PageFile implements Disposable {
  readonly pages: number;
  /** Of one page. */
  readonly pageBytes: number;
  readonly frames: WalFrames;
  readonly #file: number | null;
  readonly #wal: number | null;
  readonly #newest = new Map<number, number>();

  /**
   * `pageBytes`: where neither file can be believed about it. `isWithWal` false: as if there were no log. Neither file has to
   * be there. Throws Node's system errors.
   */
  constructor(
    path: string,
    { pageBytes, isWithWal = true }: { readonly pageBytes: number; readonly isWithWal?: boolean },
  ) {
    this.#file = existsSync(path) ? openSync(path, "r") : null;
    this.#wal = isWithWal && existsSync(`${path}-wal`) ? openSync(`${path}-wal`, "r") : null;
    this.pageBytes = (this.#file === null ? null : pageBytesOf(this.#file)) ?? pageBytes;
    this.frames = this.#wal === null ? { committed: [], beyond: [] } : framesOf(this.#wal, this.pageBytes);
    for (const { page, offset } of this.frames.committed) this.#newest.set(page, offset);
    const inFile = this.#file === null ? 0 : Math.ceil(fstatSync(this.#file).size / this.pageBytes);
    this.pages = this.frames.committed.reduce((most, { page }) => Math.max(most, page), inFile);
  }

  page(number: number): Buffer | null {
    const offset = this.#newest.get(number);
    if (offset !== undefined && this.#wal !== null) return bytesAt(this.#wal, offset, this.pageBytes);
    return this.#file === null ? null : bytesAt(this.#file, (number - 1) * this.pageBytes, this.pageBytes);
  }

  /** The page of a frame of the log. */
  frame({ offset }: Frame): Buffer | null {
    return this.#wal === null ? null : bytesAt(this.#wal, offset, this.pageBytes);
  }

  [Symbol.dispose](): void {
    for (const file of [this.#file, this.#wal]) if (file !== null) closeSync(file);
  }
}

/** Null where the head of the file cannot be believed: a flipped bit makes no other power of two. */
function pageBytesOf(file: number): number | null {
  const head = bytesAt(file, 0, DATABASE_HEADER_BYTES);
  const size = head?.readUInt16BE(16) ?? 0;
  return size >= 512 && (size & (size - 1)) === 0 ? size : null;
}

/** A sector that the card cannot give back (EIO) is a page less, like one behind the end. */
function bytesAt(file: number, offset: number, length: number): Buffer | null {
  const bytes = Buffer.alloc(length);
  try {
    return readSync(file, bytes, 0, length, offset) === length ? bytes : null;
  } catch {
    return null;
  }
}

/**
 * Each frame's checksum goes on from that of the frame before it. Where one does not hold, the next is judged by what is
 * written there, so that whole frames behind a damage are known as such.
 */
function framesOf(wal: number, pageBytes: number): WalFrames {
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  const header = Buffer.alloc(WAL_HEADER_BYTES);
  const { size } = fstatSync(wal);
  if (readSync(wal, header, 0, WAL_HEADER_BYTES, 0) < WAL_HEADER_BYTES) return { committed: [], beyond: [] };
  const isBigEndian = (header.readUInt32BE(0) & ~1) === WAL_MAGIC && (header.readUInt32BE(0) & 1) === 1;
  let sum: Sum = checksum(header.subarray(0, 24), [0, 0], isBigEndian);
  let isWhole = isSum(header, 24, sum);
  sum = [header.readUInt32BE(24), header.readUInt32BE(28)];
  // Frames of an earlier use of the log have other salts. A header that is damaged may lie about its own.
  let salts = isWhole ? header.toString("hex", 16, 24) : null;
  const committed = new Map<number, number>();
  const beyond: Frame[] = [];
  let open: Frame[] = [];
  for (let at = WAL_HEADER_BYTES; at + frameBytes <= size; at += frameBytes) {
    const head = Buffer.alloc(FRAME_HEADER_BYTES);
    readSync(wal, head, 0, FRAME_HEADER_BYTES, at);
    salts ??= head.toString("hex", 8, 16);
    if (head.toString("hex", 8, 16) !== salts) {
      isWhole = false; // either the end of what is in use, or a damaged head: the next ones tell
      sum = [head.readUInt32BE(16), head.readUInt32BE(20)];
      continue;
    }
    const bytes = bytesAt(wal, at + FRAME_HEADER_BYTES, pageBytes);
    sum = checksum(head.subarray(0, 8), sum, isBigEndian);
    if (bytes !== null) sum = checksum(bytes, sum, isBigEndian);
    const isSound = bytes !== null && isSum(head, 16, sum);
    sum = [head.readUInt32BE(16), head.readUInt32BE(20)];
    isWhole &&= isSound;
    const frame = { page: head.readUInt32BE(0), offset: at + FRAME_HEADER_BYTES };
    if (!isWhole) {
      if (isSound) beyond.push(frame);
      continue;
    }
    open.push(frame);
    if (head.readUInt32BE(4) === 0) continue;
    for (const { page, offset } of open) committed.set(page, offset);
    open = [];
  }
  const newest = Array.from(committed, ([page, offset]) => ({ page, offset }));
  return { committed: newest, beyond: [...open, ...beyond] };
}

type Sum = readonly [number, number];

/** Of whole pairs of 32-bit words; sums wrap. */
function checksum(bytes: Buffer, [first, second]: Sum, isBigEndian: boolean): Sum {
  let s0 = first;
  let s1 = second;
  for (let at = 0; at < bytes.length; at += 8) {
    s0 = (s0 + (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + s1) >>> 0;
    s1 = (s1 + (isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + s0) >>> 0;
  }
  return [s0, s1];
}

function isSum(head: Buffer, at: number, [s0, s1]: Sum): boolean {
  return head.readUInt32BE(at) === s0 && head.readUInt32BE(at + 4) === s1;
}
