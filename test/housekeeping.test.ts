// Shown: what the house does by itself, on a real spool and event road: erasing past the hour, but not for a step of the
// clock; a named hole for what cannot be sent; and a stop that ends on a disk that takes nothing.
import { expect, test } from "vitest";
import { silentLog } from "../src/core/log.ts";
import { openHousekeeping } from "../src/housekeeping.ts";
import { discloseFact } from "../src/privacy/disclose.ts";
import type { Spool } from "../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "./helpers/disclosure.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "./helpers/test-spool.ts";

const DAY_MS = 24 * 3_600_000;

/** `expired`: entries that are past their hour when it begins. */
async function openHouse({ reserveFreeBytes = 0, expired = 0, tickMs = 5 } = {}) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const time = fakeTime();
  const by = testDisclosure({ clock: time.clock });
  const spool = stack.use(await openTestSpool(directory.path, { clock: time.clock, reserveFreeBytes }));
  let ticks = 0;
  const eventRoad = {
    tick: async () => void ticks++,
    tell: (fact: Parameters<typeof discloseFact>[0], discard?: Parameters<Spool["append"]>[0]["discard"]) =>
      spool.append({ make: [{ event: discloseFact(fact, by) }], ...(discard !== undefined && { discard }) }),
    flush: () => spool.append({ counters: { flushed: 1 } }),
  };
  await Promise.all(
    Array.from({ length: expired }, (_, lux) => spool.append({ make: [{ event: luxEvent(lux, by) }] })),
  );
  if (expired > 0) time.pass(31 * DAY_MS);
  const evictFirst = by.policy.events.evictFirst;
  const housekeeping = openHousekeeping({ eventRoad, spool, evictFirst, clock: time.clock, log: silentLog, tickMs });
  stack.use(housekeeping);
  const owned = stack.move();
  return {
    spool,
    time,
    housekeeping,
    dataDir: directory.path,
    append: (lux: number) => spool.append({ make: [{ event: luxEvent(lux, by) }] }),
    waiting: () => waitingFor(spool, time.clock.nowMs()).map(({ body }) => JSON.parse(body)),
    /** Resolves when a tick that began after this call has ended. */
    async ticked() {
      const seen = ticks;
      await expect.poll(() => ticks).toBeGreaterThan(seen + 3);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("what was just acknowledged is not erased when the clock is set forward by forty days", async () => {
  await using house = await openHouse();
  for (const lux of [1, 2, 3]) await house.append(lux);
  house.time.set(40 * DAY_MS);
  await house.ticked();
  expect(house.waiting().map(({ data }) => data.lux)).toEqual([1, 2, 3]);
  house.time.pass(31 * DAY_MS);
  await expect.poll(() => house.waiting().map(({ data }) => data.sequences)).toEqual([[1, 2, 3]]);
});

test("a long backlog that is past its hour goes by several tombstones in one tick", async () => {
  await using house = await openHouse({ expired: 1200, tickMs: 3_600_000 });
  const names = () => house.waiting().flatMap(({ data }) => data.sequences ?? []);
  await expect.poll(() => new Set(names()).size, { timeout: 10_000 }).toBeGreaterThanOrEqual(1200);
  expect(house.spool.expired(house.time.clock.nowMs(), 10)).toEqual([]);
});

test("an entry that cannot be given to the platform leaves a tombstone, not an unnamed hole", async () => {
  await using house = await openHouse();
  for (const lux of [1, 2]) await house.append(lux);
  const undeliverable = waitingFor(house.spool, house.time.clock.nowMs()).slice(0, 1);
  await house.spool.settle({ sinkId: "main", accepted: [], rejected: [], undeliverable });
  await expect.poll(() => house.waiting().at(-1)?.data).toMatchObject({ how: "erased", sequences: [1] });
  expect(house.spool.counters()).toMatchObject({ "entry.erased.main": 1 });
});

test("dead letters go when they are past their hour", async () => {
  await using house = await openHouse();
  await house.append(1);
  const rejected = waitingFor(house.spool, house.time.clock.nowMs()).map((entry) => ({ entry, why: "no" }));
  await house.spool.settle({ sinkId: "main", accepted: [], rejected });
  await house.ticked();
  expect(house.spool.deadLetters(1).length).toBe(1);
  house.time.pass(31 * DAY_MS);
  await expect.poll(() => house.spool.deadLetters(1)).toEqual([]);
});

test("below the disk's reserve erasing goes on, and the house can be closed", async () => {
  await using house = await openHouse({ reserveFreeBytes: Number.MAX_SAFE_INTEGER });
  await expect.poll(() => house.spool.condition()).toBe("full");
  const held = house.append(1);
  await house.ticked();
  expect(query(house.dataDir, "SELECT count(*) AS n FROM entries")).toEqual([{ n: 0 }]);
  const startedMs = performance.now();
  await house.housekeeping[Symbol.asyncDispose]();
  expect(performance.now() - startedMs).toBeLessThan(5000);
  await house.spool[Symbol.asyncDispose]();
  await held;
});
