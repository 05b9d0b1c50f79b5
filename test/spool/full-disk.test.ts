// Shown: on a disk that is full, whoever filled it, room is made all the same: the ballast is let go, the oldest make room for
// the newest, the file does not grow; what a sink takes leaves, too; and when the disk has room again the ballast is back.
import { spawnSync } from "node:child_process";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { HouseFact } from "../../src/core/house-fact.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { makeRoom } from "../../src/eviction.ts";
import { discloseFact } from "../../src/privacy/disclose.ts";
import type { Batch } from "../../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";

const MEBIBYTE = 2 ** 20;

/** A disk of so many MiB in memory, or null where this user may not mount: said aloud. */
async function openSmallDisk(mebibytes: number): Promise<(AsyncDisposable & { readonly path: string }) | null> {
  const directory = await tempDir();
  const path = join(directory.path, "disk");
  await mkdir(path);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path]).status !== 0) {
    console.warn("SKIPPED: this user may not mount a disk of its own: what is done on a full one is not tested");
    await directory[Symbol.asyncDispose]();
    return null;
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      spawnSync("umount", ["-l", path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

test("on a full disk the oldest make room, without growing, until there is room again", async ({ skip }) => {
  await using disk = await openSmallDisk(16);
  if (disk === null) return skip();
  const by = testDisclosure();
  await using spool = await openTestSpool(disk.path, { bytesMax: 2 ** 31 });
  const tell = (fact: HouseFact, discard?: Batch["discard"]) =>
    spool.append({ make: [{ event: discloseFact(fact, by) }], ...(discard !== undefined && { discard }) });
  const look = () => makeRoom({ evictFirst: ["light.level"], spool, tell, clock: systemClock, log: silentLog });
  const size = async (name: string) => (await stat(join(disk.path, name))).size;
  await look();
  expect(await size("spool.ballast")).toBe(2 * MEBIBYTE);
  const append = (n: number) =>
    Array.from({ length: n }, (_, lux) => spool.append({ make: [{ event: luxEvent(lux, by) }] }));
  await Promise.all(append(2000));
  // Somebody fills the disk.
  const other = join(disk.path, "other");
  await expect(writeFile(other, Buffer.alloc(16 * MEBIBYTE))).rejects.toMatchObject({ code: "ENOSPC" });
  let done = 0;
  const later = append(3000).map((each) => each.then(() => done++));
  await expect.poll(() => spool.condition()).toBe("full");
  await look();
  await expect(size("spool.ballast")).rejects.toMatchObject({ code: "ENOENT" });
  const frozen = await size("spool.db");
  await expect
    .poll(
      async () => {
        await look();
        return done;
      },
      { timeout: 15_000 },
    )
    .toBe(3000);
  await Promise.all(later);
  expect(await size("spool.db"), "it does not grow").toBe(frozen);
  const evicted = spool.counters()["entry.evicted.main"] ?? 0;
  expect(evicted).toBeGreaterThan(1000);
  const waiting = waitingFor(spool, Date.now());
  expect(JSON.parse(waiting.findLast(({ type }) => type === "hedgerow.light.level.v1")?.body ?? "{}").data.lux).toBe(
    2999,
  );
  await spool.settle({ sinkId: "main", accepted: waiting, rejected: [] });
  await rm(other);
  await look();
  expect(await size("spool.ballast"), "there is room again").toBe(2 * MEBIBYTE);
  await Promise.all(append(5000));
  expect(spool.condition()).toBe("ok");
}, 30_000);
