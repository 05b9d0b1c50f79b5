// What keeps ledger.db within its bounds: the oldest lines lose their bodies first; then lines go, from the front, and a signed
// head of the last that went stays as the anchor of what is left.
import { TRIMMED_KINDS } from "./ledger-line.ts";
import type { Book } from "./ledger-book.ts";
import type { LedgerHead } from "./ledger-head.ts";

export type TrimLimits = {
  readonly lines: number;
  readonly bodies: number;
  readonly trimLines: number;
  readonly databaseBytes: number;
  readonly databaseBytesMax: number;
};

/** Lines whose bodies are kept whatever the file's size: it is the newest receipts that people ask for. */
const BODIES_MIN = 1000;
/** Pages given back to the disk in one step. */
const VACUUM_PAGES = 2000;

/**
 * One step, in its caller's transaction; false when nothing is left to do. `headAt` signs the anchor of a cut. Throws SQLite's errors.
 */
export function trimStep(
  book: Book,
  { limits, headAt }: { limits: TrimLimits; headAt: (number: number) => LedgerHead },
): boolean {
  const first = book.firstNumber();
  const { number: last } = book.tip();
  if (last - first + 1 > limits.lines) {
    const cut = Math.min(first + limits.trimLines - 1, last - limits.lines);
    book.addHead(headAt(cut));
    dropBodies(book, { from: first, upTo: cut });
    for (const table of ["bodies", "lines"]) book.database.prepare(`DELETE FROM ${table} WHERE number <= ?`).run(cut);
    return true;
  }
  const from = Math.max(first, book.bodiesFrom());
  const kept = last - from + 1;
  if (kept <= limits.bodies && (bytesOf(book) <= limits.databaseBytes || kept <= Math.min(BODIES_MIN, limits.bodies)))
    return false;
  const upTo = Math.min(from + limits.trimLines - 1, last - Math.min(BODIES_MIN, limits.bodies));
  dropBodies(book, { from, upTo });
  book.remember("bodies-from", String(upTo + 1));
  return true;
}

/** Gives freed pages back; outside a transaction, as SQLite wants it. */
export function giveSpaceBack({ database }: Book): void {
  database.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
}

/** With their salts, without which the digest of a private body says nothing more. */
function dropBodies({ database }: Book, { from, upTo }: { from: number; upTo: number }): void {
  const kinds = TRIMMED_KINDS.map((kind) => `'${kind}'`).join(",");
  for (const [table, kind] of [
    ["receipts", "receipt"],
    ["lamp_commands", "lamp-command"],
  ] as const) {
    // Never the newest: the next one names it as its previous.
    const newest = Number(database.prepare(`SELECT max(number) AS n FROM ${table}`).get()?.["n"] ?? 0);
    const row = database
      .prepare("SELECT ref FROM lines WHERE kind=? AND number <= ? ORDER BY number DESC LIMIT 1")
      .get(kind, upTo);
    database.prepare(`DELETE FROM ${table} WHERE number <= ? AND number < ?`).run(Number(row?.["ref"] ?? 0), newest);
  }
  const among = `number BETWEEN ? AND ? AND kind IN (${kinds})`;
  database.prepare(`DELETE FROM bodies WHERE number IN (SELECT number FROM lines WHERE ${among})`).run(from, upTo);
  database.prepare(`UPDATE lines SET salt=NULL WHERE salt IS NOT NULL AND ${among}`).run(from, upTo);
}

function bytesOf({ database }: Book): number {
  const read = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  return (read("page_count") - read("freelist_count")) * read("page_size");
}
