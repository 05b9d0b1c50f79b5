// The spool's reads, as of the last commit.
import type { Database } from "../core/database.ts";
import type { CountWindow, DeadLetter, Entry, HeldPicture, Peek, SpoolStats } from "./spool.ts";

const HOUR_MS = 3_600_000;
/** With less than this of history a rate would be a guess. */
const RATE_NEEDS_MS = 10 * 60_000;

/** Of a picture `p`: past its hour (?1) whatever waits for it (promise 7); or delivered, and its camera has a newer one. */
export const IS_TO_GO = `p.expires_at <= ?1
  OR (NOT EXISTS (SELECT 1 FROM entries e WHERE e.sequence = p.sequence)
      AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.sequence = p.sequence)
      AND EXISTS (SELECT 1 FROM pictures q WHERE q.camera = p.camera AND q.sequence > p.sequence))`;

/** All methods read committed data; rows are checked into types here. */
export function createReader(database: Database) {
  const sql = prepare(database);
  return {
    peek(ask: Peek): Entry[] {
      const entries: Entry[] = [];
      let bytes = 0;
      // An iterator, so that bodies beyond the byte bound are never read.
      const { sinkId, nowMs, entriesMax, after = 0, upTo = Number.MAX_SAFE_INTEGER, isUrgent = false } = ask;
      const statement = isUrgent ? sql.peekUrgent : sql.peek;
      for (const row of statement.iterate(sinkId, nowMs, after, upTo, entriesMax)) {
        const entry = toEntry(row);
        bytes += Buffer.byteLength(entry.body) + 1;
        if (entries.length > 0 && bytes > ask.bytesMax) break;
        entries.push(entry);
      }
      return entries;
    },
    state(prefix: string): Map<string, string> {
      const rows = sql.state.all(prefix, `${prefix}\u{10ffff}`);
      return new Map(rows.map((row) => [String(row["key"]), String(row["value"])]));
    },
    openWindows(): Map<string, CountWindow> {
      const toWindow = (row: Row) => ({
        fromMs: Number(row["from_ms"]),
        toMs: Number(row["to_ms"]),
        count: Number(row["count"]),
      });
      return new Map(sql.windows.all().map((row) => [String(row["device"]), toWindow(row)]));
    },
    counters(): Record<string, number> {
      return Object.fromEntries(sql.counters.all().map((row) => [String(row["name"]), Number(row["n"])]));
    },
    /** Those that the same sinks wait for as for the first one: they share a tombstone. */
    expired(nowMs: number, limit: number): number[] {
      return sameWaiters(sql.expired.all(nowMs, limit));
    },
    undeliverable(limit: number): number[] {
      return sameWaiters(sql.undeliverable.all(limit));
    },
    newestSequence: (): number => Number(sql.nextSequence.get()?.["n"] ?? 1) - 1,
    ledgerNotes: (limit: number) =>
      sql.ledgerNotes.all(limit).map((row) => ({
        number: Number(row["number"]),
        kind: String(row["kind"]),
        body: String(row["body"]),
        atMs: Number(row["at"]),
      })),
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
    waiting() {
      return sql.waiting.all().map((row) => ({
        sequence: Number(row["sequence"]),
        type: String(row["type"]),
        cameraId: typeof row["camera"] === "string" ? row["camera"] : null,
      }));
    },
    pictureDigests(): Set<string> {
      return new Set(sql.pictureDigests.all().map((row) => String(row["sha256"])));
    },
    hasPicture(sha256: string): boolean {
      return sql.hasPicture.get(sha256) !== undefined;
    },
    hasPicturesToRemove(nowMs: number): boolean {
      return sql.pictureToRemove.get(nowMs) !== undefined;
    },
    /** Digests of which every picture is past its hour. */
    digestsPastTheirHour(nowMs: number): string[] {
      return sql.digestsPastTheirHour.all(nowMs).map((row) => String(row["sha256"]));
    },
    hasDeadLettersToDrop({ nowMs, keep }: { nowMs: number; keep: number }): boolean {
      return sql.expiredDead.get(nowMs) !== undefined || Number(sql.countDead.get()?.["n"] ?? 0) > keep;
    },
    lastPicture(cameraId: string): HeldPicture | null {
      const row = sql.lastPicture.get(cameraId);
      if (row === undefined) return null;
      return {
        sha256: String(row["sha256"]),
        cameraId,
        takenAtMs: Number(row["taken_at"]),
        regions: Number(row["regions"]),
      };
    },
    deadLetters(limit: number): DeadLetter[] {
      return sql.dead.all(limit).map((row) => ({
        sinkId: String(row["sink"]),
        sequence: Number(row["sequence"]),
        id: String(row["id"]),
        type: String(row["type"]),
        why: String(row["why"]),
      }));
    },
  };
}

