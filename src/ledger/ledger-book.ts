// The ledger's tables in SQLite and what is done with them; what is written is written in a transaction of its caller.
import type { Database } from "../core/database.ts";
import { GatewayError } from "../core/errors.ts";
import { HeadRecord, headText, type LedgerHead } from "./ledger-head.ts";
import { bodyDigest, FIRST_LINK, isLineKind, type Line, type LineKind, linkOf } from "./ledger-line.ts";

/** Each step takes the tables from its index to the next version; steps are never edited, only added. */
const STEPS: readonly string[] = [
  // Receipts and lamp commands were there before the lines: each a signed chain of its own, which goes on as it was.
  `CREATE TABLE IF NOT EXISTS receipts (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
   -- Anybody may ask for a picture's receipt: without the index each asking would read them all.
   CREATE INDEX IF NOT EXISTS receipts_image ON receipts (json_extract(body, '$.image'));
   CREATE TABLE IF NOT EXISTS lamp_commands (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
   -- ref: the row of the kind's own table, which holds the body of a receipt and of a lamp command
   CREATE TABLE lines (
     number INTEGER PRIMARY KEY, kind TEXT NOT NULL, day TEXT, digest BLOB NOT NULL, previous BLOB NOT NULL,
     salt BLOB, ref INTEGER
   );
   -- of the other kinds; apart, so that the oldest leave whole pages when they go
   CREATE TABLE bodies (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE INDEX lines_by_kind ON lines (kind, number);
   CREATE TABLE heads (made INTEGER PRIMARY KEY, number INTEGER NOT NULL, day TEXT, head TEXT NOT NULL);
   CREATE INDEX heads_by_number ON heads (number);
   CREATE INDEX heads_by_day ON heads (day);
   -- notes of spool.db that have their line and were perhaps not yet forgotten there
   CREATE TABLE carried (note INTEGER NOT NULL, print TEXT NOT NULL, PRIMARY KEY (note, print)) WITHOUT ROWID;
   CREATE TABLE memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
];

/** A line with what it says: `body` null where it is no longer kept, `salt` null where it has none. */
export type LedgerRow = { readonly line: Line; readonly body: string | null; readonly salt: Uint8Array | null };

export type NewLine = {
  readonly kind: LineKind;
  readonly day: string | null;
  readonly body: string;
  readonly salt: Uint8Array | null;
  /** The row of the kind's own table, which holds the body. */
  readonly ref?: number;
};

export type Tip = { readonly number: number; readonly link: string };
export type Book = ReturnType<typeof createBook>;

/** Brings the tables to this program's version. Throws SPOOL_NEWER, and SQLite's errors. */
export function migrateLedger(database: Database): void {
  for (let version = ledgerVersion(database); version < STEPS.length; version++)
    database.exec(`BEGIN IMMEDIATE; ${STEPS[version]}; PRAGMA user_version=${version + 1}; COMMIT`);
}

/** 0: empty, or of before the lines. Throws SPOOL_NEWER. */
export function ledgerVersion(database: Database): number {
  const found = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (found <= STEPS.length) return found;
  throw new GatewayError(
    "SPOOL_NEWER",
    `ledger.db has version ${found}, this program knows versions up to ${STEPS.length}`,
  );
}

/** Over a database that was migrated. All throw SQLite's errors. */
export function createBook(database: Database) {
  const sql = prepare(database);
  const rowsBetween = (after: number, upTo: number, limit: number): LedgerRow[] =>
    sql.between.all(after, upTo, limit).map(rowOf);
  const tip = (): Tip => {
    const last = sql.last.get();
    if (last !== undefined) return { number: rowOf(last).line.number, link: linkOf(rowOf(last).line) };
    return { number: 0, link: FIRST_LINK };
  };

  return {
    database,
    sql,
    tip,
    rowsBetween,

    transaction<T>(work: () => T): T {
      database.exec("BEGIN IMMEDIATE");
      try {
        const made = work();
        database.exec("COMMIT");
        return made;
      } catch (cause) {
        // SQLite has rolled back by itself after some errors (SQLITE_FULL, SQLITE_IOERR).
        if (database.isTransaction) database.exec("ROLLBACK");
        throw cause;
      }
    },

    append({ kind, day, body, salt, ref }: NewLine): number {
      const { number: before, link } = tip();
      const digest = Buffer.from(bodyDigest({ body, salt }), "hex");
      sql.addLine.run(before + 1, kind, day, digest, Buffer.from(link, "hex"), salt, ref ?? null);
      if (ref === undefined) sql.addBody.run(before + 1, body);
      return before + 1;
    },

    /** The newest first. `kind`: of all if null. */
    newest: (kind: LineKind | null, limit: number): LedgerRow[] =>
      (kind === null ? sql.newest.all(limit) : sql.newestOfKind.all(kind, limit)).map(rowOf),

    /** The number of the first line that is kept; one more than the last number where none is. */
    firstNumber: (): number => Number(sql.first.get()?.["number"] ?? tip().number + 1),

    /** What the line after this one names as previous: also of the last line, and where this line itself is gone. */
    linkAt(number: number): string {
      const [after] = rowsBetween(number, number + 1, 1);
      return after?.line.previous ?? tip().link;
    },

    dayOf: (number: number): string | null => rowsBetween(number - 1, number, 1)[0]?.line.day ?? null,

    /** The last line of a day before this one, 0 if there is none. */
    lastBefore: (day: string): number => Number(sql.lastBefore.get(day)?.["number"] ?? 0),

    addHead: (head: LedgerHead): void => void sql.addHead.run(head.number, head.day, headText(head)),
    heads: (after: number, upTo: number): LedgerHead[] => sql.heads.all(after, upTo).map(headOf),
    /** Of this day or a later one. */
    headSince: (day: string): LedgerHead | null => sql.headSince.all(day).map(headOf)[0] ?? null,
    newestHeads: (upTo: number, limit: number): LedgerHead[] => sql.newestHeads.all(upTo, limit).map(headOf),

    remembered(key: string): string | null {
      const row = sql.remembered.get(key);
      return row === undefined ? null : String(row["value"]);
    },
    /** The first line whose body is kept whatever its kind (ledger-trim.ts). */
    bodiesFrom: (): number => Number(sql.remembered.get("bodies-from")?.["value"] ?? 1),
    remember: (key: string, value: string): void => void sql.remember.run(key, value),
  };
}

function rowOf(row: Record<string, unknown>): LedgerRow {
  const kind = String(row["kind"]);
  if (!isLineKind(kind)) throw new TypeError(`ledger.db holds a line of the unknown kind ${kind}`);
  const [day, body, salt] = [row["day"], row["body"], row["salt"]];
  return {
    line: {
      version: 1,
      number: Number(row["number"]),
      kind,
      day: typeof day === "string" ? day : null,
      digest: hexOf(row["digest"]),
      previous: hexOf(row["previous"]),
    },
    body: typeof body === "string" ? body : null,
    salt: salt instanceof Uint8Array ? salt : null,
  };
}

function hexOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : "";
}

function headOf(row: Record<string, unknown>): LedgerHead {
  return HeadRecord.parse(JSON.parse(String(row["head"])));
}

function prepare(database: Database) {
  const row = `SELECT l.number, l.kind, l.day, l.digest, l.previous, l.salt, coalesce(b.body, r.body, c.body) AS body
    FROM lines l LEFT JOIN bodies b ON b.number=l.number LEFT JOIN receipts r ON l.kind='receipt' AND r.number=l.ref
    LEFT JOIN lamp_commands c ON l.kind='lamp-command' AND c.number=l.ref`;
  return {
    addLine: database.prepare(
      "INSERT INTO lines (number, kind, day, digest, previous, salt, ref) VALUES (?,?,?,?,?,?,?)",
    ),
    addBody: database.prepare("INSERT INTO bodies VALUES (?,?)"),
    last: database.prepare(`${row} ORDER BY l.number DESC LIMIT 1`),
    first: database.prepare("SELECT number FROM lines ORDER BY number LIMIT 1"),
    between: database.prepare(`${row} WHERE l.number > ? AND l.number <= ? ORDER BY l.number LIMIT ?`),
    newest: database.prepare(`${row} ORDER BY l.number DESC LIMIT ?`),
    newestOfKind: database.prepare(`${row} WHERE l.kind=? ORDER BY l.number DESC LIMIT ?`),
    // From the end: no more is read than the lines of today.
    lastBefore: database.prepare("SELECT number FROM lines WHERE day < ? ORDER BY number DESC LIMIT 1"),
    lastRef: database.prepare("SELECT ref FROM lines WHERE kind=? ORDER BY number DESC LIMIT 1"),
    addHead: database.prepare("INSERT INTO heads (number, day, head) VALUES (?,?,?)"),
    heads: database.prepare("SELECT head FROM heads WHERE number > ? AND number <= ? ORDER BY number, made"),
    headSince: database.prepare("SELECT head FROM heads WHERE day >= ? ORDER BY made DESC LIMIT 1"),
    newestHeads: database.prepare("SELECT head FROM heads WHERE number <= ? ORDER BY made DESC LIMIT ?"),
    remembered: database.prepare("SELECT value FROM memory WHERE key=?"),
    remember: database.prepare("INSERT OR REPLACE INTO memory VALUES (?,?)"),
    isCarried: database.prepare("SELECT 1 FROM carried WHERE note=? AND print=?"),
    addCarried: database.prepare("INSERT INTO carried VALUES (?,?)"),
    forgetCarried: database.prepare("DELETE FROM carried WHERE note < ? OR note > ?"),
    addReceipt: database.prepare("INSERT INTO receipts (body) VALUES (?)"),
    addCommand: database.prepare("INSERT INTO lamp_commands (body) VALUES (?)"),
    latestReceipts: database.prepare("SELECT body FROM receipts ORDER BY number DESC LIMIT ?"),
    latestCommands: database.prepare("SELECT body FROM lamp_commands ORDER BY number DESC LIMIT ?"),
    receiptsOfImage: database.prepare(
      "SELECT number, body FROM receipts WHERE json_extract(body, '$.image') = ? ORDER BY number DESC LIMIT ?",
    ),
    receiptCount: database.prepare("SELECT max(number) AS count FROM receipts"),
    receiptsAfter: database.prepare("SELECT number, body FROM receipts WHERE number > ? ORDER BY number LIMIT ?"),
    commandsAfter: database.prepare("SELECT number, body FROM lamp_commands WHERE number > ? ORDER BY number LIMIT ?"),
  };
}
