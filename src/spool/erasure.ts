// What a person's wish to erase needs of the buffer: what each entry, rejected event and kept picture says it is about, and
// taking away what lies beside what waits. What waits goes with a tombstone, as everything that goes unsent (tombstones.ts).
import type { Database } from "../core/database.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { namesIn, sweepSetAside } from "./damage-files.ts";
import type { Hours } from "./hours.ts";
import type { PictureSweep } from "./picture-sweep.ts";
import type { Erasable, Said } from "./spool-erasure.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";
import { isSound } from "./sqlite-peek.ts";

type Deps = {
  readonly dataDir: string;
  readonly database: Database;
  readonly queue: CommitQueue;
  readonly hours: Hours;
  readonly sweep: PictureSweep;
};

/** The port's part over the tables; see spool-erasure.ts. */
export function createErasable({ dataDir, database, queue, hours, sweep }: Deps): Erasable {
  const sql = prepare(database);
  return {
    waiting: ({ after, entriesMax }) => sql.waiting.all(after, entriesMax).map(saidOf),
    rejected: ({ after, entriesMax }) =>
      sql.rejected
        .all(after, entriesMax)
        .map((row) => ({ ...saidOf(row), row: Number(row["row"]), sinkId: String(row["sink"]) })),
    kept: () =>
      sql.kept.all().map((row) => {
        const takenMs = Number.isSafeInteger(row["taken_at"]) ? hours.time.toWall(Number(row["taken_at"])) : null;
        return {
          sequence: Number(row["sequence"]),
          type: "hedgerow.snapshot.redacted.v1",
          subject: "",
          cameraId: String(row["camera"]),
          fromMs: takenMs,
          toMs: takenMs,
          isClockSure: row["unsure"] === 0,
        };
      }),
    setAside: async () => ({
      entries: Number(sql.setAside.get()?.["n"] ?? 0),
      files: (await namesIn(dataDir)).length,
    }),
    wishesEndingWithin: (ms) => Number(sql.wishes.get(hours.time.nowMs() + ms)?.["n"] ?? 0),

    async drop({ rejected, pictures, isAsideToo }) {
      for (let at = 0; at < rejected.length; at += SPOOL_LIMITS.evictedAtOnce) {
        const part = rejected.slice(at, at + SPOOL_LIMITS.evictedAtOnce);
        const drop = () => {
          for (const { sinkId, sequence } of part) sql.dropRejected.run(sinkId, sequence);
        };
        await queue.commit(drop, { frees: true });
      }
      // With their files, also those that a rejected event just gone has left behind.
      await sweep.these(() => dropPictures(sql, pictures));
      if (!isAsideToo) return;
      await queue.commit(() => void sql.dropAside.run(), { frees: true });
      await sweepSetAside(dataDir, Number.MAX_SAFE_INTEGER);
      hours.scrub.erased();
    },
  };
}

/** Within a transaction. Gives the digests of what went. */
function dropPictures(sql: ReturnType<typeof prepare>, sequences: readonly number[]): string[] {
  return sequences.flatMap((sequence) => sql.dropPicture.all(sequence).map((row) => String(row["sha256"])));
}

/** Of a damaged row nobody can tell what it is about: it says nothing. */
function saidOf(row: Record<string, unknown>): Said {
  const sequence = Number(row["sequence"]);
  const cameraId = typeof row["camera"] === "string" ? row["camera"] : null;
  const about = isSound(row) ? aboutOf(row.body) : null;
  if (about !== null) return { sequence, type: String(row["type"]), cameraId, ...about };
  return { sequence, type: String(row["type"]), cameraId, subject: null, fromMs: null, toMs: null, isClockSure: false };
}

/** From the CloudEvent: of a count its window, else its moment. */
function aboutOf(body: string): Pick<Said, "subject" | "fromMs" | "toMs" | "isClockSure"> | null {
  try {
    const event: { subject?: unknown; time?: unknown; data?: { from?: unknown; to?: unknown; clock?: unknown } } =
      JSON.parse(body);
    const { subject, time, data } = event;
    const fromMs = msOf(data?.from ?? time);
    const toMs = msOf(data?.to ?? time);
    return {
      subject: typeof subject === "string" ? subject : null,
      fromMs,
      toMs,
      isClockSure: data?.clock === "synced",
    };
  } catch {
    return null; // what is no JSON says nothing
  }
}

function msOf(time: unknown): number | null {
  const ms = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function prepare(database: Database) {
  const columnsOf = (table: string) =>
    ["sequence", "id", "class", "type", "body", "image", "crc"].map((name) => `${table}.${name}`).join(", ");
  return {
    waiting: database.prepare(
      `SELECT ${columnsOf("e")}, p.camera FROM entries e LEFT JOIN pictures p ON p.sequence = e.sequence
       WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?`,
    ),
    rejected: database.prepare(
      `SELECT d.rowid AS row, d.sink, ${columnsOf("d")}, p.camera FROM dead d LEFT JOIN pictures p ON p.sequence = d.sequence
       WHERE d.rowid > ? ORDER BY d.rowid LIMIT ?`,
    ),
    kept: database.prepare(
      `SELECT sequence, camera, taken_at, unsure FROM pictures p
       WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.sequence = p.sequence) ORDER BY sequence`,
    ),
    setAside: database.prepare("SELECT count(*) AS n FROM damaged"),
    wishes: database.prepare(
      "SELECT count(*) AS n FROM entries WHERE class = 'house' AND expires_at <= ? AND type = 'hedgerow.erasure.requested.v1'",
    ),
    dropRejected: database.prepare("DELETE FROM dead WHERE sink = ? AND sequence = ?"),
    dropPicture: database.prepare("DELETE FROM pictures WHERE sequence = ? RETURNING sha256"),
    dropAside: database.prepare("DELETE FROM damaged"),
  };
}
