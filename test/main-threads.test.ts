// Shown: disks that hang, as folders of cameras on a server that is gone do, leave threads for everything else.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CAMERA_LIMITS } from "../src/camera/camera-limits.ts";

test("the program has a thread for each of so many disks that hang, and not the four of Node", () => {
  // The program itself, and then as many asks for the disk as wake all its threads.
  const script = `
    process.argv.splice(1, process.argv.length, "main.ts", "--version");
    await import(${JSON.stringify(join(import.meta.dirname, "../src/main.ts"))});
    const { readFile } = await import("node:fs/promises");
    const { readdirSync, readFileSync } = await import("node:fs");
    await readFile("/proc/self/stat");
    const names = readdirSync("/proc/self/task").map((id) => readFileSync("/proc/self/task/" + id + "/comm", "utf8"));
    console.log(names.filter((name) => name.startsWith("libuv-worker")).length);`;
  const { UV_THREADPOOL_SIZE: _, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { env, encoding: "utf8" });
  expect(stdout.trim().split("\n").at(-1)).toBe(String(CAMERA_LIMITS.diskThreads));
});
