// Reads a small file whole, with a bound: settings, secrets and the registry are never streams.
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { messageOf, systemCodeOf } from "./errors.ts";

/** The bytes of a file, or why they are not to be had, in words that finish the sentence "it cannot be read: …". */
export type SmallFile =
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly mode: number }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly why: string; readonly cause?: unknown };

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  EISDIR: "it is a folder, not a file",
  ELOOP: "its links lead in a circle",
  EIO: "the disk reports an error",
};

/** Reads at most `bytesMax` bytes; a larger file, a folder, a pipe and a device are unreadable. `mode`: permission bits. */
export async function readSmallFile(path: string, { bytesMax }: { bytesMax: number }): Promise<SmallFile> {
  try {
    // Non-blocking, so that opening a pipe nobody writes to does not wait for ever.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await file.stat();
    if (found.isDirectory()) return { kind: "unreadable", why: "it is a folder, not a file" };
    if (!found.isFile()) return { kind: "unreadable", why: "it is not a regular file" };
    if (found.size > bytesMax)
      return { kind: "unreadable", why: `it has ${found.size} bytes, and ${bytesMax} are the most` };
    return { kind: "bytes", bytes: await file.readFile(), mode: found.mode & 0o777 };
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "absent" };
    return { kind: "unreadable", why: REASONS[code ?? ""] ?? messageOf(cause), cause };
  }
}
