// Shown: what a person's wish to erase takes, on a real spool: by device, camera and period, whatever name they had outside;
// what waits goes with a tombstone, the rest without a trace, no byte is left in the files, the platforms are asked, and the
// ledger hears of counts alone.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { ErasureAsk } from "../src/core/erasure-commands.ts";
import { LIMITS } from "../src/core/limits.ts";
import { SPOOL_LIMITS } from "../src/spool/spool-limits.ts";
import { openErasingHouse, type PlainEvent, PSEUDONYMS } from "./helpers/erasing-house.ts";
import { addPicture } from "./helpers/waiting-pictures.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
const all: ErasureAsk = { devices: [], cameras: [] };
const asked = (ask: Partial<ErasureAsk>) => ({ ...all, ...ask, by: "steward" }) as const;
const wishes = (events: readonly PlainEvent[]): PlainEvent[] =>
  events.filter(({ type }) => type === "hedgerow.erasure.requested.v1");

test("of one device everything goes: what waits, was rejected, and is remembered; of others nothing", async () => {
  await using house = await openErasingHouse();
  await house.light("lamp", "mark-lamp-rejected");
  await house.light("other", "kept-rejected");
  await house.reject();
  await house.light("lamp", "mark-lamp-waiting");
  await house.light("other", "kept-waiting");
  await house.remember("lamp", house.clock.nowMs());
  await house.remember("other", house.clock.nowMs());
  const erasing = await house.open();
  const found = await erasing.holdings({ ...all, devices: ["lamp"] });
  expect(found).toMatchObject({ entries: 1, rejected: 1, memories: 1, byType: { "hedgerow.light.level.v1": 2 } });
  expect(await erasing.erase(asked({ devices: ["lamp"] }))).toMatchObject({ isDone: true, erased: found });
  expect(await house.filesWith("mark-lamp")).toEqual([]);
  expect(await house.filesWith("kept-waiting")).not.toEqual([]);
  expect(house.spool.deadLetters(9)).toHaveLength(1);
  expect([...house.spool.state("device:").keys()]).toEqual(["device:other"]);
  expect(house.waiting().map(({ type }) => type)).toEqual([
    "hedgerow.light.level.v1",
    "hedgerow.tombstone.v1",
    "hedgerow.erasure.requested.v1",
  ]);
  expect(house.waiting()[1]?.data).toMatchObject({ how: "erased", sequences: [3] });
  expect(house.spool.counters()["entry.erased.main"]).toBe(1);
  expect(await erasing.holdings({ ...all, devices: ["lamp"] })).toMatchObject({ entries: 0, rejected: 0, memories: 0 });
});

test("a device is found under each name that it had, and the platform is told all of them", async () => {
  await using house = await openErasingHouse({ nowMs: Date.UTC(2026, 9, 31, 23, 50) });
  await house.light("lamp", "mark-october");
  house.time.pass(20 * MINUTE_MS);
  await house.light("lamp", "mark-november");
  expect(new Set(house.waiting().map(({ subject }) => subject)).size).toBe(2);
  const erasing = await house.open();
  const from = new Date(Date.UTC(2026, 9, 31)).toISOString();
  await erasing.erase(asked({ devices: ["lamp"], from }));
  expect(await house.filesWith("mark-")).toEqual([]);
  const names = [Date.UTC(2026, 9, 31), Date.UTC(2026, 10, 1)].map((ms) => PSEUDONYMS.nameOf("device", "lamp", ms));
  const [wish] = wishes(house.waiting());
  expect(wish).toMatchObject({ data: { from, subjects: expect.arrayContaining(names) } });
});

test("of a period all goes whose rounded time may lie in it, and nothing beside it", async () => {
  await using house = await openErasingHouse({ events: { timeBucketS: 900, motion: { mode: "each" } } });
  const nowMs = house.clock.nowMs();
  for (const [mark, agoMs] of [
    ["kept-before", 61],
    ["mark-rounded-to-before", 50],
    ["mark-within", 40],
    ["mark-end", 31],
    ["kept-after", 29],
  ] as const)
    await house.light("lamp", mark, agoMs * MINUTE_MS);
  const erasing = await house.open();
  const ago = (minutes: number) => new Date(nowMs - minutes * MINUTE_MS).toISOString();
  const { erased } = await erasing.erase(asked({ from: ago(49), to: ago(31) }));
  expect(erased).toMatchObject({ entries: 3, from: ago(60), to: ago(30) });
  expect(await house.filesWith("mark-")).toEqual([]);
  expect(house.waiting().map(({ data }) => data["zone"])).toEqual(["kept-before", "kept-after", undefined, undefined]);
  expect(wishes(house.waiting())).toMatchObject([{ data: { subjects: [], from: ago(60), to: ago(30) } }]);
});

