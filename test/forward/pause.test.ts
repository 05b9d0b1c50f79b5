// A platform that refuses this gateway: the pump asks again with one entry at a time, says why meanwhile, and goes on when it is
// let in. The sink is scripted, and each wait lasts until the test ends it.
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { makeEntries, makeEntry, memorySpool } from "./memory-spool.ts";
import { pumpOf, reaches } from "./pump-bench.ts";
import { all, GO_ON, heldWaits, nothing, scriptedSink } from "./scripted-sink.ts";

const WHY = "the platform answered 401: it does not know this gateway's key";
const refuses = nothing({ kind: "pause", why: WHY });

test("a platform that refuses is asked again every two minutes with one entry, and all goes on once it is taken", async () => {
  const spool = memorySpool(makeEntries(5));
  const { sink, offered } = scriptedSink(refuses, refuses, refuses);
  const { waits, wait, begun, end } = heldWaits();
  const { pump, board } = pumpOf({ spool, sink, wait });
  await using _pump = pump;
  for (const probes of [1, 2, 3]) {
    await begun(probes);
    expect(pump.state()).toMatchObject({ state: "paused", why: WHY, lastAcceptedAtMs: null });
    end();
  }
  await spool.drained();
  await reaches(pump, "connected");
  expect(offered).toEqual([["1", "2", "3", "4", "5"], ["1"], ["1"], ["1"], ["2", "3", "4", "5"]]);
  expect(waits).toEqual([LIMITS.pausedProbeMs, LIMITS.pausedProbeMs, LIMITS.pausedProbeMs]);
  expect(pump.state().why).toBeUndefined();
  expect(board.get("forward.main.pauses")).toBe(1);
});

test("an append does not end a pause; a person does, and sees at once whether the platform takes an entry", async () => {
  const spool = memorySpool([makeEntry(1)]);
  const { sink, offered } = scriptedSink(refuses, refuses);
  const { wait, begun } = heldWaits();
  await using pump = pumpOf({ spool, sink, wait }).pump;
  await begun(1);
  spool.add(makeEntry(2));
  expect(offered).toEqual([["1"]]);
  pump.resume();
  await begun(2);
  expect({ offered, state: pump.state().state }).toEqual({ offered: [["1"], ["1"]], state: "paused" });
  pump.resume();
  await spool.drained();
  expect(offered).toEqual([["1"], ["1"], ["1"], ["2"]]);
});

test("a probe that finds the platform busy or away leaves the pause and its reason, and waits as long as it asks", async () => {
  const spool = memorySpool([makeEntry(1)]);
  const busy = (retryAfterMs: number | null) =>
    nothing({ kind: "wait", retryAfterMs, why: "the platform answers 503" });
  const { sink } = scriptedSink(refuses, busy(null), busy(600_000), () => Promise.reject(new TypeError("a mistake")));
  const { waits, wait, begun, end } = heldWaits();
  const { pump, board } = pumpOf({ spool, sink, wait });
  await using _pump = pump;
  for (const probes of [1, 2, 3, 4]) {
    await begun(probes);
    expect(pump.state()).toMatchObject({ state: "paused", why: WHY });
    end();
  }
  await spool.drained();
  expect(waits).toEqual([LIMITS.pausedProbeMs, LIMITS.pausedProbeMs, 600_000, LIMITS.pausedProbeMs]);
  expect([board.get("forward.main.retries"), board.get("forward.main.failures")]).toEqual([0, 1]);
});

test("a pause tells the newest reason", async () => {
  const why = "the platform answered 410: it has closed this address for good";
  const { sink } = scriptedSink(refuses, nothing({ kind: "pause", why }));
  const { wait, begun, end } = heldWaits();
  await using pump = pumpOf({ spool: memorySpool([makeEntry(1)]), sink, wait }).pump;
  await begun(1);
  end();
  await begun(2);
  expect(pump.state()).toMatchObject({ state: "paused", why });
});

test("a probe carries no picture while an event without one waits", async () => {
  const image = { sha256: "0".repeat(64), bytes: 300_000 };
  const spool = memorySpool([makeEntry(1, { image }), makeEntry(2), makeEntry(3)]);
  const { sink, offered } = scriptedSink(refuses);
  const { wait, begun, end } = heldWaits();
  await using _pump = pumpOf({ spool, sink, wait }).pump;
  await begun(1);
  end();
  await spool.drained();
  expect(offered).toEqual([["1", "2", "3"], ["2"], ["1", "3"]]);
});

test("an entry that could not be sent at all says nothing of the platform: the next one is tried, and the pause stays", async () => {
  const spool = memorySpool(makeEntries(3));
  const { sink, offered } = scriptedSink(
    refuses,
    (entries) => all(entries, { kind: "undeliverable", why: "its picture is gone" }),
    refuses,
  );
  const { wait, begun, end } = heldWaits();
  await using pump = pumpOf({ spool, sink, wait }).pump;
  await begun(1);
  end();
  await begun(2);
  expect({ offered, state: pump.state().state }).toEqual({ offered: [["1", "2", "3"], ["1"], ["2"]], state: "paused" });
});

test("a pause whose entries have all expired lasts until an entry is taken", async () => {
  const spool = memorySpool([makeEntry(1)]);
  const { sink, offered } = scriptedSink(refuses);
  const { wait, begun, end } = heldWaits();
  await using pump = pumpOf({ spool, sink, wait }).pump;
  await begun(1);
  spool.waiting.splice(0);
  end();
  await begun(2);
  expect(pump.state()).toMatchObject({ state: "paused", why: WHY });
  spool.add(makeEntry(2));
  end();
  await reaches(pump, "connected");
  expect(offered).toEqual([["1"], ["2"]]);
});

test("a platform that names the entry, if only to reject it, lets the gateway in", async () => {
  const spool = memorySpool(makeEntries(2));
  const { sink, offered } = scriptedSink(refuses, (entries) =>
    all(entries, { kind: "rejected", why: "too old" }, GO_ON),
  );
  const { wait, begun, end } = heldWaits();
  await using pump = pumpOf({ spool, sink, wait }).pump;
  await begun(1);
  end();
  await spool.drained();
  await reaches(pump, "connected");
  expect(offered).toEqual([["1", "2"], ["1"], ["2"]]);
});
