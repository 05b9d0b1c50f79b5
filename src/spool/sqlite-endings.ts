// Entries that end unsent: past their hour, evicted, erased, or such as no sink can be given (I6).
import type { Database } from "../core/database.ts";
import type { Batch, Spool } from "./spool.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";
import type { Transaction } from "./sqlite-transaction.ts";

/** Values of entries.undeliverable: no sink can be given it, and why. */
const UNDELIVERABLE = 1;
const DAMAGED = 2;

export const WAITERS = `(SELECT group_concat(w.sink ORDER BY w.sink)
  FROM sinks s JOIN waiting w ON w.sink = s.sink AND w.sequence = entries.sequence) AS sinks`;

export function createEndingReader(database: Database) {
  const sql = {
    classes: database.prepare("SELECT class FROM classes"),
    expired: database.prepare(
      `SELECT sequence, ${WAITERS} FROM entries WHERE class = ? AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
    ),
    // The index has all that are not 0.
    undeliverable: database.prepare(
      `SELECT sequence, ${WAITERS} FROM entries WHERE undeliverable != 0 AND undeliverable = ? LIMIT ?`,
    ),
    waiting: database.prepare(
      `SELECT e.sequence, e.type, p.camera FROM entries e LEFT JOIN pictures p ON p.sequence = e.sequence
       WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?`,
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
      return sameWaiters(sql.undeliverable.all(UNDELIVERABLE, limit));
    },
    damaged(limit: number): number[] {
      return sameWaiters(sql.undeliverable.all(DAMAGED, limit));
    },
    waiting({ after, entriesMax }: Parameters<Spool["waiting"]>[0]) {
      return sql.waiting.all(after, entriesMax).map((row) => ({
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
    dropPicture: database.prepare("DELETE FROM pictures WHERE sequence=?"),
    markDamaged: database.prepare(`UPDATE entries SET undeliverable=${DAMAGED} WHERE sequence=? AND undeliverable=0`),
    keepDamaged: database.prepare(
      `INSERT INTO damaged (sequence, what, content, at, expires_at)
       SELECT sequence, 'entry', json_object('id', CAST(id AS TEXT), 'type', CAST(type AS TEXT), 'body', CAST(body AS TEXT)), ?1,
         min(coalesce(expires_at, ?2), ?2) FROM entries WHERE sequence = ?3`,
    ),
    dropOldDamaged: database.prepare(
      "DELETE FROM damaged WHERE number <= (SELECT number FROM damaged ORDER BY number DESC LIMIT 1 OFFSET ?)",
    ),
  };
  return {
    /** What is damaged is set aside for a person to look at, and offered no more; it goes with a tombstone. */
    setAside(sequences: readonly number[], nowMs: number): void {
      for (const sequence of sequences) {
        if (Number(sql.markDamaged.run(sequence).changes) === 0) continue;
        sql.keepDamaged.run(nowMs, nowMs + SPOOL_LIMITS.setAsideMs, sequence);
        count({ "spool.damaged": 1 });
      }
      sql.dropOldDamaged.run(SPOOL_LIMITS.damagedKept);
    },

    discard({ sequences, how }: NonNullable<Batch["discard"]>): void {
      for (const sequence of sequences) {
        for (const row of sql.waitersOf.all(sequence)) count({ [`entry.${how}.${String(row["sink"])}`]: 1 });
        sql.dropWaiters.run(sequence);
        sql.dropEntry.run(sequence);
        sql.dropPicture.run(sequence);
      }
    },
  };
}

export type Row = Record<string, unknown>;

export function sameWaiters(rows: readonly Row[]): number[] {
  return rows.filter((row) => row["sinks"] === rows[0]?.["sinks"]).map((row) => Number(row["sequence"]));
}
