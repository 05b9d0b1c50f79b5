// Shown: how entries end: tombstones reach every sink, dead letters are bounded in time and number, what no sink can be
// given is named, and every sum of I9 holds when sinks come and go.
import { pino } from "pino";
import { expect, test } from "vitest";
import type { Spool } from "../../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "../helpers/test-spool.ts";

const DAY_MS = 24 * 3_600_000;

/** I9: what was made for the sink, less what became of it. */
function unaccounted(spool: Spool, sinkId: string, waiting: number): number {
  const counters = spool.counters();
  const of = (what: string) => counters[`entry.${what}.${sinkId}`] ?? 0;
  const ended = ["forwarded", "rejected", "expired", "evicted", "erased"].reduce((sum, what) => sum + of(what), 0);
  return of("made") - ended - waiting;
}

test("what different sinks wait for has tombstones of its own, and every sink sees every sequence", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  const by = testDisclosure({ clock: time.clock });
  await using spool = await openTestSpool(directory.path, { clock: time.clock, sinkIds: ["up", "down"] });
  await spool.append({ make: [{ event: luxEvent(1, by) }] });
  await spool.settle({ sinkId: "up", accepted: waitingFor(spool, time.clock.nowMs(), "up"), rejected: [] });
  await spool.append({ make: [{ event: luxEvent(2, by) }] });
  time.pass(31 * DAY_MS);
  const sequences = spool.expired(time.clock.nowMs(), 10);
  expect(sequences, "what other sinks wait for has a tombstone of its own").toEqual([1]);
  await spool.append({ make: [{ event: luxEvent(3, by) }], discard: { sequences, how: "expired" } });
  expect(query(directory.path, "SELECT sink, sequence FROM waiting ORDER BY sequence, sink")).toEqual([
    { sink: "down", sequence: 2 },
    { sink: "up", sequence: 2 },
    { sink: "down", sequence: 3 },
    { sink: "up", sequence: 3 },
  ]);
  expect([unaccounted(spool, "up", 2), unaccounted(spool, "down", 2)]).toEqual([0, 0]);
});

test("an entry that can be given to no sink is offered no more, and waits for its tombstone", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path);
  for (const lux of [1, 2]) await spool.append({ make: [{ event: luxEvent(lux) }] });
  const [first] = waitingFor(spool, Date.now());
  if (first === undefined) throw new Error("unreachable");
  await spool.settle({ sinkId: "main", accepted: [], rejected: [], undeliverable: [first] });
  expect(waitingFor(spool, Date.now()).map(({ sequence }) => sequence)).toEqual([2]);
  expect(spool.undeliverable(10)).toEqual([1]);
  await spool.append({ make: [{ event: luxEvent(3) }], discard: { sequences: [1], how: "erased" } });
  expect(spool.undeliverable(10)).toEqual([]);
  expect(spool.counters()["entry.erased.main"]).toBe(1);
  expect(unaccounted(spool, "main", 2)).toBe(0);
});

async function rejectAll(spool: Spool, nowMs: number): Promise<void> {
  const rejected = waitingFor(spool, nowMs).map((entry) => ({ entry, why: "no" }));
  await spool.settle({ sinkId: "main", accepted: [], rejected });
}

test("dead letters are erased when they are past their hour", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  await spool.append({ make: [{ event: luxEvent(1, testDisclosure({ clock: time.clock })) }] });
  await rejectAll(spool, time.clock.nowMs());
  await spool.sweepDeadLetters(time.clock.nowMs());
  expect(spool.deadLetters(10).length).toBe(1);
  time.pass(31 * DAY_MS);
  await spool.sweepDeadLetters(time.clock.nowMs());
  expect(spool.deadLetters(10)).toEqual([]);
  expect(spool.counters()["dead-letter.expired"]).toBe(1);
});

test("a platform that rejects everything does not fill the spool: the oldest dead letters go", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path, { bytesMax: 1024 * 1024 });
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 200 }, (_, lux) => spool.append({ make: [{ event: luxEvent(lux) }] })));
    await rejectAll(spool, Date.now());
    await spool.sweepDeadLetters(Date.now());
  }
  expect(spool.condition()).toBe("ok");
  const letters = spool.deadLetters(10_000);
  expect(letters.length).toBe(128);
  expect(letters.at(-1)?.sequence).toBe(2000);
  expect(spool.counters()["dead-letter.crowded-out"]).toBe(2000 - 128);
});

test("entries that were for nobody yet are made for the sinks that adopt them, and for nobody else", async () => {
  await using directory = await tempDir();
  {
    await using spool = await openTestSpool(directory.path, { sinkIds: [] });
    for (const lux of [1, 2, 3]) await spool.append({ make: [{ event: luxEvent(lux) }] });
  }
  await using spool = await openTestSpool(directory.path, { sinkIds: ["main"] });
  expect(spool.counters()).toMatchObject({ "entry.made.unassigned": 0, "entry.made.main": 3 });
  expect([unaccounted(spool, "unassigned", 0), unaccounted(spool, "main", 3)]).toEqual([0, 0]);
});

test("a start says which entries wait for a sink that is no longer configured", async () => {
  await using directory = await tempDir();
  {
    await using spool = await openTestSpool(directory.path, { sinkIds: ["old"] });
    for (const lux of [1, 2]) await spool.append({ make: [{ event: luxEvent(lux) }] });
  }
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  await using _spool = await openTestSpool(directory.path, { sinkIds: ["new"], log });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ sink: "old", entries: 2 }]);
});

test("below the disk's reserve the spool is full but for what makes room, and writes again above it", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path, { reserveFreeBytes: Number.MAX_SAFE_INTEGER });
  await spool.append({ make: [{ event: luxEvent(1) }] });
  expect(spool.condition()).toBe("ok");
  await spool.lookAtDisk();
  expect(spool.condition()).toBe("full");
  let isOnDisk = false;
  const held = spool.append({ make: [{ event: luxEvent(2) }] }).then(() => {
    isOnDisk = true;
  });
  await spool.settle({ sinkId: "main", accepted: waitingFor(spool, Date.now()), rejected: [] });
  expect(query(directory.path, "SELECT count(*) AS n FROM entries")).toEqual([{ n: 0 }]);
  expect(isOnDisk).toBe(false);
  await spool[Symbol.asyncDispose]();
  await held; // what was held back fits at the end
});

test("the disk's reserve gives the spool back when there is room again", async () => {
  await using directory = await tempDir();
  const free = { bytes: 100 };
  await using spool = await openTestSpool(directory.path, {
    reserveFreeBytes: 1000,
    freeBytes: async () => free.bytes,
  });
  await spool.lookAtDisk();
  const held = spool.append({ make: [{ event: luxEvent(1) }] });
  expect(spool.condition()).toBe("full");
  free.bytes = 2000;
  await spool.lookAtDisk();
  await held;
  expect(spool.condition()).toBe("ok");
});
