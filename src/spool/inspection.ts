// Whether a spool.db can be trusted as it is: looked at before it is opened for work.
import { statSync } from "node:fs";
import { type Database, openDatabase, sqliteCodeOf } from "../core/database.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { isDiskFull } from "./disk-answers.ts";
import { isWhole } from "./reconcile.ts";
import { migrate, SCHEMA_VERSION } from "./schema.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

const SQLITE_ERROR = 1;
const SQLITE_CORRUPT = 11;
const SQLITE_CONSTRAINT = 19;
const SQLITE_NOTADB = 26;
/** Extended codes: a sector that cannot be read, and one behind the end. */
const UNREADABLE: readonly unknown[] = [266, 522];

/** Whether SQLite says that what it read is damaged, or that the disk could not give it back. */
export function isDamage(thrown: unknown): boolean {
  const code = sqliteCodeOf(thrown);
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return true;
  return thrown instanceof Error && "errcode" in thrown && UNREADABLE.includes(thrown.errcode);
}

/**
 * What is wrong with the file, in words, or null. Rows that do not belong together are damage like any other: repairing them in
 * place would trust the very trees that hold them. Writes the log back into the file and brings the tables to this program's version. Throws SPOOL_NEWER, and
 * SQLite's errors that are not damage.
 */
export function damageIn(path: string, { pageBytes }: { readonly pageBytes: number }): string | null {
  let database: Database | undefined;
  try {
    database = openDatabase(path, { pageBytes });
    const meta = metaOf(database);
    // One flipped bit in the file's head must not look like a newer program's data, which would say so in its table, too.
    const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    const said = meta.get("version");
    if (said !== undefined && isOneBit(version ^ said)) return "its version was changed";
    if (version > SCHEMA_VERSION) migrate(database); // refuses it
    // Before the first write. After an fsync that failed, the kernel takes pages for clean that are not on the disk: writing the
    // whole log back into the file writes them once more.
    checkpoint(database);
    const { size } = statSync(path);
    const bytesMax = meta.get("is_open") === 1 ? SPOOL_LIMITS.checkBytesAfterCrash : SPOOL_LIMITS.checkBytesAfterClose;
    if (size <= bytesMax) {
      const found = String(database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"]);
      if (found !== "ok") return found;
    }
    migrate(database);
    if (tablesOf(database) !== tablesOfNew(pageBytes)) return "its tables are not those that this program makes";
    return size > bytesMax || isWhole(database) ? null : "what waits, what is there and what was counted differ";
  } catch (cause) {
    if (cause instanceof GatewayError || !isOfFile(cause)) throw cause;
    return messageOf(cause);
  } finally {
    database?.close();
  }
}

/** Numbers by name, as SQLite reads them. Throws its errors. */
export function metaOf(database: Database): Map<string, number> {
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name='meta'").get() !== undefined;
  const rows = isThere ? database.prepare("SELECT key, n FROM meta").all() : [];
  return new Map(rows.map((row) => [String(row["key"]), Number(row["n"])]));
}

function isOneBit(difference: number): boolean {
  return difference !== 0 && (difference & (difference - 1)) === 0;
}

/** On a full disk there is no room for it; what is in the log stays there. */
function checkpoint(database: Database): void {
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (cause) {
    if (!isDiskFull(cause)) throw cause;
  }
}

/** Damage, and what only another file's tables can lead to. A disk that refuses writes is none of it. */
function isOfFile(cause: unknown): boolean {
  const code = sqliteCodeOf(cause);
  return isDamage(cause) || code === SQLITE_ERROR || code === SQLITE_CONSTRAINT;
}

/** By name, tables with their columns. The texts that made them may differ in spaces and comments. */
function tablesOf(database: Database): string {
  const columns = database.prepare(
    `SELECT s.name, c.name AS "column", c.type, c."notnull", c.pk FROM sqlite_schema s JOIN pragma_table_info(s.name) c
     WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%' ORDER BY s.name, c.cid`,
  );
  const others = database.prepare(
    "SELECT type, name FROM sqlite_schema WHERE type <> 'table' AND name NOT LIKE 'sqlite_%' ORDER BY type, name",
  );
  return JSON.stringify([columns.all(), others.all()]);
}

let tablesKnown: string | null = null;

/** As this program makes them; worked out once, since it takes a database in memory to know. */
function tablesOfNew(pageBytes: number): string {
  if (tablesKnown !== null) return tablesKnown;
  const fresh = openDatabase(":memory:", { pageBytes });
  try {
    migrate(fresh);
    tablesKnown = tablesOf(fresh);
    return tablesKnown;
  } finally {
    fresh.close();
  }
}
