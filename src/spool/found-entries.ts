// Entries that were found behind a break of the log, kept in a file of their own until spool.db has them: the look at the damage
// writes the log back and cuts it off, so a start that ends there would lose what only its memory holds.
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { syncDirectory, writeDurably } from "../core/durable-file.ts";
import { systemCodeOf } from "../core/errors.ts";
import { isDiskFull } from "./disk-answers.ts";
import { isSoundEntry } from "./salvage.ts";
import type { Row } from "./table-shapes.ts";

const Rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])));

const pathIn = (dataDir: string): string => join(dataDir, "spool.found");

/**
 * Gives these and those that an earlier start kept and could not put back; where there is room all are on disk when it resolves.
 * Throws Node's system errors but for a full disk.
 */
export async function keepFound(dataDir: string, found: readonly Row[]): Promise<readonly Row[]> {
  const kept = await keptIn(dataDir);
  if (found.length === 0) return kept;
  const all = new Map([...kept, ...found].map((row) => [row["sequence"], row] as const));
  await writeDurably(pathIn(dataDir), JSON.stringify([...all.values()])).catch((cause: unknown) => {
    if (!isDiskFull(cause)) throw cause; // on a full disk they are in memory alone
  });
  return [...all.values()];
}

/** To be called once spool.db has them, before anything is offered. */
export async function forgetFound(dataDir: string): Promise<void> {
  try {
    await rm(pathIn(dataDir));
  } catch (thrown) {
    if (systemCodeOf(thrown) === "ENOENT") return;
    throw thrown;
  }
  await syncDirectory(dataDir);
}

async function keptIn(dataDir: string): Promise<Row[]> {
  try {
    return Rows.parse(JSON.parse(await readFile(pathIn(dataDir), "utf8"))).filter(isSoundEntry);
  } catch {
    return []; // there is none, or it is damaged: its sequences are named as lost
  }
}
