// Entries that a platform rejected for good: kept aside with the reason, for a person to look at, until their hour.
import type { Database } from "../core/database.ts";
import type { DeadLetter, Requeued } from "./spool.ts";
import { URGENT } from "./schema.ts";
import type { Transaction } from "./sqlite-transaction.ts";

export function createDeadLetterReader(database: Database) {
  const sql = {
    list: database.prepare("SELECT sink, sequence, id, type, why, at, expires_at FROM dead ORDER BY sequence LIMIT ?"),
    expired: database.prepare("SELECT 1 FROM dead WHERE expires_at <= ? LIMIT 1"),
    damagedExpired: database.prepare("SELECT 1 FROM damaged WHERE expires_at <= ? LIMIT 1"),
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
        atMs: Number(row["at"]),
        expiresAtMs: Number(row["expires_at"]),
      }));
    },
    hasDeadLettersToDrop({ nowMs, keep }: { nowMs: number; keep: number }): boolean {
      if (sql.expired.get(nowMs) !== undefined || sql.damagedExpired.get(nowMs) !== undefined) return true;
      return Number(sql.count.get()?.["n"] ?? 0) > keep;
    },
  };
}

/** What is to be put back; `ids`: of events, `sinkId`: of one sink, neither: all. */
type Ask = { readonly ids?: readonly string[]; readonly sinkId?: string };

/** Called within a transaction only. `sinkIds`: those that there are; nothing is put back for another. */
export function createDeadLetterWriter({ database, count }: Transaction, sinkIds: readonly string[]) {
  const sql = {
    dropExpired: database.prepare("DELETE FROM dead WHERE expires_at <= ?"),
    dropDamaged: database.prepare("DELETE FROM damaged WHERE expires_at <= ?"),
    dropOldest: database.prepare(
      `DELETE FROM dead WHERE (sink, sequence) IN
       (SELECT sink, sequence FROM dead ORDER BY sequence DESC LIMIT -1 OFFSET ?)`,
    ),
    asked: database.prepare(
      `SELECT sink, sequence, id, type, expires_at,
         image IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pictures p WHERE p.sequence = dead.sequence) AS is_picture_gone
       FROM dead WHERE (?1 IS NULL OR id IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR sink = ?2) ORDER BY sequence`,
    ),
    // It is still there where another sink waits for it.
    putBack: database.prepare(
      `INSERT OR IGNORE INTO entries (sequence, id, class, type, body, made_at, expires_at, image, crc, urgent)
       SELECT sequence, id, class, type, body, made_at, expires_at, image, crc, ? FROM dead WHERE sink = ? AND sequence = ?`,
    ),
    wait: database.prepare("INSERT OR IGNORE INTO waiting (sink, sequence) VALUES (?, ?)"),
    drop: database.prepare("DELETE FROM dead WHERE sink = ? AND sequence = ?"),
  };
  return {
    /** Dead letters past their hour, then the oldest beyond `keep`; and what was set aside as damaged and is past its hour. */
    dropDeadLetters({ nowMs, keep }: { nowMs: number; keep: number }): void {
      const expired = Number(sql.dropExpired.run(nowMs).changes);
      sql.dropDamaged.run(nowMs);
      const crowded = Number(sql.dropOldest.run(keep).changes);
      count({ "dead-letter.expired": expired, "dead-letter.crowded-out": crowded });
    },

    /** They wait again as what they were; the counters take the rejection back (I9). */
    requeue({ ids, sinkId }: Ask, nowMs: number): Requeued {
      const left: Requeued["left"][number][] = [];
      let requeued = 0;
      for (const row of sql.asked.all(ids === undefined ? null : JSON.stringify(ids), sinkId ?? null)) {
        const [id, sink, sequence] = [String(row["id"]), String(row["sink"]), Number(row["sequence"])];
        const why = whyNot(row, { sinkIds, nowMs });
        if (why === null) {
          sql.putBack.run(URGENT.has(String(row["type"])) ? 1 : 0, sink, sequence);
          sql.wait.run(sink, sequence);
          sql.drop.run(sink, sequence);
          count({ [`entry.rejected.${sink}`]: -1 });
          requeued++;
        } else left.push({ id, sinkId: sink, why });
      }
      return { requeued, left };
    },
  };
}

function whyNot(
  row: Record<string, unknown>,
  { sinkIds, nowMs }: { readonly sinkIds: readonly string[]; readonly nowMs: number },
): Requeued["left"][number]["why"] | null {
  if (Number(row["expires_at"]) <= nowMs) return "past-its-hour";
  if (!sinkIds.includes(String(row["sink"]))) return "sink-gone";
  return Number(row["is_picture_gone"]) === 1 ? "picture-gone" : null;
}
