// The spool's reads, as of the last commit. What is read outward is here; each other subject has a file of its own.
import type { Database } from "../core/database.ts";
import type { CountWindow, Entry, Peek } from "./spool.ts";
import { createDeadLetterReader } from "./sqlite-dead-letters.ts";
import { createEndingReader } from "./sqlite-endings.ts";
import { createPictureReader } from "./sqlite-pictures.ts";
import { createStatsReader } from "./sqlite-stats.ts";

/** All methods read committed data; rows are checked into types here. */
export function createReader(database: Database) {
  const sql = prepare(database);
  return {
    ...createDeadLetterReader(database),
    ...createEndingReader(database),
    ...createPictureReader(database),
    ...createStatsReader(database),

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
    newestSequence: (): number => Number(sql.nextSequence.get()?.["n"] ?? 1) - 1,
    ledgerNotes: (limit: number) =>
      sql.ledgerNotes.all(limit).map((row) => ({
        number: Number(row["number"]),
        kind: String(row["kind"]),
        body: String(row["body"]),
        atMs: Number(row["at"]),
      })),
  };
}

type Row = Record<string, unknown>;

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
  };
}
