// Shown: a picture that a camera puts into its folder becomes a redacted snapshot; the system calls of the gateway and of its
// redactor show that it was read there and erased there, and that no other file was made of it (I1, promise 2).
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { callGateway } from "../../src/web/local-socket.ts";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { leaksIn, leaksInDirectory, makeWatermarkedJpeg } from "../helpers/watermark.ts";

const canTrace = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status === 0;
if (!canTrace)
  console.warn("SKIPPED: strace is missing or may not trace: where a folder's picture is written is not tested");

const CALLS = "openat,open,creat,rename,renameat,renameat2,link,linkat,symlink,copy_file_range,splice";

test.runIf(canTrace)("a picture in the folder becomes a redacted snapshot, and is written nowhere", async () => {
  await using outside = await tempDir();
  const folder = join(outside.path, "upload");
  const trace = join(outside.path, "trace");
  await mkdir(join(folder, "2026-11-21"), { recursive: true, mode: 0o700 });
  const { jpeg, needles } = await makeWatermarkedJpeg();
  await using house = await openHouseWithPlatform({
    kit: { cameras: [{ id: "cam", zone: "gate", source: { kind: "folder", path: folder }, cooldownS: 0 }] },
    policy: { cameras: { cam: { purpose: { en: "test" }, until: "2099-01-01", snapshotsPerDay: 1000 } } },
  });
  const gateway = await house.start();
  await expect
    .poll(async () => (await callGateway(house.dataDir, "status", {}))?.cameras[0]?.caution, { timeout: 30_000 })
    .toContain("on a disk");
  await using strace = await traceTo(trace, gateway.child.pid ?? 0);
  await writeFile(join(folder, "2026-11-21", "gate.jpg"), jpeg);
  await expect.poll(() => house.counter("snapshot.made.redacted"), { timeout: 90_000 }).toBe(1);
  await house.drained();
  expect(await readdir(join(folder, "2026-11-21"))).toEqual([]);
  const [sent] = house.platform.store.pictures();
  if (sent === undefined) throw new Error("no picture at the platform");
  for (const bytes of [sent.jpeg, await sharp(sent.jpeg).raw().toBuffer(), Buffer.from(gateway.log.join("\n"))])
    expect(leaksIn(bytes, needles)).toEqual([]);
  expect(leaksIn(jpeg, needles), "the search finds what it should").not.toEqual([]);
  for (const place of [house.directory, folder, "/dev/shm"])
    expect(await leaksInDirectory(place, needles), place).toEqual([]);
  await strace[Symbol.asyncDispose]();

  const calls = (await readFile(trace, "utf8")).split("\n").filter((line) => !/ = -1 E/.test(line));
  const isOwn = (line: string) =>
    line.includes(`${house.dataDir}/`) || line.includes("</dev/") || line.includes('"/dev/');
  const written = calls.filter((line) => /O_WRONLY|O_RDWR|O_CREAT|creat\(/.test(line) && !isOwn(line));
  // The picture itself is opened for writing, to be overwritten.
  expect(written.filter((line) => !line.includes(`${folder}/2026-11-21/gate.jpg`))).toEqual([]);
  expect(written.length).toBeGreaterThan(0);
  expect(
    calls.filter((line) => /(rename\w*|link\w*|symlink|copy_file_range|splice)\(/.test(line) && !isOwn(line)),
  ).toEqual([]);
});

/** Follows the gateway and its redactor until it is disposed. */
async function traceTo(file: string, pid: number): Promise<AsyncDisposable> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const children = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, "utf8")));
  const pids = [pid, ...children.join(" ").split(" ").filter(Boolean).map(Number)];
  expect(pids.length, "the redactor is there").toBeGreaterThan(1);
  const strace = spawn("strace", [
    "-f",
    "-y",
    "-o",
    file,
    "-e",
    `trace=${CALLS}`,
    ...pids.flatMap((each) => ["-p", String(each)]),
  ]);
  let said = "";
  await new Promise<void>((resolve) => {
    strace.stderr.on("data", (bytes: Buffer) => {
      said += bytes.toString();
      if (pids.every((each) => said.includes(`Process ${each} attached`))) resolve();
    });
  });
  const ended = once(strace, "exit");
  return {
    async [Symbol.asyncDispose]() {
      strace.kill();
      await ended;
    },
  };
}
