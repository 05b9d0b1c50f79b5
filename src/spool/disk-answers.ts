// What a refusal of the disk means for the spool: full is waited for, anything else ends the gateway.
import { accessSync, constants } from "node:fs";
import { statfs } from "node:fs/promises";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";

/** SQLite's extended result codes (sqlite.org/rescode.html). */
const FULL = 13;
/** The shared index beside the log could not grow: no data was touched yet, so it may be tried again. On a full disk it is the first to fail. */
const SHM_SIZE = 4874;

const NO_ROOM: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);
/** Too many open files, or no memory for one: nothing of the disk. */
const PASSING: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR"]);

/** Whether there was no room: for SQLite's errors and for Node's. */
export function isDiskFull(thrown: unknown): boolean {
  if (NO_ROOM.has(systemCodeOf(thrown) ?? "")) return true;
  if (!(thrown instanceof Error) || !("errcode" in thrown)) return false;
  return thrown.errcode === FULL || thrown.errcode === SHM_SIZE;
}

/** Whether a file's system error says nothing of the disk and may pass by itself. */
export function isPassing(thrown: unknown): boolean {
  return PASSING.has(systemCodeOf(thrown) ?? "");
}

/** Whether nothing can be written there because its file system is mounted so, or turned so after an error. */
export function isReadOnly(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return false;
  } catch (thrown) {
    return systemCodeOf(thrown) === "EROFS";
  }
}

/** What this user may still write on the path's disk. */
export async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Runs it; what the disk says of the file at `path` is thrown as DATA_DIR_UNUSABLE. */
export function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("DATA_DIR_UNUSABLE", `cannot open ${path}: ${messageOf(cause)}`, { cause });
  }
}
