// A real spool on a directory of its caller, with what its tests ask of it in one place.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Board } from "../../src/core/board.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import type { Log } from "../../src/core/log.ts";
import { silentLog } from "../../src/core/log.ts";
import type { Entry, Spool } from "../../src/spool/spool.ts";
import { openSpool } from "../../src/spool/sqlite-spool.ts";

type Options = {
  readonly bytesMax?: number;
  readonly reserveFreeBytes?: number;
  readonly freeBytes?: () => Promise<number>;
  readonly sinkIds?: readonly string[];
  readonly clock?: Clock;
  readonly log?: Log;
};

export function openTestSpool(dataDir: string, options: Options = {}): Promise<Spool> {
  const defaults = { bytesMax: 2 ** 26, sinkIds: ["main"], clock: systemClock, log: silentLog };
  return openSpool({ ...defaults, ...options, dataDir, board: new Board() });
}

/** All that waits for the sink at the hour. */
export function waitingFor(spool: Spool, nowMs: number, sinkId = "main"): Entry[] {
  return spool.peek({ sinkId, entriesMax: 100_000, bytesMax: 1e9, nowMs });
}

/** As another process reads the file. */
export function query(dataDir: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(`${dataDir}/spool.db`, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

/** Which of the texts stand anywhere in the spool's files, in pages that are no longer in use, too. */
export async function markersIn(dataDir: string, markers: readonly string[]): Promise<string[]> {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith("spool.db"));
  const bytes = Buffer.concat(await Promise.all(names.map((name) => readFile(join(dataDir, name)))));
  return markers.filter((marker) => bytes.includes(marker));
}
