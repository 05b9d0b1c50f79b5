// Shown: what clocks do to the hours of what waits (promises 1 and 7): a clock that is set takes nothing from them and gives them
// nothing; one that is never set does not make them endless. Over random jumps and power cuts: time-random.test.ts.
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { Spool } from "../../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Nobody has set this clock. */
const YEAR_1970_MS = 5000;

type Time = ReturnType<typeof fakeTime>;
const append = (spool: Spool, time: Time, lux = 1): Promise<void> =>
  spool.append({ make: [{ event: luxEvent(lux, testDisclosure({ clock: time.clock })) }] });
const expired = async (spool: Spool): Promise<number[]> => spool.expired(await spool.timeSettled(), 100);

for (const stepMs of [40 * DAY_MS, -40 * DAY_MS]) {
  test(`an entry lives for its time when the clock is set by ${stepMs / DAY_MS} days after it was acknowledged`, async () => {
    await using directory = await tempDir();
    const time = fakeTime();
    await using spool = await openTestSpool(directory.path, { clock: time.clock });
    await append(spool, time);
    time.set(stepMs);
    expect(await expired(spool)).toEqual([]);
    expect(waitingFor(spool, time.clock.nowMs()).length).toBe(1);
    time.pass(31 * DAY_MS);
    expect(await expired(spool)).toEqual([1]);
  });
}

test("an entry of an earlier run lives for its time, too, when a clock that was believed is set there and back", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  {
    await using spool = await openTestSpool(directory.path, { clock: time.clock });
    await append(spool, time);
  }
  time.pass(10 * DAY_MS);
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  for (const days of [40, -70, 30]) {
    time.set(days * DAY_MS);
    expect(await expired(spool), `after ${days} days`).toEqual([]);
  }
  time.pass(19 * DAY_MS);
  expect(await expired(spool)).toEqual([]);
  time.pass(2 * DAY_MS);
  expect(await expired(spool)).toEqual([1]);
});

for (const end of ["a power cut", "a stop"]) {
  test(`a clock that is set by 40 days just before ${end} is no time in which the gateway was off`, async () => {
    await using directory = await tempDir();
    const [open, cut] = [join(directory.path, "open"), join(directory.path, "cut")];
    const time = fakeTime();
    await mkdir(open);
    {
      await using spool = await openTestSpool(open, { clock: time.clock });
      time.pass(HOUR_MS);
      await append(spool, time);
      time.set(40 * DAY_MS);
      if (end === "a power cut") await spool.timeSettled(); // housekeeping asks each second
      await cp(open, cut, { recursive: true });
    }
    await using spool = await openTestSpool(end === "a power cut" ? cut : open, { clock: time.clock });
    expect(await expired(spool)).toEqual([]);
    expect(waitingFor(spool, time.clock.nowMs()).length).toBe(1);
  });
}

test("after a start without a clock what was made before ages by the days of the power cut once the clock is known, and what was made since does not", async () => {
  await using directory = await tempDir();
  const before = fakeTime();
  {
    await using spool = await openTestSpool(directory.path, { clock: before.clock });
    await append(spool, before);
  }
  const time = fakeTime(YEAR_1970_MS, false);
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  await append(spool, time, 2);
  time.pass(HOUR_MS);
  expect(await expired(spool), "the year 1970 erases nothing").toEqual([]);
  time.set(before.clock.nowMs() + 31 * DAY_MS - time.clock.nowMs());
  time.believe(true);
  expect(await expired(spool)).toEqual([1]);
  time.pass(29 * DAY_MS);
  expect(await expired(spool)).toEqual([1]);
  time.pass(DAY_MS);
  expect(new Set(await expired(spool))).toEqual(new Set([1, 2]));
});

test("what an earlier run made without a clock counts from when the clock was last known: it may be that old", async () => {
  await using directory = await tempDir();
  const first = fakeTime();
  {
    await using _spool = await openTestSpool(directory.path, { clock: first.clock });
  }
  const second = fakeTime(YEAR_1970_MS, false);
  {
    await using spool = await openTestSpool(directory.path, { clock: second.clock });
    second.pass(DAY_MS);
    await append(spool, second);
  }
  const third = fakeTime(first.clock.nowMs() + 29 * DAY_MS);
  await using spool = await openTestSpool(directory.path, { clock: third.clock });
  expect(await expired(spool)).toEqual([]);
  third.pass(2.1 * DAY_MS);
  expect(await expired(spool), "thirty days after a day after the clock was last known").toEqual([1]);
});

