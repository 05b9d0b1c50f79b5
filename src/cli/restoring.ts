// Puts the files of a backup into a data directory: into an empty one, or with the old ones set aside.
//
// Decision, what a restored gateway is to others: the same one. It has the same keys and the same names for its devices, so a
// platform goes on with their history. What it must never do is give a number twice: the sequence goes on far above any that the
// lost card can have given (BACKUP_LIMITS.sequenceStep), its events have new random ids in any case, and its ledger begins with a
// line that says it was restarted, and after which line of the old one.
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Board } from "../core/board.ts";
import { systemClock } from "../core/clock.ts";
import { makePrivateDirectory, syncDirectory, writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Settings } from "../settings/load.ts";
import { HighWater, newDatabaseId } from "../spool/high-water.ts";
import { openSpool } from "../spool/sqlite-spool.ts";
import { type BackupFile, type Contents, DATA_FILES } from "./backup-contents.ts";
import { BACKUP_LIMITS } from "./backup-limits.ts";

/** What a gateway that has run leaves; beside these a directory may hold what it likes. */
const OF_A_GATEWAY = ["keys", "registry.json", "spool.db", "ledger.db", "images", "disclosures.json", "tls"];
/** Never set aside: no retention would end it there (promise 7). */
const OF_PICTURES = ["images", "keys/images.key"];
const ASIDE = "before-restore-";

/** What of a gateway is in a directory; empty where none has run. */
export async function foundIn(dataDir: string): Promise<string[]> {
  const names = await readdir(dataDir).catch(() => []); // there is none yet
  return names.filter((name) => OF_A_GATEWAY.includes(name));
}

/** Moves what is there into a folder of its own and gives its name; pictures and their key are deleted. Under the directory's lock. Throws DATA_DIR_UNUSABLE. */
export async function setAside(dataDir: string, nowMs: number): Promise<string> {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const aside = join(dataDir, `${ASIDE}${stamp}`);
  return await orUnusable(async () => {
    for (const name of OF_PICTURES) await rm(join(dataDir, name), { recursive: true, force: true });
    await mkdir(aside, { mode: 0o700 });
    for (const name of await readdir(dataDir))
      if (!name.startsWith(ASIDE) && !name.startsWith("lock.db")) await rename(join(dataDir, name), join(aside, name));
    await syncDirectory(dataDir);
    return aside;
  });
}

/** Writes all of it, the gateway's key last; on a refusal nothing of it is left. Gives the sequence it goes on from. Throws DATA_DIR_UNUSABLE. */
export async function putBack(dataDir: string, contents: Contents, nowMs: number): Promise<number> {
  const written: string[] = [];
  const sequence = nextSequence(contents, nowMs);
  try {
    return await orUnusable(async () => {
      for (const folder of ["keys", "tls"]) await makePrivateDirectory(join(dataDir, folder));
      written.push("spool.mark");
      await writeMark(dataDir, sequence);
      for (const name of DATA_FILES) {
        const file = contents.data.find(({ path }) => path === name);
        if (file === undefined) continue;
        written.push(name);
        await writeDurably(join(dataDir, name), bytesOf(file));
      }
      await syncDirectory(dataDir);
      return sequence;
    });
  } catch (cause) {
    for (const name of written) await rm(join(dataDir, name), { force: true });
    throw cause;
  }
}

export function bytesOf({ base64 }: BackupFile): Buffer {
  return Buffer.from(base64, "base64");
}

/** What held goes on to hold: into a spool that is made now, as the gateway itself would make it. Throws what openSpool throws. */
export async function keepStanding({ gateway }: Settings, { standing }: Contents, log: Log): Promise<void> {
  const kept = Object.entries(standing).flatMap(([key, text]) => (text === undefined ? [] : [[key, text] as const]));
  const state = Object.fromEntries(kept);
  if (Object.keys(state).length === 0) return;
  const { dataDir } = gateway.gateway;
  const sinkIds = gateway.platform.map(({ id }) => id);
  const deps = { dataDir, ...gateway.spool, sinkIds, clock: systemClock, board: new Board(), log };
  await using spool = await openSpool(deps);
  await spool.append({ state });
}

/** A clock that lies before the backup (a card without one) leaves out one million alone. */
export function nextSequence({ sequence, madeAt }: Pick<Contents, "sequence" | "madeAt">, nowMs: number): number {
  const { sequenceStep, sequenceStepMs } = BACKUP_LIMITS;
  const steps = Math.max(0, Math.floor((nowMs - Date.parse(madeAt)) / sequenceStepMs));
  return sequenceStep * (Math.ceil(sequence / sequenceStep) + 1 + steps);
}

/** The spool's own note of which sequence comes next: a spool.db that is made anew begins there (spool/lost.ts). */
async function writeMark(dataDir: string, next: number): Promise<void> {
  await rm(join(dataDir, "spool.mark"), { force: true });
  using mark = new HighWater(dataDir, newDatabaseId());
  mark.note({ next, oldest: next, monotonicMs: 0 });
  await using file = await open(join(dataDir, "spool.mark"), "r+");
  await file.sync();
  await syncDirectory(dirname(join(dataDir, "spool.mark")));
}

async function orUnusable<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw new GatewayError("DATA_DIR_UNUSABLE", `the backup cannot be put back: ${messageOf(cause)}`, { cause });
  }
}
