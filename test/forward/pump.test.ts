// The pump between a spool and a sink: what leaves the queue, how it waits, and how it ends. The sink is scripted, waits are
// recorded instead of waited for, and the spool is in memory.
import { describe, expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPump } from "../../src/forward/pump.ts";
import type { Delivery, Next } from "../../src/forward/sink.ts";
import { type MemorySpool, makeEntries, makeEntry, memorySpool } from "./memory-spool.ts";
import { pumpOf, reaches } from "./pump-bench.ts";
import { ACCEPTED, all, GO_ON, heldWaits, nothing, recordedWaits, scriptedSink } from "./scripted-sink.ts";
import { never } from "./sink-bench.ts";

describe("what leaves the queue", () => {
  test("is what the platform named, and nothing else", async () => {
    const spool = memorySpool(makeEntries(4));
    const [a, b] = spool.waiting.map(({ id }) => id);
    const named = new Map<string, Delivery>([
      [a ?? "", ACCEPTED],
      [b ?? "", { kind: "rejected", why: "too old" }],
    ]);
    const { sink } = scriptedSink(() => ({ deliveries: named, next: { kind: "pause", why: "stop here" } }));
    await using pump = pumpOf({ spool, sink, wait: heldWaits().wait }).pump;
    await reaches(pump, "paused");
    expect(spool.waiting.map(({ sequence }) => sequence)).toEqual([3, 4]);
    expect(spool.settlements[0]?.rejected.map(({ entry, why }) => [entry.sequence, why])).toEqual([[2, "too old"]]);
  });

  test("is also what no platform can be given, and it is not called rejected, which the platform would have had to say", async () => {
    const spool = memorySpool(makeEntries(1));
    const { sink } = scriptedSink((entries) => all(entries, { kind: "undeliverable", why: "its picture is gone" }));
    await using _pump = pumpOf({ spool, sink }).pump;
    await spool.drained();
    expect(spool.settlements[0]).toMatchObject({ rejected: [], undeliverable: [{ sequence: 1 }] });
  });

  test("leaves at once when something is appended", async () => {
    const spool = memorySpool();
    const { sink, offered } = scriptedSink();
    await using pump = pumpOf({ spool, sink }).pump;
    expect(pump.state()).toEqual({ id: "main", state: "idle", lastAcceptedAtMs: null });
    spool.add(makeEntry(1));
    await spool.drained();
    spool.add(makeEntry(2));
    await spool.drained();
    await reaches(pump, "connected");
    expect(offered).toEqual([["1"], ["2"]]);
    expect(pump.state().lastAcceptedAtMs).toBeGreaterThan(Date.now() - 5000);
  });

  test("an append in the middle of a delivery is not missed", async () => {
    const spool = memorySpool([makeEntry(1)]);
    const { sink } = scriptedSink((entries) => {
      spool.add(makeEntry(2));
      return all(entries);
    });
    await using _pump = pumpOf({ spool, sink }).pump;
    await spool.drained();
    expect(spool.settlements).toHaveLength(2);
  });
});

