// Shown: a spool of an earlier version is opened with all that it holds, and one of a later version is left as it is.
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "../helpers/test-spool.ts";

/** As version 1 made it. */
const VERSION_1 = `
  PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;
  CREATE TABLE entries (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, class TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
    made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, image TEXT, undeliverable INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX entries_by_expiry ON entries (expires_at);
  CREATE INDEX entries_undeliverable ON entries (sequence) WHERE undeliverable = 1;
  CREATE TABLE waiting (sink TEXT NOT NULL, sequence INTEGER NOT NULL REFERENCES entries, PRIMARY KEY (sink, sequence)) WITHOUT ROWID;
  CREATE INDEX waiting_by_sequence ON waiting (sequence);
  CREATE TABLE dead (
    sink TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, image TEXT,
    why TEXT NOT NULL, at INTEGER NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (sink, sequence)
  ) WITHOUT ROWID;
  CREATE INDEX dead_by_sequence ON dead (sequence);
  CREATE INDEX dead_by_expiry ON dead (expires_at);
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
  INSERT INTO meta VALUES ('next_sequence', 1);
  PRAGMA user_version=1;`;

const idOf = (sequence: number) => `${String(sequence).padStart(12, "0")}-00112233445566778899`;
const bodyOf = (sequence: number) =>
  JSON.stringify({ id: idOf(sequence), subject: "device-a", data: { lux: sequence } });

/** Six entries, the first accepted, the second rejected, the third accepted by one of two sinks, the last undeliverable. */
function fill(dataDir: string): void {
  using database = new DatabaseSync(join(dataDir, "spool.db"));
  database.exec(VERSION_1);
  const [nowMs, laterMs] = [Date.now() - 1000, Date.now() + 86_400_000];
  const row = (sequence: number) => [sequence, idOf(sequence), "hedgerow.light.level.v1", bodyOf(sequence)] as const;
  for (const sequence of [3, 4, 5, 6]) {
    const [, id, type, body] = row(sequence);
    database
      .prepare("INSERT INTO entries VALUES (?,?,'light.level',?,?,?,?,NULL,?)")
      .run(sequence, id, type, body, nowMs, laterMs, sequence === 6 ? 1 : 0);
    for (const sink of sequence === 3 ? ["city"] : ["city", "main"])
      database.prepare("INSERT INTO waiting VALUES (?,?)").run(sink, sequence);
  }
  const [, id, type, body] = row(2);
  database
    .prepare("INSERT INTO dead VALUES ('main',2,?,?,?,NULL,'unknown type',?,?)")
    .run(id, type, body, nowMs, laterMs);
  database.exec(`
    INSERT INTO state VALUES ('device:a', '{"x":1}');
    INSERT INTO windows VALUES ('pir', 1000, 2000, 2);
    INSERT INTO counters VALUES ('entry.made.main', 6), ('entry.forwarded.main', 2), ('entry.rejected.main', 1),
      ('entry.made.city', 6), ('entry.forwarded.city', 2), ('reading.taken', 9);
    UPDATE meta SET n = 7;`);
}

test("a spool of version 1 is opened with all that it holds, and its sums hold", async () => {
  await using directory = await tempDir();
  fill(directory.path);
  await using spool = await openTestSpool(directory.path, { sinkIds: ["main", "city"] });
  expect(waitingFor(spool, Date.now(), "main").map(({ body }) => body)).toEqual([4, 5].map(bodyOf));
  expect(waitingFor(spool, Date.now(), "city").map(({ id }) => id)).toEqual([3, 4, 5].map(idOf));
  expect(spool.undeliverable(10)).toEqual([6]);
  expect(spool.damaged(10)).toEqual([]);
  expect(spool.newestSequence()).toBe(6);
  expect(spool.state("device:")).toEqual(new Map([["device:a", '{"x":1}']]));
  expect(spool.openWindows().get("pir")).toEqual({ fromMs: 1000, toMs: 2000, count: 2 });
  expect(await spool.requeue({})).toEqual({ requeued: 1, left: [] });
  expect(waitingFor(spool, Date.now(), "main")[0]).toMatchObject({ sequence: 2, body: bodyOf(2), subject: "device-a" });
  expect(query(directory.path, "SELECT class, crc != 0 AS is_checked FROM entries WHERE sequence = 2")).toEqual([
    { class: "light.level", is_checked: 1 },
  ]);
  expect(
    readdirSync(directory.path).filter((name) => name.includes("damaged")),
    "it is not taken for damaged",
  ).toEqual([]);
  const waits = (sink: string) =>
    Number(query(directory.path, `SELECT count(*) AS n FROM waiting WHERE sink='${sink}'`)[0]?.["n"]);
  const of = (name: string) => spool.counters()[name] ?? 0;
  expect(of("entry.made.main")).toBe(of("entry.forwarded.main") + of("entry.rejected.main") + waits("main"));
  expect(of("entry.made.city")).toBe(of("entry.forwarded.city") + waits("city"));
});

test("a spool of a later version is refused with a clear sentence, and not a byte of it is changed", async () => {
  await using directory = await tempDir();
  await (await openTestSpool(directory.path))[Symbol.asyncDispose]();
  {
    using database = new DatabaseSync(join(directory.path, "spool.db"));
    database.exec("PRAGMA user_version=99; PRAGMA wal_checkpoint(TRUNCATE)");
  }
  const before = await readFile(join(directory.path, "spool.db"));
  await expect(openTestSpool(directory.path)).rejects.toMatchObject({
    code: "SPOOL_NEWER",
    message: expect.stringContaining("version 99"),
    hint: expect.stringContaining("newer Hedgerow"),
  });
  expect((await readFile(join(directory.path, "spool.db"))).equals(before)).toBe(true);
});
