// The spool's writes, all inside the transaction its caller runs; nothing here waits.
import type { Database } from "../core/database.ts";
import type { Moment } from "../core/clock-steps.ts";
import type { Batch, Making, Settlement, Spool } from "./spool.ts";
import { checksumOf } from "./schema.ts";
import { IS_TO_GO } from "./sqlite-reader.ts";

/** What goes before the rest and outside a sink's hours: who reads it may have to act today. */
const URGENT: ReadonlySet<string> = new Set([
  "hedgerow.light.fault.v1",
  "hedgerow.device.status.v1",
  "hedgerow.gateway.status.v1",
]);

/** What `append` says of time: now, and by how much the clock was set since the batch was handed over. */
export type AppendTime = { readonly nowMs: number; readonly lateByMs: number };

/** `append`, `settle` and the others are called within `transaction` only; a throw rolls everything back. */
export function createWriter({
  database,
  sinkIds,
  randomHex,
}: {
  database: Database;
  sinkIds: readonly string[];
  randomHex: () => string;
}) {
  const sql = prepare(database);
  let nextSequence = Number(sql.nextSequence.get()?.["n"]);
  const firstOfThisRun = nextSequence;

  /** Gathered over a transaction and written once at its end. */
  const counted = new Map<string, number>();
  const addCounters = (counters: Readonly<Record<string, number>>) => {
    for (const [name, n] of Object.entries(counters)) counted.set(name, (counted.get(name) ?? 0) + n);
  };

  const make = ({ event, image }: Making, { nowMs, lateByMs }: AppendTime) => {
    const { class: eventClass, attributes } = event.content;
    const sequence = nextSequence++;
    const text = String(sequence).padStart(12, "0");
    // Made once, before the first attempt (I6). The sequence attribute is a string by the CloudEvents sequence extension.
    const id = `${text}-${randomHex()}`;
    const body = JSON.stringify({
      specversion: "1.0",
      id,
      ...attributes,
      sequence: text,
      datacontenttype: "application/json",
    });
    let expiresAtMs = event.content.expiresAtMs + lateByMs;
    const sha256 = image?.redacted.content.sha256 ?? null;
    if (image !== undefined && sha256 !== null) {
      const { cameraId, takenAtMs, content } = image.redacted;
      // A picture that is past its hour before it lies here was taken before the clock was set: its event knows better.
      const isOfOldClock = image.expiresAtMs + lateByMs <= nowMs;
      const imageExpiresAtMs = isOfOldClock ? expiresAtMs : image.expiresAtMs + lateByMs;
      const takenMs = isOfOldClock ? nowMs : takenAtMs + lateByMs;
      sql.addPicture.run(
        sequence,
        sha256,
        cameraId,
        takenMs,
        imageExpiresAtMs,
        content.jpeg.length,
        content.boxes.length,
        attributes.data["clock"] === "unsure" ? 1 : 0,
      );
      // The event does not outlive its picture: it would name bytes that nobody has.
      expiresAtMs = Math.min(expiresAtMs, imageExpiresAtMs);
    }
    const crc = checksumOf([sequence, id, eventClass, attributes.type, body, sha256]);
    const urgent = URGENT.has(attributes.type) ? 1 : 0;
    const unsure = attributes.data["clock"] === "unsure" ? 1 : 0;
    sql.addEntry.run(sequence, id, eventClass, attributes.type, body, nowMs, expiresAtMs, sha256, crc, urgent, unsure);
    for (const sinkId of sinkIds) {
      sql.addWaiting.run(sinkId, sequence);
      addCounters({ [`entry.made.${sinkId}`]: 1 });
    }
  };

  const discard = ({ sequences, how }: NonNullable<Batch["discard"]>) => {
    for (const sequence of sequences) {
      for (const row of sql.waitersOf.all(sequence)) addCounters({ [`entry.${how}.${String(row["sink"])}`]: 1 });
      sql.dropWaiters.run(sequence);
      sql.dropEntry.run(sequence);
    }
  };

  /** What was made in this run lives as long as it would have, had the clock been right from the start. */
  const shift = (byMs: number) => {
    for (const statement of sql.shift) statement.run(byMs, firstOfThisRun);
  };

  return {
    /** Moves what was made in this run by the moment's step first. */
    transaction(work: () => void, { stepMs }: Moment): void {
      const sequenceBefore = nextSequence;
      database.exec("BEGIN IMMEDIATE");
      try {
        if (stepMs !== 0) shift(stepMs);
        work();
        for (const [name, n] of counted) if (n !== 0) sql.count.run(name, n);
        if (nextSequence !== sequenceBefore) sql.setNextSequence.run(nextSequence);
        database.exec("COMMIT");
      } catch (cause) {
        nextSequence = sequenceBefore;
        // SQLite has rolled back by itself after some errors (SQLITE_FULL, SQLITE_IOERR).
        if (database.isTransaction) database.exec("ROLLBACK");
        throw cause;
      } finally {
        counted.clear();
      }
    },

    append(batch: Batch, time: AppendTime): void {
      // First, so that on a full disk the tombstone finds the room of what it speaks of. It goes to every sink, also to one
      // that has what it names: each sink sees every sequence, so that a hole is a loss and nothing else.
      if (batch.discard !== undefined) discard(batch.discard);
      for (const making of batch.make ?? []) make(making, time);
      for (const [deviceId, window] of Object.entries(batch.windows ?? {})) {
        if (window === null) sql.dropWindow.run(deviceId);
        else sql.setWindow.run(deviceId, window.fromMs, window.toMs, window.count);
      }
      for (const [key, value] of Object.entries(batch.state ?? {})) {
        if (value === null) sql.dropState.run(key);
        else sql.setState.run(key, value);
      }
      for (const { kind, body, atMs } of batch.notes ?? []) sql.addNote.run(kind, body, atMs);
      addCounters(batch.counters ?? {});
    },

    told: (upTo: number): void => void sql.dropNotes.run(upTo),

    settle({ sinkId, accepted, rejected, undeliverable = [] }: Settlement, nowMs: number): void {
      let forwarded = 0;
      let refused = 0;
      for (const entry of accepted) forwarded += Number(sql.dropWaiting.run(sinkId, entry.sequence).changes);
      for (const { entry, why } of rejected) {
        if (Number(sql.dropWaiting.run(sinkId, entry.sequence).changes) === 0) continue;
        const image = entry.image?.sha256 ?? null;
        sql.addDead.run(sinkId, entry.sequence, entry.id, entry.type, entry.body, image, why, nowMs, entry.expiresAtMs);
        refused++;
      }
      for (const { sequence, id } of undeliverable) sql.markUndeliverable.run(sequence, id);
      for (const { sequence } of [...accepted, ...rejected.map(({ entry }) => entry)])
        sql.dropSettledEntry.run(sequence);
      addCounters({ [`entry.forwarded.${sinkId}`]: forwarded, [`entry.rejected.${sinkId}`]: refused });
    },

    /** Removes rows and gives their digests: past their hour whatever waits for them (promise 7), or delivered and not the last. */
    shortenRetention({ eventsMs, picturesMs }: Parameters<Spool["shortenRetention"]>[0]): void {
      sql.shortenEvents.run(eventsMs);
      for (const [cameraId, ms] of Object.entries(picturesMs)) {
        sql.shortenPictures.run(ms, cameraId);
        sql.shortenSnapshots.run(ms, cameraId);
      }
      sql.endOtherPictures.run(JSON.stringify(Object.keys(picturesMs)));
    },

    removePictures(nowMs: number): string[] {
      return sql.dropPictures.all(nowMs).map((row) => String(row["sha256"]));
    },

    /** Dead letters past their hour, then the oldest beyond `keep`. */
    dropDeadLetters({ nowMs, keep }: { nowMs: number; keep: number }): void {
      const expired = Number(sql.dropExpiredDead.run(nowMs).changes);
      const crowded = Number(sql.dropOldestDead.run(keep).changes);
      addCounters({ "dead-letter.expired": expired, "dead-letter.crowded-out": crowded });
    },

    /** Entries made before any sink was configured now wait for each sink. */
    adoptUnassigned(): void {
      for (const sinkId of sinkIds) {
        const adopted = Number(sql.adopt.run(sinkId).changes);
        addCounters({ [`entry.made.${sinkId}`]: adopted });
      }
      const moved = Number(sql.dropUnassigned.run().changes);
      // They are made for others now: made = forwarded + … + waiting holds for "unassigned" too (I9).
      addCounters({ "entry.made.unassigned": -moved });
    },
  };
}

