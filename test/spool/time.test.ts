// Shown: a clock that is set does not take from what was made in this run the time it has to live (promise 1), and gives none
// to what was made before (promise 7).
import { expect, test } from "vitest";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "../helpers/test-spool.ts";

const DAY_MS = 24 * 3_600_000;

for (const stepMs of [40 * DAY_MS, -40 * DAY_MS]) {
  test(`an entry lives for its time when the clock is set by ${stepMs / DAY_MS} days after it was acknowledged`, async () => {
    await using directory = await tempDir();
    const time = fakeTime();
    await using spool = await openTestSpool(directory.path, { clock: time.clock });
    await spool.append({ make: [{ event: luxEvent(1, testDisclosure({ clock: time.clock })) }] });
    time.set(stepMs);
    const nowMs = await spool.timeSettled();
    expect(spool.expired(nowMs, 10)).toEqual([]);
    expect(waitingFor(spool, nowMs).length).toBe(1);
    time.pass(31 * DAY_MS);
    expect(spool.expired(await spool.timeSettled(), 10)).toEqual([1]);
  });
}

test("an entry of an earlier run, when the clock was right, keeps its hour", async () => {
  await using directory = await tempDir();
  const before = fakeTime();
  {
    await using spool = await openTestSpool(directory.path, { clock: before.clock });
    await spool.append({ make: [{ event: luxEvent(1, testDisclosure({ clock: before.clock })) }] });
  }
  const time = fakeTime(before.clock.nowMs() - 10 * DAY_MS);
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  await spool.append({ make: [{ event: luxEvent(2, testDisclosure({ clock: time.clock })) }] });
  time.set(41 * DAY_MS);
  expect(spool.expired(await spool.timeSettled(), 10)).toEqual([1]);
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

test("whoever waits for appends looks again after the clock was set: what seemed past its hour is not", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  await spool.append({ make: [{ event: luxEvent(1, testDisclosure({ clock: time.clock })) }] });
  time.set(40 * DAY_MS);
  expect(waitingFor(spool, time.clock.nowMs())).toEqual([]);
  let told = 0;
  spool.onAppend(() => told++);
  await spool.timeSettled();
  expect(told).toBe(1);
  expect(query(directory.path, "SELECT count(*) AS n FROM entries")).toEqual([{ n: 1 }]);
});
