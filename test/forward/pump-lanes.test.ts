// Which entries go next: urgent, live and backlog in turn, each subject in its order, and at a price that does not grow with the
// queue. The sink is scripted and the spool in memory, so that each offer can be read.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { Delivery, DeliveryReport } from "../../src/forward/sink.ts";
import type { Entry } from "../../src/spool/spool.ts";
import { type MemorySpool, makeEntries, makeEntry, memorySpool } from "./memory-spool.ts";
import { pumpOf, reaches } from "./pump-bench.ts";
import { ACCEPTED, all, GO_ON, nothing, scriptedSink } from "./scripted-sink.ts";

const urgent = (sequence: number) => makeEntry(sequence, { type: "device.status.v1" });
/** From the first to the last of each offer. */
const spans = (offered: readonly (readonly string[])[]) =>
  offered.map((batch) => (batch.length === 1 ? batch[0] : `${batch[0]}-${batch.at(-1)}`));

describe("a backlog", () => {
  test("lets what is live pass after each of its batches, and what is urgent before all", async () => {
    const spool = memorySpool(makeEntries(1400));
    const appending =
      (...entries: readonly Entry[]) =>
      (offer: readonly Entry[]) => {
        spool.add(...entries);
        return all(offer);
      };
    const { sink, offered } = scriptedSink(
      appending(makeEntry(1401)),
      appending(makeEntry(1402), urgent(1403)),
      appending(makeEntry(1404)),
      appending(),
      appending(makeEntry(1405)),
    );
    await using _pump = pumpOf({ spool, sink }).pump;
    await spool.drained();
    expect(spans(offered)).toEqual(["1-500", "1401", "1403", "1402-1404", "501-1000", "1405", "1001-1400"]);
  });

  test("never starves, however much is live or urgent", async () => {
    const spool = memorySpool(makeEntries(2000));
    let newest = 2000;
    const backlogLeft = () => spool.waiting.some(({ sequence }) => sequence <= 2000);
    let offers = 0;
    const { sink } = scriptedSink();
    const flooding = {
      ...sink,
      async deliver(entries: readonly Entry[]) {
        offers++;
        if (backlogLeft()) spool.add(makeEntry(++newest), urgent(++newest));
        return all(entries);
      },
    };
    await using _pump = pumpOf({ spool, sink: flooding }).pump;
    await spool.drained();
    expect(newest).toBeGreaterThan(2000);
    expect(offers).toBeLessThanOrEqual(3 * 4 + 3);
  });

  test("that one batch can carry is none: all goes in one order", async () => {
    const spool = memorySpool(makeEntries(3));
    const { sink, offered } = scriptedSink((entries) => {
      spool.add(makeEntry(4));
      return all(entries.slice(0, 1));
    });
    await using _pump = pumpOf({ spool, sink }).pump;
    await spool.drained();
    expect(offered).toEqual([
      ["1", "2", "3"],
      ["2", "3", "4"],
    ]);
  });

  test.each([
    { waiting: 1200, offers: ["1-500", "1-500", "1201-1202", "501-1000", "1001-1200"] },
    { waiting: 999, offers: ["1-500", "1-500", "501-1000", "1001"] },
  ])("is what waits after an outage, if it is more than one batch carries: $waiting", async ({ waiting, offers }) => {
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => nowMs++ };
    const spool = memorySpool();
    const { sink, offered } = scriptedSink(nothing({ kind: "wait", retryAfterMs: null, why: "away" }), (entries) => {
      // Made after the platform was last asked in vain, it is news; and so is the one below, from when it is known to be back.
      spool.add(makeEntry(waiting + 1));
      return all(entries);
    });
    await using pump = pumpOf({ spool, sink, clock }).pump;
    const unwatch = pump.onChange(() => {
      if (pump.state().state !== "connected") return;
      unwatch();
      spool.add(makeEntry(waiting + 2));
    });
    spool.add(...makeEntries(waiting));
    await spool.drained();
    expect(spans(offered)).toEqual(offers);
  });

  test("does not take in what is live while a platform comes and goes", async () => {
    const spool = memorySpool(makeEntries(5000));
    let newest = 5000;
    let offers = 0;
    const madeAt = new Map<number, number>();
    const waits: number[] = [];
    const { sink } = scriptedSink();
    const flapping = {
      ...sink,
      async deliver(entries: readonly Entry[]): Promise<DeliveryReport> {
        offers++;
        for (const { sequence } of entries) waits.push(offers - (madeAt.get(sequence) ?? offers));
        if (spool.waiting.some(({ sequence }) => sequence <= 5000)) {
          madeAt.set(++newest, offers);
          spool.add(makeEntry(newest));
        }
        const isThere = offers % 3 !== 0;
        return isThere ? all(entries) : nothing({ kind: "wait", retryAfterMs: null, why: "away" })();
      },
    };
    await using _pump = pumpOf({ spool, sink: flapping }).pump;
    await spool.drained();
    expect(madeAt.size).toBeGreaterThan(10);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5);
  });
});

