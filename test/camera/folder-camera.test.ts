// Shown: what a camera puts into its folder is read once it is whole, whatever its name; the newest is handed on, the others are
// erased and counted; what lay there before is no news.
import { lstat, mkdir, open, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFolderCamera } from "../../src/camera/folder-camera.ts";
import { PictureInbox } from "../../src/camera/picture-inbox.ts";
import { bytesOfFrame } from "../../src/camera/raw-frame.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { silentLog } from "../../src/core/log.ts";
import { openFolderSite, picture } from "../helpers/folder-site.ts";

const never = new AbortController().signal;

test("a picture is taken and erased, whatever its name and however deep it lies", async () => {
  await using site = await openFolderSite();
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
  await using site = await openFolderSite();
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
  await using site = await openFolderSite();
  for (let n = 0; n < 999; n += 1) await writeFile(join(site.path, `${n}.jpg`), picture(1, 100));
  const { ctimeMs } = await lstat(join(site.path, "998.jpg"));
  // The kernel's clock for files ticks every few milliseconds.
  do await writeFile(join(site.path, "newest.jpg"), picture(2, 100));
  while ((await lstat(join(site.path, "newest.jpg"))).ctimeMs <= ctimeMs);
  const camera = site.open();
  using frame = await camera.grab(never);
  expect(bytesOfFrame(frame)[10]).toBe(2);
  await site.counted("dropped.replaced", 999, 60_000);
  expect(await readdir(site.path)).toEqual([]);
}, 90_000);

test("what lay there while nobody looked is erased and never sent as news", async () => {
  await using site = await openFolderSite();
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

test("an emptied sub-folder is removed after a while, the folder itself is not", async () => {
  await using site = await openFolderSite({ bounds: { folderEmptyMs: 50 } });
  await mkdir(join(site.path, "2026/11/21"), { recursive: true });
  site.open();
  await expect.poll(() => readdir(site.path), { timeout: 20_000 }).toEqual([]);
  expect((await lstat(site.path)).isDirectory()).toBe(true);
});

test("a folder that is missing is named with its remedy, and used once it is there", async () => {
  await using site = await openFolderSite();
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