describe("waiting", () => {
  test("grows with each failure, from the least to the most", async () => {
    const { waits, wait } = recordedWaits();
    const spool = memorySpool([makeEntry(1)]);
    const away = nothing({ kind: "wait", retryAfterMs: null, why: "away" });
    const { sink } = scriptedSink(away, away, away, away, away, away);
    const limits = { backoffMinMs: 100, backoffMaxMs: 1000 };
    await using _pump = pumpOf({ spool, sink, wait, limits, random: () => 1 }).pump;
    await spool.drained();
    expect(waits).toEqual([200, 400, 800, 1000, 1000, 1000]);
  });

  test("is never shorter than the platform asks, and begins anew after a success", async () => {
    const { waits, wait } = recordedWaits();
    const spool = memorySpool([makeEntry(1)]);
    const { sink } = scriptedSink(
      nothing({ kind: "wait", retryAfterMs: 7000, why: "busy" }),
      nothing({ kind: "wait", retryAfterMs: 0, why: "busy" }),
    );
    const { pump, board } = pumpOf({ spool, sink, wait });
    await using _pump = pump;
    await spool.drained();
    expect(waits).toEqual([7500, 500]);
    expect(board.get("forward.main.retries")).toBe(2);
  });

  test("is shown with its reason, and does not end for an append", async () => {
    const spool = memorySpool([makeEntry(1)]);
    const { sink, offered } = scriptedSink(
      nothing({ kind: "wait", retryAfterMs: null, why: "the platform answers 503" }),
    );
    const wait = (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    await using pump = pumpOf({ spool, sink, wait }).pump;
    await reaches(pump, "waiting");
    spool.add(makeEntry(2));
    expect(pump.state()).toMatchObject({ state: "waiting", why: "the platform answers 503" });
    expect(offered).toHaveLength(1);
    pump.resume();
    await spool.drained();
    expect(offered).toEqual([["1"], ["1", "2"]]);
  });

  test("a sink that goes on without settling anything does not make the pump spin", async () => {
    const { waits, wait } = recordedWaits();
    const spool = memorySpool([makeEntry(1)]);
    const { sink } = scriptedSink(nothing(GO_ON), nothing(GO_ON));
    await using _pump = pumpOf({ spool, sink, wait }).pump;
    await spool.drained();
    expect(waits).toHaveLength(2);
  });
});

describe("trouble in the house", () => {
  test("a spool that cannot settle is counted, shown, and tried again", async () => {
    const inner = memorySpool([makeEntry(1)]);
    let failures = 2;
    const settle: MemorySpool["settle"] = (settlement) =>
      failures-- > 0 ? Promise.reject(new Error("disk")) : inner.settle(settlement);
    const { pump, board } = pumpOf({ spool: { ...inner, settle }, sink: scriptedSink().sink });
    await using _pump = pump;
    await inner.drained();
    expect(board.get("forward.main.failures")).toBe(2);
  });

  test("a sink that throws does not end the pump", async () => {
    const spool = memorySpool([makeEntry(1)]);
    const { sink } = scriptedSink(() => Promise.reject(new TypeError("a mistake")));
    const { pump, board } = pumpOf({ spool, sink });
    await using _pump = pump;
    await spool.drained();
    expect(board.get("forward.main.failures")).toBe(1);
  });
});

describe("the end", () => {
  test("a delivery in flight is finished and settled", async () => {
    const stop = new AbortController();
    const spool = memorySpool(makeEntries(2));
    const { sink, offered } = scriptedSink((entries) => {
      stop.abort();
      return all(entries.slice(0, 1));
    });
    const { pump } = pumpOf({ spool, sink }, stop.signal);
    await pump[Symbol.asyncDispose]();
    expect(spool.waiting.map(({ sequence }) => sequence)).toEqual([2]);
    expect(offered).toHaveLength(1);
  });

  test("a delivery that hangs is cut, and its entries are kept", async () => {
    const spool = memorySpool(makeEntries(2));
    const begun = Promise.withResolvers<void>();
    const { sink } = scriptedSink(async (_entries, stop) => {
      begun.resolve();
      await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve()));
      return { deliveries: new Map(), next: { kind: "wait", retryAfterMs: null, why: "stopped" } };
    });
    const { pump } = pumpOf({ spool, sink, limits: { pumpStopMs: 50 } });
    await begun.promise;
    await pump[Symbol.asyncDispose]();
    expect(spool.waiting).toHaveLength(2);
  });

  test("closing twice, while idle, waiting or paused, ends", async () => {
    for (const next of [
      GO_ON,
      { kind: "wait", retryAfterMs: 3_600_000, why: "busy" },
      { kind: "pause", why: "no" },
    ] satisfies Next[]) {
      const spool = memorySpool(makeEntries(1));
      const { sink } = scriptedSink(() => ({ deliveries: new Map([[spool.waiting[0]?.id ?? "", ACCEPTED]]), next }));
      const pump = openPump({ spool, sink, clock: systemClock, board: new Board(), log: silentLog }, never);
      await spool.drained();
      await pump[Symbol.asyncDispose]();
      await pump[Symbol.asyncDispose]();
      expect(spool.waiting).toEqual([]);
    }
  });
});
