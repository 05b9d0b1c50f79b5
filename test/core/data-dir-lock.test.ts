// Shown here: one program at a time on a data directory; the lock dies with its process, however that ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockDataDir } from "../../src/core/data-dir-lock.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const MODULE = join(import.meta.dirname, "../../src/core/data-dir-lock.ts");

/** A process that holds the lock until it is killed. */
async function holder(dataDir: string) {
  const script = `const { lockDataDir } = await import(${JSON.stringify(MODULE)});
    globalThis.lock = await lockDataDir(${JSON.stringify(dataDir)}); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

test("a second one is refused at once with the first one's process id", async () => {
  await using folder = await tempDir();
  await using _held = await lockDataDir(folder.path);
  const startedMs = performance.now();
  await expect(lockDataDir(folder.path)).rejects.toMatchObject({
    code: "DATA_DIR_LOCKED",
    message: expect.stringContaining(`process ${process.pid}`),
  });
  expect(performance.now() - startedMs).toBeLessThan(1000);
});

test("a lock that is given back can be taken again, and may be given back twice", async () => {
  await using folder = await tempDir();
  const lock = await lockDataDir(folder.path);
  await lock[Symbol.asyncDispose]();
  await lock[Symbol.asyncDispose]();
  await using _again = await lockDataDir(folder.path);
});

test("another process is kept out, and after its kill -9 the directory is free", async () => {
  await using folder = await tempDir();
  const child = await holder(folder.path);
  await expect(lockDataDir(folder.path)).rejects.toMatchObject({
    code: "DATA_DIR_LOCKED",
    message: expect.stringContaining(`process ${child.pid}`),
  });
  child.kill("SIGKILL");
  await once(child, "exit");
  await using _free = await lockDataDir(folder.path);
});

test("a directory that is not there or cannot be written is named", async () => {
  await using folder = await tempDir();
  await expect(lockDataDir(join(folder.path, "nowhere"))).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
});

test("a damaged lock file locks again, and the lock of who held it holds", async () => {
  await using directory = await tempDir();
  const path = join(directory.path, "lock.db");
  await writeFile(path, "no database at all ".repeat(500));
  {
    await using _lock = await lockDataDir(directory.path);
    await expect(lockDataDir(directory.path)).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
    const file = await open(path, "r+");
    await file.write(Buffer.alloc(100, 0x55), 0, 100, 0);
    await file.close();
    await expect(lockDataDir(directory.path)).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
  }
  await using _again = await lockDataDir(directory.path);
});
