// The spool's tables, version by version. A program refuses data that a newer one wrote.
import { crc32 } from "node:zlib";
import type { Database } from "../core/database.ts";
import { GatewayError } from "../core/errors.ts";

/** What goes before the rest and outside a sink's hours, by type: who reads it may have to act today. */
export const URGENT: ReadonlySet<string> = new Set([
  "hedgerow.light.fault.v1",
  "hedgerow.device.status.v1",
  "hedgerow.gateway.status.v1",
]);

/** Each step takes the tables from its index to the next version; steps are never edited, only added. */
const STEPS: readonly string[] = [
  `CREATE TABLE entries (
     sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, class TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
     made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, image TEXT,
     -- 1: no sink can ever be given it (its picture is lost); it goes with its tombstone
     undeliverable INTEGER NOT NULL DEFAULT 0
   );
   CREATE INDEX entries_by_expiry ON entries (expires_at);
   CREATE INDEX entries_undeliverable ON entries (sequence) WHERE undeliverable = 1;
   -- one row for each sink that has not settled the entry; the entry goes when its last row does
   CREATE TABLE waiting (sink TEXT NOT NULL, sequence INTEGER NOT NULL REFERENCES entries, PRIMARY KEY (sink, sequence)) WITHOUT ROWID;
   CREATE INDEX waiting_by_sequence ON waiting (sequence);
   CREATE TABLE dead (
     sink TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, image TEXT,
     why TEXT NOT NULL, at INTEGER NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (sink, sequence)
   ) WITHOUT ROWID;
   CREATE INDEX dead_by_sequence ON dead (sequence);
   CREATE INDEX dead_by_expiry ON dead (expires_at);
   -- one row for each picture that was taken, by its entry's sequence, also where two have the same bytes (a still camera, two
   -- cameras without a picture): each keeps its own hour, and the file goes with the last row of its digest
   CREATE TABLE pictures (
     sequence INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, camera TEXT NOT NULL, taken_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL, bytes INTEGER NOT NULL, regions INTEGER NOT NULL
   );
   CREATE INDEX pictures_by_camera ON pictures (camera, sequence);
   CREATE INDEX pictures_by_digest ON pictures (sha256, expires_at);
   CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE windows (device TEXT PRIMARY KEY, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, count INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE meta (key TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
   INSERT INTO meta VALUES ('next_sequence', 1);`,
  `-- Few indexes, since each costs a page written per event: the id begins with the sequence, so the key holds it unique.
   -- undeliverable: 1 no sink can be given it (its picture is lost), 2 it was found damaged; either way it goes with a tombstone
   -- crc: CRC-32 of what never changes of an entry (checksumOf below), so that a flipped bit is never sent
   -- urgent 1: goes before the others, and outside a sink's hours
   -- unsure 1: made while the clock was not believed, and not yet put right
   CREATE TABLE entries_2 (
     sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, class TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
     made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, image TEXT, undeliverable INTEGER NOT NULL DEFAULT 0,
     crc INTEGER NOT NULL, urgent INTEGER NOT NULL DEFAULT 0, unsure INTEGER NOT NULL DEFAULT 0
   );
   INSERT INTO entries_2 SELECT sequence, id, class, type, body, made_at, expires_at, image, undeliverable,
     crc32_of(sequence, id, class, type, body, image), 0, 0 FROM entries;
   CREATE TABLE waiting_2 (sink TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (sink, sequence)) WITHOUT ROWID;
   INSERT INTO waiting_2 SELECT sink, sequence FROM waiting;
   DROP TABLE waiting;
   ALTER TABLE waiting_2 RENAME TO waiting;
   DROP TABLE entries;
   ALTER TABLE entries_2 RENAME TO entries;
   -- for expiry and for eviction: what of a class goes first
   CREATE INDEX entries_by_hour ON entries (class, expires_at);
   CREATE INDEX entries_undeliverable ON entries (sequence) WHERE undeliverable != 0;
   CREATE INDEX entries_urgent ON entries (sequence) WHERE urgent = 1;
   CREATE INDEX entries_unsure ON entries (sequence) WHERE unsure = 1;
   -- the classes that are there, and the sinks that anything waits for, one seek each; in place of further indexes
   CREATE VIEW classes AS WITH RECURSIVE each (class) AS (
     SELECT min(class) FROM entries
     UNION ALL SELECT (SELECT min(e.class) FROM entries e WHERE e.class > each.class) FROM each WHERE each.class IS NOT NULL
   ) SELECT class FROM each WHERE class IS NOT NULL;
   CREATE VIEW sinks AS WITH RECURSIVE each (sink) AS (
     SELECT min(sink) FROM waiting
     UNION ALL SELECT (SELECT min(w.sink) FROM waiting w WHERE w.sink > each.sink) FROM each WHERE each.sink IS NOT NULL
   ) SELECT sink FROM each WHERE sink IS NOT NULL;
   -- class, made_at and crc: what the entry had, so that a person can put it back. With a rowid, since a body in a key's page
   -- would take a page of its own.
   CREATE TABLE dead_2 (
     sink TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, image TEXT,
     why TEXT NOT NULL, at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     class TEXT NOT NULL, made_at INTEGER NOT NULL, crc INTEGER NOT NULL
   );
   INSERT INTO dead_2 SELECT sink, sequence, id, type, body, image, why, at, expires_at, CASE type
     WHEN 'hedgerow.snapshot.redacted.v1' THEN 'snapshot' WHEN 'hedgerow.light.level.v1' THEN 'light.level'
     WHEN 'hedgerow.light.state.v1' THEN 'light.state' WHEN 'hedgerow.motion.detected.v1' THEN 'motion'
     WHEN 'hedgerow.motion.count.v1' THEN 'motion' ELSE 'house' END, at, 0 FROM dead ORDER BY sequence;
   UPDATE dead_2 SET crc = crc32_of(sequence, id, class, type, body, image);
   DROP TABLE dead;
   ALTER TABLE dead_2 RENAME TO dead;
   CREATE UNIQUE INDEX dead_by_sequence ON dead (sequence, sink);
   CREATE INDEX dead_by_expiry ON dead (expires_at);
   ALTER TABLE pictures ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX pictures_unsure ON pictures (sequence) WHERE unsure = 1;
   -- what was found damaged and is kept for a person to look at, until its hour
   CREATE TABLE damaged (number INTEGER PRIMARY KEY, sequence INTEGER, what TEXT NOT NULL, content TEXT NOT NULL, at INTEGER NOT NULL, expires_at INTEGER NOT NULL);
   -- what the ledger shall say, committed with what it speaks of and then carried over (ledger.db is a file of its own)
   CREATE TABLE ledger_notes (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
   -- 1 while a program has it open: after a crash it is looked at more closely
   INSERT INTO meta VALUES ('is_open', 0);`,
];

/** Of the tables that this program writes. */
export const SCHEMA_VERSION = STEPS.length;

/**
 * CRC-32 (IEEE) over an entry's fields that never change. Times may be put right later, so they are not in it. 32 bits find every
 * single flip and all but one in four thousand million of larger damages.
 */
export function checksumOf(fields: readonly (string | number | null)[]): number {
  return crc32(JSON.stringify(fields));
}

/** Brings the tables to this program's version, each step in a transaction. Throws SPOOL_NEWER. */
export function migrate(database: Database): void {
  const found = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (found > STEPS.length) {
    throw new GatewayError(
      "SPOOL_NEWER",
      `spool.db has version ${found}, this program knows versions up to ${STEPS.length}`,
    );
  }
  database.function("crc32_of", { varargs: true, deterministic: true }, (...fields) => checksumOf(fields.map(plain)));
  for (let version = found; version < STEPS.length; version++) {
    database.exec(`BEGIN IMMEDIATE; ${STEPS[version]}; PRAGMA user_version=${version + 1}; COMMIT`);
  }
}

function plain(value: unknown): string | number | null {
  return typeof value === "string" || typeof value === "number" ? value : null;
}
