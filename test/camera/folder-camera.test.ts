// Shown: what a camera puts into its folder is read once it is whole, and erased; the newest is handed on, the others are
// erased and counted; nothing outside the folder is touched, and what cannot be erased is not used (I1).
import { execFileSync } from "node:child_process";
import { link, lstat, mkdir, open, readdir, readFile, rename, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFolderCamera } from "../../src/camera/folder-camera.ts";
import { PictureInbox } from "../../src/camera/picture-inbox.ts";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { type Log, silentLog } from "../../src/core/log.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const never = new AbortController().signal;
const JPEG_END = Buffer.from([0xff, 0xd9]);
/** Begins and ends as a JPEG; `value` tells one from another. */
const picture = (value: number, bytes = 2000): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(bytes, value), JPEG_END]);

type Bounds = NonNullable<Parameters<typeof openFolderCamera>[0]["bounds"]>;

async function openSite({
  bounds = {},
  path: given,
  log = silentLog,
}: {
  bounds?: Bounds;
  path?: string;
  log?: Log;
} = {}) {
  const directory = await tempDir();
  const path = given ?? join(directory.path, "upload");
  if (given === undefined) await mkdir(path, { mode: 0o700 });
  const board = new Board();
  const inbox = new PictureInbox({ clock: systemClock, board, freshMs: 60_000 });
  const quick = { folderSettleMs: 5, folderScanMs: 30, folderQuietMs: 60_000, folderEmptyMs: 60_000, ...bounds };
  const opened: AsyncDisposable[] = [];
  return {
    outside: directory.path,
    path,
    board,
    dropped: (why: string) => board.get(`camera.picture.dropped.${why}`),
    counted: (name: string, n: number) =>
      expect.poll(() => board.get(`camera.picture.${name}`), { timeout: 20_000 }).toBe(n),
    open() {
      const camera = openFolderCamera({
        id: "cam",
        path,
        inbox,
        log,
        clock: systemClock,
        grabMs: 20_000,
        bounds: quick,
      });
      opened.push(camera);
      return camera;
    },
    async [Symbol.asyncDispose]() {
      for (const camera of opened) await camera[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test("a picture is taken and erased, whatever its name and however deep it lies", async () => {
  await using site = await openSite();
  const camera = site.open();
  const names = ["a.jpg", "B.JPEG", "no-extension", "line\nbreak.jpg", "sp ace ü.jpg", "2026/11/21/x.jpg"].map((name) =>
    Buffer.from(name),
  );
  for (const [value, name] of [...names, Buffer.from([0xe9, 0x2e, 0x6a, 0x70, 0x67])].entries()) {
    await mkdir(join(site.path, "2026/11/21"), { recursive: true });
    await writeFile(Buffer.concat([Buffer.from(`${site.path}/`), name]), picture(value));
    using frame = await camera.grab(never);
    expect(bytesOfFrame(frame)).toEqual(picture(value));
  }
  const left = await readdir(site.path, { recursive: true, withFileTypes: true });
  expect(left.filter((each) => !each.isDirectory())).toEqual([]);
});

test("a file is waited for until it is whole, under whatever name it is uploaded", async () => {
  await using site = await openSite();
  const camera = site.open();
  const whole = picture(1, 5000);
  await using file = await open(join(site.path, "slow.jpg"), "w");
  for (let at = 0; at < whole.length - 1; at += 1000) {
    await file.write(whole.subarray(at, Math.min(at + 1000, whole.length - 1)));
    await using _other = await upload(site.path, at);
    // A look that finds another picture has seen this one too.
    using frame = await camera.grab(never);
    expect(frame.size).toBeLessThan(5000);
  }
  await file.write(whole.subarray(-1));
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame)).toEqual(whole);
});

/** Written beside and renamed, as servers do. */
async function upload(path: string, value: number): Promise<AsyncDisposable> {
  await writeFile(join(path, `.${value}.part`), picture(value & 255, 100));
  await rename(join(path, `.${value}.part`), join(path, `${value}.jpg`));
  return { [Symbol.asyncDispose]: async () => undefined };
}

test("of a thousand at once the newest is used; the others are erased and counted", async () => {
  await using site = await openSite();
  for (let n = 0; n < 999; n += 1) await writeFile(join(site.path, `${n}.jpg`), picture(1, 100));
  const { ctimeMs } = await lstat(join(site.path, "998.jpg"));
  // The kernel's clock for files ticks every few milliseconds.
  do await writeFile(join(site.path, "newest.jpg"), picture(2, 100));
  while ((await lstat(join(site.path, "newest.jpg"))).ctimeMs <= ctimeMs);
  const camera = site.open();
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame)[10]).toBe(2);
  await site.counted("dropped.replaced", 999);
  expect(await readdir(site.path)).toEqual([]);
});

