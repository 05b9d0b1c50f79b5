// ledger.db as a file: opened, looked through, and where it is damaged set aside, so that a new chain begins and says so. The
// gateway never stops for it: pictures need receipts, and a chain that says where it broke is worth more than none.
import { existsSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Database, openDatabase, openReadOnlyDatabase, sqliteCodeOf } from "../core/database.ts";
import { writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { readSmallFile } from "../core/small-file.ts";
import { type Book, createBook, ledgerVersion, migrateLedger } from "./ledger-book.ts";
import { HeadRecord, headText, type LedgerHead } from "./ledger-head.ts";
import { bodyDigest, linkOf } from "./ledger-line.ts";
import { LEDGER_LIMITS } from "./ledger-limits.ts";

/** Why a chain begins anew, or goes on after something is missing. */
export type Restart = "damaged" | "missing" | "older";

/** SQLite's own words for a file that is not what it wrote: corrupt, and not a database at all. */
export function isDamage(cause: unknown): boolean {
  const code = sqliteCodeOf(cause);
  return cause instanceof DamagedLedger || code === 11 || code === 26;
}

class DamagedLedger extends Error {}

/** Opens `dataDir/ledger.db`; a damaged one is set aside first. Throws DATA_DIR_UNUSABLE, SPOOL_NEWER. */
export function openBook(
  dataDir: string,
  { log, bytesMax }: { readonly log: Log; readonly bytesMax: number },
): { readonly book: Book; readonly isAnew: boolean } {
  const path = ledgerPath(dataDir);
  try {
    return { book: openChecked(path, bytesMax), isAnew: false };
  } catch (cause) {
    if (!isDamage(cause)) throw unusable(path, cause);
    setAside(path, { log, cause });
  }
  try {
    return { book: openChecked(path, bytesMax), isAnew: true };
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/**
 * Beside the gateway that may be writing: changes nothing. Null where there is none, or one of before the lines. The caller
 * closes its database. Throws DATA_DIR_UNUSABLE, SPOOL_NEWER.
 */
export function openBookToRead(dataDir: string): Book | null {
  const path = ledgerPath(dataDir);
  if (!existsSync(path)) return null;
  try {
    const database = openReadOnlyDatabase(path);
    if (ledgerVersion(database) > 0) return createBook(database);
    database.close();
    return null;
  } catch (cause) {
    throw unusable(path, cause);
  }
}

export function ledgerPath(dataDir: string): string {
  return join(dataDir, "ledger.db");
}

function unusable(path: string, cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  return new GatewayError("DATA_DIR_UNUSABLE", `cannot open ${path}: ${messageOf(cause)}`, { cause });
}

function openChecked(path: string, bytesMax: number): Book {
  const isSmall = existsSync(path) && statSync(path).size <= LEDGER_LIMITS.fileCheckedBytes;
  const database = openDatabase(path, { bytesMax });
  try {
    migrateLedger(database);
    const book = createBook(database);
    if (isSmall && book.remembered("is-open") === "yes") checkFile(database);
    checkNewest(book);
    noteOpen(book);
    return book;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** On a full disk it stays unsaid: then the next start looks at the newest lines alone. */
function noteOpen(book: Book): void {
  try {
    book.remember("is-open", "yes");
  } catch (cause) {
    if (sqliteCodeOf(cause) !== 13) throw cause;
  }
}

/** After a crash. Of a large file the newest lines alone are looked at: the rest would hold up the start for minutes. */
function checkFile(database: Database): void {
  const found = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {})[0];
  if (found !== "ok") throw new DamagedLedger(String(found));
}

/** The newest lines follow each other and are what their digests say, and the newest head names one of them. */
function checkNewest(book: Book): void {
  const { number } = book.tip();
  const rows = book.rowsBetween(Math.max(0, number - LEDGER_LIMITS.linesChecked), number, LEDGER_LIMITS.linesChecked);
  for (const [index, { line, body, salt }] of rows.entries()) {
    const before = rows[index - 1]?.line;
    if (before !== undefined && (line.previous !== linkOf(before) || line.number !== before.number + 1))
      throw new DamagedLedger(`line ${line.number} does not follow line ${before.number}`);
    if (body !== null && bodyDigest({ body, salt }) !== line.digest)
      throw new DamagedLedger(`line ${line.number} was changed`);
  }
  const [head] = book.newestHeads(number, 1);
  if (head !== undefined && head.number > 0 && book.linkAt(head.number) !== head.digest)
    throw new DamagedLedger(`line ${head.number} is not the one that the head of ${head.day ?? "that day"} names`);
}

/** Renames it with what belongs to it. The last of the names is used again and again: bounded, and the oldest tell most. */
export function setAside(path: string, { log, cause }: { readonly log: Log; readonly cause: unknown }): void {
  let n = 1;
  while (n < LEDGER_LIMITS.damagedKept && existsSync(`${path}.damaged-${n}`)) n++;
  const aside = `${path}.damaged-${n}`;
  for (const end of ["", "-wal", "-shm"])
    if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${aside}${end}`);
  log.error(
    { aside, cause: messageOf(cause) },
    "the ledger is damaged; it is set aside, and a new chain begins that says so",
  );
}

/** The newest head, in a file of its own: what a ledger that is lost is known by. Null where there is none that can be read. */
export async function readMirror(dataDir: string): Promise<LedgerHead | null> {
  const file = await readSmallFile(mirrorPath(dataDir), { bytesMax: LEDGER_LIMITS.headBytes });
  if (file.kind !== "bytes") return null;
  try {
    return HeadRecord.parse(JSON.parse(file.bytes.toString("utf8")));
  } catch {
    // A mirror that cannot be read says nothing; the next head replaces it.
    return null;
  }
}

/** Throws Node's system errors. */
export async function writeMirror(dataDir: string, head: LedgerHead): Promise<void> {
  await writeDurably(mirrorPath(dataDir), `${headText(head)}\n`);
}

function mirrorPath(dataDir: string): string {
  return join(dataDir, "ledger.head");
}

/** Whether the book is behind what its last known head says, or another one. A head of lines that are long gone says nothing. */
export function isOlderThan(book: Book, mirror: LedgerHead): boolean {
  if (mirror.number > book.tip().number) return true;
  return mirror.number >= book.firstNumber() - 1 && book.linkAt(mirror.number) !== mirror.digest;
}
