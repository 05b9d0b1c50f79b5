// Shown: dead letters can be put back: they wait again as what they were, and the sums of I9 go on holding.
import { expect, test } from "vitest";
import type { Spool } from "../../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "../helpers/test-spool.ts";

async function rejectAll(spool: Spool, nowMs: number, sinkId = "main"): Promise<void> {
  const rejected = waitingFor(spool, nowMs, sinkId).map((entry) => ({ entry, why: "no" }));
  await spool.settle({ sinkId, accepted: [], rejected });
}

test("a dead letter waits again with its id, sequence and body, before what is younger, and is counted as waiting", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path);
  for (const lux of [1, 2]) await spool.append({ make: [{ event: luxEvent(lux) }] });
  const before = waitingFor(spool, Date.now());
  await rejectAll(spool, Date.now());
  await spool.append({ make: [{ event: luxEvent(3) }] });
  let told = 0;
  spool.onAppend(() => told++);
  const [first, second] = before;
  if (first === undefined || second === undefined) throw new Error("unreachable");
  expect(await spool.requeue({ ids: [second.id] })).toEqual({ requeued: 1, left: [] });
  expect(told).toBe(1);
  const waiting = waitingFor(spool, Date.now());
  expect(waiting[0]).toEqual(second);
  expect(waiting.map(({ sequence }) => sequence)).toEqual([2, 3]);
  expect(spool.deadLetters(10)).toMatchObject([
    { id: first.id, expiresAtMs: first.expiresAtMs, atMs: expect.any(Number) },
  ]);
  expect(spool.counters()).toMatchObject({ "entry.made.main": 3, "entry.rejected.main": 1 });
  expect(await spool.requeue({ ids: [second.id] }), "it is one no more").toEqual({ requeued: 0, left: [] });
});

test("a dead letter of one sink comes back to that sink alone, also while another waits for the same entry", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path, { sinkIds: ["one", "two"] });
  for (const lux of [1, 2]) await spool.append({ make: [{ event: luxEvent(lux) }] });
  await rejectAll(spool, Date.now(), "one");
  await spool.settle({ sinkId: "two", accepted: waitingFor(spool, Date.now(), "two").slice(0, 1), rejected: [] });
  expect(await spool.requeue({ sinkId: "two" })).toEqual({ requeued: 0, left: [] });
  expect(await spool.requeue({ sinkId: "one" })).toEqual({ requeued: 2, left: [] });
  expect(waitingFor(spool, Date.now(), "one").map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(waitingFor(spool, Date.now(), "two").map(({ sequence }) => sequence)).toEqual([2]);
  await spool.settle({ sinkId: "one", accepted: waitingFor(spool, Date.now(), "one"), rejected: [] });
  expect(query(directory.path, "SELECT sequence FROM entries")).toEqual([{ sequence: 2 }]);
});

test("what is past its hour, or was for a sink that is no more, stays a dead letter and says so", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  {
    await using spool = await openTestSpool(directory.path, { clock: time.clock, sinkIds: ["old"] });
    await spool.append({ make: [{ event: luxEvent(1, testDisclosure({ clock: time.clock })) }] });
    await rejectAll(spool, time.clock.nowMs(), "old");
  }
  await using spool = await openTestSpool(directory.path, { clock: time.clock });
  expect(await spool.requeue({})).toMatchObject({ requeued: 0, left: [{ sinkId: "old", why: "sink-gone" }] });
  time.pass(31 * 24 * 3_600_000);
  expect(await spool.requeue({})).toMatchObject({ left: [{ why: "past-its-hour" }] });
  expect(spool.deadLetters(10).length).toBe(1);
});
