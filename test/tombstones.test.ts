// Shown: what goes unsent one by one over a long outage leaves few tombstones, and no name is lost when a tombstone goes itself.
import { expect, test } from "vitest";
import type { HouseFact } from "../src/core/house-fact.ts";
import { discloseFact } from "../src/privacy/disclose.ts";
import type { Batch } from "../src/spool/spool.ts";
import { bury } from "../src/tombstones.ts";
import { luxEvent, testDisclosure } from "./helpers/disclosure.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "./helpers/test-spool.ts";

async function openHouse() {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const time = fakeTime();
  const by = testDisclosure({ clock: time.clock });
  const spool = stack.use(await openTestSpool(directory.path, { clock: time.clock }));
  const tell = (fact: HouseFact, discard?: Batch["discard"]) =>
    spool.append({ make: [{ event: discloseFact(fact, by) }], ...(discard !== undefined && { discard }) });
  const owned = stack.move();
  return {
    spool,
    time,
    dataDir: directory.path,
    append: (lux: number) => spool.append({ make: [{ event: luxEvent(lux, by) }] }),
    bury: (gone: Parameters<typeof bury>[1]) => bury({ spool, tell, clock: time.clock }, gone),
    tombstones: () =>
      waitingFor(spool, time.clock.nowMs())
        .filter(({ type }) => type === "hedgerow.tombstone.v1")
        .map(({ sequence, body }): { sequence: number; how: string; why?: string; names: number[] } => {
          const { how, why, sequences } = JSON.parse(body).data;
          return { sequence, how, ...(why !== undefined && { why }), names: sequences };
        }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("entries that go one by one share a tombstone, each of which names the one whose place it takes", async () => {
  await using house = await openHouse();
  for (let lux = 1; lux <= 3; lux++) await house.append(lux);
  for (const sequence of [1, 2, 3]) await house.bury({ how: "expired", sequences: [sequence] });
  expect(house.tombstones()).toEqual([{ sequence: 6, how: "expired", names: [1, 2, 3, 4, 5] }]);
  expect(house.spool.counters()).toMatchObject({ "entry.made.main": 6, "entry.expired.main": 5 });
  await house.append(4);
  await house.bury({ how: "evicted", sequences: [7] });
  expect(
    house.tombstones().map(({ how }) => how),
    "another kind has its own",
  ).toEqual(["expired", "evicted"]);
});

test("what was damaged or undeliverable has a tombstone of its own, which says so", async () => {
  await using house = await openHouse();
  for (let lux = 1; lux <= 3; lux++) await house.append(lux);
  for (const [index, why] of (["damaged", "undeliverable", "policy"] as const).entries())
    await house.bury({ how: "erased", why, sequences: [index + 1] });
  expect(house.tombstones().map(({ why, names }) => [why, names])).toEqual([
    ["damaged", [1]],
    ["undeliverable", [2]],
    ["policy", [3]],
  ]);
});

test("a tombstone names 500 at most; a further one begins then", async () => {
  await using house = await openHouse();
  await Promise.all(Array.from({ length: 900 }, (_, lux) => house.append(lux)));
  const all = Array.from({ length: 900 }, (_, index) => index + 1);
  for (let at = 0; at < 900; at += 100) await house.bury({ how: "evicted", sequences: all.slice(at, at + 100) });
  const names = house.tombstones().map((each) => each.names.length);
  expect(Math.max(...names)).toBeLessThanOrEqual(500);
  expect(names.length).toBeLessThan(4);
  const named = new Set(house.tombstones().flatMap((each) => each.names));
  expect(all.filter((each) => !named.has(each))).toEqual([]);
});

test("tombstones that are past their hour leave their names to the next, all of them", async () => {
  await using house = await openHouse();
  for (let round = 0; round < 4; round++) {
    await Promise.all(Array.from({ length: 450 }, (_, lux) => house.append(lux)));
    house.time.pass(31 * 24 * 3_600_000);
    for (;;) {
      const expired = house.spool.expired(await house.spool.timeSettled(), 500);
      if (expired.length === 0) break;
      await house.bury({ how: "expired", sequences: expired });
    }
  }
  expect(query(house.dataDir, "SELECT class, count(*) AS n FROM entries GROUP BY class")).toMatchObject([
    { class: "house" },
  ]);
  const waiting = house.tombstones();
  const known = new Set(waiting.flatMap(({ sequence, names }) => [sequence, ...names]));
  const newest = house.spool.newestSequence();
  expect(Array.from({ length: newest }, (_, index) => index + 1).filter((each) => !known.has(each))).toEqual([]);
  expect(waiting.length).toBeLessThan(10);
});
