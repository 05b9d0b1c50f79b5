// The spool's rows of pictures: which are held, and which are to go. Their files are picture-keeper.ts's.
import type { Database } from "../core/database.ts";
import type { HeldPicture } from "./spool.ts";
import type { Transaction } from "./sqlite-transaction.ts";

/** Of a picture `p`: past its hour (?1) whatever waits for it (promise 7); or delivered, and its camera has a newer one. */
const IS_TO_GO = `p.expires_at <= ?1
  OR (NOT EXISTS (SELECT 1 FROM entries e WHERE e.sequence = p.sequence)
      AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.sequence = p.sequence)
      AND EXISTS (SELECT 1 FROM pictures q WHERE q.camera = p.camera AND q.sequence > p.sequence))`;

export function createPictureReader(database: Database) {
  const sql = {
    // By the entry's word too, which its checksum covers: the file must not go for a damaged row.
    digests: database.prepare(
      `SELECT sha256 FROM pictures
       UNION SELECT e.image FROM pictures p JOIN entries e ON e.sequence = p.sequence WHERE e.image IS NOT NULL`,
    ),
    has: database.prepare("SELECT 1 FROM pictures WHERE sha256 = ? LIMIT 1"),
    toRemove: database.prepare(`SELECT 1 FROM pictures p WHERE ${IS_TO_GO} LIMIT 1`),
    pastTheirHour: database.prepare("SELECT sha256 FROM pictures GROUP BY sha256 HAVING max(expires_at) <= ?"),
    last: database.prepare(
      "SELECT sha256, taken_at, regions FROM pictures WHERE camera = ? ORDER BY sequence DESC LIMIT ?",
    ),
  };
  return {
    pictureDigests(): Set<string> {
      return new Set(sql.digests.all().map((row) => String(row["sha256"])));
    },
    hasPicture(sha256: string): boolean {
      return sql.has.get(sha256) !== undefined;
    },
    hasPicturesToRemove(nowMs: number): boolean {
      return sql.toRemove.get(nowMs) !== undefined;
    },
    /** Digests of which every picture is past its hour. */
    digestsPastTheirHour(nowMs: number): string[] {
      return sql.pastTheirHour.all(nowMs).map((row) => String(row["sha256"]));
    },
    /** The newest first. */
    picturesOf(cameraId: string, limit: number): HeldPicture[] {
      return sql.last
        .all(cameraId, limit)
        .filter((row) => Number.isSafeInteger(row["taken_at"]))
        .map((row) => ({
          sha256: String(row["sha256"]),
          cameraId,
          takenAtMs: Number(row["taken_at"]),
          regions: Number(row["regions"]),
        }));
    },
  };
}

/** Called within a transaction only. */
export function createPictureWriter({ database, count }: Transaction) {
  const drop = database.prepare(`DELETE FROM pictures AS p WHERE ${IS_TO_GO} RETURNING sha256`);
  return {
    /** Removes rows and gives their digests: past their hour whatever waits for them (promise 7), or delivered and not the last. */
    removePictures(nowMs: number): string[] {
      const gone = drop.all(nowMs).map((row) => String(row["sha256"]));
      // For the ledger, which says once a day how many were erased.
      count({ "picture.erased": gone.length });
      return gone;
    },
  };
}
