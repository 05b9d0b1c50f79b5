// Hours that a tighter policy brings forward, in what waits and in what is kept aside (I10).
import type { CommitQueue } from "./commit-queue.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";
import type { Spool } from "./spool.ts";
import type { Transaction } from "./sqlite-transaction.ts";

type To = Parameters<Spool["shortenRetention"]>[0];

/** `after`: of the entries, those above this sequence. */
type Part = { readonly after: number; readonly nowMs: number };

/**
 * Runs `shorten` from part to part, each in a transaction of its own, so that no acknowledgement waits for all of a long backlog;
 * it gives where the next part begins, or null. What was left off is begun anew by the next start, which compares again.
 */
export async function shortenInParts(
  queue: CommitQueue,
  shorten: (after: number, nowMs: number) => number | null,
): Promise<void> {
  const next = async (after: number): Promise<number | null> => {
    let found: number | null = null;
    const write = ({ nowMs }: { readonly nowMs: number }) => {
      found = shorten(after, nowMs); // perhaps twice: what was rolled back is done again
    };
    await queue.commit(write, { frees: true });
    return found;
  };
  let after = await next(0);
  while (after !== null) after = await next(after);
}

/** Called within a transaction only. */
export function createRetentionWriter({ database }: Transaction) {
  const sql = prepare(database);

  const dropDeadLetters = (isAllowed: NonNullable<To["isAllowed"]>): void => {
    const dropped: (readonly [sink: string, sequence: number])[] = [];
    // One by one: there may be LIMITS.deadLetters of them, each with its text.
    for (const { sink, sequence, type, body, camera } of sql.letters.iterate()) {
      const cameraId = typeof camera === "string" ? camera : null;
      if (!isAllowed({ type: String(type), body: String(body), cameraId }))
        dropped.push([String(sink), Number(sequence)]);
    }
    for (const each of dropped) sql.dropLetter.run(...each);
    sql.dropDamaged.run();
  };

  return {
    /** The first part of the entries, with all else, or a further one. Only rows that change are written. An hour that is damaged, and lies further ahead than any can, is brought forward, too. */
    shortenRetention(
      { eventsMs, classesMs = {}, picturesMs, isAllowed, notShown = [] }: To,
      { after, nowMs }: Part,
    ): number | null {
      const named = JSON.stringify(Object.keys(classesMs));
      const end = sql.endOfPart.get(after, SPOOL_LIMITS.lookedAtOnce)?.["sequence"];
      const upTo = typeof end === "number" ? end : Number.MAX_SAFE_INTEGER;
      sql.shortenEvents.run(eventsMs, named, nowMs, after, upTo);
      for (const [name, ms] of Object.entries(classesMs)) sql.shortenClass.run(ms, name, nowMs, after, upTo);
      if (after > 0) return typeof end === "number" ? end : null;
      sql.shortenLetters.run(eventsMs, named, nowMs);
      for (const [name, ms] of Object.entries(classesMs)) sql.shortenLettersOf.run(ms, name, nowMs);
      for (const [cameraId, ms] of Object.entries(picturesMs)) {
        for (const each of [sql.shortenPictures, sql.shortenSnapshots, sql.shortenSnapshotLetters])
          each.run(ms, cameraId, nowMs);
      }
      sql.endOtherPictures.run(JSON.stringify(Object.keys(picturesMs)));
      if (isAllowed !== undefined) dropDeadLetters(isAllowed);
      sql.endShown.run(JSON.stringify(notShown));
      return typeof end === "number" ? end : null;
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
  // By the key, which the parts go by; the plus keeps the index of classes out of it.
  const inPart = "sequence > ?4 AND sequence <= ?5";
  return {
    endOfPart: database.prepare("SELECT sequence FROM entries WHERE sequence > ? ORDER BY sequence LIMIT 1 OFFSET ?"),
    shortenEvents: shorten("entries", "made_at", `${inPart} AND ${ofOthers}`),
    shortenLetters: shorten("dead", "made_at", ofOthers),
    // A wish to erase waits until each platform has it, whatever the policy says of the house's other words.
    shortenClass: shorten("entries", "made_at", `${inPart} AND +class=?2 AND type <> 'hedgerow.erasure.requested.v1'`),
    shortenLettersOf: shorten("dead", "made_at", "class=?2"),
    shortenPictures: shorten("pictures", "taken_at", "camera=?2"),
    shortenSnapshots: shorten("entries", "made_at", ofCamera),
    shortenSnapshotLetters: shorten("dead", "made_at", ofCamera),
    endOtherPictures: database.prepare(
      "UPDATE pictures SET expires_at=0 WHERE expires_at>0 AND camera NOT IN (SELECT value FROM json_each(?))",
    ),
    endShown: database.prepare(
      `UPDATE pictures SET expires_at=0 WHERE expires_at>0 AND camera IN (SELECT value FROM json_each(?))
       AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.sequence = pictures.sequence)
       AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.sequence = pictures.sequence)`,
    ),
    letters: database.prepare(
      "SELECT d.sink, d.sequence, d.type, d.body, p.camera FROM dead d LEFT JOIN pictures p ON p.sequence = d.sequence",
    ),
    dropLetter: database.prepare("DELETE FROM dead WHERE sink=? AND sequence=?"),
    dropDamaged: database.prepare("DELETE FROM damaged"),
  };
}
