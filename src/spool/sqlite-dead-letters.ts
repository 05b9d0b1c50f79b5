// Entries that a platform rejected for good: kept aside with the reason, for a person to look at, until their hour.
import type { Database } from "../core/database.ts";
import type { DeadLetter } from "./spool.ts";
import type { Transaction } from "./sqlite-transaction.ts";

export function createDeadLetterReader(database: Database) {
  const sql = {
    list: database.prepare("SELECT sink, sequence, id, type, why FROM dead ORDER BY sequence LIMIT ?"),
    expired: database.prepare("SELECT 1 FROM dead WHERE expires_at <= ? LIMIT 1"),
    count: database.prepare("SELECT count(*) AS n FROM dead"),
  };
  return {
    deadLetters(limit: number): DeadLetter[] {
      return sql.list.all(limit).map((row) => ({
        sinkId: String(row["sink"]),
        sequence: Number(row["sequence"]),
        id: String(row["id"]),
        type: String(row["type"]),
        why: String(row["why"]),
      }));
    },
    hasDeadLettersToDrop({ nowMs, keep }: { nowMs: number; keep: number }): boolean {
      return sql.expired.get(nowMs) !== undefined || Number(sql.count.get()?.["n"] ?? 0) > keep;
    },
  };
}

/** Called within a transaction only. */
export function createDeadLetterWriter({ database, count }: Transaction) {
  const sql = {
    dropExpired: database.prepare("DELETE FROM dead WHERE expires_at <= ?"),
    dropOldest: database.prepare(
      `DELETE FROM dead WHERE (sink, sequence) IN
       (SELECT sink, sequence FROM dead ORDER BY sequence DESC LIMIT -1 OFFSET ?)`,
    ),
  };
  return {
    /** Dead letters past their hour, then the oldest beyond `keep`. */
    dropDeadLetters({ nowMs, keep }: { nowMs: number; keep: number }): void {
      const expired = Number(sql.dropExpired.run(nowMs).changes);
      const crowded = Number(sql.dropOldest.run(keep).changes);
      count({ "dead-letter.expired": expired, "dead-letter.crowded-out": crowded });
    },
  };
}