test("what an earlier policy told in coarser steps is found by a finer one, until it can wait no more", async () => {
  await using house = await openErasingHouse({ events: { timeBucketS: 3600 } });
  await house.open();
  await house.spool.settled();
  const nowMs = house.clock.nowMs();
  await using finer = await openErasingHouse({ events: { timeBucketS: 60 } });
  const buckets = house.spool.state("erase:bucket");
  await finer.spool.append({ state: Object.fromEntries(buckets) });
  await finer.light("lamp", "told-by-the-hour", 0);
  const at = (minutes: number) => new Date(nowMs + minutes * MINUTE_MS).toISOString();
  finer.time.pass(45 * MINUTE_MS);
  const ask = { ...all, devices: ["lamp"], from: at(30), to: at(31) };
  expect(await (await finer.open()).holdings(ask)).toMatchObject({ entries: 1, from: at(-30) });
  await finer.spool.settled();
  finer.time.pass(LIMITS.eventTtlMs + MINUTE_MS);
  expect(await (await finer.open()).holdings(ask)).toMatchObject({ entries: 0, from: at(30) });
});

test("of a camera go its words, the pictures that wait and the one kept for the page, rows and files", async () => {
  await using house = await openErasingHouse();
  await house.withheld("gate-cam", "mark-waits");
  const waits = await addPicture(house.dataDir, { sequence: 1, bytes: 300, camera: "gate-cam" });
  await house.withheld("gate-cam", "mark-delivered");
  const kept = await addPicture(house.dataDir, { sequence: 2, bytes: 300, camera: "gate-cam" });
  await house.withheld("door-cam", "kept");
  const others = await addPicture(house.dataDir, { sequence: 3, bytes: 300, camera: "door-cam" });
  const [, delivered] = house.spool.peek({
    sinkId: "main",
    entriesMax: 9,
    bytesMax: 1e6,
    nowMs: house.clock.nowMs(),
  });
  if (delivered === undefined) throw new Error("unreachable");
  await house.spool.settle({ sinkId: "main", accepted: [delivered], rejected: [] });
  const erasing = await house.open();
  const cameras: (readonly string[])[] = [];
  erasing.onErased((of) => cameras.push(of));
  const { erased } = await erasing.erase(asked({ cameras: ["gate-cam"] }));
  expect(erased).toMatchObject({ entries: 1, pictures: 2 });
  const files = [waits, kept, others].map((sha256) => existsSync(join(house.dataDir, "images", sha256)));
  expect(files).toEqual([false, false, true]);
  expect(house.spool.lastPicture("gate-cam")).toBeNull();
  expect(house.spool.lastPicture("door-cam")).not.toBeNull();
  expect(await house.filesWith("mark-")).toEqual([]);
  expect(cameras).toEqual([["gate-cam"]]);
});

test("what was found damaged goes with any erasure: entries, and whole buffers that lie beside", async () => {
  await using house = await openErasingHouse();
  await house.light("other", "mark-damaged");
  {
    using other = new DatabaseSync(join(house.dataDir, "spool.db"));
    other.exec("UPDATE entries SET crc = crc + 1");
  }
  house.waiting();
  await expect.poll(() => house.spool.damaged(1), { timeout: 20_000 }).toEqual([1]);
  await writeFile(join(house.dataDir, "spool.db.damaged-1"), "mark-of-a-whole-buffer");
  const erasing = await house.open();
  expect(await erasing.holdings({ ...all, devices: ["lamp"] })).toMatchObject({ setAside: 2 });
  await erasing.erase(asked({ devices: ["lamp"] }));
  expect(await house.filesWith("mark-")).toEqual([]);
});

test("an event from an hour that nobody knows goes with any period", async () => {
  await using house = await openErasingHouse();
  house.time.believe(false);
  await house.light("lamp", "mark-unsure");
  house.time.believe(true);
  house.time.pass(DAY_MS);
  const erasing = await house.open();
  const hourAgo = new Date(house.clock.nowMs() - 3_600_000).toISOString();
  expect((await erasing.holdings({ ...all, from: hourAgo })).entries).toBe(1);
});

test("the ledger is told how much went and who asked, and nothing else", async () => {
  await using house = await openErasingHouse();
  await house.light("lamp", "mark-lamp");
  await (await house.open()).erase(asked({ devices: ["lamp"] }));
  const notes = house.spool.ledgerNotes(9).map(({ kind, body }) => [kind, JSON.parse(body)]);
  expect(notes).toEqual([
    ["tombstone", expect.objectContaining({ how: "erased", why: null, entries: 1 })],
    ["erasure", { askedBy: "steward", entries: 1, rejected: 0, pictures: 0 }],
  ]);
});

test("a backlog of several parts goes whole, each entry named once, and the sums hold", async () => {
  await using house = await openErasingHouse();
  const n = SPOOL_LIMITS.saidAtOnce + 700;
  await Promise.all(Array.from({ length: n }, () => house.light("lamp", "mark-lamp")));
  await (await house.open()).erase(asked({ devices: ["lamp"] }));
  const named = house.waiting().flatMap(({ data }) => (Array.isArray(data["sequences"]) ? data["sequences"] : []));
  expect(new Set(named).size).toBe(n);
  expect(house.spool.counters()["entry.erased.main"]).toBe(n);
});
