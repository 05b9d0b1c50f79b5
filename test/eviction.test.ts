// Shown: what goes when there is no room, on a real spool: pictures count, the oldest of the policy's first class goes with its
// file and a tombstone, what the policy does not name stays and holds back; and the disk gets its room back.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { HouseFact } from "../src/core/house-fact.ts";
import { silentLog } from "../src/core/log.ts";
import { makeRoom } from "../src/eviction.ts";
import { disclose, discloseFact } from "../src/privacy/disclose.ts";
import type { Batch, Spool } from "../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "./helpers/disclosure.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "./helpers/test-spool.ts";
import { addPicture } from "./helpers/waiting-pictures.ts";

type Options = { readonly bytesMax?: number; readonly sinkIds?: readonly string[]; readonly free?: { bytes: number } };
type EvictFirst = Parameters<typeof makeRoom>[0]["evictFirst"];

async function openHouse({ bytesMax = 2 ** 20, sinkIds = ["main"], free }: Options = {}) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const dataDir = directory.path;
  const time = fakeTime();
  const { clock } = time;
  const by = testDisclosure({ clock });
  const disk = free === undefined ? {} : { reserveFreeBytes: 1_000_000, freeBytes: async () => free.bytes };
  const spool = stack.use(await openTestSpool(dataDir, { bytesMax, sinkIds, clock, ...disk }));
  const tell = (fact: HouseFact, discard?: Batch["discard"]) =>
    spool.append({ make: [{ event: discloseFact(fact, by) }], ...(discard !== undefined && { discard }) });
  const owned = stack.move();
  return {
    spool,
    time,
    dataDir,
    tell,
    append: (lux: number) => spool.append({ make: [{ event: luxEvent(lux, by) }] }),
    appendState(on: boolean) {
      const said = disclose({ kind: "switch", value: on, deviceId: "lamp", atMs: clock.nowMs() }, by);
      if (said.kind !== "event") throw new Error("unreachable");
      return spool.append({ make: [{ event: said.event }] });
    },
    makeRoom: (evictFirst: EvictFirst = ["snapshot", "light.level"]) =>
      makeRoom({ evictFirst, spool, tell, clock, log: silentLog }),
    waiting: (sinkId?: string) => waitingFor(spool, clock.nowMs(), sinkId),
    /** Sequences that waiting tombstones name. */
    named: () =>
      waitingFor(spool, clock.nowMs())
        .filter(({ type }) => type === "hedgerow.tombstone.v1")
        .flatMap(({ body }): number[] => JSON.parse(body).data.sequences),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function unaccounted(spool: Spool, dataDir: string, sinkId = "main"): number {
  const counters = spool.counters();
  const of = (what: string) => counters[`entry.${what}.${sinkId}`] ?? 0;
  const ended = ["forwarded", "rejected", "expired", "evicted", "erased"].reduce((sum, what) => sum + of(what), 0);
  const [waits] = query(dataDir, `SELECT count(*) AS n FROM waiting WHERE sink='${sinkId}'`);
  return of("made") - ended - Number(waits?.["n"]);
}

test("pictures count: beyond bytesMax the oldest snapshots go first, with their files, and nothing else", async () => {
  await using house = await openHouse();
  for (let lux = 1; lux <= 40; lux++) await house.append(lux);
  const digests: string[] = [];
  for (let sequence = 1; sequence <= 12; sequence++)
    digests.push(await addPicture(house.dataDir, { sequence, bytes: 90_000 }));
  expect(house.spool.stats(house.time.clock.nowMs()).bytes).toBeGreaterThan(2 ** 20);
  await house.makeRoom();
  expect(house.spool.condition()).toBe("ok");
  expect(house.spool.stats(house.time.clock.nowMs()).bytes).toBeLessThanOrEqual(2 ** 20 * 0.95);
  const waiting = house.waiting();
  const gone = 40 - waiting.filter(({ type }) => type === "hedgerow.light.level.v1").length;
  expect(gone).toBeGreaterThan(1);
  expect(gone).toBeLessThan(6);
  expect(house.named(), "the oldest, each named").toEqual(Array.from({ length: gone }, (_, index) => index + 1));
  expect((await readdir(join(house.dataDir, "images"))).toSorted()).toEqual(digests.slice(gone).toSorted());
  expect(house.spool.counters()).toMatchObject({ "entry.evicted.main": gone });
  expect(unaccounted(house.spool, house.dataDir)).toBe(0);
});

test("delivered pictures that are kept for the page go before anything that waits, and without a tombstone", async () => {
  await using house = await openHouse();
  for (let lux = 1; lux <= 12; lux++) await house.append(lux);
  for (let sequence = 1; sequence <= 12; sequence++)
    await addPicture(house.dataDir, { sequence, bytes: 95_000, camera: `cam-${sequence}` });
  await house.spool.settle({ sinkId: "main", accepted: house.waiting().slice(0, 6), rejected: [] });
  await house.makeRoom();
  expect(house.named()).toEqual([]);
  expect(house.waiting().length).toBe(6);
  expect(house.spool.lastPicture("cam-1")).toBe(null);
  expect(house.spool.lastPicture("cam-6")).not.toBe(null);
  expect(house.spool.condition()).toBe("ok");
});

test("dead letters go before what waits, the oldest first", async () => {
  await using house = await openHouse();
  for (let lux = 1; lux <= 12; lux++) await house.append(lux);
  for (let sequence = 1; sequence <= 12; sequence++) await addPicture(house.dataDir, { sequence, bytes: 95_000 });
  const rejected = house
    .waiting()
    .slice(0, 6)
    .map((entry) => ({ entry, why: "no" }));
  await house.spool.settle({ sinkId: "main", accepted: [], rejected });
  await house.makeRoom();
  expect(house.named()).toEqual([]);
  expect(house.spool.condition()).toBe("ok");
  const left = house.spool.deadLetters(10).map(({ sequence }) => sequence);
  expect(left.length).toBeLessThan(6);
  expect(left.at(-1)).toBe(6);
  expect(await house.spool.requeue({})).toMatchObject({ requeued: left.length });
  expect(unaccounted(house.spool, house.dataDir)).toBe(0);
});

test("a full spool takes on: the oldest of the first class, then of the next, and what is not named never", async () => {
  await using house = await openHouse({ bytesMax: 512 * 1024 });
  await house.appendState(true);
  const done: number[] = [];
  const appends = Array.from({ length: 1500 }, (_, lux) => house.append(lux).then(() => done.push(lux)));
  await expect.poll(() => house.spool.condition()).toBe("full");
  while (done.length < 1500) {
    await house.makeRoom(["motion", "light.level"]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(appends);
  const named = house.named();
  const levels = house.waiting().filter(({ type }) => type === "hedgerow.light.level.v1");
  expect(JSON.parse(levels.at(-1)?.body ?? "{}").data.lux, "the newest is there").toBe(1499);
  expect(house.waiting().some(({ type }) => type === "hedgerow.light.state.v1")).toBe(true);
  const known = new Set([...named, ...house.waiting().map(({ sequence }) => sequence)]);
  const newest = house.spool.newestSequence();
  expect(Array.from({ length: newest }, (_, index) => index + 1).filter((each) => !known.has(each))).toEqual([]);
  expect(new Set(named).size, "none is named twice").toBe(named.length);
  const tombstones = house.waiting().filter(({ type }) => type === "hedgerow.tombstone.v1");
  expect(tombstones.length, "they join").toBeLessThan(named.length / 50);
  expect(unaccounted(house.spool, house.dataDir)).toBe(0);
}, 30_000);

test("where nothing may go, acknowledgements are held back, and the platform makes the room", async () => {
  await using house = await openHouse({ bytesMax: 512 * 1024 });
  const done: number[] = [];
  const appends = Array.from({ length: 1500 }, (_, nth) => house.appendState(true).then(() => done.push(nth)));
  await expect.poll(() => house.spool.condition()).toBe("full");
  await house.makeRoom();
  await house.makeRoom();
  expect(house.named()).toEqual([]);
  expect(done.length).toBeLessThan(1500);
  const seen = new Set<number>();
  while (done.length < 1500) {
    const entries = house.waiting();
    for (const { sequence } of entries) seen.add(sequence);
    await house.spool.settle({ sinkId: "main", accepted: entries, rejected: [] });
    await new Promise(setImmediate);
  }
  await Promise.all(appends);
  expect(unaccounted(house.spool, house.dataDir)).toBe(0);
}, 30_000);

test("what a sink has in hand may go, and what the sink says of it later changes nothing", async () => {
  await using house = await openHouse();
  for (let lux = 1; lux <= 12; lux++) await house.append(lux);
  for (let sequence = 1; sequence <= 12; sequence++) await addPicture(house.dataDir, { sequence, bytes: 95_000 });
  const inHand = house.waiting();
  await house.makeRoom();
  const before = house.spool.counters();
  const gone = new Set(house.named());
  expect(gone.size).toBeGreaterThan(1);
  const [first, second, ...others] = inHand.filter(({ sequence }) => gone.has(sequence));
  if (first === undefined || second === undefined) throw new Error("unreachable");
  await house.spool.settle({
    sinkId: "main",
    accepted: [first],
    rejected: [{ entry: second, why: "no" }],
    undeliverable: others,
  });
  expect(house.spool.counters()).toEqual(before);
  expect(house.spool.deadLetters(10)).toEqual([]);
  expect(house.spool.undeliverable(10)).toEqual([]);
});

test("below the disk's reserve the oldest go too, and free pages of the file count as room", async () => {
  const free = { bytes: 5_000_000 };
  await using house = await openHouse({ bytesMax: 2 ** 26, free });
  for (let lux = 0; lux < 400; lux++) void house.append(lux);
  await house.append(400);
  await house.makeRoom();
  expect(house.named()).toEqual([]);
  free.bytes = 1_000_000 - 100_000;
  await house.makeRoom();
  expect(house.spool.condition()).toBe("ok");
  expect(house.named().length).toBeGreaterThan(80);
  expect(house.named().length).toBeLessThan(300);
  await house.append(500);
  free.bytes = 0;
  await house.makeRoom(["snapshot"]);
  expect(house.spool.condition(), "nothing may go").toBe("full");
  free.bytes = 5_000_000;
  await house.makeRoom();
  expect(house.spool.condition()).toBe("ok");
});

test("after an outage the file shrinks, in quiet moments only", async () => {
  await using house = await openHouse({ bytesMax: 2 ** 26 });
  for (let round = 0; round < 10; round++)
    await Promise.all(Array.from({ length: 500 }, (_, lux) => house.append(lux)));
  const entries = house.waiting();
  await house.spool.settle({ sinkId: "main", accepted: entries.slice(0, 2000), rejected: [] });
  const pages = () => Number(query(house.dataDir, "PRAGMA page_count")[0]?.["page_count"]);
  const full = pages();
  await house.spool.giveBack();
  expect(pages(), "it is busy, and more is in use than free").toBe(full);
  await house.spool.settle({ sinkId: "main", accepted: entries, rejected: [] });
  house.time.pass(3000);
  for (let second = 0; second < 5; second++) await house.spool.giveBack();
  expect(pages()).toBeLessThan(600);
  await house.spool[Symbol.asyncDispose]();
  expect((await stat(join(house.dataDir, "spool.db"))).size).toBeLessThan(600 * 2048);
});
