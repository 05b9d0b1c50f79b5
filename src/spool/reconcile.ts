// Makes a spool whole again after damage: what was lost gets its name and its tombstone, what waits for nobody waits again, and
// the sums of I9 hold for each sink. In one transaction of its caller.
import { conservationOf, type EntrySum, missingOf } from "../core/conservation.ts";
import type { Database } from "../core/database.ts";
import { LIMITS } from "../core/limits.ts";
import { checksumOf } from "./schema.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";
import type { Row } from "./table-shapes.ts";

/**
 * `isSuspect`: rows may be gone one by one, those of `lost` for certain. `hole`: sequences from the first to below the second
 * were given to entries of which this file never heard, but for `found`. `nowMs`: for the hours of what is made anew.
 */
export type Loss = {
  readonly isSuspect: boolean;
  readonly lost: Iterable<number>;
  readonly hole: readonly [number, number] | null;
  readonly found: readonly Row[];
  readonly nowMs: number;
};

/** `saved`: entries put back among what waits. `lost`: entries gone, those without a name too. */
export type Reconciled = { readonly saved: number; readonly lost: number };

/** Type of the entry that stands for one that is lost until its tombstone is made; no sink is given it. */
const LOST = "hedgerow.lost.v1";
/** Its tombstone is made whatever the clock says: it has no hour of its own. */
const NEVER_MS = Date.UTC(9999, 0);

/** Of a picture whose own row is lost; its entry has its hour. */
export const UNKNOWN_CAMERA = "unknown";

/** Two days above what any event is given, for what clocks and rounding add. */
const LIVES_TOO_LONG = `undeliverable = 0 AND expires_at > made_at + ${LIMITS.eventTtlMs + 2 * 24 * 3_600_000}`;

/** `sinkIds`: those that what waits for nobody known shall wait for. Throws SQLite's errors. */
export function reconcile(database: Database, sinkIds: readonly string[], loss: Loss): Reconciled {
  const sql = prepare(database);
  const next = Number(sql.next.get()?.["n"] ?? 1);
  let named = 0;
  /** Puts an entry that says "lost" where there is none. */
  const name = (sequence: number): boolean => {
    if (named >= SPOOL_LIMITS.lostNamed || sequence < 1 || sequence >= next || sql.has.get(sequence) !== undefined)
      return false;
    const id = `lost-${sequence}`;
    sql.addLost.run(sequence, id, LOST, loss.nowMs, NEVER_MS, checksumOf([sequence, id, "house", LOST, "{}", null]));
    named++;
    return true;
  };
  let nameless = 0;
  if (loss.isSuspect) {
    sql.dropForeign.run(JSON.stringify([...knownSinks(database, sinkIds)]));
    sql.dropImpossible.run(next);
    for (const row of sql.waitingForNothing.all()) name(Number(row["sequence"]));
    for (const sequence of loss.lost) name(sequence);
    sql.waitAgain.run(JSON.stringify(sinkIds));
    for (const sum of sumsOf(database))
      if (sinkIds.includes(sum.id)) sql.waitForOne.run(sum.id, Math.max(0, missingOf(sum)));
    sql.addPictures.run();
    sql.endInTime.run();
    nameless = balance(database, sinkIds);
  }
  let saved = 0;
  for (const row of loss.found)
    saved += Number(sql.addFound.run(...COLUMNS.map((column) => row[column] ?? null)).changes);
  let holes = 0;
  for (let sequence = loss.hole?.[0] ?? 0; sequence < (loss.hole?.[1] ?? 0); sequence++) if (name(sequence)) holes++;
  // They were made, and of the sums this file has heard of none of them.
  sql.waitAgain.run(JSON.stringify(sinkIds));
  for (const sink of sinkIds) sql.count.run(`entry.made.${sink}`, saved + holes);
  const lost = named + nameless;
  for (const [counter, n] of [
    ["spool.saved", saved],
    ["spool.lost", lost],
  ] as const)
    if (n > 0) sql.count.run(counter, n);
  return { saved, lost };
}

/** Whether what waits and what is there belong together, and the sums hold. Reads both tables once. */
export function isWhole(database: Database): boolean {
  const is = (sql: string): boolean => database.prepare(`${sql} LIMIT 1`).get() !== undefined;
  if (is("SELECT 1 FROM waiting WHERE sequence NOT IN (SELECT sequence FROM entries)")) return false;
  if (is("SELECT 1 FROM entries WHERE sequence NOT IN (SELECT sequence FROM waiting)")) return false;
  // No checksum covers a time, since times are put right: but nothing lives longer than the longest retention (promise 7).
  if (is(`SELECT 1 FROM entries WHERE ${LIVES_TOO_LONG}`)) return false;
  return sumsOf(database).every(({ isBalanced }) => isBalanced);
}

