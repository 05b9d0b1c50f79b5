// What people are told of the buffer: how much waits, since when, and for how long there is room.
import type { Database } from "../core/database.ts";
import { Rate, RATE_KEY } from "./rate.ts";
import type { SpoolStats } from "./spool.ts";

export function createStatsReader(database: Database) {
  const sql = {
    // By the index of classes and hours: no row itself is read.
    countByClass: database.prepare("SELECT class, count(*) AS n FROM entries GROUP BY class"),
    // From the pictures, of which there are few: no index has the entries with one. A plain join walks over all entries.
    countPictures: database.prepare(
      "SELECT count(*) AS n FROM pictures p CROSS JOIN entries e ON e.sequence = p.sequence",
    ),
    oldest: database.prepare("SELECT made_at FROM entries ORDER BY sequence LIMIT 1"),
    countDead: database.prepare("SELECT count(*) AS n FROM dead"),
    usedBytes: database.prepare(
      "SELECT (page_count - freelist_count) * page_size AS n FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    ),
    pictureBytes: database.prepare(
      "SELECT coalesce(sum(bytes), 0) AS n FROM (SELECT max(bytes) AS bytes FROM pictures GROUP BY sha256)",
    ),
    rate: database.prepare("SELECT value FROM state WHERE key = ?"),
    waitingBySink: database.prepare("SELECT sink, count(*) AS n FROM waiting GROUP BY sink"),
  };
  return {
    waitingBySink(): Map<string, number> {
      return new Map(sql.waitingBySink.all().map((row) => [String(row["sink"]), Number(row["n"])]));
    },
    /** `hoursLeft` as the last run kept its rate: a running spool knows better. */
    stats(nowMs: number, bytesMax: number): Omit<SpoolStats, "state"> {
      const oldest = sql.oldest.get();
      const bytes = Number(sql.usedBytes.get()?.["n"] ?? 0) + Math.max(0, Number(sql.pictureBytes.get()?.["n"] ?? 0));
      const kept = sql.rate.get(RATE_KEY)?.["value"];
      const rate = new Rate(typeof kept === "string" ? kept : null, { taken: 0, atMs: nowMs });
      const classes = sql.countByClass.all().map((row) => [String(row["class"]), Number(row["n"])] as const);
      return {
        entries: classes.reduce((sum, [, n]) => sum + n, 0),
        byClass: Object.fromEntries(classes),
        pictures: Number(sql.countPictures.get()?.["n"] ?? 0),
        bytes,
        oldestAtMs: oldest === undefined ? null : Number(oldest["made_at"]),
        deadLetters: Number(sql.countDead.get()?.["n"] ?? 0),
        hoursLeft: rate.hoursFor(bytesMax - bytes),
      };
    },
  };
}
