// Entries that end unsent: past their hour, evicted, erased, or such as no sink can be given (I6).
import type { Database } from "../core/database.ts";
import type { Batch } from "./spool.ts";
import type { Transaction } from "./sqlite-transaction.ts";

const WAITERS = `(SELECT group_concat(w.sink ORDER BY w.sink)
  FROM sinks s JOIN waiting w ON w.sink = s.sink AND w.sequence = entries.sequence) AS sinks`;

export function createEndingReader(database: Database) {
  const sql = {
    classes: database.prepare("SELECT class FROM classes"),
    expired: database.prepare(
      `SELECT sequence, ${WAITERS} FROM entries WHERE class = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
    ),
    undeliverable: database.prepare(`SELECT sequence, ${WAITERS} FROM entries WHERE undeliverable != 0 LIMIT ?`),
    waiting: database.prepare(
      "SELECT e.sequence, e.type, p.camera FROM entries e LEFT JOIN pictures p ON p.sequence = e.sequence ORDER BY e.sequence",
    ),
  };
  return {
    /** Those that the same sinks wait for as for the first one: they share a tombstone. */
    expired(nowMs: number, limit: number): number[] {
      const rows: Row[] = [];
      // Class by class, since that is how the index has their hours.
      for (const each of sql.classes.all())
        rows.push(...sql.expired.all(String(each["class"]), nowMs, limit - rows.length));
      return sameWaiters(rows);
    },
    undeliverable(limit: number): number[] {
      return sameWaiters(sql.undeliverable.all(limit));
    },
    waiting() {
      return sql.waiting.all().map((row) => ({
        sequence: Number(row["sequence"]),
        type: String(row["type"]),
        cameraId: typeof row["camera"] === "string" ? row["camera"] : null,
      }));
    },
  };
}

/** Called within a transaction only. */
export function createEndingWriter({ database, count }: Transaction) {
  const sql = {
    waitersOf: database.prepare("SELECT w.sink FROM sinks s JOIN waiting w ON w.sink = s.sink AND w.sequence = ?"),
    dropWaiters: database.prepare("DELETE FROM waiting WHERE sequence = ? AND sink IN (SELECT sink FROM sinks)"),
    dropEntry: database.prepare("DELETE FROM entries WHERE sequence=?"),
  };
  return {
    discard({ sequences, how }: NonNullable<Batch["discard"]>): void {
      for (const sequence of sequences) {
        for (const row of sql.waitersOf.all(sequence)) count({ [`entry.${how}.${String(row["sink"])}`]: 1 });
        sql.dropWaiters.run(sequence);
        sql.dropEntry.run(sequence);
      }
    },
  };
}

type Row = Record<string, unknown>;

function sameWaiters(rows: readonly Row[]): number[] {
  return rows.filter((row) => row["sinks"] === rows[0]?.["sinks"]).map((row) => Number(row["sequence"]));
}
