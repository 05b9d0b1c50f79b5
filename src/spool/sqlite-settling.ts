// What sinks said of entries, and which sinks entries wait for.
import type { Settlement } from "./spool.ts";
import type { Transaction } from "./sqlite-transaction.ts";

/** Called within a transaction only. */
export function createSettlingWriter({ database, count }: Transaction, sinkIds: readonly string[]) {
  const sql = {
    dropWaiting: database.prepare("DELETE FROM waiting WHERE sink=? AND sequence=?"),
    dropSettledEntry: database.prepare(
      `DELETE FROM entries WHERE sequence=?1
       AND NOT EXISTS (SELECT 1 FROM sinks s JOIN waiting w ON w.sink = s.sink AND w.sequence = ?1)`,
    ),
    addDead: database.prepare(
      `INSERT OR REPLACE INTO dead (sink, sequence, id, type, body, image, why, at, expires_at, class, made_at, crc)
       SELECT ?, sequence, id, type, body, image, ?, ?, expires_at, class, made_at, crc FROM entries WHERE sequence = ?`,
    ),
    // By id too: what is no longer the entry that was offered is left alone.
    markUndeliverable: database.prepare(
      "UPDATE entries SET undeliverable=1 WHERE sequence=? AND id=? AND undeliverable=0",
    ),
    adopt: database.prepare("INSERT OR IGNORE INTO waiting SELECT ?, sequence FROM waiting WHERE sink='unassigned'"),
    dropUnassigned: database.prepare("DELETE FROM waiting WHERE sink='unassigned'"),
  };
  return {
    settle({ sinkId, accepted, rejected, undeliverable = [] }: Settlement, nowMs: number): void {
      let forwarded = 0;
      let refused = 0;
      // One by one, so that on a full disk each finds the room of the one before.
      for (const { sequence } of accepted) {
        forwarded += Number(sql.dropWaiting.run(sinkId, sequence).changes);
        sql.dropSettledEntry.run(sequence);
      }
      for (const { entry, why } of rejected) {
        if (Number(sql.dropWaiting.run(sinkId, entry.sequence).changes) === 0) continue;
        sql.addDead.run(sinkId, why, nowMs, entry.sequence);
        sql.dropSettledEntry.run(entry.sequence);
        refused++;
      }
      for (const { sequence, id } of undeliverable) sql.markUndeliverable.run(sequence, id);
      count({ [`entry.forwarded.${sinkId}`]: forwarded, [`entry.rejected.${sinkId}`]: refused });
    },

    /** Entries made before any sink was configured now wait for each sink. */
    adoptUnassigned(): void {
      for (const sinkId of sinkIds) {
        const adopted = Number(sql.adopt.run(sinkId).changes);
        count({ [`entry.made.${sinkId}`]: adopted });
      }
      const moved = Number(sql.dropUnassigned.run().changes);
      // They are made for others now: made = forwarded + … + waiting holds for "unassigned" too (I9).
      count({ "entry.made.unassigned": -moved });
    },
  };
}
