// Saves what can be read of a spool.db that SQLite gives up on into a new file, row by row from its pages. A broken page
// costs what lies on it: what hangs below a broken inner page is found by looking at each page of the file.
import { closeSync, fsyncSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { type Database, openDatabase } from "../core/database.ts";
import { PageFile } from "./page-file.ts";
import { rootsIn } from "./page-meta.ts";
import { type PageRow, rowsBelow, rowsOfLeaf, type Walk } from "./page-rows.ts";
import { checksumOf, migrate } from "./schema.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";
import { isOfShape, type Row, type Shape, shapesOf, toRow } from "./table-shapes.ts";

/**
 * What came of it. `rows`: saved, by table. `known`: sequences that the file speaks of as waiting, saved or not. `damaged`:
 * entries that were found and do not hold together. `hourMs`: the first hour of what was saved, 0 where nothing was.
 */
export type Salvaged = {
  readonly rows: Readonly<Record<string, number>>;
  readonly known: ReadonlySet<number>;
  readonly damaged: number;
  readonly brokenPages: number;
  readonly hourMs: number;
};

type Task = { readonly from: string; readonly to: string; readonly pageBytes: number; readonly nowMs: number };

/**
 * Reads `from` and its log, and writes `to` anew, on disk when this resolves; `from` is left as it is. Throws SQLite's and
 * Node's errors when `to` cannot be written (13: there is no room for a second file).
 */
export async function salvage({ from, to, pageBytes, nowMs }: Task): Promise<Salvaged> {
  for (const part of ["", "-wal", "-shm", "-journal"]) await rm(`${to}${part}`, { force: true });
  const target = openDatabase(to, { pageBytes });
  try {
    migrate(target);
    // Nobody reads it before it is whole and renamed: one fsync at the end is enough.
    target.exec("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; BEGIN");
    using file = new PageFile(from, { pageBytes });
    const salvaged = saveRows(file, target, nowMs);
    target.exec("COMMIT");
    return salvaged;
  } finally {
    target.close();
    const written = openSync(to, "r");
    fsyncSync(written);
    closeSync(written);
  }
}

function saveRows(file: PageFile, target: Database, nowMs: number): Salvaged {
  const walk: Walk = { seen: new Set(), broken: 0 };
  const roots = rootsIn(file, walk);
  const shapes = shapesOf(target);
  const saved: Record<string, number> = {};
  const damaged = new Map<number, Row>();
  const known = new Set<number>();
  const keep = (shape: Shape, page: PageRow): void => {
    const row = toRow(shape, page);
    if (!isOfShape(shape, row)) return;
    if (shape.name === "waiting" && typeof row["sequence"] === "number") known.add(row["sequence"]);
    if (shape.name === "entries" && !isSoundEntry(row)) {
      if (damaged.size < SPOOL_LIMITS.damagedKept) damaged.set(Number(row["sequence"]), row);
      return;
    }
    const { changes } = shape.insert.run(...shape.columns.map(({ name }) => row[name] ?? null));
    saved[shape.name] = (saved[shape.name] ?? 0) + Number(changes);
  };
  for (const shape of shapes.tables)
    for (const row of rowsBelow(file, roots.get(shape.name) ?? shape.root, walk)) keep(shape, row);
  // Indexes name sequences whose own page is lost.
  for (const { name, root } of shapes.entryIndexes) {
    for (const { values } of rowsBelow(file, roots.get(name) ?? root, walk)) {
      const sequence = values.at(-1);
      if (typeof sequence === "number") known.add(sequence);
    }
  }
  const brokenPages = walk.broken;
  const ofLeaves = shapes.tables.filter(({ name }) => name === "entries" || name === "pictures");
  for (let number = 2; number <= file.pages; number++) {
    if (walk.seen.has(number)) continue;
    for (const row of rowsOfLeaf(file, file.page(number), number, walk))
      for (const shape of ofLeaves) if (isKnownByItself(shape, row)) keep(shape, row);
  }
  return {
    rows: saved,
    known,
    damaged: keepDamaged(target, damaged, nowMs),
    brokenPages,
    hourMs: firstHourIn(target),
  };
}

function firstHourIn(target: Database): number {
  const first = target.prepare(
    "SELECT min(ms) AS ms FROM (SELECT min(expires_at) AS ms FROM entries UNION ALL SELECT min(expires_at) FROM dead)",
  );
  return Number(first.get()?.["ms"] ?? 0);
}

/** Entries in frames of the log that SQLite drops, with sequences from `from` to below `to`: they were committed. */
export function entriesBeyond(file: PageFile, database: Database, { from, to }: { from: number; to: number }): Row[] {
  const entries = shapesOf(database).tables.find(({ name }) => name === "entries");
  if (entries === undefined) return [];
  const found = new Map<number, Row>();
  const walk: Walk = { seen: new Set(), broken: 0 };
  for (const frame of file.frames.beyond) {
    for (const page of rowsOfLeaf(file, file.frame(frame), frame.page, walk)) {
      const row = toRow(entries, page);
      const sequence = Number(row["sequence"]);
      if (isOfShape(entries, row) && isSoundEntry(row) && sequence >= from && sequence < to) found.set(sequence, row);
    }
  }
  return [...found.values()];
}

/** The checksum holds, and the body is the CloudEvent of this id. */
export function isSoundEntry(row: Row): boolean {
  const { sequence, id, class: eventClass, type, body, image, crc } = row;
  if (crc !== checksumOf([sequence, id, eventClass, type, body, image].map((each) => each ?? null))) return false;
  return typeof id === "string" && typeof body === "string" && body.includes(JSON.stringify(id));
}

/** A leaf says not what table it is of. An entry is known by its checksum, a picture by its digest. */
function isKnownByItself(shape: Shape, page: PageRow): boolean {
  const row = toRow(shape, page);
  if (!isOfShape(shape, row)) return false;
  return shape.name === "entries" ? isSoundEntry(row) : /^[0-9a-f]{64}$/.test(String(row["sha256"]));
}

/** What was saved whole from elsewhere is not damaged. Kept until its own hour, for a person to look at. */
function keepDamaged(target: Database, damaged: ReadonlyMap<number, Row>, nowMs: number): number {
  const isSaved = target.prepare("SELECT 1 FROM entries WHERE sequence=?");
  const add = target.prepare("INSERT INTO damaged (sequence, what, content, at, expires_at) VALUES (?,?,?,?,?)");
  let count = 0;
  for (const [sequence, row] of damaged) {
    if (isSaved.get(sequence) !== undefined) continue;
    const content = JSON.stringify({ id: row["id"] ?? null, type: row["type"] ?? null, body: row["body"] ?? null });
    add.run(sequence, "entry", content, nowMs, Math.min(Number(row["expires_at"]), nowMs + SPOOL_LIMITS.setAsideMs));
    count++;
  }
  return count;
}
