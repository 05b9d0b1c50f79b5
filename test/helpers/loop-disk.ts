// A small ext4 disk of a test's own, in a file: it can be mounted read-only, be gone, and fail as worn-out cards do. Root only.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, rmdir, symlink, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { tempDir } from "./temp-dir.ts";

export type LoopDisk = AsyncDisposable & {
  /** For openHouse's `prepare`: the data directory becomes a link to a folder on this disk. */
  prepare(dataDir: string): Promise<void>;
  mount(mode: "rw" | "ro"): void;
  /** Waits for nothing: who has files open on it keeps them until it ends. */
  unmount(): void;
  /** From now on the kernel takes the disk for damaged and refuses every write, also to open files. */
  fail(): void;
};

/** Opens a disk of so many MiB, mounted for writing, or null where this user may not mount: said aloud. */
export async function openLoopDisk({ mebibytes = 64 } = {}): Promise<LoopDisk | null> {
  const directory = await tempDir();
  const image = join(directory.path, "disk.img");
  const path = join(directory.path, "disk");
  await mkdir(path);
  await writeFile(image, "");
  await truncate(image, mebibytes * 1024 * 1024);
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const mount = (mode: "rw" | "ro") => void run("mount", "-o", `loop,errors=remount-ro,${mode}`, image, path);
  const unmount = () => void spawnSync("umount", ["-l", path]);
  try {
    run("mkfs.ext4", "-q", image);
    mount("rw");
  } catch {
    console.warn("SKIPPED: this user may not mount a disk of its own: what a disk that fails does is not tested");
    await directory[Symbol.asyncDispose]();
    return null;
  }
  return {
    async prepare(dataDir) {
      await mkdir(join(path, "data"));
      await rmdir(dataDir);
      await symlink(join(path, "data"), dataDir);
    },
    mount,
    unmount,
    fail() {
      const device = basename(run("findmnt", "-no", "SOURCE", path).toString().trim());
      run("sh", "-c", `echo 1 > /sys/fs/ext4/${device}/trigger_fs_error`);
    },
    async [Symbol.asyncDispose]() {
      // Twice mounted is twice to be unmounted; what is not mounted says so.
      while (spawnSync("umount", ["-l", path]).status === 0);
      await directory[Symbol.asyncDispose]();
    },
  };
}
