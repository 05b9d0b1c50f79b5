// What people are told of the buffer: how much waits, since when, and for how long there is room.
import type { Database } from "../core/database.ts";
import type { SpoolStats } from "./spool.ts";

const HOUR_MS = 3_600_000;
/** With less than this of history a rate would be a guess. */
const RATE_NEEDS_MS = 10 * 60_000;

export function createStatsReader(database: Database) {
  const sql = {
    countEntries: database.prepare("SELECT count(*) AS n FROM entries"),
    oldest: database.prepare("SELECT made_at FROM entries ORDER BY sequence LIMIT 1"),
    countDead: database.prepare("SELECT count(*) AS n FROM dead"),
    usedBytes: database.prepare(
      "SELECT (page_count - freelist_count) * page_size AS n FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    ),
    pictureBytes: database.prepare(
      "SELECT coalesce(sum(bytes), 0) AS n FROM (SELECT max(bytes) AS bytes FROM pictures GROUP BY sha256)",
    ),
    waitingBySink: database.prepare("SELECT sink, count(*) AS n FROM waiting GROUP BY sink"),
  };
  return {
    waitingBySink(): Map<string, number> {
      return new Map(sql.waitingBySink.all().map((row) => [String(row["sink"]), Number(row["n"])]));
    },
    stats(nowMs: number, bytesMax: number): Omit<SpoolStats, "state"> {
      const entries = Number(sql.countEntries.get()?.["n"] ?? 0);
      const oldest = sql.oldest.get();
      const oldestAtMs = oldest === undefined ? null : Number(oldest["made_at"]);
      const bytes = Number(sql.usedBytes.get()?.["n"] ?? 0) + Number(sql.pictureBytes.get()?.["n"] ?? 0);
      return {
        entries,
        bytes,
        oldestAtMs,
        deadLetters: Number(sql.countDead.get()?.["n"] ?? 0),
        hoursLeft: hoursLeft({
          entries,
          usedBytes: Number(sql.usedBytes.get()?.["n"] ?? 0),
          ageMs: nowMs - (oldestAtMs ?? nowMs),
          bytesMax,
        }),
      };
    },
  };
}

/** How long the spool can wait at the rate at which the waiting entries came; null while that is a guess. */
function hoursLeft({
  entries,
  usedBytes,
  ageMs,
  bytesMax,
}: {
  entries: number;
  usedBytes: number;
  ageMs: number;
  bytesMax: number;
}): number | null {
  if (entries < 10 || ageMs < RATE_NEEDS_MS) return null;
  const bytesPerHour = usedBytes / (ageMs / HOUR_MS);
  return Math.max(0, Math.floor((bytesMax - usedBytes) / bytesPerHour));
}
