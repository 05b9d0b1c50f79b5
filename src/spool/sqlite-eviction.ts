// What goes when there is no room: first what nobody waits for, then of a class the first to go.
import type { Database } from "../core/database.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";
import type { Evictable, Tombstone } from "./spool.ts";
import { isSound } from "./sqlite-peek.ts";
import { sameWaiters, WAITERS } from "./sqlite-endings.ts";
import type { Transaction } from "./sqlite-transaction.ts";

/** Of a picture `p`: delivered, and kept for the page alone. */
const IS_SPARE = `NOT EXISTS (SELECT 1 FROM entries e WHERE e.sequence = p.sequence)
  AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.sequence = p.sequence)`;

export function createEvictionReader(database: Database) {
  const sql = {
    // By the key and not by the hour: cameras have different ones, and the oldest goes first.
    snapshots: database.prepare(
      `SELECT entries.sequence, length(entries.body) + p.bytes AS bytes, ${WAITERS}
       FROM pictures p CROSS JOIN entries ON entries.sequence = p.sequence ORDER BY p.sequence LIMIT ?`,
    ),
    others: database.prepare(
      `SELECT sequence, length(body) AS bytes, ${WAITERS} FROM entries WHERE class = ? ORDER BY expires_at LIMIT ?`,
    ),
    // The index has the newest of the house's own words at its end; device states and the like lie between them.
    lastTombstone: database.prepare(
      `SELECT * FROM (SELECT * FROM entries WHERE class = 'house' ORDER BY expires_at DESC LIMIT ?)
       WHERE type = 'hedgerow.tombstone.v1' AND undeliverable = 0
         AND iif(json_valid(body), json_extract(body, '$.data.how'), '') = ? ORDER BY sequence DESC LIMIT 1`,
    ),
    tombstones: database.prepare(
      `SELECT * FROM entries WHERE type = 'hedgerow.tombstone.v1' AND sequence IN (SELECT value FROM json_each(?))`,
    ),
    spareBytes: database.prepare(`SELECT 1 FROM pictures p WHERE ${IS_SPARE} UNION ALL SELECT 1 FROM dead LIMIT 1`),
    digestsOf: database.prepare(
      "SELECT DISTINCT sha256 FROM pictures WHERE sequence IN (SELECT value FROM json_each(?))",
    ),
    isHeldBeside: database.prepare(
      "SELECT 1 FROM pictures WHERE sha256 = ? AND sequence NOT IN (SELECT value FROM json_each(?)) LIMIT 1",
    ),
  };
  return {
    evictable({ eventClass, bytes, entriesMax }: Parameters<Evictable>[0]): number[] {
      const found = eventClass === "snapshot" ? sql.snapshots.all(entriesMax) : [];
      const rows = found.length > 0 ? found : sql.others.all(eventClass, entriesMax);
      let sum = 0;
      const enough = rows.filter((row) => {
        const isNeeded = sum < bytes;
        sum += Number(row["bytes"]) + SPOOL_LIMITS.entryOverheadBytes;
        return isNeeded;
      });
      return sameWaiters(enough);
    },
    /** The newest that waits and speaks of what went so; null where there is none near. */
    lastTombstone(how: string): Tombstone | null {
      const row = sql.lastTombstone.get(SPOOL_LIMITS.tombstoneLookedBack, how);
      return row === undefined || !isSound(row) ? null : tombstoneOf(row);
    },
    tombstonesAmong: (sequences: readonly number[]): Tombstone[] =>
      sql.tombstones.all(JSON.stringify(sequences)).filter(isSound).map(tombstoneOf),
    hasSpare: (): boolean => sql.spareBytes.get() !== undefined,
    digestsOf: (sequences: readonly number[]): string[] =>
      sql.digestsOf.all(JSON.stringify(sequences)).map((row) => String(row["sha256"])),
    /** Whether an entry other than these has a picture with the same bytes. */
    isHeldBeside: (sha256: string, sequences: readonly number[]): boolean =>
      sql.isHeldBeside.get(sha256, JSON.stringify(sequences)) !== undefined,
  };
}

/** Called within a transaction only. */
export function createEvictionWriter({ database, count }: Transaction) {
  const sql = {
    sparePictures: database.prepare(
      `SELECT sequence, sha256, bytes FROM pictures p WHERE ${IS_SPARE} ORDER BY sequence LIMIT ?`,
    ),
    dropPicture: database.prepare("DELETE FROM pictures WHERE sequence = ?"),
    oldestDead: database.prepare(
      `SELECT sink, sequence, length(body) + coalesce((SELECT bytes FROM pictures p WHERE p.sequence = dead.sequence), 0) AS bytes
       FROM dead ORDER BY sequence LIMIT ?`,
    ),
    dropDead: database.prepare("DELETE FROM dead WHERE sink = ? AND sequence = ?"),
  };
  return {
    /** Pictures kept for the page, then dead letters, the oldest first, of about so many bytes; a letter's picture goes with the next call. Gives digests. */
    dropSpare(bytes: number): string[] {
      let sum = 0;
      const digests: string[] = [];
      for (const row of sql.sparePictures.all(SPOOL_LIMITS.evictedAtOnce)) {
        if (sum >= bytes) return digests;
        sum += Number(row["bytes"]);
        sql.dropPicture.run(Number(row["sequence"]));
        digests.push(String(row["sha256"]));
      }
      let letters = 0;
      for (const row of sql.oldestDead.all(SPOOL_LIMITS.evictedAtOnce)) {
        if (sum >= bytes) break;
        sum += Number(row["bytes"]) + SPOOL_LIMITS.entryOverheadBytes;
        sql.dropDead.run(String(row["sink"]), Number(row["sequence"]));
        letters++;
      }
      count({ "dead-letter.crowded-out": letters });
      return digests;
    },
  };
}

function tombstoneOf({ sequence, body }: { readonly sequence: number; readonly body: string }): Tombstone {
  const event: { data?: { sequences?: unknown } } = JSON.parse(body);
  const named = event.data?.sequences;
  return { sequence, names: Array.isArray(named) ? named.map(Number) : [] };
}
