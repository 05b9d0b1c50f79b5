// Hours that a tighter policy brings forward, in what waits (I10).
import type { Spool } from "./spool.ts";
import type { Transaction } from "./sqlite-transaction.ts";

/** Called within a transaction only. */
export function createRetentionWriter({ database }: Transaction) {
  const sql = {
    shortenEvents: database.prepare(
      "UPDATE entries SET expires_at=min(expires_at, made_at+?) WHERE class NOT IN ('house', 'snapshot')",
    ),
    shortenPictures: database.prepare("UPDATE pictures SET expires_at=min(expires_at, taken_at+?) WHERE camera=?"),
    shortenSnapshots: database.prepare(
      "UPDATE entries SET expires_at=min(expires_at, made_at+?) WHERE sequence IN (SELECT sequence FROM pictures WHERE camera=?)",
    ),
    endOtherPictures: database.prepare(
      "UPDATE pictures SET expires_at=0 WHERE camera NOT IN (SELECT value FROM json_each(?))",
    ),
  };
  return {
    shortenRetention({ eventsMs, picturesMs }: Parameters<Spool["shortenRetention"]>[0]): void {
      sql.shortenEvents.run(eventsMs);
      for (const [cameraId, ms] of Object.entries(picturesMs)) {
        sql.shortenPictures.run(ms, cameraId);
        sql.shortenSnapshots.run(ms, cameraId);
      }
      sql.endOtherPictures.run(JSON.stringify(Object.keys(picturesMs)));
    },
  };
}
