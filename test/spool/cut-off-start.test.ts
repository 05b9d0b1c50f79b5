// Shown: a start that saves a damaged buffer and is itself cut off, wherever that is, loses nothing that was saved and leaves
// nothing behind. Beside test/spool/recovery.test.ts, which shows what is saved.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "../../src/core/log.ts";
import { setAside } from "../../src/spool/damage-files.ts";
import { saveWhatIsDamaged } from "../../src/spool/recovery.ts";
import { copy, SINKS, writtenSpool } from "../helpers/damaged-spool.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";

async function asAfterAPowerCut(path: string) {
  await using spool = await writtenSpool();
  const dataDir = join(path, "data");
  await copy(spool.path("crashed"), dataDir);
  await copyFile(join(spool.path("clean"), "spool.db"), join(path, "whole.db"));
  return { dataDir, waits: spool.written.unsettled.main.size };
}

/** A directory in which there can be a spool.db.damaged-1 and no spool.db.damaged-1-wal: paths are 4095 bytes long at most. */
async function tooDeepForALog(path: string): Promise<string> {
  let deep = path;
  const left = () => 4095 - "/spool.db.damaged-1".length - deep.length;
  while (left() > 400) deep = join(deep, "d".repeat(199));
  deep = join(deep, "d".repeat(left() - 201));
  await mkdir(deep, { recursive: true });
  return join(deep, "d".repeat(left() - 1));
}

test("cut off between putting the damaged file and its log aside, it goes on with what was saved", async () => {
  await using directory = await tempDir();
  const { dataDir, waits } = await asAfterAPowerCut(directory.path);
  await copyFile(join(directory.path, "whole.db"), join(dataDir, "spool.db.saved"));
  const deep = await tooDeepForALog(directory.path);
  await rename(dataDir, deep);
  await expect(setAside(join(deep, "spool.db"), { nowMs: Date.now(), untilMs: 0 })).rejects.toThrow("ENAMETOOLONG");
  expect(existsSync(join(deep, "spool.db"))).toBe(false); // it goes first: without it nobody takes it for whole
  await rename(deep, dataDir);
  await using spool = await openTestSpool(dataDir, { sinkIds: [...SINKS] });
  expect(waitingFor(spool, Date.now(), "main")).toHaveLength(waits);
  expect(spool.counters()["spool.lost"]).toBeUndefined();
});

test("cut off after the look at a broken log, which cuts it off, what was found behind the break is there all the same", async () => {
  await using directory = await tempDir();
  const { dataDir } = await asAfterAPowerCut(directory.path);
  const log = await readFile(join(dataDir, "spool.db-wal"));
  log.fill(0x55, log.length >> 1, (log.length >> 1) + 200);
  await writeFile(join(dataDir, "spool.db-wal"), log);
  // As the start does; what comes after it never happens.
  const { found } = await saveWhatIsDamaged({ dataDir, pageBytes: 2048, nowMs: Date.now(), log: silentLog });
  expect(found.length).toBeGreaterThan(10);
  {
    await using spool = await openTestSpool(dataDir, { sinkIds: [...SINKS] });
    expect(waitingFor(spool, Date.now(), "main")).toHaveLength(400); // also what was settled behind the break
    expect(spool.counters()["spool.lost"]).toBeUndefined();
    await spool.settle({ sinkId: "main", accepted: waitingFor(spool, Date.now()), rejected: [] });
  }
  expect(existsSync(join(dataDir, "spool.found"))).toBe(false);
  await using spool = await openTestSpool(dataDir, { sinkIds: [...SINKS] });
  expect(waitingFor(spool, Date.now(), "main"), "and not put back again").toEqual([]);
});

test("what a repair that was cut off left half written is gone after the next start, though nothing is damaged", async () => {
  await using directory = await tempDir();
  const { dataDir, waits } = await asAfterAPowerCut(directory.path);
  await writeFile(join(dataDir, "spool.db.new"), "half of it");
  await writeFile(join(dataDir, "spool.db.foreign-wal"), "of another spool.db");
  await using spool = await openTestSpool(dataDir, { sinkIds: [...SINKS] });
  expect(waitingFor(spool, Date.now(), "main")).toHaveLength(waits);
  const left = (await readdir(dataDir)).filter((name) => /new|foreign|damaged/.test(name));
  expect(left).toEqual(["spool.db.damaged-1-wal"]); // which has its hour
});
