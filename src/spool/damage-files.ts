// Files beside spool.db that speak of damage: the marker that one was met, and damaged buffers put aside for a while.
// What lies aside holds events whose hour passes there too, so each has an hour of its own, its file's time of change. It is
// removed then; overwriting it first would do nothing on an SD card, which writes elsewhere.
import { closeSync, existsSync, fsyncSync, openSync } from "node:fs";
import { readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncDirectory } from "../core/durable-file.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

const MARKER = "spool.damage-met";
const ASIDE = /^(spool\.db\.damaged-(\d+))(?:-wal)?$/;

/** Says, durably and without waiting, that SQLite met damage: the next start saves what can be read. */
export function leaveMarker(dataDir: string): void {
  const file = openSync(join(dataDir, MARKER), "w", 0o600);
  fsyncSync(file);
  closeSync(file);
}

export function hasMarker(dataDir: string): boolean {
  return existsSync(join(dataDir, MARKER));
}

export async function removeMarker(dataDir: string): Promise<void> {
  await rm(join(dataDir, MARKER), { recursive: true, force: true });
}

/**
 * Renames spool.db and its log to the next free name and gives that. `untilMs`: its hour, at most SPOOL_LIMITS.setAsideMs
 * from now. The oldest beyond SPOOL_LIMITS.setAsideFiles are removed.
 */
export async function setAside(path: string, { nowMs, untilMs }: { nowMs: number; untilMs: number }): Promise<string> {
  const directory = dirname(path);
  const known = await namesIn(directory);
  const name = `spool.db.damaged-${(known.at(-1)?.number ?? 0) + 1}`;
  const hour = new Date(Math.min(untilMs, nowMs + SPOOL_LIMITS.setAsideMs));
  // The file before its log: a start that is cut off between the two must not take the file for one without a log.
  for (const part of ["", "-wal"]) {
    if (!existsSync(`${path}${part}`)) continue;
    await rename(`${path}${part}`, join(directory, `${name}${part}`));
    await utimes(join(directory, `${name}${part}`), hour, hour);
  }
  await rm(`${path}-shm`, { force: true });
  for (const { name: old } of known.slice(0, Math.max(0, known.length + 1 - SPOOL_LIMITS.setAsideFiles)))
    await removeOne(directory, old);
  await syncDirectory(directory);
  return name;
}

/** Removes what lies aside and is past its hour. Resolves to how many. */
export async function sweepSetAside(dataDir: string, nowMs: number): Promise<number> {
  let gone = 0;
  for (const { name } of await namesIn(dataDir)) {
    const file = join(dataDir, name);
    const { mtimeMs } = await stat(existsSync(file) ? file : `${file}-wal`);
    if (mtimeMs > nowMs) continue;
    await removeOne(dataDir, name);
    gone++;
  }
  return gone;
}

/** Oldest first. */
export async function namesIn(dataDir: string): Promise<{ readonly name: string; readonly number: number }[]> {
  const found = new Map<number, string>();
  for (const file of await readdir(dataDir)) {
    const [, name, number] = ASIDE.exec(file) ?? [];
    if (name !== undefined) found.set(Number(number), name);
  }
  return Array.from(found, ([number, name]) => ({ name, number })).toSorted((a, b) => a.number - b.number);
}

async function removeOne(directory: string, name: string): Promise<void> {
  for (const part of ["", "-wal", "-shm"])
    await rm(join(directory, `${name}${part}`), { recursive: true, force: true });
}
