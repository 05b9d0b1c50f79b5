// What sinks are offered. Each entry is checked against its checksum first: what is damaged never leaves (I6).
import type { Database } from "../core/database.ts";
import { checksumOf } from "./schema.ts";
import type { Entry, Peek } from "./spool.ts";

const PEEK = `SELECT e.sequence, e.id, e.class, e.type, e.body, e.expires_at, e.image, e.crc, p.bytes AS image_bytes`;
/** Only what never comes true again of itself (see `passed`): an hour that is past, an entry that was given up. */
const IS_DUE = "w.sink = ?1 AND e.expires_at > ?2 AND e.undeliverable = 0 AND w.sequence > ?3 AND w.sequence <= ?4";

export function createPeek(database: Database) {
  const sql = {
    peek: database.prepare(
      `${PEEK} FROM waiting w JOIN entries e ON e.sequence = w.sequence LEFT JOIN pictures p ON p.sequence = e.sequence
       WHERE ${IS_DUE} ORDER BY w.sequence LIMIT ?5`,
    ),
    // By their own index: a long backlog holds few of them.
    peekUrgent: database.prepare(
      `${PEEK} FROM entries e INDEXED BY entries_urgent CROSS JOIN waiting w ON w.sequence = e.sequence
       LEFT JOIN pictures p ON p.sequence = e.sequence
       WHERE e.urgent = 1 AND e.sequence > ?3 AND ${IS_DUE} ORDER BY e.sequence LIMIT ?5`,
    ),
    newest: database.prepare("SELECT max(sequence) AS n FROM waiting WHERE sink = ?"),
  };
  const damaged = new Set<number>();
  /** By sink: nothing up to this sequence was due at that hour, so nothing there is later, unless something is put back. */
  const passed = new Map<string, { readonly upTo: number; readonly nowMs: number }>();

  return {
    /** As the port says; reads no further than the byte bound. */
    peek(ask: Peek): Entry[] {
      const { sinkId, nowMs, entriesMax, bytesMax, after = 0, upTo = Number.MAX_SAFE_INTEGER, isUrgent = false } = ask;
      const before = passed.get(sinkId);
      const isPassed = before !== undefined && before.nowMs <= nowMs;
      const from = isPassed ? Math.max(after, before.upTo) : after;
      const entries: Entry[] = [];
      let bytes = 0;
      let first = 0;
      const statement = isUrgent ? sql.peekUrgent : sql.peek;
      for (const row of statement.iterate(sinkId, nowMs, from, upTo, entriesMax)) {
        first ||= Number(row["sequence"]);
        const entry = soundEntry(row);
        if (entry === null) {
          damaged.add(Number(row["sequence"]));
          continue;
        }
        bytes += Buffer.byteLength(entry.body) + 1;
        if (entries.length > 0 && bytes > bytesMax) break;
        entries.push(entry);
      }
      // Without this a sink that looks again walks each time over all that is past its hour and not yet erased.
      const isFromTheStart = after === 0 || (isPassed && after <= before.upTo);
      if (!isUrgent && isFromTheStart && (first > 0 || upTo === Number.MAX_SAFE_INTEGER))
        passed.set(sinkId, { upTo: first > 0 ? first - 1 : Number(sql.newest.get(sinkId)?.["n"] ?? 0), nowMs });
      return entries;
    },
    /** Sequences of entries that were met since the last call and do not hold together. */
    takeDamaged(): number[] {
      const met = [...damaged];
      damaged.clear();
      return met;
    },
    /** Something lower may be due again: hours moved, or entries were put back. */
    lookAgain: (): void => passed.clear(),
  };
}

/** A row of entries whose checksum holds. */
type SoundRow = {
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly body: string;
  readonly image: string | null;
};

export function isSound(row: Record<string, unknown>): row is SoundRow {
  const { sequence, id, class: eventClass, type, body, image, crc } = row;
  if (typeof sequence !== "number" || typeof id !== "string" || typeof type !== "string") return false;
  if (typeof body !== "string" || typeof eventClass !== "string") return false;
  if (image !== null && typeof image !== "string") return false;
  return checksumOf([sequence, id, eventClass, type, body, image]) === crc;
}

/** The entry, or null where the row is not what was written: a checksum, a body or an hour that is wrong. */
function soundEntry(row: Record<string, unknown>): Entry | null {
  const { expires_at: expiresAtMs, image_bytes: bytes } = row;
  if (typeof expiresAtMs !== "number" || !isSound(row)) return null;
  const { sequence, id, type, body, image: sha256 } = row;
  const subject = subjectOf(body);
  if (subject === null) return null;
  const entry = { sequence, id, type, subject, body, expiresAtMs };
  return sha256 === null ? entry : { ...entry, image: { sha256, bytes: Math.max(0, Number(bytes) || 0) } };
}

/** Null where the body is no event. */
function subjectOf(body: string): string | null {
  try {
    const event: unknown = JSON.parse(body);
    if (typeof event !== "object" || event === null || !("subject" in event)) return null;
    return typeof event.subject === "string" ? event.subject : null;
  } catch {
    return null; // a version 1 entry's checksum was made of what lay there
  }
}
