// Shown: raw pictures and films do not stay in a camera's folder; nothing outside it is touched; what cannot be erased is not used
// (I1).
import { execFileSync } from "node:child_process";
import { link, mkdir, open, readdir, readFile, rename, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { type Log, silentLog } from "../../src/core/log.ts";
import { openFolderSite, picture } from "../helpers/folder-site.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const never = new AbortController().signal;

test("films, huge and forgotten uploads are erased; other files stay, and are told once without their names", async () => {
  const lines: string[] = [];
  const log: Log = { ...silentLog, warn: (...said: unknown[]) => void lines.push(JSON.stringify(said)) };
  await using site = await openFolderSite({ bounds: { folderQuietMs: 50, folderUnfinishedMs: 50 }, log });
  await writeFile(join(site.path, "film.mp4"), "film");
  await writeFile(join(site.path, ".upload.jpg.part"), picture(1));
  await writeFile(join(site.path, "empty.jpg"), "");
  await writeFile(join(site.path, "huge.jpg"), "");
  await truncate(join(site.path, "huge.jpg"), LIMITS.frameBytes + 1);
  await writeFile(join(site.path, "secret-log.txt"), "state");
  site.open();
  await site.counted("dropped.video", 1);
  await site.counted("dropped.too-large", 1);
  await site.counted("dropped.unfinished", 2);
  await expect
    .poll(() => lines.filter((line) => line.includes("left in its folder")).length, { timeout: 20_000 })
    .toBe(1);
  expect(lines.join("")).not.toContain("secret");
  expect(await readdir(site.path)).toEqual(["secret-log.txt"]);
});

test("links, and files that have a second name, are neither read nor erased", async () => {
  await using site = await openFolderSite({ bounds: { folderQuietMs: 50 } });
  const away = join(site.outside, "away");
  await mkdir(away);
  await writeFile(join(away, "private.jpg"), picture(1));
  await writeFile(join(away, "shared.jpg"), picture(2));
  await symlink(join(away, "private.jpg"), join(site.path, "link.jpg"));
  await symlink(away, join(site.path, "folder"));
  await link(join(away, "shared.jpg"), join(site.path, "hard.jpg"));
  execFileSync("mkfifo", [join(site.path, "pipe.jpg")]);
  const camera = site.open();
  // The second comes with a later look: by then the first has seen all.
  for (const value of [3, 4]) {
    await writeFile(join(site.path, "own.jpg"), picture(value));
    using frame = await camera.grab(never);
    expect(bytesOfFrame(frame)[10]).toBe(value);
  }
  expect(await readFile(join(away, "private.jpg"))).toEqual(picture(1));
  expect(await readFile(join(away, "shared.jpg"))).toEqual(picture(2));
  expect((await readdir(site.path)).toSorted()).toEqual(["folder", "hard.jpg", "link.jpg", "pipe.jpg"]);
});

test("on a disk a picture is overwritten with zeros before it is unlinked", async () => {
  await using site = await openFolderSite();
  await writeFile(join(site.path, "a.jpg"), picture(1));
  // Whoever has it open sees what stays on the disk.
  await using held = await open(join(site.path, "a.jpg"), "r");
  const camera = site.open();
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame)).toEqual(picture(1));
  expect((await held.stat()).nlink).toBe(0);
  expect((await held.readFile()).every((byte) => byte === 0)).toBe(true);
  expect(camera.caution?.()).toMatch(/on a disk.*tmpfs .*upload tmpfs/);
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)(
  "in memory and closed to others there is nothing to caution; where nothing can be erased nothing is used",
  async () => {
    await using outer = await tempDir();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", outer.path]);
    try {
      await using site = await openFolderSite({ path: outer.path });
      const camera = site.open();
      await writeFile(join(outer.path, "a.jpg"), picture(1));
      using frame = await camera.grab(never);
      expect(frame.size).toBe(picture(1).length);
      expect(camera.caution?.()).toBeNull();
      execFileSync("chmod", ["0755", outer.path]);
      await expect.poll(() => camera.caution?.(), { timeout: 20_000 }).toContain("chmod o-rwx");
      await writeFile(join(outer.path, ".b"), picture(2));
      await camera[Symbol.asyncDispose]();
      await rename(join(outer.path, ".b"), join(outer.path, "b.jpg"));
      execFileSync("mount", ["-o", "remount,ro", outer.path]);
      const again = site.open();
      await expect(again.grab(never)).rejects.toThrow("cannot be erased");
      await site.counted("dropped.not-erased", 1);
      expect(again.caution?.()).toContain("raw pictures stay there");
      expect(site.board.get("camera.picture.taken")).toBe(1);
      await again[Symbol.asyncDispose]();
    } finally {
      execFileSync("umount", ["-l", outer.path]);
    }
  },
);

test("in a folder that holds the gateway's data, or is behind a link to it, nothing is erased, and it is told why", async () => {
  await using directory = await tempDir();
  const path = join(directory.path, "home");
  await mkdir(join(path, "data"), { recursive: true });
  await writeFile(join(path, "wedding.jpg"), picture(1));
  await writeFile(join(path, ".profile"), "");
  await using site = await openFolderSite({ path, closed: [join(path, "data")], bounds: { folderUnfinishedMs: 0 } });
  const camera = site.open();
  await expect(camera.grab(never)).rejects.toMatchObject({
    code: "CAMERA_UNREACHABLE",
    message: "camera cam: its folder holds the gateway's own data, where nothing is erased",
  });
  expect((await readdir(path)).toSorted()).toEqual([".profile", "data", "wedding.jpg"]);
});
