// The spool's writes, all inside the transaction its caller runs; nothing here waits.
import type { Database } from "../core/database.ts";
import type { Batch, Making, Settlement } from "./spool.ts";

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

  /** Gathered over a transaction and written once at its end. */
  const counted = new Map<string, number>();
  const addCounters = (counters: Readonly<Record<string, number>>) => {
    for (const [name, n] of Object.entries(counters)) counted.set(name, (counted.get(name) ?? 0) + n);
  };

  const make = ({ event, image }: Making, nowMs: number) => {
    const { class: eventClass, expiresAtMs, attributes } = event.content;
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
    if (image !== undefined) {
      const { redacted, expiresAtMs: imageExpiresAtMs } = image;
      const { sha256, jpeg, boxes } = redacted.content;
      sql.addPicture.run(sha256, redacted.cameraId, redacted.takenAtMs, imageExpiresAtMs, jpeg.length, boxes.length);
    }
    sql.addEntry.run(
      sequence,
      id,
      eventClass,
      attributes.type,
      body,
      nowMs,
      expiresAtMs,
      image?.redacted.content.sha256 ?? null,
    );
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

  return {
    transaction(work: (nowMs: number) => void, nowMs: number): void {
      const sequenceBefore = nextSequence;
      database.exec("BEGIN IMMEDIATE");
      try {
        work(nowMs);
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

    append(batch: Batch, nowMs: number): void {
      // First, so that on a full disk the tombstone finds the room of what it speaks of.
      if (batch.discard !== undefined) discard(batch.discard);
      for (const making of batch.make ?? []) make(making, nowMs);
      for (const [deviceId, window] of Object.entries(batch.windows ?? {})) {
        if (window === null) sql.dropWindow.run(deviceId);
        else sql.setWindow.run(deviceId, window.fromMs, window.toMs, window.count);
      }
      for (const [key, value] of Object.entries(batch.state ?? {})) {
        if (value === null) sql.dropState.run(key);
        else sql.setState.run(key, value);
      }
      addCounters(batch.counters ?? {});
    },

    settle({ sinkId, accepted, rejected }: Settlement, nowMs: number): void {
      let forwarded = 0;
      let refused = 0;
      for (const entry of accepted) forwarded += Number(sql.dropWaiting.run(sinkId, entry.sequence).changes);
      for (const { entry, why } of rejected) {
        if (Number(sql.dropWaiting.run(sinkId, entry.sequence).changes) === 0) continue;
        const image = entry.image?.sha256 ?? null;
        sql.addDead.run(sinkId, entry.sequence, entry.id, entry.type, entry.body, image, why, nowMs, entry.expiresAtMs);
        refused++;
      }
      for (const { sequence } of [...accepted, ...rejected.map(({ entry }) => entry)])
        sql.dropSettledEntry.run(sequence);
      addCounters({ [`entry.forwarded.${sinkId}`]: forwarded, [`entry.rejected.${sinkId}`]: refused });
    },

    removePictures(sha256s: readonly string[]): void {
      for (const sha256 of sha256s) sql.dropPicture.run(sha256);
    },

    /** Entries made before any sink was configured now wait for each sink. */
    adoptUnassigned(): void {
      for (const sinkId of sinkIds) {
        const adopted = database
          .prepare("INSERT OR IGNORE INTO waiting SELECT ?, sequence FROM waiting WHERE sink='unassigned'")
          .run(sinkId).changes;
        addCounters({ [`entry.made.${sinkId}`]: Number(adopted) });
      }
      database.exec("DELETE FROM waiting WHERE sink='unassigned'");
    },
  };
}

function prepare(database: Database) {
  return {
    nextSequence: database.prepare("SELECT n FROM meta WHERE key='next_sequence'"),
    setNextSequence: database.prepare("UPDATE meta SET n=? WHERE key='next_sequence'"),
    addEntry: database.prepare(
      "INSERT INTO entries (sequence,id,class,type,body,made_at,expires_at,image) VALUES (?,?,?,?,?,?,?,?)",
    ),
    addWaiting: database.prepare("INSERT INTO waiting (sink,sequence) VALUES (?,?)"),
    // The same picture may be taken twice (a still camera): the later hour and the first row stay.
    addPicture: database.prepare(
      "INSERT INTO pictures VALUES (?,?,?,?,?,?) ON CONFLICT (sha256) DO UPDATE SET taken_at=excluded.taken_at, expires_at=max(expires_at, excluded.expires_at)",
    ),
    dropPicture: database.prepare("DELETE FROM pictures WHERE sha256=?"),
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
    addDead: database.prepare("INSERT OR REPLACE INTO dead VALUES (?,?,?,?,?,?,?,?,?)"),
  };
}