type Row = Record<string, unknown>;

function sameWaiters(rows: readonly Row[]): number[] {
  return rows.filter((row) => row["sinks"] === rows[0]?.["sinks"]).map((row) => Number(row["sequence"]));
}

function toEntry(row: Row): Entry {
  const entry = {
    sequence: Number(row["sequence"]),
    id: String(row["id"]),
    type: String(row["type"]),
    subject: String(row["subject"]),
    body: String(row["body"]),
    expiresAtMs: Number(row["expires_at"]),
  };
  const { image: sha256 } = row;
  if (typeof sha256 !== "string") return entry;
  return { ...entry, image: { sha256, bytes: Number(row["image_bytes"] ?? 0) } };
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

const WAITERS = `(SELECT group_concat(sink) FROM
  (SELECT sink FROM waiting w WHERE w.sequence = entries.sequence ORDER BY sink)) AS sinks`;

const PEEK = `SELECT e.sequence, e.id, e.type, iif(json_valid(e.body), json_extract(e.body, '$.subject'), '') AS subject, e.body, e.expires_at, e.image,
  p.bytes AS image_bytes
  FROM waiting w JOIN entries e ON e.sequence = w.sequence LEFT JOIN pictures p ON p.sequence = e.sequence`;
const IS_DUE = "w.sink = ?1 AND e.expires_at > ?2 AND e.undeliverable = 0 AND w.sequence > ?3 AND w.sequence <= ?4";

function prepare(database: Database) {
  return {
    nextSequence: database.prepare("SELECT n FROM meta WHERE key='next_sequence'"),
    ledgerNotes: database.prepare("SELECT number, kind, body, at FROM ledger_notes ORDER BY number LIMIT ?"),
    peek: database.prepare(`${PEEK} WHERE ${IS_DUE} ORDER BY w.sequence LIMIT ?5`),
    peekUrgent: database.prepare(`${PEEK} WHERE e.urgent = 1 AND ${IS_DUE} ORDER BY w.sequence LIMIT ?5`),
    state: database.prepare("SELECT key, value FROM state WHERE key >= ? AND key < ?"),
    windows: database.prepare("SELECT device, from_ms, to_ms, count FROM windows"),
    counters: database.prepare("SELECT name, n FROM counters"),
    expired: database.prepare(
      `SELECT sequence, ${WAITERS} FROM entries WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`,
    ),
    undeliverable: database.prepare(`SELECT sequence, ${WAITERS} FROM entries WHERE undeliverable = 1 LIMIT ?`),
    waitingBySink: database.prepare("SELECT sink, count(*) AS n FROM waiting GROUP BY sink"),
    waiting: database.prepare(
      "SELECT e.sequence, e.type, p.camera FROM entries e LEFT JOIN pictures p ON p.sequence = e.sequence ORDER BY e.sequence",
    ),
    countEntries: database.prepare("SELECT count(*) AS n FROM entries"),
    oldest: database.prepare("SELECT made_at FROM entries ORDER BY sequence LIMIT 1"),
    countDead: database.prepare("SELECT count(*) AS n FROM dead"),
    usedBytes: database.prepare(
      "SELECT (page_count - freelist_count) * page_size AS n FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    ),
    pictureBytes: database.prepare(
      "SELECT coalesce(sum(bytes), 0) AS n FROM (SELECT max(bytes) AS bytes FROM pictures GROUP BY sha256)",
    ),
    pictureDigests: database.prepare("SELECT DISTINCT sha256 FROM pictures"),
    hasPicture: database.prepare("SELECT 1 FROM pictures WHERE sha256 = ? LIMIT 1"),
    pictureToRemove: database.prepare(`SELECT 1 FROM pictures p WHERE ${IS_TO_GO} LIMIT 1`),
    digestsPastTheirHour: database.prepare("SELECT sha256 FROM pictures GROUP BY sha256 HAVING max(expires_at) <= ?"),
    expiredDead: database.prepare("SELECT 1 FROM dead WHERE expires_at <= ? LIMIT 1"),
    lastPicture: database.prepare(
      "SELECT sha256, taken_at, regions FROM pictures WHERE camera = ? ORDER BY sequence DESC LIMIT 1",
    ),
    dead: database.prepare("SELECT sink, sequence, id, type, why FROM dead ORDER BY sequence LIMIT ?"),
  };
}
