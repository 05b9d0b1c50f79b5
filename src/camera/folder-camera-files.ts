// The files of a camera's folder: found, looked at, read and erased. Everything is reached through an open directory
// (/proc/self/fd/N is Linux' openat), so that no link that somebody puts there in between leads out of the folder.
import { constants } from "node:fs";
import { type FileHandle, lstat, open, opendir, rmdir, unlink } from "node:fs/promises";
import { systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";

/** What a name and a size tell. `unfinished`: a name of something that is still written; `other`: nothing that is known. */
export type Sort = "picture" | "video" | "unfinished" | "other";

/** `key`: the same for the same file, whatever its name. `changedAtMs`: epoch; by the kernel, no client can set it. */
export type Found = {
  readonly directory: FileHandle;
  readonly name: Buffer;
  readonly key: string;
  readonly sort: Sort;
  readonly size: number;
  readonly changedAtMs: number;
};

/** `emptyBelow`: sub-folders with nothing in them, the deepest first. `isCut`: there is more than one look may hold. */
export type Walk = {
  readonly files: readonly Found[];
  readonly directories: readonly { readonly key: string; readonly handle: FileHandle }[];
  readonly emptyBelow: readonly { readonly parent: FileHandle; readonly name: Buffer; readonly key: string }[];
  /** Links, pipes and the like, and files that have a second name elsewhere. */
  readonly others: number;
  readonly isCut: boolean;
};

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
const FILE = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Goes through the folder. What it opens belongs to `stack`. Throws Node's system error where the folder itself is not there. */
export async function walk(path: string, stack: AsyncDisposableStack): Promise<Walk> {
  const root = stack.use(await open(path, FOLDER));
  const walk = {
    files: new Array<Found>(),
    emptyBelow: new Array<Walk["emptyBelow"][number]>(),
    others: 0,
    isCut: false,
  };
  const directories: { key: string; handle: FileHandle }[] = [];
  const enter = async (handle: FileHandle, depth: number): Promise<number> => {
    directories.push({ key: keyOf(await handle.stat()), handle });
    let entries = 0;
    for await (const name of namesIn(handle)) {
      entries += 1;
      if (walk.files.length >= CAMERA_LIMITS.folderFiles) walk.isCut = true;
      if (walk.isCut) break;
      const stats = await lstat(at(handle, name)).catch(gone);
      if (stats === null) entries -= 1;
      else if (stats.isDirectory()) await enterBelow({ parent: handle, name, depth });
      else if (!stats.isFile() || stats.nlink > 1) walk.others += 1;
      else {
        const { size, ctimeMs } = stats;
        const sort = sortOf(name.toString("latin1"));
        walk.files.push({ directory: handle, name, key: keyOf(stats), sort, size, changedAtMs: ctimeMs });
      }
    }
    return entries;
  };
  const enterBelow = async ({ parent, name, depth }: { parent: FileHandle; name: Buffer; depth: number }) => {
    if (depth >= CAMERA_LIMITS.folderDepth || directories.length >= CAMERA_LIMITS.folderDirectories) {
      walk.isCut = true;
      return;
    }
    const handle = await open(at(parent, name), FOLDER | constants.O_NOFOLLOW).catch((cause: unknown) =>
      systemCodeOf(cause) === "EACCES" ? null : gone(cause),
    );
    if (handle === null) {
      walk.others += 1;
      return;
    }
    stack.use(handle);
    const entries = await enter(handle, depth + 1);
    if (entries === 0) walk.emptyBelow.push({ parent, name, key: keyOf(await handle.stat()) });
  };
  await enter(root, 0);
  return { ...walk, directories };
}

/** A file that is open: for writing too where that is allowed. */
export type Opened = AsyncDisposable & {
  readonly handle: FileHandle;
  readonly isWritable: boolean;
  readonly size: number;
};

/** "gone": it is not there any more, or another has its name. */
export async function openFound({ directory, name, key }: Found): Promise<Opened | "gone" | "unreadable"> {
  const path = at(directory, name);
  const both = await tryOpen(path, constants.O_RDWR);
  const isWritable = both !== "refused";
  const handle = isWritable ? both : await tryOpen(path, constants.O_RDONLY);
  if (handle === "refused") return "unreadable";
  if (handle === null) return "gone";
  const stats = await handle.stat();
  if (keyOf(stats) === key && stats.isFile())
    return { handle, isWritable, size: stats.size, [Symbol.asyncDispose]: () => handle.close() };
  await handle.close();
  return "gone";
}

/** Whether the last bytes are the end of a picture: JPEG's EOI, PNG's IEND, or a RIFF (WebP) as long as its head says. */
export async function isWhole({ handle, size }: Opened): Promise<boolean> {
  const head = await read(handle, { from: 0, length: Math.min(size, 12) });
  const tail = await read(handle, { from: Math.max(0, size - 8), length: Math.min(size, 8) });
  if (tail.length < 8) return false;
  if (head.toString("latin1", 0, 4) === "RIFF") return head.readUInt32LE(4) + 8 <= size;
  return tail.readUInt16BE(6) === 0xffd9 || tail.toString("latin1", 0, 4) === "IEND";
}

/** Whether it begins as a picture, whatever its name says. */
export async function isPicture({ handle }: Opened): Promise<boolean> {
  const head = (await read(handle, { from: 0, length: 12 })).toString("latin1");
  return head.startsWith("\xff\xd8\xff") || head.startsWith("\x89PNG") || /^RIFF.{4}WEBP/s.test(head);
}

/** All of it, in a buffer of its own. */
export function readAll({ handle, size }: Opened): Promise<Buffer> {
  return read(handle, { from: 0, length: size });
}

/**
 * Overwrites what it holds with zeros unless the folder is in memory, and unlinks it. "gone": another was quicker; "kept": it
 * is still there. On flash the zeros go to other cells, and the old ones keep the picture until the controller reuses them.
 */
export async function erase(
  found: Found,
  opened: Opened | null,
  isInMemory: boolean,
): Promise<"erased" | "gone" | "kept"> {
  const path = at(found.directory, found.name);
  try {
    const now = await lstat(path).catch(gone);
    if (now === null || keyOf(now) !== found.key) return "gone";
    if (opened?.isWritable === true && !isInMemory) await overwrite(opened);
    await unlink(path);
    return "erased";
  } catch (cause) {
    if (systemCodeOf(cause) === undefined) throw cause;
    return systemCodeOf(cause) === "ENOENT" ? "gone" : "kept";
  }
}

/** Removes a sub-folder if nothing has come into it meanwhile. */
export async function removeEmpty({ parent, name }: Walk["emptyBelow"][number]): Promise<void> {
  await rmdir(at(parent, name)).catch((cause: unknown) => {
    if (systemCodeOf(cause) === undefined) throw cause;
  });
}

/** Where an open directory can be watched from. */
export function pathOf(directory: FileHandle): string {
  return `/proc/self/fd/${directory.fd}`;
}

async function tryOpen(path: Buffer, mode: number): Promise<FileHandle | "refused" | null> {
  return open(path, FILE | mode).catch((cause: unknown) =>
    REFUSED.has(systemCodeOf(cause) ?? "") ? "refused" : gone(cause),
  );
}

const REFUSED: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "ETXTBSY"]);
/** Somebody was quicker, or it is a link by now. */
const GONE: ReadonlySet<string> = new Set(["ENOENT", "ELOOP", "ENOTDIR", "ENXIO", "ESTALE"]);

