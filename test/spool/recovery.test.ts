// Shown, one by one, what test/spool/damage.test.ts shows at random: damage that is met at work, a log that is gone or broken, a
// start that is cut off in the middle, and what becomes of the damaged file.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { readMark } from "../../src/spool/high-water.ts";
import { copy, drain } from "../helpers/damaged-spool.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "../helpers/test-spool.ts";
import { textLog } from "../helpers/text-log.ts";

const none: ReadonlyMap<string, Buffer> = new Map();
const fileIn = (dataDir: string, name = "spool.db") => join(dataDir, name);

async function append(spool: Awaited<ReturnType<typeof openTestSpool>>, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, lux) => spool.append({ make: [{ event: luxEvent(lux) }] })));
}

/** A directory as a power cut leaves it: so many entries in the file, and so many in the log, each batch a commit. */
async function crashed(path: string, { inFile, inLog }: { inFile: number; inLog: number }): Promise<string> {
  const [open, cut] = [join(path, "open"), join(path, "cut")];
  await rm(open, { recursive: true, force: true });
  await mkdir(open, { recursive: true });
  await using spool = await openTestSpool(open);
  await append(spool, inFile);
  {
    using other = new DatabaseSync(fileIn(open));
    other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  for (let n = 0; n < inLog; n++) await append(spool, 1);
  await copy(open, cut);
  return cut;
}

async function zeroPages(path: string, from: number, to: number): Promise<void> {
  const bytes = await readFile(path);
  await writeFile(path, bytes.fill(0, from, to));
}

test("a sound spool is left as it is, after a stop and after a power cut", async () => {
  await using directory = await tempDir();
  const dataDir = await crashed(directory.path, { inFile: 10, inLog: 5 });
  const { log, lines } = textLog();
  const inode = async () => (await stat(fileIn(dataDir))).ino;
  const before = await inode();
  for (let start = 0; start < 2; start++) {
    await using spool = await openTestSpool(dataDir, { log });
    expect(waitingFor(spool, Date.now())).toHaveLength(15);
    expect(spool.counters()).toEqual({ "entry.made.main": 15, "spool.taken-bytes": expect.any(Number) });
  }
  expect(await inode()).toBe(before);
  expect(lines).toEqual([]);
});

test("a log that is gone: its entries are named in a tombstone, and no sequence is used twice", async () => {
  await using directory = await tempDir();
  const dataDir = await crashed(directory.path, { inFile: 10, inLog: 5 });
  await rm(fileIn(dataDir, "spool.db-wal"));
  await using spool = await openTestSpool(dataDir);
  expect(spool.newestSequence()).toBe(15);
  await append(spool, 1);
  const { delivered, named } = await drain(spool, "main", none);
  expect(delivered.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16]);
  expect([...named]).toEqual([11, 12, 13, 14, 15]);
  expect(spool.counters()).toMatchObject({
    "spool.lost": 5,
    "entry.erased.main": 5,
    "entry.made.main": 17,
    "entry.forwarded.main": 12,
  });
});

test("a log that is broken in the middle: what lies behind the break is found all the same", async () => {
  await using directory = await tempDir();
  const dataDir = await crashed(directory.path, { inFile: 5, inLog: 40 });
  const log = await readFile(fileIn(dataDir, "spool.db-wal"));
  log.writeUInt8(log.readUInt8(log.length >> 1) ^ 4, log.length >> 1);
  await writeFile(fileIn(dataDir, "spool.db-wal"), log);
  await using spool = await openTestSpool(dataDir);
  const { delivered, named } = await drain(spool, "main", none);
  expect(delivered.length + named.size).toBe(45);
  expect(named.size).toBeLessThanOrEqual(1);
  expect(spool.counters()["spool.saved"]).toBeGreaterThan(10);
});

