// An entry that the platform asks to keep: it waits, what follows of its subject waits behind it, and nothing else does. The sink
// is scripted, and waits make time pass.
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import type { DeliveryReport } from "../../src/forward/sink.ts";
import type { Entry } from "../../src/spool/spool.ts";
import { makeEntry, memorySpool } from "./memory-spool.ts";
import { pumpOf } from "./pump-bench.ts";
import { ACCEPTED, all, GO_ON, recordedWaits, scriptedSink } from "./scripted-sink.ts";

const ofOwnDevice = (sequence: number): Entry => makeEntry(sequence, { subject: `device-${sequence}` });

describe("an entry that the platform asks to keep", () => {
  test("does not hold up the others, and is offered again later", async () => {
    const spool = memorySpool([1, 2, 3].map(ofOwnDevice));
    const busy = (entries: readonly Entry[]): DeliveryReport => ({
      deliveries: new Map(entries.map(({ id, sequence }) => [id, sequence === 1 ? { kind: "kept" } : ACCEPTED])),
      next: GO_ON,
    });
    const { sink, offered } = scriptedSink(busy, busy);
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => nowMs };
    // The first wait is for the held entry: time goes by, and something else arrives meanwhile.
    const wait = async (ms: number, signal: AbortSignal) => {
      if (nowMs === 0) {
        nowMs = 1;
        spool.add(ofOwnDevice(4));
      } else if (!signal.aborted) nowMs += ms;
    };
    await using _pump = pumpOf({ spool, sink, clock, wait, limits: { backoffMinMs: 1000 } }).pump;
    await spool.drained();
    expect(offered).toEqual([["1", "2", "3"], ["4"], ["1"]]);
  });

  test("holds back what follows of its subject, in its order, and nothing else", async () => {
    const spool = memorySpool([1, 2, 3, 4].map((n) => makeEntry(n, { subject: n % 2 === 1 ? "odd" : "even" })));
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => nowMs };
    const keepFirst = (entries: readonly Entry[]): DeliveryReport => ({
      deliveries: new Map(entries.map(({ id, sequence }) => [id, sequence === 1 ? { kind: "kept" } : ACCEPTED])),
      next: GO_ON,
    });
    // The platform takes the first two alone, so that 3 is left waiting behind 1.
    const { sink, offered } = scriptedSink((entries) => keepFirst(entries.slice(0, 2)));
    const wait = async (ms: number) => void (nowMs += ms);
    await using _pump = pumpOf({ spool, sink, clock, wait, limits: { backoffMinMs: 1000 } }).pump;
    await spool.drained();
    expect(offered).toEqual([["1", "2", "3", "4"], ["4"], ["1"], ["3"]]);
  });

  test("and then is taken lets go what waited behind it, while another is still held back", async () => {
    const spool = memorySpool([1, 2, 3, 4].map((n) => makeEntry(n, { subject: n % 2 === 1 ? "odd" : "even" })));
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => nowMs };
    const only =
      (...taken: readonly number[]) =>
      (entries: readonly Entry[]): DeliveryReport => ({
        deliveries: new Map(
          entries.slice(0, 2).map(({ id, sequence }) => [id, taken.includes(sequence) ? ACCEPTED : { kind: "kept" }]),
        ),
        next: GO_ON,
      });
    const { sink, offered } = scriptedSink(only(), only(1));
    const wait = async (ms: number) => void (nowMs += ms);
    await using _pump = pumpOf({ spool, sink, clock, wait, limits: { backoffMinMs: 1000 } }).pump;
    await spool.drained();
    expect(offered).toEqual([["1", "2", "3", "4"], ["1", "2"], ["3"], ["2"], ["4"]]);
  });

  test("and then is gone lets go what waited behind it", async () => {
    const spool = memorySpool([1, 2].map((n) => makeEntry(n)));
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => nowMs };
    const { sink, offered } = scriptedSink((entries) => all(entries.slice(0, 1), { kind: "kept" }));
    const wait = async (ms: number) => {
      // Erased by a person, say.
      if (nowMs === 0) spool.waiting.shift();
      nowMs += ms;
    };
    await using _pump = pumpOf({ spool, sink, clock, wait, limits: { backoffMinMs: 1000 } }).pump;
    await spool.drained();
    expect(offered).toEqual([["1", "2"], ["2"]]);
  });

  test("more of them than can be held back make the pump wait", async () => {
    const { waits, wait } = recordedWaits();
    const spool = memorySpool(Array.from({ length: 10 }, (_, index) => ofOwnDevice(index + 1)));
    const keep = (entries: readonly Entry[]) => all(entries, { kind: "kept" });
    const { sink } = scriptedSink(keep, keep, keep, keep);
    await using _pump = pumpOf({
      spool,
      sink,
      wait,
      limits: { entriesHeldBack: 4, backoffMinMs: 0, backoffMaxMs: 0 },
    }).pump;
    await spool.drained();
    expect(waits.length).toBeGreaterThanOrEqual(1);
  });
});