function prepare(database: Database) {
  return {
    nextSequence: database.prepare("SELECT n FROM meta WHERE key='next_sequence'"),
    setNextSequence: database.prepare("UPDATE meta SET n=? WHERE key='next_sequence'"),
    addEntry: database.prepare(
      "INSERT INTO entries (sequence,id,class,type,body,made_at,expires_at,image,crc,urgent,unsure) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
    ),
    addNote: database.prepare("INSERT INTO ledger_notes (kind, body, at) VALUES (?,?,?)"),
    dropNotes: database.prepare("DELETE FROM ledger_notes WHERE number <= ?"),
    addWaiting: database.prepare("INSERT INTO waiting (sink,sequence) VALUES (?,?)"),
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
    addPicture: database.prepare("INSERT INTO pictures VALUES (?,?,?,?,?,?,?,?)"),
    dropPictures: database.prepare(`DELETE FROM pictures AS p WHERE ${IS_TO_GO} RETURNING sha256`),
    shift: [
      "UPDATE entries SET made_at=made_at+?1, expires_at=expires_at+?1 WHERE sequence>=?2",
      "UPDATE dead SET at=at+?1, expires_at=expires_at+?1 WHERE sequence>=?2",
      "UPDATE pictures SET taken_at=taken_at+?1, expires_at=expires_at+?1 WHERE sequence>=?2",
    ].map((text) => database.prepare(text)),
    adopt: database.prepare("INSERT OR IGNORE INTO waiting SELECT ?, sequence FROM waiting WHERE sink='unassigned'"),
    dropUnassigned: database.prepare("DELETE FROM waiting WHERE sink='unassigned'"),
    setWindow: database.prepare("INSERT OR REPLACE INTO windows VALUES (?,?,?,?)"),
    dropWindow: database.prepare("DELETE FROM windows WHERE device=?"),
    setState: database.prepare("INSERT OR REPLACE INTO state VALUES (?,?)"),
    dropState: database.prepare("DELETE FROM state WHERE key=?"),
    count: database.prepare("INSERT INTO counters VALUES (?,?) ON CONFLICT (name) DO UPDATE SET n=n+excluded.n"),
    waitersOf: database.prepare("SELECT sink FROM waiting WHERE sequence=?"),
    dropWaiters: database.prepare("DELETE FROM waiting WHERE sequence=?"),
    dropWaiting: database.prepare("DELETE FROM waiting WHERE sink=? AND sequence=?"),
    dropEntry: database.prepare("DELETE FROM entries WHERE sequence=?"),
    dropSettledEntry: database.prepare(
      "DELETE FROM entries WHERE sequence=?1 AND NOT EXISTS (SELECT 1 FROM waiting WHERE sequence=?1)",
    ),
    // By id too: what is no longer the entry that was offered is left alone.
    markUndeliverable: database.prepare("UPDATE entries SET undeliverable=1 WHERE sequence=? AND id=?"),
    dropExpiredDead: database.prepare("DELETE FROM dead WHERE expires_at <= ?"),
    dropOldestDead: database.prepare(
      `DELETE FROM dead WHERE (sink, sequence) IN
       (SELECT sink, sequence FROM dead ORDER BY sequence DESC LIMIT -1 OFFSET ?)`,
    ),
    addDead: database.prepare("INSERT OR REPLACE INTO dead VALUES (?,?,?,?,?,?,?,?,?)"),
  };
}