test("a page that only leads to others costs nothing, that of the table of tables included", async () => {
  await using directory = await tempDir();
  {
    await using spool = await openTestSpool(directory.path);
    await append(spool, 300);
  }
  const [entries] = query(directory.path, "SELECT rootpage FROM sqlite_schema WHERE name='entries'");
  for (const root of [Number(entries?.["rootpage"]), 1]) {
    await zeroPages(fileIn(directory.path), (root - 1) * 2048, root * 2048);
    await using spool = await openTestSpool(directory.path);
    expect(waitingFor(spool, Date.now())).toHaveLength(300);
    expect(spool.counters()).toEqual({ "entry.made.main": 300, "spool.taken-bytes": expect.any(Number) });
  }
});

test("an hour that damage has put off is brought back: nothing outlives the longest retention", async () => {
  await using directory = await tempDir();
  {
    await using spool = await openTestSpool(directory.path);
    await append(spool, 3);
  }
  {
    using database = new DatabaseSync(fileIn(directory.path));
    database.exec("UPDATE entries SET expires_at = expires_at + (1 << 40) WHERE sequence = 2");
  }
  await using spool = await openTestSpool(directory.path);
  expect(waitingFor(spool, Date.now())).toHaveLength(3);
  const [longest] = query(directory.path, "SELECT max(expires_at - made_at) AS ms FROM entries");
  expect(longest?.["ms"]).toBeLessThanOrEqual(30 * 24 * 3_600_000);
  expect(spool.counters()).toEqual({ "entry.made.main": 3, "spool.taken-bytes": expect.any(Number) });
});

test("damage that is met at work ends the spool, and the next start saves what can be read", async () => {
  await using directory = await tempDir();
  {
    await using spool = await openTestSpool(directory.path);
    await append(spool, 2000);
  }
  const { size } = await stat(fileIn(directory.path));
  const { log, lines } = textLog();
  {
    await using spool = await openTestSpool(directory.path);
    // After the look at the start, and behind what its cache may hold.
    await zeroPages(fileIn(directory.path), size >> 1, (size >> 1) + 4096);
    expect(() => waitingFor(spool, Date.now())).toThrow(expect.objectContaining({ code: "SPOOL_DAMAGED" }));
    expect(spool.condition()).toBe("failed");
    await expect(spool.append({ make: [{ event: luxEvent(1) }] })).rejects.toMatchObject({ code: "SPOOL_DAMAGED" });
    await expect(spool.settled()).rejects.toMatchObject({ code: "SPOOL_DAMAGED" });
    expect(existsSync(fileIn(directory.path, "spool.damage-met"))).toBe(true);
  }
  await using spool = await openTestSpool(directory.path, { log });
  expect(lines.join("")).toContain("damage was met in it");
  expect(existsSync(fileIn(directory.path, "spool.damage-met"))).toBe(false);
  const { delivered, named } = await drain(spool, "main", none);
  expect(delivered.length + named.size).toBe(2000);
  expect(named.size).toBeGreaterThan(0);
  expect(named.size).toBeLessThan(12);
});

test("a start that is cut off between putting the old file aside and the new one in place goes on there", async () => {
  await using directory = await tempDir();
  const dataDir = await crashed(directory.path, { inFile: 20, inLog: 3 });
  // As after the first rename: the saved one is whole, the old one's log still has its name.
  await copyFile(fileIn(directory.path, "open/spool.db"), fileIn(dataDir, "spool.db.saved"));
  await rm(fileIn(dataDir));
  await using spool = await openTestSpool(dataDir);
  expect(waitingFor(spool, Date.now())).toHaveLength(23);
  expect((await readdir(dataDir)).filter((name) => name.startsWith("spool.db")).toSorted()).toEqual([
    "spool.db",
    "spool.db-shm",
    "spool.db-wal",
    "spool.db.damaged-1-wal",
  ]);
});

