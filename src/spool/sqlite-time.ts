// House time on disk: what is kept of it with each transaction, and the rows that a leap moves (see house-time.ts).
import { type Clock, EARLIEST_BELIEVABLE_MS } from "../core/clock.ts";
import type { Database } from "../core/database.ts";
import type { KeptTime, Moment } from "./house-time.ts";
import { checksumOf } from "./schema.ts";
import type { Making } from "./spool.ts";

/** `crc`: of the other three, in this order (0 where there is none). A flipped bit here would erase everything, or nothing ever. */
const KEYS = { house: "house_ms", sureHouse: "sure_house_ms", sureWall: "sure_wall_ms", crc: "time_crc" } as const;

/** What the last run left; where there is nothing whole (a new spool, one that was damaged), what its newest row says. */
export function keptTime(database: Database, clock: Pick<Clock, "nowMs">): KeptTime {
  const meta = database.prepare("SELECT n FROM meta WHERE key=?");
  const of = (key: string): number => Number(meta.get(key)?.["n"] ?? 0);
  const [houseMs, sureHouseMs, sureWallMs] = [of(KEYS.house), of(KEYS.sureHouse), of(KEYS.sureWall)];
  if (of(KEYS.crc) !== 0 && of(KEYS.crc) === checksumOf([houseMs, sureHouseMs, sureWallMs]))
    return { houseMs, sure: sureWallMs === 0 ? null : { houseMs: sureHouseMs, wallMs: sureWallMs } };
  const newest = database.prepare(
    "SELECT max(ms) AS ms FROM (SELECT max(made_at) AS ms FROM entries UNION ALL SELECT max(at) FROM dead UNION ALL SELECT max(taken_at) FROM pictures)",
  );
  const newestMs = Number(newest.get()?.["ms"] ?? 0);
  if (newestMs < EARLIEST_BELIEVABLE_MS) return { houseMs: newestMs === 0 ? clock.nowMs() : newestMs, sure: null };
  return { houseMs: newestMs, sure: { houseMs: newestMs, wallMs: newestMs } };
}

/**
 * House times of a picture when its row is made. It was taken and given its hour seconds before its event was made, and the
 * clock may have been set between: then its event knows better, and it lives no longer than its hours from now.
 */
export function pictureHours(
  { event, image }: Required<Making>,
  { nowMs, lateByMs }: { readonly nowMs: number; readonly lateByMs: number },
): { readonly takenMs: number; readonly expiresMs: number } {
  const takenMs = image.redacted.takenAtMs + lateByMs;
  const expiresMs = image.expiresAtMs + lateByMs;
  if (expiresMs <= nowMs) return { takenMs: nowMs, expiresMs: event.content.expiresAtMs + lateByMs };
  const livesMs = expiresMs - takenMs;
  return takenMs > nowMs ? { takenMs: nowMs, expiresMs: nowMs + livesMs } : { takenMs, expiresMs };
}

/** Called within a transaction only. `firstOfThisRun`: the sequence of the first entry that this run of the program makes. */
export function createTimeWriter(database: Database, { firstOfThisRun }: { readonly firstOfThisRun: number }) {
  const move = [
    "UPDATE entries SET made_at=made_at+?1, expires_at=expires_at+?1 WHERE sequence>=?2",
    "UPDATE dead SET at=at+?1, expires_at=expires_at+?1 WHERE sequence>=?2",
    "UPDATE pictures SET taken_at=taken_at+?1, expires_at=expires_at+?1 WHERE sequence>=?2",
    "UPDATE damaged SET at=at+?1, expires_at=expires_at+?1 WHERE coalesce(sequence, 0)>=?2",
  ].map((text) => database.prepare(text));
  const keep = database.prepare("INSERT INTO meta VALUES (?,?) ON CONFLICT (key) DO UPDATE SET n=excluded.n");
  return {
    /** Moves rows along with a leap, so that they age by nothing. */
    leap({ leapMs, leapOf }: Moment): void {
      if (leapMs === 0) return;
      for (const statement of move) statement.run(leapMs, leapOf === "all" ? 0 : firstOfThisRun);
    },
    keep({ kept: { houseMs, sure } }: Moment): void {
      const { houseMs: sureHouseMs, wallMs: sureWallMs } = sure ?? { houseMs: 0, wallMs: 0 };
      keep.run(KEYS.house, houseMs);
      keep.run(KEYS.sureHouse, sureHouseMs);
      keep.run(KEYS.sureWall, sureWallMs);
      keep.run(KEYS.crc, checksumOf([houseMs, sureHouseMs, sureWallMs]));
    },
  };
}
