// Shown: what becomes of entries that were made while nobody had set the clock: kept back for a while, put right once the clock
// is known unless a sink has been offered them, and delivered as unsure where it never is (I6: an id has one body).
import { expect, test } from "vitest";
import { createTimeCorrection } from "../../src/privacy/correct-time.ts";
import { discloseFact } from "../../src/privacy/disclose.ts";
import type { Entry, Spool } from "../../src/spool/spool.ts";
import { openSpool } from "../../src/spool/sqlite-spool.ts";
import { Board } from "../../src/core/board.ts";
import { silentLog } from "../../src/core/log.ts";
import { SPOOL_LIMITS } from "../../src/spool/spool-limits.ts";
import { luxEvent, testDisclosure, testPolicy } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { query, waitingFor } from "../helpers/test-spool.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 34, 56);
const BOOT_MS = 5000;
/** Other tests may run beside. */
const PATIENTLY = { timeout: 20_000 };

async function openHouse() {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const time = fakeTime(BOOT_MS, false);
  const { clock } = time;
  const open = (): Promise<Spool> =>
    openSpool({
      dataDir: directory.path,
      bytesMax: 2 ** 26,
      sinkIds: ["main"],
      correctTime: createTimeCorrection(testPolicy().events),
      clock,
      board: new Board(),
      log: silentLog,
    });
  const spool = stack.use(await open());
  const by = testDisclosure({ clock });
  const owned = stack.move();
  return {
    spool,
    time,
    by,
    dataDir: directory.path,
    append: (lux: number) => spool.append({ make: [{ event: luxEvent(lux, by) }] }),
    waiting: (): Entry[] => waitingFor(spool, clock.nowMs()),
    /** As by NTP. */
    async learnTime() {
      time.set(NOW_MS - clock.nowMs());
      time.believe(true);
      await spool.timeSettled();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const bodies = (entries: readonly Entry[]) => entries.map(({ body }) => JSON.parse(body));

test("an event made in 1970 and offered to nobody gets its true time once the clock is known, in the policy's bucket", async () => {
  await using house = await openHouse();
  await house.append(7);
  const [before] = query(house.dataDir, "SELECT id, body FROM entries");
  house.time.pass(10 * 60_000);
  await house.learnTime();
  await expect.poll(() => house.waiting().length, PATIENTLY).toBe(1);
  const [entry] = house.waiting();
  const [event] = bodies(house.waiting());
  expect(entry?.id).toBe(before?.["id"]);
  expect(event).toEqual({
    ...JSON.parse(String(before?.["body"])),
    time: "2026-11-21T12:24:00.000Z",
    recordedtime: "2026-11-21T12:24:00.000Z",
    expirytime: "2026-12-21T12:24:00.000Z",
    data: { zone: "porch", clock: "synced", lux: 7 },
  });
  expect(entry?.expiresAtMs).toBeGreaterThan(NOW_MS + 29 * 24 * 3_600_000);
});

test("the span of a count is put right with it", async () => {
  await using house = await openHouse();
  const fact = { kind: "motion-count", deviceId: "pir", count: 4, fromMs: 0, toMs: 900_000, atMs: 900_000 } as const;
  house.time.pass(900_000 - BOOT_MS);
  await house.spool.append({ make: [{ event: discloseFact(fact, house.by) }] });
  await house.learnTime();
  await expect
    .poll(() => bodies(house.waiting())[0]?.data)
    .toMatchObject({
      clock: "synced",
      count: 4,
      from: "2026-11-21T12:19:00.000Z",
      to: "2026-11-21T12:34:00.000Z",
    });
});

test("what a sink was offered keeps its bytes for ever, and what it was not is put right beside it", async () => {
  await using house = await openHouse();
  await house.append(1);
  // As the pump does when the wait for a better clock is over.
  house.time.pass(1000);
  expect(house.waiting(), "kept back").toEqual([]);
  house.time.pass(SPOOL_LIMITS.clockWaitMs);
  const offered = house.waiting();
  expect(bodies(offered)).toMatchObject([{ data: { clock: "unsure", lux: 1 } }]);
  await house.append(2);
  await house.learnTime();
  await expect.poll(() => house.waiting().length, PATIENTLY).toBe(2);
  expect(house.waiting()[0]?.body).toBe(offered[0]?.body);
  expect(bodies(house.waiting())[1]).toMatchObject({ time: "2026-11-21T12:34:00.000Z", data: { clock: "synced" } });
});

test("without a better clock entries are offered as unsure after the wait, and whoever waits for them is told", async () => {
  await using house = await openHouse();
  await house.append(1);
  await house.spool.timeSettled();
  expect([house.waiting().length, house.spool.newestSequence()]).toEqual([0, 0]);
  let told = 0;
  house.spool.onAppend(() => told++);
  house.time.pass(SPOOL_LIMITS.clockWaitMs);
  house.waiting();
  house.time.pass(1);
  await house.spool.timeSettled();
  expect([house.waiting().length, house.spool.newestSequence(), told]).toEqual([1, 1, 1]);
});

test("a batch that was handed over before the clock was set, and written after, keeps its time and says that it is unsure", async () => {
  await using house = await openHouse();
  const appended = house.append(1);
  house.time.set(NOW_MS - BOOT_MS);
  house.time.believe(true);
  await appended;
  await house.spool.timeSettled();
  expect(bodies(house.waiting())).toMatchObject([{ time: "1970-01-01T00:00:00.000Z", data: { clock: "unsure" } }]);
});

test("a damaged event is not given a checksum that fits", async () => {
  await using house = await openHouse();
  await house.append(1);
  const [row] = query(house.dataDir, "SELECT body, crc FROM entries");
  const { DatabaseSync } = await import("node:sqlite");
  using other = new DatabaseSync(`${house.dataDir}/spool.db`);
  other.prepare("UPDATE entries SET body = ?").run(String(row?.["body"]).replace('"lux":1', '"lux":9'));
  await house.learnTime();
  await house.append(2);
  expect(query(house.dataDir, "SELECT crc FROM entries WHERE sequence = 1")).toEqual([{ crc: row?.["crc"] }]);
});

test("hundreds are put right in steps, and none is offered before its turn", async () => {
  await using house = await openHouse();
  const count = SPOOL_LIMITS.correctedAtOnce * 2 + 50;
  await Promise.all(Array.from({ length: count }, (_, lux) => house.append(lux)));
  await house.learnTime();
  const seen = new Map<string, string>();
  await expect
    .poll(() => {
      for (const { id, body } of house.waiting()) {
        expect(body).toContain('"clock":"synced"');
        expect(seen.get(id) ?? body).toBe(body);
        seen.set(id, body);
      }
      return seen.size;
    }, PATIENTLY)
    .toBe(count);
});
