// Shown: what each refusal of the disk does to acknowledgements. No room: they are held back, and it recovers by itself. Anything
// else: nothing is tried again, everything that waits is rejected, and the reason is told to whoever must end the gateway.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { openDatabase } from "../../src/core/database.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/log.ts";
import { CommitQueue } from "../../src/spool/commit-queue.ts";
import { HouseTime } from "../../src/spool/house-time.ts";
import { type ImageFiles, openImageFiles } from "../../src/spool/image-files.ts";
import { PictureKeeper } from "../../src/spool/picture-keeper.ts";
import { Scrub } from "../../src/spool/scrub.ts";
import { SPOOL_LIMITS } from "../../src/spool/spool-limits.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";

/** As node:sqlite throws them, with SQLite's extended code. */
const sqliteError = (errcode: number, text: string): Error => Object.assign(new Error(text), { errcode });
const systemError = (code: string): Error => Object.assign(new Error(code), { code });
const FULL = sqliteError(13, "database or disk is full");
const SHM_SIZE = sqliteError(4874, "disk I/O error");
const FSYNC = sqliteError(1034, "disk I/O error");
const WRITE = sqliteError(778, "disk I/O error");
const READ_ONLY = sqliteError(8, "attempt to write a readonly database");

/** A disk that refuses once for each of `refusals`, then takes everything; `isReadOnly`: what it is found to be afterwards. */
function openQueue({ refusals = [], isReadOnly = false }: { refusals?: Error[]; isReadOnly?: boolean } = {}) {
  const left = [...refusals];
  let transactions = 0;
  const time = fakeTime();
  const kept = { houseMs: time.clock.nowMs(), sure: null };
  const queue = new CommitQueue({
    transaction(work) {
      transactions++;
      work();
      const refusal = left.shift();
      if (refusal !== undefined) throw refusal;
    },
    onLeap: () => undefined,
    isReadOnly: () => isReadOnly,
    time: new HouseTime({ clock: time.clock, kept, nextSequence: () => 1, stepped: () => undefined }),
    board: new Board(),
    log: silentLog,
  });
  return { queue, time, transactions: () => transactions, [Symbol.dispose]: () => queue.close() };
}

const write = { frees: false };

test.each([
  ["the file", FULL],
  ["its shared index", SHM_SIZE],
])("where %s finds no room, the commit waits and is done as soon as there is some", async (_, refusal) => {
  using house = openQueue({ refusals: [refusal] });
  let written = 0;
  const done = house.queue.commit(() => void written++, write);
  await expect.poll(() => house.queue.condition, { timeout: 20_000 }).toBe("full");
  // What makes room goes at once, and everything after it.
  await house.queue.commit(() => undefined, { frees: true });
  await done;
  expect([house.queue.condition, written]).toEqual(["ok", 2]);
});

test.each([
  ["an fsync that failed, its outcome unknown", FSYNC],
  ["a write that failed", WRITE],
  ["a file that may not be written", READ_ONLY],
])("after %s nothing is tried again: all that waits is rejected, and so is what comes", async (_, refusal) => {
  using house = openQueue({ refusals: [refusal] });
  const waiting = [1, 2, 3].map(() => house.queue.commit(() => undefined, write));
  const outcomes = await Promise.allSettled(waiting);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await expect(house.queue.commit(() => undefined, write)).rejects.toMatchObject({
    code: "SPOOL_FAILED",
    cause: refusal,
  });
  await expect(house.queue.settled()).rejects.toMatchObject({ code: "SPOOL_FAILED" });
  house.queue.close();
  expect([house.transactions(), house.queue.condition, house.queue.hasRoom]).toEqual([1, "failed", false]);
});

test("a disk that became read-only is said to be that", async () => {
  using house = openQueue({ refusals: [WRITE], isReadOnly: true });
  await expect(house.queue.commit(() => undefined, write)).rejects.toThrow("the disk is read-only: disk I/O error");
});

test("what waited for room is rejected, too, when the disk then fails", async () => {
  using house = openQueue({ refusals: [FULL, FSYNC] });
  const first = house.queue.commit(() => undefined, write);
  first.catch(() => undefined);
  await expect.poll(() => house.queue.condition, { timeout: 20_000 }).toBe("full");
  await expect(house.queue.commit(() => undefined, { frees: true })).rejects.toMatchObject({ code: "SPOOL_FAILED" });
  await expect(first).rejects.toMatchObject({ code: "SPOOL_FAILED" });
});

test.each([
  ["ENOSPC", "SPOOL_FULL", "ok"],
  ["EDQUOT", "SPOOL_FULL", "ok"],
  ["EMFILE", "SPOOL_FULL", "ok"],
  ["EIO", "SPOOL_FAILED", "failed"],
  ["EROFS", "SPOOL_FAILED", "failed"],
])(
  "a picture that cannot be written (%s) is refused with %s, and the spool is %s",
  async (code, refusal, condition) => {
    using house = openQueue();
    await using directory = await tempDir();
    const files: ImageFiles = {
      ...(await openImageFiles(directory.path)),
      write: async () => {
        throw systemError(code);
      },
    };
    const keeper = new PictureKeeper(files, (cause) => house.queue.fail(cause));
    const kept = keeper.keep({ sha256: "aa", jpeg: Buffer.from("x") }, () =>
      house.queue.commit(() => undefined, write),
    );
    await expect(kept).rejects.toMatchObject({ code: refusal });
    expect([house.queue.condition, house.transactions()]).toEqual([condition, 0]);
    expect(await readdir(join(directory.path, "images"))).toEqual([]);
  },
);

test.each([
  ["that finds no room leaves the spool as it is and is tried again", FULL, "ok"],
  ["that fails ends the spool: SQLite's own would have said nothing", FSYNC, "failed"],
])("writing back the log %s", async (_, refusal, condition) => {
  await using directory = await tempDir();
  const database = openDatabase(join(directory.path, "spool.db"));
  const prepare = database.prepare.bind(database);
  let checkpoints = 0;
  database.prepare = (sql: string) => {
    if (sql.includes("wal_checkpoint") && ++checkpoints === 1) throw refusal;
    return prepare(sql);
  };
  using house = openQueue();
  const { clock } = house.time;
  const scrub = new Scrub({ database, clock, log: silentLog });
  scrub.erased();
  scrub.runWhenDue(house.queue);
  expect(checkpoints, "not at once").toBe(0);
  house.time.pass(SPOOL_LIMITS.scrubErasedMs);
  scrub.runWhenDue(house.queue);
  expect([checkpoints, house.queue.condition]).toEqual([1, condition]);
  house.time.pass(SPOOL_LIMITS.scrubSettledMs);
  if (condition === "ok") scrub.runWhenDue(house.queue);
  expect(checkpoints).toBe(condition === "ok" ? 2 : 1);
  database.close();
});

test("the failure is a GatewayError that names the disk's words and the step for a person", async () => {
  using house = openQueue({ refusals: [FSYNC] });
  const failure = await house.queue.commit(() => undefined, write).catch((cause: unknown) => cause);
  expect(failure).toBeInstanceOf(GatewayError);
  expect(failure).toMatchObject({
    message: "the disk refused a write: disk I/O error",
    hint: expect.stringContaining("SD card"),
  });
});