test("a start that is cut off before that begins anew", async () => {
  await using directory = await tempDir();
  const dataDir = await crashed(directory.path, { inFile: 20, inLog: 3 });
  await writeFile(fileIn(dataDir, "spool.db.saved"), "half of it");
  await writeFile(fileIn(dataDir, "spool.db.new"), "half of it");
  await writeFile(fileIn(dataDir, "spool.damage-met"), "");
  await using spool = await openTestSpool(dataDir);
  expect(waitingFor(spool, Date.now())).toHaveLength(23);
  expect((await readdir(dataDir)).filter((name) => /new|saved|met/.test(name))).toEqual([]);
});

test("a flipped bit in the file's version is damage, and no newer program's data", async () => {
  await using directory = await tempDir();
  const dataDir = await crashed(directory.path, { inFile: 5, inLog: 0 });
  const bytes = await readFile(fileIn(dataDir));
  bytes.writeUInt32BE(bytes.readUInt32BE(60) ^ 1, 60);
  await writeFile(fileIn(dataDir), bytes);
  await using spool = await openTestSpool(dataDir);
  expect(waitingFor(spool, Date.now())).toHaveLength(5);
});

test("damaged files lie aside three at most, and until their hour", async () => {
  await using directory = await tempDir();
  const time = fakeTime(Date.now());
  for (let round = 0; round < 5; round++) {
    await using spool = await openTestSpool(directory.path, { clock: time.clock });
    await append(spool, 1);
    await writeFile(fileIn(directory.path, "spool.damage-met"), "");
  }
  const aside = async () => (await readdir(directory.path)).filter((name) => name.includes("damaged-")).toSorted();
  expect(await aside()).toEqual(["spool.db.damaged-2", "spool.db.damaged-3", "spool.db.damaged-4"]);
  await rm(fileIn(directory.path, "spool.damage-met"));
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  time.pass(71 * 3_600_000);
  await spool.sweepDeadLetters(time.clock.nowMs());
  expect(await aside()).toHaveLength(3);
  time.pass(2 * 3_600_000);
  await spool.sweepDeadLetters(time.clock.nowMs());
  expect(await aside()).toEqual([]);
});

test("a damaged file is removed at the first hour of what it holds", async () => {
  await using directory = await tempDir();
  const time = fakeTime(Date.now());
  const by = testDisclosure({ clock: time.clock });
  {
    await using spool = await openTestSpool(directory.path, { clock: time.clock });
    await spool.append({ make: [{ event: luxEvent(1, by) }] });
    time.pass((720 - 3) * 3_600_000);
    await spool.append({ make: [{ event: luxEvent(2, by) }] });
  }
  await writeFile(fileIn(directory.path, "spool.damage-met"), "");
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  const isThere = () => existsSync(fileIn(directory.path, "spool.db.damaged-1"));
  for (const isKept of [true, false]) {
    time.pass(2 * 3_600_000);
    await spool.sweepDeadLetters(time.clock.nowMs());
    expect(isThere()).toBe(isKept);
  }
});

test("the mark is never ahead of the file, and one torn record leaves the other", async () => {
  await using directory = await tempDir();
  const file = fileIn(directory.path, "spool.mark");
  {
    await using spool = await openTestSpool(directory.path);
    for (let n = 1; n <= 6; n++) {
      await append(spool, 1);
      expect(readMark(directory.path)).toMatchObject({ next: n + 1, oldest: 1 });
    }
    await spool.settle({ sinkId: "main", accepted: waitingFor(spool, Date.now()).slice(0, 4), rejected: [] });
    expect(readMark(directory.path)).toMatchObject({ next: 7, oldest: 5 });
  }
  const whole = await readFile(file);
  for (const slot of [0, 4096]) {
    const torn = Buffer.from(whole).fill(0x55, slot + 20, slot + 64);
    await writeFile(file, torn);
    expect(readMark(directory.path)?.next).toBe(7);
  }
  await writeFile(file, Buffer.from(whole).fill(0));
  expect(readMark(directory.path)).toBeNull();
  await utimes(file, 1, 1);
  await using spool = await openTestSpool(directory.path);
  expect(spool.newestSequence()).toBe(6);
  expect(query(directory.path, "SELECT count(*) AS n FROM entries")).toEqual([{ n: 2 }]);
});