function gone(cause: unknown): null {
  if (GONE.has(systemCodeOf(cause) ?? "")) return null;
  throw cause;
}

/** Names as bytes: a camera may write them in any encoding. */
async function* namesIn(directory: FileHandle): AsyncGenerator<Buffer> {
  for await (const { name } of await opendir(pathOf(directory), { encoding: "latin1" }))
    yield Buffer.from(name, "latin1");
}

function at(directory: FileHandle, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${pathOf(directory)}/`), name]);
}

function keyOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`;
}

/** By the names that cameras, and servers while they receive, give. */
function sortOf(name: string): Sort {
  if (/^\.|\.(part|partial|tmp|temp|filepart|crdownload|upload|writing)$|~$/i.test(name)) return "unfinished";
  if (/\.(jpe?g|jpe|jfif|png|webp|bmp|gif|tiff?|heic|heif|avif|dng)$/i.test(name)) return "picture";
  return /\.(mp4|m4v|mov|avi|mkv|webm|ts|mpe?g|3gp|flv|dav|asf|wmv|mjpe?g|h?26[45]|hevc)$/i.test(name)
    ? "video"
    : "other";
}

async function read(handle: FileHandle, { from, length }: { from: number; length: number }): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let end = 0;
  while (end < length) {
    const { bytesRead } = await handle.read(bytes, end, length - end, from + end);
    if (bytesRead === 0) break;
    end += bytesRead;
  }
  return bytes.subarray(0, end);
}

/** No more than a picture has: a film is unlinked. */
async function overwrite({ handle, size }: Opened): Promise<void> {
  const length = Math.min(size, LIMITS.frameBytes);
  const zeros = Buffer.alloc(Math.min(length, CAMERA_LIMITS.folderZeroBytes));
  for (let at = 0; at < length; at += zeros.length) {
    await handle.write(zeros, 0, Math.min(zeros.length, length - at), at);
  }
  await handle.datasync();
}
