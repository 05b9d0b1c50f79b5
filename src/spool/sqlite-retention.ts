// Hours that a tighter policy brings forward, in what waits and in what is kept aside (I10).
import type { Spool } from "./spool.ts";
import type { Transaction } from "./sqlite-transaction.ts";

type To = Parameters<Spool["shortenRetention"]>[0];

/** Called within a transaction only. */
export function createRetentionWriter({ database }: Transaction) {
  const sql = prepare(database);

  const dropDeadLetters = (isAllowed: NonNullable<To["isAllowed"]>): void => {
    for (const { sink, sequence, type, camera } of sql.letters.all()) {
      const cameraId = typeof camera === "string" ? camera : null;
      if (!isAllowed({ type: String(type), cameraId })) sql.dropLetter.run(String(sink), Number(sequence));
    }
    sql.dropDamaged.run();
  };

  return {
    /** Only rows that change are written. An hour that is damaged, and lies further ahead than any can, is brought forward, too. */
    shortenRetention({ eventsMs, classesMs = {}, picturesMs, isAllowed }: To, nowMs: number): void {
      const named = JSON.stringify(Object.keys(classesMs));
      for (const each of [sql.shortenEvents, sql.shortenLetters]) each.run(eventsMs, named, nowMs);
      for (const [name, ms] of Object.entries(classesMs)) {
        for (const each of [sql.shortenClass, sql.shortenLettersOf]) each.run(ms, name, nowMs);
      }
      for (const [cameraId, ms] of Object.entries(picturesMs)) {
        for (const each of [sql.shortenPictures, sql.shortenSnapshots, sql.shortenSnapshotLetters])
          each.run(ms, cameraId, nowMs);
      }
      sql.endOtherPictures.run(JSON.stringify(Object.keys(picturesMs)));
      if (isAllowed !== undefined) dropDeadLetters(isAllowed);
    },
  };
}

function prepare(database: Transaction["database"]) {
  const ofOthers = "class NOT IN ('house', 'snapshot') AND class NOT IN (SELECT value FROM json_each(?2))";
  const ofCamera = "sequence IN (SELECT sequence FROM pictures WHERE camera=?2)";
  const shorten = (table: string, start: string, which: string) =>
    database.prepare(
      `UPDATE ${table} SET expires_at=min(${start}, ?3)+?1 WHERE ${which} AND expires_at > min(${start}, ?3)+?1`,
    );
  return {
    shortenEvents: shorten("entries", "made_at", ofOthers),
    shortenLetters: shorten("dead", "made_at", ofOthers),
    shortenClass: shorten("entries", "made_at", "class=?2"),
    shortenLettersOf: shorten("dead", "made_at", "class=?2"),
    shortenPictures: shorten("pictures", "taken_at", "camera=?2"),
    shortenSnapshots: shorten("entries", "made_at", ofCamera),
    shortenSnapshotLetters: shorten("dead", "made_at", ofCamera),
    endOtherPictures: database.prepare(
      "UPDATE pictures SET expires_at=0 WHERE expires_at>0 AND camera NOT IN (SELECT value FROM json_each(?))",
    ),
    letters: database.prepare(
      "SELECT d.sink, d.sequence, d.type, p.camera FROM dead d LEFT JOIN pictures p ON p.sequence = d.sequence",
    ),
    dropLetter: database.prepare("DELETE FROM dead WHERE sink=? AND sequence=?"),
    dropDamaged: database.prepare("DELETE FROM damaged"),
  };
}