/** What became of the entries, as the durable counters and the table of what waits say: of `sinkIds` and every sink that either knows. */
export function sumsOf(database: Database, sinkIds: readonly string[] = []): EntrySum[] {
  const numbers = (sql: string): [string, number][] =>
    database
      .prepare(sql)
      .all()
      .map(({ name, n }) => [String(name), Number(n)]);
  const counters = Object.fromEntries(numbers("SELECT name, n FROM counters WHERE name LIKE 'entry.%'"));
  const waiting = new Map(numbers("SELECT sink AS name, count(*) AS n FROM waiting GROUP BY sink"));
  const counted = Object.keys(counters).map((name) => name.split(".").slice(2).join("."));
  return conservationOf({ counters, waiting, sinkIds: [...sinkIds, ...counted] }).sinks.toSorted((a, b) =>
    a.id < b.id ? -1 : 1,
  );
}

/**
 * made = forwarded + rejected + expired + evicted + erased + waiting again. Where more was made than is accounted for, the rest
 * was lost without a name and counts as erased; where less, what was made is what became of it. Gives the nameless, of the
 * sink that lost most.
 */
function balance(database: Database, sinkIds: readonly string[]): number {
  const set = database.prepare("INSERT INTO counters VALUES (?,?) ON CONFLICT (name) DO UPDATE SET n=excluded.n");
  database.exec("UPDATE counters SET n=0 WHERE name LIKE 'entry.%' AND n < 0");
  let nameless = 0;
  for (const sum of sumsOf(database)) {
    const missing = missingOf(sum);
    if (missing > 0 && sinkIds.includes(sum.id)) {
      set.run(`entry.erased.${sum.id}`, sum.erased + missing);
      nameless = Math.max(nameless, missing);
    } else if (missing !== 0) {
      set.run(`entry.made.${sum.id}`, sum.made - missing);
    }
  }
  return nameless;
}

/** Sinks that are configured, and those that were: their entries were counted as made. */
function knownSinks(database: Database, sinkIds: readonly string[]): Set<string> {
  const rows = database.prepare("SELECT name FROM counters WHERE name LIKE 'entry.made.%'").all();
  return new Set([...sinkIds, ...rows.map((row) => String(row["name"]).slice("entry.made.".length))]);
}

const COLUMNS = [
  "sequence",
  "id",
  "class",
  "type",
  "body",
  "made_at",
  "expires_at",
  "image",
  "crc",
  "urgent",
  "unsure",
] as const;

function prepare(database: Database) {
  return {
    next: database.prepare("SELECT n FROM meta WHERE key='next_sequence'"),
    has: database.prepare("SELECT 1 FROM entries WHERE sequence=?"),
    addFound: database.prepare(
      `INSERT OR IGNORE INTO entries (${COLUMNS.join(",")}) VALUES (${COLUMNS.map(() => "?").join(",")})`,
    ),
    // 2: it was found damaged (schema.ts)
    addLost: database.prepare(
      `INSERT INTO entries (sequence,id,class,type,body,made_at,expires_at,undeliverable,crc) VALUES (?,?,'house',?,'{}',?,?,2,?)`,
    ),
    // Names and sequences that a flipped bit made.
    dropForeign: database.prepare("DELETE FROM waiting WHERE sink NOT IN (SELECT value FROM json_each(?))"),
    dropImpossible: database.prepare("DELETE FROM waiting WHERE sequence < 1 OR sequence >= ?"),
    waitingForNothing: database.prepare(
      "SELECT DISTINCT sequence FROM waiting WHERE sequence NOT IN (SELECT sequence FROM entries)",
    ),
    // An entry goes with its last sink. Twice at a platform is once, by its id; never at all would be a loss.
    waitAgain: database.prepare(
      `INSERT INTO waiting SELECT s.value, sequence FROM entries JOIN json_each(?) s
       WHERE sequence NOT IN (SELECT sequence FROM waiting)`,
    ),
    // As many as its sum lacks, the newest: sinks settle from the oldest on.
    waitForOne: database.prepare(
      `INSERT INTO waiting SELECT ?1, sequence FROM entries
       WHERE sequence NOT IN (SELECT sequence FROM waiting WHERE sink = ?1) ORDER BY sequence DESC LIMIT ?2`,
    ),
    addPictures: database.prepare(
      `INSERT INTO pictures (sequence,sha256,camera,taken_at,expires_at,bytes,regions)
       SELECT sequence, image, '${UNKNOWN_CAMERA}', made_at, expires_at, 0, 0 FROM entries
       WHERE image IS NOT NULL AND undeliverable = 0 AND sequence NOT IN (SELECT sequence FROM pictures)`,
    ),
    endInTime: database.prepare(`UPDATE entries SET expires_at=made_at+${LIMITS.eventTtlMs} WHERE ${LIVES_TOO_LONG}`),
    count: database.prepare("INSERT INTO counters VALUES (?,?) ON CONFLICT (name) DO UPDATE SET n=n+excluded.n"),
  };
}