test("without any clock hours are counted by running time, over all runs, and a first clock erases nothing that is not due", async () => {
  await using directory = await tempDir();
  for (const days of [10, 10, 9]) {
    const time = fakeTime(YEAR_1970_MS, false);
    await using spool = await openTestSpool(directory.path, { clock: time.clock });
    if (days === 10) await append(spool, time);
    time.pass(days * DAY_MS);
    expect(await expired(spool)).toEqual([]);
  }
  const time = fakeTime();
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  expect(await expired(spool), "the first of them is 29 days old").toEqual([]);
  time.pass(1.1 * DAY_MS);
  expect(await expired(spool)).toEqual([1]);
  time.pass(10 * DAY_MS);
  expect(await expired(spool)).toEqual([1, 2]);
});

test("a clock that ran ahead when the power went, and is right again, makes nothing younger", async () => {
  await using directory = await tempDir();
  const ahead = fakeTime(Date.UTC(2026, 11, 31));
  {
    await using spool = await openTestSpool(directory.path, { clock: ahead.clock });
    await append(spool, ahead);
    ahead.pass(20 * DAY_MS);
    expect(await expired(spool)).toEqual([]);
  }
  const time = fakeTime(Date.UTC(2026, 10, 21));
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  time.pass(10.1 * DAY_MS);
  expect(await expired(spool), "after thirty days of running time").toEqual([1]);
});

test("power cuts take a bounded part of the running time: a gateway that never knows the time still erases", async () => {
  await using directory = await tempDir();
  const lives = Array.from({ length: 9 }, (_, n) => `${directory.path}/${n}`);
  for (const [n, dataDir] of lives.entries()) {
    const time = fakeTime(YEAR_1970_MS, false);
    await mkdir(dataDir, { recursive: true });
    await using spool = await openTestSpool(dataDir, { clock: time.clock });
    if (n === 0) await append(spool, time);
    // Nothing is written meanwhile but what keeps the time itself.
    for (let days = 0; days < 4; days++) {
      time.pass(DAY_MS);
      if ((await expired(spool)).length > 0) {
        expect(n).toBe(7);
        return;
      }
    }
    // As a power cut leaves it: nothing is closed.
    await cp(dataDir, `${directory.path}/${n + 1}`, { recursive: true });
  }
  throw new Error("it is never erased");
});

test("a flipped bit in what is kept of the time erases nothing and keeps nothing for ever", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  {
    await using spool = await openTestSpool(directory.path, { clock: time.clock });
    await append(spool, time);
  }
  for (const bits of ["n | (1 << 42)", "n & ~(1 << 40)"]) {
    {
      using other = new DatabaseSync(join(directory.path, "spool.db"));
      other.exec(`UPDATE meta SET n = ${bits} WHERE key = 'house_ms'`);
    }
    await using spool = await openTestSpool(directory.path, { clock: time.clock });
    expect(await expired(spool), bits).toEqual([]);
    time.pass(14 * DAY_MS);
    expect(await expired(spool), bits).toEqual([]);
  }
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  time.pass(3 * DAY_MS);
  expect(await expired(spool)).toEqual([1]);
});

test("an append that waited for a full disk while the clock was set lives for its time too", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  const by = testDisclosure({ clock: time.clock });
  await using spool = await openTestSpool(directory.path, { clock: time.clock, bytesMax: 512 * 1024 });
  const appends = Array.from({ length: 1500 }, (_, lux) => spool.append({ make: [{ event: luxEvent(lux, by) }] }));
  await expect.poll(() => spool.condition()).toBe("full");
  time.set(40 * DAY_MS);
  for (let seen = 0; seen < 1500; ) {
    const entries = waitingFor(spool, await spool.timeSettled());
    seen += entries.length;
    expect(spool.expired(time.clock.nowMs(), 10)).toEqual([]);
    await spool.settle({ sinkId: "main", accepted: entries, rejected: [] });
    if (entries.length === 0) await new Promise(setImmediate);
  }
  await Promise.all(appends);
});

test("times are given and taken as the wall clock has them, whatever was set", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  await append(spool, time);
  time.set(40 * DAY_MS);
  const nowMs = await spool.timeSettled();
  expect(spool.stats(nowMs).oldestAtMs).toBe(nowMs);
  expect(waitingFor(spool, nowMs)[0]?.expiresAtMs).toBe(nowMs + 30 * DAY_MS);
});
