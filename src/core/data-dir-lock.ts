// One program at a time on a data directory: two gateways on one spool, or a command beside the gateway, would undo each other.
//
// Decision: an open write transaction on lock.db. The kernel holds its lock for the process and drops it however the
// process ends, kill -9 and power cuts included; it holds between containers that share the directory. A pid file would
// outlive its process (and pids come round again), and an abstract socket does not reach across network namespaces.
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { type Database, openLockDatabase, sqliteCodeOf } from "./database.ts";
import { makePrivateDirectory } from "./durable-file.ts";
import { GatewayError, messageOf } from "./errors.ts";

/** SQLITE_BUSY: another connection holds the lock. */
const BUSY = 5;
const CORRUPT = 11;
const NOTADB = 26;

/** Makes the directory, for this user alone, where it is missing, and takes its lock. Throws as `lockDataDir`. */
export async function openDataDir(dataDir: string): Promise<AsyncDisposable> {
  try {
    await makePrivateDirectory(dataDir);
  } catch (cause) {
    throw new GatewayError("DATA_DIR_UNUSABLE", `cannot use the data directory ${dataDir}: ${messageOf(cause)}`, {
      cause,
    });
  }
  return lockDataDir(dataDir);
}

/**
 * Takes the lock, held until the answer is disposed or the process ends. The directory exists. Throws DATA_DIR_LOCKED
 * (with the holder's process id) at once when it is taken, DATA_DIR_UNUSABLE when the directory cannot be written.
 */
export async function lockDataDir(dataDir: string): Promise<AsyncDisposable> {
  const path = join(dataDir, "lock.db");
  emptyIfDamaged(path);
  const database = open(path);
  try {
    database.exec("CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL)");
    database.exec(`BEGIN IMMEDIATE; DELETE FROM holder; INSERT INTO holder VALUES (${process.pid}); COMMIT`);
    database.exec("BEGIN IMMEDIATE");
  } catch (cause) {
    const holder = holderOf(database);
    database.close();
    if (sqliteCodeOf(cause) === BUSY) {
      throw new GatewayError("DATA_DIR_LOCKED", `another Hedgerow (process ${holder}) uses ${dataDir}`, { cause });
    }
    throw unusable(path, cause);
  }
  return { [Symbol.asyncDispose]: async () => release(database) };
}

/**
 * A power cut or a worn card may leave anything there, and it holds nothing that is missed. It is emptied and not removed: the
 * kernel's lock is on the file itself, so that of a gateway which runs still holds.
 */
function emptyIfDamaged(path: string): void {
  const database = open(path);
  try {
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
  } catch (cause) {
    const code = sqliteCodeOf(cause);
    if (code !== CORRUPT && code !== NOTADB) return; // told by the attempt to lock it
    truncateSync(path);
  } finally {
    database.close();
  }
}

function open(path: string): Database {
  try {
    return openLockDatabase(path);
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** The process id that its holder committed before it took the lock; for the message only. */
function holderOf(database: Database): string {
  try {
    return String(database.prepare("SELECT pid FROM holder").get()?.["pid"] ?? "unknown");
  } catch (cause) {
    return `unknown: ${messageOf(cause)}`;
  }
}

function release(database: Database): void {
  if (!database.isOpen) return;
  database.exec("ROLLBACK");
  database.close();
}

function unusable(path: string, cause: unknown): GatewayError {
  return new GatewayError("DATA_DIR_UNUSABLE", `the lock ${path} cannot be taken: ${messageOf(cause)}`, { cause });
}
