// The spool's reads, as of the last commit; each subject has a file of its own, and what is remembered is here.
import type { Database } from "../core/database.ts";
import type { CountWindow } from "./spool.ts";
import { createDeadLetterReader } from "./sqlite-dead-letters.ts";
import { createEndingReader } from "./sqlite-endings.ts";
import { createEvictionReader } from "./sqlite-eviction.ts";
import { createPeek } from "./sqlite-peek.ts";
import { createPictureReader } from "./sqlite-pictures.ts";
import { createStatsReader } from "./sqlite-stats.ts";

/** All methods read committed data; rows are checked into types here. */
export function createReader(database: Database) {
  const sql = prepare(database);
  return {
    ...createDeadLetterReader(database),
    ...createEndingReader(database),
    ...createEvictionReader(database),
    ...createPeek(database),
    ...createPictureReader(database),
    ...createStatsReader(database),

    state(prefix: string): Map<string, string> {
      const rows = sql.state.all(prefix, `${prefix}\u{10ffff}`);
      return new Map(rows.map((row) => [String(row["key"]), String(row["value"])]));
    },
    openWindows(): Map<string, CountWindow> {
      const windows = new Map<string, CountWindow>();
      for (const { device, from_ms: fromMs, to_ms: toMs, count } of sql.windows.all()) {
        // What is damaged would never close; it is written anew with the next reading of its device.
        if (!isWhole(fromMs) || !isWhole(toMs) || !isWhole(count) || count < 0) continue;
        windows.set(String(device), { fromMs, toMs, count });
      }
      return windows;
    },
    counters(): Record<string, number> {
      const rows = sql.counters.all().filter(({ n }) => isWhole(n));
      return Object.fromEntries(rows.map((row) => [String(row["name"]), Number(row["n"])]));
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

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function prepare(database: Database) {
  return {
    nextSequence: database.prepare("SELECT n FROM meta WHERE key='next_sequence'"),
    ledgerNotes: database.prepare("SELECT number, kind, body, at FROM ledger_notes ORDER BY number LIMIT ?"),
    state: database.prepare("SELECT key, value FROM state WHERE key >= ? AND key < ?"),
    windows: database.prepare("SELECT device, from_ms, to_ms, count FROM windows"),
    counters: database.prepare("SELECT name, n FROM counters"),
  };
}
