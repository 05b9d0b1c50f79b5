// What is done to spool.db before it is trusted: damage is looked for, and what can be read of a damaged file is saved into a
// new one. The gateway starts in any case; spool/lost.ts then names what is gone.
import { existsSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "../core/database.ts";
import { syncDirectory } from "../core/durable-file.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { keepFound } from "./found-entries.ts";
import { type Mark, readMark } from "./high-water.ts";
import { isDiskFull } from "./disk-answers.ts";
import { damageIn } from "./inspection.ts";
import { PageFile } from "./page-file.ts";
import { metaIn } from "./page-meta.ts";
import { entriesBeyond, salvage, type Salvaged } from "./salvage.ts";
import { migrate } from "./schema.ts";
import { hasMarker, namesIn, removeMarker, setAside, sweepSetAside } from "./damage-files.ts";
import type { Row } from "./table-shapes.ts";

/** `pageBytes`: of a file that is made anew. */
export type RecoveryDeps = {
  readonly dataDir: string;
  readonly pageBytes: number;
  readonly nowMs: number;
  readonly log: Log;
};

/**
 * What was found. `isSuspect`: rows may be gone one by one, those of `lost` for certain. `found`: entries that SQLite would not
 * have read. `mark`: the high-water mark as it was.
 */
export type Damage = {
  readonly isSuspect: boolean;
  readonly lost: ReadonlySet<number>;
  readonly found: readonly Row[];
  readonly mark: Mark | null;
};

/**
 * Leaves a spool.db that can be opened, or none. `isForced`: the file is written anew whatever it looks like. Throws
 * SPOOL_FULL when a damaged one cannot be saved for want of room, SPOOL_NEWER, and the errors of a disk that fails.
 */
export async function saveWhatIsDamaged(deps: RecoveryDeps, { isForced = false } = {}): Promise<Damage> {
  const { dataDir, nowMs } = deps;
  const path = join(dataDir, "spool.db");
  await finishSwap(path, nowMs);
  await dropHalves(path, nowMs);
  await sweepSetAside(dataDir, nowMs);
  const mark = readMark(dataDir);
  const nothing: Damage = { isSuspect: false, lost: new Set(), found: [], mark };
  // Whatever else has the name of a file is put aside whole.
  for (const part of ["", "-wal"])
    if (isFolder(`${path}${part}`)) await setAside(path, { nowMs, untilMs: Number.POSITIVE_INFINITY });
  if (!isThere(path) && !isThere(`${path}-wal`)) {
    await rm(path, { force: true });
    await removeMarker(dataDir);
    return nothing;
  }
  await dropForeignLog(path, deps);
  const found = mark === null ? [] : await keepFound(dataDir, lookBeyond(path, { deps, mark }));
  const why = whyNotTrusted(path, { deps, isForced });
  if (why === null) return { ...nothing, found };
  const saved = await saveInto(path, { deps, why });
  return { mark, isSuspect: true, lost: saved?.known ?? new Set(), found };
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** As `damageIn`. Without its file SQLite would throw the log away. */
function whyNotTrusted(path: string, { deps, isForced }: { deps: RecoveryDeps; isForced: boolean }): string | null {
  if (isForced || hasMarker(deps.dataDir)) return "damage was met in it";
  return isThere(path) ? damageIn(path, deps) : "it is gone, and its log is there";
}

/** An empty file holds nothing and is not damaged; SQLite makes it before it writes. */
function isThere(path: string): boolean {
  return existsSync(path) && statSync(path).size > 0;
}

/** A start that ended between the two renames goes on with the second. */
async function finishSwap(path: string, nowMs: number): Promise<void> {
  const saved = `${path}.saved`;
  if (!existsSync(saved)) return;
  if (existsSync(path)) return rm(saved); // nothing was put aside yet: it is saved once more
  if (existsSync(`${path}-wal`)) await setAside(path, { nowMs, untilMs: Number.POSITIVE_INFINITY });
  await rename(saved, path);
  await syncDirectory(join(path, ".."));
}

/** What a start or a repair that was cut off has left, and no later one would look at: it holds events beyond their hour. */
async function dropHalves(path: string, nowMs: number): Promise<void> {
  for (const part of ["", "-wal", "-shm", "-journal"]) await rm(`${path}.new${part}`, { force: true });
  if (existsSync(`${path}.foreign-wal`))
    await setAside(`${path}.foreign`, { nowMs, untilMs: Number.POSITIVE_INFINITY });
}

/** SQLite lays a log over whatever file has its name. One of another spool.db would mix the two. */
async function dropForeignLog(path: string, { pageBytes, nowMs, log }: RecoveryDeps): Promise<void> {
  if (!isThere(`${path}-wal`) || !isThere(path)) return;
  const idIn = (isWithWal: boolean): number | undefined => {
    using file = new PageFile(path, { pageBytes, isWithWal });
    return metaIn(file).get("database_id");
  };
  const [own, merged] = [idIn(false), idIn(true)];
  if (own === undefined || merged === undefined || own === merged) return;
  await rename(`${path}-wal`, `${path}.foreign-wal`);
  const name = await setAside(`${path}.foreign`, { nowMs, untilMs: Number.POSITIVE_INFINITY });
  await rm(`${path}-shm`, { force: true });
  log.error({ aside: name }, "the log beside spool.db is of another spool.db; it was put aside");
}

/** Committed entries behind a damage of the log, where the mark says that SQLite would drop some. */
function lookBeyond(path: string, { deps, mark }: { deps: RecoveryDeps; mark: Mark }): Row[] {
  if (!isThere(`${path}-wal`)) return [];
  using file = new PageFile(path, { pageBytes: deps.pageBytes });
  const meta = metaIn(file);
  const next = meta.get("next_sequence") ?? mark.oldest;
  if ((meta.get("database_id") ?? mark.databaseId) !== mark.databaseId || mark.next <= next) return [];
  const shapes = openDatabase(":memory:", { pageBytes: deps.pageBytes });
  try {
    migrate(shapes);
    return entriesBeyond(file, shapes, { from: next, to: mark.next });
  } finally {
    shapes.close();
  }
}

/** Null when nothing could be saved: then a new file is begun. Either way the old one lies aside. */
async function saveInto(path: string, { deps, why }: { deps: RecoveryDeps; why: string }): Promise<Salvaged | null> {
  const { dataDir, nowMs, log } = deps;
  const fresh = `${path}.new`;
  const saved = await salvageOrNull(path, { deps, fresh });
  if (saved !== null) await rename(fresh, `${path}.saved`);
  // Nothing in it outlives its hour, so it goes with the first hour of what was saved; where none is known, the bound for all.
  const aside = await setAside(path, { nowMs, untilMs: saved?.hourMs || Number.POSITIVE_INFINITY });
  if (saved !== null) await rename(`${path}.saved`, path);
  await syncDirectory(dataDir);
  await removeMarker(dataDir);
  log.error(
    { why, aside, saved: saved?.rows ?? {}, damaged: saved?.damaged ?? 0 },
    "spool.db was damaged: what could be read of it was saved into a new one, and the old one lies aside for a while",
  );
  return saved;
}

async function salvageOrNull(
  path: string,
  { deps, fresh }: { deps: RecoveryDeps; fresh: string },
): Promise<Salvaged | null> {
  const { dataDir, log } = deps;
  const attempt = () => salvage({ from: path, to: fresh, pageBytes: deps.pageBytes, nowMs: deps.nowMs });
  try {
    return await attempt().catch(async (cause: unknown) => {
      if (!isDiskFull(cause) || (await namesIn(dataDir)).length === 0) throw cause;
      await sweepSetAside(dataDir, Number.POSITIVE_INFINITY); // older damage gives way
      return await attempt();
    });
  } catch (cause) {
    await rm(fresh, { force: true });
    if (!isDiskFull(cause)) {
      log.error({ cause: messageOf(cause) }, "nothing could be saved of the damaged spool.db");
      return null;
    }
    throw new GatewayError(
      "SPOOL_FULL",
      "spool.db is damaged, and the disk has no room to save it into a second file",
      {
        hint: `Free as many bytes as spool.db has (${Math.ceil(statSync(path).size / 1e6)} MB); then it goes on by itself.`,
        cause,
      },
    );
  }
}