describe("the order of a subject", () => {
  test("holds in each lane, whatever the platform keeps: nothing is offered past an earlier one that waits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat({ max: 4 })),
        fc.integer({ min: 1, max: 8 }),
        async (subjects, dice, atOnce) => {
          let nowMs = 0;
          const clock = { ...systemClock, monotonicMs: () => nowMs };
          const spool = memorySpool(subjects.map((n, index) => makeEntry(index + 1, { subject: `device-${n}` })));
          const { sink } = scriptedSink();
          const picky = {
            ...sink,
            async deliver(entries: readonly Entry[]): Promise<DeliveryReport> {
              expect(overtaken(entries, spool.waiting)).toEqual([]);
              nowMs += 50;
              const said = entries
                .slice(0, atOnce)
                .map(({ id }): [string, Delivery] => [id, dice.next().value === 0 ? { kind: "kept" } : ACCEPTED]);
              return { deliveries: new Map(said), next: GO_ON };
            },
          };
          const wait = async (ms: number) => void (nowMs += ms);
          await using _pump = pumpOf({ spool, sink: picky, clock, wait }).pump;
          await spool.drained();
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Those offered while an earlier one of their subject waits and is not offered before them. */
function overtaken(offer: readonly Entry[], waiting: readonly Entry[]): number[] {
  const place = new Map(offer.map(({ sequence }, index) => [sequence, index]));
  return offer
    .filter(({ subject, sequence }, index) =>
      waiting.some(
        (other) =>
          other.subject === subject && other.sequence < sequence && (place.get(other.sequence) ?? index) >= index,
      ),
    )
    .map(({ sequence }) => sequence);
}

test("an entry that is put back below all that has gone is found", async () => {
  const spool = memorySpool([10, 11].map((n) => makeEntry(n)));
  const { sink, offered } = scriptedSink();
  await using _pump = pumpOf({ spool, sink }).pump;
  await spool.drained();
  spool.add(makeEntry(12));
  await spool.drained();
  spool.add(makeEntry(5));
  await spool.drained();
  expect(offered).toEqual([["10", "11"], ["12"], ["5"]]);
});

describe("the price of a turn", () => {
  test("does not grow with what is held back and what waits behind it", async () => {
    const behind = 30_000;
    const spool = memorySpool([
      ...Array.from({ length: behind }, (_, index) => makeEntry(index + 1, { subject: "kept" })),
      ...Array.from({ length: 10 }, (_, index) => makeEntry(behind + index + 1, { subject: "others" })),
    ]);
    const looks = new Map<number, number>();
    let turn = 0;
    const peek: MemorySpool["peek"] = (ask) => {
      const seen = spool.peek(ask);
      looks.set(turn, (looks.get(turn) ?? 0) + seen.length);
      return seen;
    };
    const { sink, offered } = scriptedSink();
    const keeping = {
      ...sink,
      async deliver(entries: readonly Entry[], image: (sha256: string) => Promise<Buffer>, stop: AbortSignal) {
        turn++;
        await sink.deliver(entries, image, stop);
        const said = entries.map(({ id, subject }): [string, Delivery] => [
          id,
          subject === "kept" ? { kind: "kept" } : ACCEPTED,
        ]);
        return { deliveries: new Map(said), next: GO_ON };
      },
    };
    const clock = { ...systemClock, monotonicMs: () => 0 };
    const rested = Promise.withResolvers<void>();
    const wait = (_ms: number, signal: AbortSignal) => {
      rested.resolve();
      return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    };
    await using pump = pumpOf({ spool: { ...spool, peek }, sink: keeping, clock, wait }).pump;
    await rested.promise;
    expect(spool.waiting).toHaveLength(behind);
    expect(offered).toHaveLength(2);
    // The last turn has looked through what waits behind the kept one, once: the next looks at what is new alone.
    const before = looks.get(turn) ?? 0;
    spool.add(makeEntry(behind + 11, { subject: "others" }));
    await reaches(pump, "connected");
    while (spool.waiting.length > behind) await new Promise((resolve) => setImmediate(resolve));
    expect(before).toBeLessThanOrEqual(behind + 10 * LIMITS.batchEvents);
    expect(looks.get(turn - 1)).toBeLessThanOrEqual(before + LIMITS.batchEvents);
  });
});
