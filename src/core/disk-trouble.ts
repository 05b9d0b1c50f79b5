// Whether it is the disk that keeps the gateway from working, in what way, and the one next step for who stands before it.
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sqliteCodeOf } from "./database.ts";
import { DISK_LIMITS } from "./disk-limits.ts";
import { makePrivateDirectory, writeDurably } from "./durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "./errors.ts";

export type DiskTroubleKind = "read-only" | "full" | "failing" | "absent" | "closed";

/** `what` and `next`: plain words without names of files, for a page; `detail`: the facts, for the log. */
export type DiskTrouble = {
  readonly kind: DiskTroubleKind;
  readonly what: string;
  readonly next: string;
  readonly detail: string;
};

const WORDS: Readonly<Record<DiskTroubleKind, Pick<DiskTrouble, "what" | "next">>> = {
  "read-only": {
    what: "The disk is read-only: nothing can be written to it.",
    next: "Switch the box off, wait ten seconds, and switch it on again. If it says this once more, the SD card is worn out: put in another one.",
  },
  full: {
    what: "The disk is full.",
    next: "Ask whoever set up this box to delete what is not needed from its disk, or put in a larger one.",
  },
  failing: {
    what: "The disk fails: what is written to it does not stay.",
    next: "Switch the box off, put in another SD card, and set it up from its backup.",
  },
  absent: {
    what: "The disk for the gateway's data is not there.",
    next: "Is the USB stick or disk plugged in? Then switch the box off and on again.",
  },
  closed: {
    what: "The gateway may not write where its data belongs.",
    next: "Ask whoever set up this box: the folder of its data has to belong to the user that the gateway runs as.",
  },
};

const SYSTEM: Readonly<Record<string, DiskTroubleKind>> = {
  EROFS: "read-only",
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  EIO: "failing",
  ENXIO: "failing",
  ETIMEDOUT: "failing",
  ENOENT: "absent",
  ENOTDIR: "absent",
  EEXIST: "absent",
  ENODEV: "absent",
  ESTALE: "absent",
  EACCES: "closed",
  EPERM: "closed",
};

/** SQLite's result codes (sqlite.org/rescode.html): PERM, READONLY, IOERR, FULL, CANTOPEN. */
const SQLITE: ReadonlyMap<number, DiskTroubleKind> = new Map([
  [3, "closed"],
  [8, "read-only"],
  [10, "failing"],
  [13, "full"],
  [14, "absent"],
]);

/** Of errors that are not GatewayErrors: these say by themselves that it is the disk. */
const CERTAIN: ReadonlySet<DiskTroubleKind> = new Set(["read-only", "full", "failing"]);

/**
 * What a failed start says of the disk, or null when it is something else that no waiting cures: another program on the data, a
 * newer version's data, a damaged key or registry, a wrong configuration.
 */
export function diskTroubleOf(thrown: unknown): DiskTrouble | null {
  const kind = kindOf(thrown);
  return kind === null ? null : troubleOf(kind, messageOf(thrown));
}

function kindOf(thrown: unknown): DiskTroubleKind | null {
  const found = kindOfCauses(thrown);
  if (!(thrown instanceof GatewayError)) return found !== null && CERTAIN.has(found) ? found : null;
  if (thrown.code === "DATA_DIR_UNUSABLE") return found;
  if (thrown.code === "SPOOL_FULL") return "full";
  if (thrown.code === "SPOOL_FAILED") return found ?? "failing";
  // A key that cannot be read may be whole; one that is no key is not the disk's doing.
  return thrown.code === "KEY_UNREADABLE" && found === "failing" ? found : null;
}

/** Of the innermost cause that says anything. */
function kindOfCauses(thrown: unknown): DiskTroubleKind | null {
  if (!(thrown instanceof Error)) return null;
  const inner = kindOfCauses(thrown.cause);
  if (inner !== null) return inner;
  const sqlite = sqliteCodeOf(thrown);
  if (sqlite !== undefined) return SQLITE.get(sqlite) ?? null;
  return SYSTEM[systemCodeOf(thrown) ?? ""] ?? null;
}

function troubleOf(kind: DiskTroubleKind, detail: string): DiskTrouble {
  return { kind, ...WORDS[kind], detail };
}

/** Writes a file of DISK_LIMITS.trialBytes durably into the data directory and removes it. Null when the disk took it. */
export async function tryDisk(dataDir: string): Promise<DiskTrouble | null> {
  const ended = new AbortController();
  const late = sleep(DISK_LIMITS.trialMs, undefined, { signal: ended.signal }).then(() =>
    troubleOf("failing", `writing into ${dataDir} took longer than ${DISK_LIMITS.trialMs} ms`),
  );
  late.catch(() => undefined); // the trial was faster
  try {
    return await Promise.race([writeTrial(dataDir), late]);
  } finally {
    ended.abort();
  }
}

async function writeTrial(dataDir: string): Promise<DiskTrouble | null> {
  const path = join(dataDir, ".disk-trial");
  try {
    await makePrivateDirectory(dataDir);
    // Not zeroes, which some disks keep without any room.
    await writeDurably(path, randomBytes(DISK_LIMITS.trialBytes));
    await rm(path);
    return null;
  } catch (thrown) {
    return troubleOf(kindOfCauses(thrown) ?? "failing", `cannot write into ${dataDir}: ${messageOf(thrown)}`);
  }
}
