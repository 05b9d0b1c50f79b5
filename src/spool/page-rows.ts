// Rows read straight from a database's pages, for a file that SQLite gives up on: a broken page costs what lies on it and
// nothing else. Formats: sqlite.org/fileformat2.html, "B-tree Pages" and "Record Format".
import type { PageFile } from "./page-file.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

/** As it lies on the page; a row of a table with an INTEGER PRIMARY KEY has null there and the value in `rowid`. */
export type PageRow = { readonly rowid: number | null; readonly values: readonly (string | number | null)[] };

/** What a walk met: pages it saw, and how many pages and cells could not be read. */
export type Walk = { readonly seen: Set<number>; broken: number };

const TABLE_LEAF = 13;
const TABLE_INNER = 5;
const INDEX_LEAF = 10;
const INDEX_INNER = 2;
/** The first page begins with the file's header. */
const FILE_HEADER_BYTES = 100;

/** Every row below a root page, as far as pages can be read; pages that belong to another kind of tree are broken. */
export function* rowsBelow(file: PageFile, root: number, walk: Walk): Generator<PageRow> {
  const waiting = [root];
  let isTable: boolean | undefined;
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (walk.seen.has(number)) continue;
    const page = pageAt(file, number);
    isTable ??= page === null ? undefined : page.type === TABLE_LEAF || page.type === TABLE_INNER;
    const kinds = isTable === true ? [TABLE_LEAF, TABLE_INNER] : [INDEX_LEAF, INDEX_INNER];
    if (page === null || !kinds.includes(page.type)) {
      walk.broken++;
      continue;
    }
    walk.seen.add(number);
    waiting.push(...childrenOf(page, file.pages));
    if (page.type !== TABLE_INNER) yield* rowsOn(file, page, walk);
  }
}

/** The rows of one page of a table, whatever tree it hangs on; none when it is something else. */
export function* rowsOfLeaf(file: PageFile, bytes: Buffer | null, number: number, walk: Walk): Generator<PageRow> {
  const page = bytes === null ? null : readPage(bytes, number);
  if (page?.type === TABLE_LEAF) yield* rowsOn(file, page, walk);
}

type Page = { readonly type: number; readonly bytes: Buffer; readonly right: number | null; readonly cells: number[] };

function pageAt(file: PageFile, number: number): Page | null {
  const bytes = file.page(number);
  return bytes === null ? null : readPage(bytes, number);
}

function readPage(bytes: Buffer, number: number): Page | null {
  const at = number === 1 ? FILE_HEADER_BYTES : 0;
  const type = bytes.readUInt8(at);
  if (![TABLE_LEAF, TABLE_INNER, INDEX_LEAF, INDEX_INNER].includes(type)) return null;
  const isInner = type === TABLE_INNER || type === INDEX_INNER;
  const first = at + (isInner ? 12 : 8);
  const count = bytes.readUInt16BE(at + 3);
  // A cell takes four bytes at least, with its pointer: more cells than fit are a damaged head.
  if (first + count * 4 > bytes.length) return null;
  const cells = Array.from({ length: count }, (_, index) => bytes.readUInt16BE(first + index * 2));
  return { type, bytes, right: isInner ? bytes.readUInt32BE(at + 8) : null, cells };
}

function childrenOf({ bytes, right, cells }: Page, pages: number): number[] {
  if (right === null) return [];
  const children = cells.filter((at) => at + 4 <= bytes.length).map((at) => bytes.readUInt32BE(at));
  return [right, ...children.toReversed()].filter((number) => number > 1 && number <= pages);
}

function* rowsOn(file: PageFile, { type, bytes, cells, right }: Page, walk: Walk): Generator<PageRow> {
  for (const cell of cells) {
    const row = readCell(file, { bytes, at: right === null ? cell : cell + 4, isTable: type === TABLE_LEAF });
    if (row === null) walk.broken++;
    else yield row;
  }
}

type Cell = { readonly bytes: Buffer; readonly at: number; readonly isTable: boolean };

/** Null for what holds no record: lengths that lead out of the page, kinds that do not exist, text that is no UTF-8. */
function readCell(file: PageFile, { bytes, at, isTable }: Cell): PageRow | null {
  try {
    const size = varintAt(bytes, at);
    if (size.value > SPOOL_LIMITS.salvagedRowBytes) return null;
    const rowid = isTable ? varintAt(bytes, size.end) : null;
    const payload = payloadAt(file, { bytes, at: rowid?.end ?? size.end, isTable }, size.value);
    const values = payload === null ? null : valuesOf(payload);
    return values === null ? null : { rowid: rowid?.value ?? null, values };
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof TypeError) return null; // a read beyond the end; text that is none
    throw cause;
  }
}

/** What does not fit on its page goes on in a chain of others. */
function payloadAt(file: PageFile, { bytes, at, isTable }: Cell, size: number): Buffer | null {
  const { pageBytes } = file;
  const most = isTable ? pageBytes - 35 : Math.floor(((pageBytes - 12) * 64) / 255) - 23;
  if (size <= most) return at + size <= pageBytes ? bytes.subarray(at, at + size) : null;
  const least = Math.floor(((pageBytes - 12) * 32) / 255) - 23;
  const wanted = least + ((size - least) % (pageBytes - 4));
  const local = wanted <= most ? wanted : least;
  if (at + local + 4 > pageBytes) return null;
  const parts = [bytes.subarray(at, at + local)];
  let left = size - local;
  let next = bytes.readUInt32BE(at + local);
  while (left > 0) {
    const page = next > 1 && next <= file.pages ? file.page(next) : null;
    if (page === null) return null;
    parts.push(page.subarray(4, 4 + left));
    left -= pageBytes - 4;
    next = page.readUInt32BE(0);
  }
  return Buffer.concat(parts, size);
}

function valuesOf(payload: Buffer): PageRow["values"] | null {
  const header = varintAt(payload, 0);
  if (header.value > payload.length) return null;
  const values: (string | number | null)[] = [];
  let at = header.value;
  for (let head = header.end; head < header.value; ) {
    const kind = varintAt(payload, head);
    head = kind.end;
    const read = valueAt(payload, at, kind.value);
    if (read === null) return null;
    values.push(read.value);
    at = read.end;
  }
  return at === payload.length ? values : null;
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8];
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** No table of ours holds bytes or fractions: a kind that says so is damage. */
function valueAt(payload: Buffer, at: number, kind: number): { value: string | number | null; end: number } | null {
  if (kind === 0) return { value: null, end: at };
  if (kind === 8 || kind === 9) return { value: kind - 8, end: at };
  const bytes = INTEGER_BYTES[kind];
  if (bytes !== undefined) {
    const value = bytes === 8 ? Number(payload.readBigInt64BE(at)) : payload.readIntBE(at, bytes);
    return Number.isSafeInteger(value) ? { value, end: at + bytes } : null;
  }
  if (kind < 13 || kind % 2 === 0) return null;
  const end = at + (kind - 13) / 2;
  return end > payload.length ? null : { value: utf8.decode(payload.subarray(at, end)), end };
}

/** 1 to 9 bytes, the highest bit of each saying that another follows. Larger numbers than are safe are damage. */
function varintAt(bytes: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = bytes.readUInt8(at + index);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw new RangeError("a number of more than 56 bits");
}
