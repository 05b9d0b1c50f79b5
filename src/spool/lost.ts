// Names what a spool.db has lost, once it is open and before anything is appended: by the high-water mark, and by what its
// rows speak of. What is named waits to be told in a tombstone; sequences are never used twice.
import type { Database } from "../core/database.ts";
import { GatewayError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { newDatabaseId } from "./high-water.ts";
import { isDiskFull } from "./disk-answers.ts";
import { metaOf } from "./inspection.ts";
import { allOffered, OFFERED_KEY } from "./offered.ts";
import { reconcile } from "./reconcile.ts";
import type { Damage } from "./recovery.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

type NamingDeps = { readonly sinkIds: readonly string[]; readonly nowMs: number; readonly log: Log };

/**
 * All of it is committed when this returns the file's own number, by which its mark knows it. `sinkIds`: at least one. Throws SPOOL_FULL when a loss cannot be written down, and SQLite's errors.
 */
export function nameWhatIsLost(database: Database, damage: Damage, deps: NamingDeps): number {
  const plan = planOf(database, damage);
  const isLoss = damage.isSuspect || damage.found.length > 0 || plan.hole !== null;
  database.exec("BEGIN IMMEDIATE");
  try {
    const set = database.prepare("INSERT OR REPLACE INTO meta VALUES (?,?)");
    set.run("database_id", plan.databaseId);
    set.run("next_sequence", plan.next);
    set.run("version", SCHEMA_VERSION);
    set.run("is_open", 1);
    // What is known of offers may be older than what was found.
    if (isLoss) database.prepare("DELETE FROM state WHERE key=?").run(OFFERED_KEY);
    database.prepare("INSERT OR IGNORE INTO state VALUES (?,?)").run(OFFERED_KEY, allOffered(plan.next - 1));
    const { lost, saved } = isLoss
      ? reconcile(database, deps.sinkIds, { ...damage, hole: plan.hole, nowMs: deps.nowMs })
      : { lost: 0, saved: 0 };
    database.exec("COMMIT");
    if (lost > 0 || saved > 0) {
      deps.log.error({ lost, saved, next: plan.next }, "entries of the spool were lost; platforms are told which");
    }
    return plan.databaseId;
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK");
    if (!isDiskFull(cause)) throw cause;
    if (!isLoss) return plan.databaseId; // that the file is open, the next start need not know
    throw new GatewayError("SPOOL_FULL", "entries were lost, and the disk has no room to write down which", { cause });
  }
}

/** What a clean close leaves: the next start looks less closely. */
export function markClosed(database: Database): void {
  try {
    database.exec("UPDATE meta SET n=0 WHERE key='is_open'");
  } catch (cause) {
    if (!isDiskFull(cause)) throw cause; // on a full disk it is looked at more closely, that is all
  }
}

type Plan = { readonly databaseId: number; readonly next: number; readonly hole: readonly [number, number] | null };

function planOf(database: Database, { mark }: Damage): Plan {
  const meta = metaOf(database);
  const own = meta.get("database_id");
  const highest = Number(database.prepare("SELECT max(sequence) AS n FROM entries").get()?.["n"] ?? 0);
  const said = Math.max(meta.get("next_sequence") ?? 1, highest + 1, 1);
  const ours = mark !== null && (own === undefined || own === mark.databaseId) ? mark : null;
  const databaseId = own ?? ours?.databaseId ?? newDatabaseId();
  if (ours === null) return { databaseId, next: said, hole: null };
  // A flipped bit makes a number that no run of commits has made since the mark was written.
  if (said - ours.next > SPOOL_LIMITS.lostNamed && highest < ours.next)
    return { databaseId, next: ours.next, hole: null };
  if (said >= ours.next) return { databaseId, next: said, hole: null };
  // A file that does not know its own number is a new one, or has lost its memory: what waited began with the mark's oldest.
  const from = own === undefined ? Math.max(ours.oldest, 1) : said;
  return { databaseId, next: ours.next, hole: [from, ours.next] };
}
