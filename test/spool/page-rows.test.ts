// Shown: rows read straight from pages are those that SQLite reads, whatever they hold, in the file and in its log.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { PageFile } from "../../src/spool/page-file.ts";
import { rootsIn } from "../../src/spool/page-meta.ts";
import { rowsBelow, type Walk } from "../../src/spool/page-rows.ts";
import { seededRandom } from "../helpers/random.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Date.now() / 1000));

test.each([512, 2048, 4096])("of pages of %i bytes, seed printed", async (pageBytes) => {
  console.info(`SEED=${SEED}`);
  const random = seededRandom(SEED);
  const upTo = (most: number) => Math.floor(random() * most);
  const number = () => Math.round((random() - 0.5) * 2 ** upTo(53));
  const text = () => `${upTo(9)}${"aé€😀".repeat(upTo(random() < 0.1 ? 2000 : 30))}`;
  await using directory = await tempDir();
  const path = join(directory.path, "some.db");
  using database = new DatabaseSync(path);
  database.exec(
    `PRAGMA page_size=${pageBytes}; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=0`,
  );
  database.exec(
    "CREATE TABLE numbered (n INTEGER PRIMARY KEY, a TEXT, b INTEGER); CREATE TABLE keyed (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID",
  );
  const numbered = database.prepare("INSERT OR REPLACE INTO numbered VALUES (?,?,?)");
  const keyed = database.prepare("INSERT OR REPLACE INTO keyed VALUES (?,?)");
  for (let round = 0; round < 600; round++) {
    if (round % 20 === 0) database.exec(round === 0 ? "BEGIN" : "COMMIT; BEGIN");
    // What lies in the file by then, and what is only in the log.
    if (round === 300) database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE); BEGIN");
    numbered.run(upTo(3000), random() < 0.1 ? null : text(), number());
    keyed.run(`${text()}${round}`, [0, 1, number()][upTo(3)] ?? 0);
    if (random() < 0.2) database.prepare("DELETE FROM numbered WHERE n > ? AND n < ?").run(round, round + 9);
  }
  database.exec("COMMIT");
  using file = new PageFile(path, { pageBytes });
  const walk: Walk = { seen: new Set(), broken: 0 };
  const roots = rootsIn(file, walk);
  const rowsOf = (name: string) => [...rowsBelow(file, roots.get(name) ?? 0, walk)];
  expect(rowsOf("numbered").map(({ rowid, values: [, a, b] }) => [rowid, a, b])).toEqual(
    database
      .prepare("SELECT n, a, b FROM numbered ORDER BY n")
      .all()
      .map((row) => [row["n"], row["a"], row["b"]]),
  );
  const inOrder = (rows: readonly (readonly unknown[])[]) =>
    rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  expect(inOrder(rowsOf("keyed").map(({ values }) => [...values]))).toEqual(
    inOrder(
      database
        .prepare("SELECT k, v FROM keyed")
        .all()
        .map((row) => [row["k"], row["v"]]),
    ),
  );
  expect(walk.broken).toBe(0);
  expect(file.frames.beyond).toEqual([]);
});
