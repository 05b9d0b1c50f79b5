// What a person sees of the spool's rows: what waits, what was rejected, what was set aside. Reads only.
import type { Database } from "../core/database.ts";

/** `sinkId`: of that sink alone; damaged ones belong to none. `isNewest`: the newest first, otherwise the oldest. */
type Ask = { readonly sinkId?: string | undefined; readonly isNewest: boolean; readonly limit: number };

/** `event`: the CloudEvent as it is sent. `sinks`: those that have not settled it. */
export type WaitingRow = {
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly sinks: readonly string[];
  readonly image: string | null;
  readonly isLost: boolean;
  readonly event: unknown;
};

export function listWaiting(database: Database, { sinkId, isNewest, limit }: Ask): WaitingRow[] {
  const order = isNewest ? "DESC" : "ASC";
  const waits = database.prepare("SELECT s.sink FROM sinks s JOIN waiting w ON w.sink = s.sink AND w.sequence = ?");
  const rows =
    sinkId === undefined
      ? database.prepare(`SELECT * FROM entries ORDER BY sequence ${order} LIMIT ?`).all(limit)
      : database
          .prepare(
            `SELECT e.* FROM waiting w JOIN entries e ON e.sequence = w.sequence WHERE w.sink = ? ORDER BY w.sequence ${order} LIMIT ?`,
          )
          .all(sinkId, limit);
  return rows.map((row) => ({
    sequence: Number(row["sequence"]),
    id: String(row["id"]),
    type: String(row["type"]),
    sinks: waits.all(Number(row["sequence"])).map((each) => String(each["sink"])),
    image: typeof row["image"] === "string" ? row["image"] : null,
    isLost: Number(row["undeliverable"]) !== 0,
    event: parsed(row["body"]),
  }));
}

/** Times are ISO 8601 UTC. */
export type DeadRow = {
  readonly sink: string;
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly why: string;
  readonly at: string;
  readonly event: unknown;
};

export function listDead(database: Database, { sinkId, isNewest, limit }: Ask): DeadRow[] {
  const rows = database
    .prepare(
      `SELECT * FROM dead WHERE ?1 IS NULL OR sink = ?1 ORDER BY sequence ${isNewest ? "DESC" : "ASC"}, sink LIMIT ?2`,
    )
    .all(sinkId ?? null, limit);
  return rows.map((row) => ({
    sink: String(row["sink"]),
    sequence: Number(row["sequence"]),
    id: String(row["id"]),
    type: String(row["type"]),
    why: String(row["why"]),
    at: new Date(Number(row["at"])).toISOString(),
    event: parsed(row["body"]),
  }));
}

/** `content`: as it was found, JSON where it still was that. */
export type DamagedRow = {
  readonly number: number;
  readonly sequence: number | null;
  readonly what: string;
  readonly at: string;
  readonly content: unknown;
};

export function listDamaged(database: Database, { isNewest, limit }: Ask): DamagedRow[] {
  const rows = database
    .prepare(`SELECT * FROM damaged ORDER BY number ${isNewest ? "DESC" : "ASC"} LIMIT ?`)
    .all(limit);
  return rows.map((row) => ({
    number: Number(row["number"]),
    sequence: row["sequence"] === null ? null : Number(row["sequence"]),
    what: String(row["what"]),
    at: new Date(Number(row["at"])).toISOString(),
    content: parsed(row["content"]),
  }));
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return text; // damaged: shown as it lies there
  }
}