test("what lay there while nobody looked is erased and never sent as news", async () => {
  await using site = await openSite();
  // ctime cannot be set: the kernel's clock must say that it is old.
  await writeFile(join(site.path, "old.jpg"), picture(1));
  const later: typeof systemClock = {
    nowMs: () => systemClock.nowMs() + 2 * LIMITS.cameraFrameFreshMs,
    monotonicMs: () => systemClock.monotonicMs(),
    isSynced: () => true,
  };
  const board = new Board();
  const inbox = new PictureInbox({ clock: later, board });
  await using camera = openFolderCamera({
    id: "cam",
    path: site.path,
    inbox,
    log: silentLog,
    clock: later,
    grabMs: 60_000,
  });
  await expect.poll(() => board.get("camera.picture.dropped.left-over"), { timeout: 20_000 }).toBe(1);
  expect(await readdir(site.path)).toEqual([]);
  expect(board.get("camera.picture.taken")).toBe(0);
  // What comes now is news, whatever the server's clock says.
  await writeFile(join(site.path, "new.jpg"), picture(2));
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame)[10]).toBe(2);
});

test("films, huge and forgotten uploads are erased; other files stay, and are told once without their names", async () => {
  const lines: string[] = [];
  const log: Log = { ...silentLog, warn: (...said: unknown[]) => void lines.push(JSON.stringify(said)) };
  await using site = await openSite({ bounds: { folderQuietMs: 50, folderUnfinishedMs: 50 }, log });
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
  await using site = await openSite({ bounds: { folderQuietMs: 50 } });
  const away = join(site.outside, "away");
  await mkdir(away);
  await writeFile(join(away, "private.jpg"), picture(1));
  await writeFile(join(away, "shared.jpg"), picture(2));
  await symlink(join(away, "private.jpg"), join(site.path, "link.jpg"));
  await symlink(away, join(site.path, "folder"));
  await link(join(away, "shared.jpg"), join(site.path, "hard.jpg"));
  execFileSync("mkfifo", [join(site.path, "pipe.jpg")]);
  const camera = site.open();
  await writeFile(join(site.path, "own.jpg"), picture(3));
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame)[10]).toBe(3);
  expect(await readFile(join(away, "private.jpg"))).toEqual(picture(1));
  expect(await readFile(join(away, "shared.jpg"))).toEqual(picture(2));
  expect((await readdir(site.path)).toSorted()).toEqual(["folder", "hard.jpg", "link.jpg", "pipe.jpg"]);
});

test("on a disk a picture is overwritten with zeros before it is unlinked", async () => {
  await using site = await openSite();
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

test("an emptied sub-folder is removed after a while, the folder itself is not", async () => {
  await using site = await openSite({ bounds: { folderEmptyMs: 50 } });
  await mkdir(join(site.path, "2026/11/21"), { recursive: true });
  site.open();
  await expect.poll(() => readdir(site.path), { timeout: 20_000 }).toEqual([]);
  expect((await lstat(site.path)).isDirectory()).toBe(true);
});

test("a folder that is missing is named with its remedy, and used once it is there", async () => {
  await using site = await openSite();
  const path = join(site.outside, "later");
  const board = new Board();
  const inbox = new PictureInbox({ clock: systemClock, board });
  await using camera = openFolderCamera({
    id: "cam",
    path,
    inbox,
    log: silentLog,
    clock: systemClock,
    grabMs: 20_000,
    bounds: { folderScanMs: 30 },
  });
  await expect(camera.grab(never)).rejects.toMatchObject({
    code: "CAMERA_UNREACHABLE",
    hint: expect.stringContaining("mount"),
  });
  expect(camera.caution?.()).toContain("ENOENT");
  await mkdir(path);
  await expect.poll(() => camera.caution?.() ?? "", { timeout: 20_000 }).not.toContain("ENOENT");
  await writeFile(join(path, "a.jpg"), picture(1));
  using frame = await camera.grab(never);
  expect(frame.size).toBe(picture(1).length);
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)(
  "in memory and closed to others there is nothing to caution; where nothing can be erased nothing is used",
  async () => {
    await using outer = await tempDir();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", outer.path]);
    try {
      await using site = await openSite({ path: outer.path });
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
