// Shown: what a sink may have been given keeps its bytes, over restarts and power cuts, and what none has seen may be said anew
// (I6, I10). With a real spool; the tightening is one that marks what it is asked about.
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/core/database.ts";
import { discloseFact, type Event } from "../../src/privacy/disclose.ts";
import type { Tighten } from "../../src/privacy/tighten.ts";
import { Offered } from "../../src/spool/offered.ts";
import type { Entry, Spool } from "../../src/spool/spool.ts";
import { SPOOL_LIMITS } from "../../src/spool/spool-limits.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "../helpers/test-spool.ts";

const MANY = SPOOL_LIMITS.offeredAhead + 20;
const ALL = { after: 0, upTo: 1e9, entriesMax: 1e6 };

/** Says each light level as one of 7 lx. */
const toSeven: Tighten = ({ body }) => {
  const event = JSON.parse(body);
  return {
    kind: "rewritten",
    body: JSON.stringify({ ...event, data: { ...event.data, lux: 7 } }),
    ifOffered: "erased",
  };
};

const fill = (spool: Spool, count: number, event: Event = luxEvent(1)): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => spool.append({ make: [{ event }] })));
const offer = (spool: Spool, entriesMax: number): Entry[] =>
  spool.peek({ sinkId: "main", entriesMax, bytesMax: 1e9, nowMs: Date.now() });
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

test("what was offered goes and what was not is said anew, with its id, its number and a checksum that holds", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path);
  await fill(spool, MANY);
  const before = query(directory.path, "SELECT id FROM entries ORDER BY sequence");
  offer(spool, 5);
  expect(await spool.tighten({ ...ALL, tighten: toSeven })).toEqual({
    last: MANY,
    erased: upTo(5),
    rewritten: MANY - 5,
  });
  const left = waitingFor(spool, Date.now()).slice(5);
  expect(left.map(({ id }) => id)).toEqual(before.slice(5).map((row) => row["id"]));
  expect(new Set(left.map(({ body }) => JSON.parse(body).data.lux))).toEqual(new Set([7]));
});

test.each(["is opened anew", "had a power cut"])("what was offered is known when the spool %s", async (how) => {
  await using directory = await tempDir();
  await using after = await tempDir();
  {
    await using spool = await openTestSpool(directory.path);
    await fill(spool, MANY);
    offer(spool, 5);
    if (how === "had a power cut") await cp(directory.path, after.path, { recursive: true });
  }
  await using spool = await openTestSpool(how === "had a power cut" ? after.path : directory.path);
  expect(await spool.tighten({ ...ALL, tighten: toSeven })).toMatchObject({ erased: upTo(5), rewritten: MANY - 5 });
});

test.each([
  ["is lost", "DELETE FROM state WHERE key = 'offered'"],
  ["is damaged", "UPDATE state SET value = replace(value, '[[', '[[9') WHERE key = 'offered'"],
])("where the note of it %s, all that there is counts as offered, and nothing that comes later", async (_, sql) => {
  await using directory = await tempDir();
  {
    await using spool = await openTestSpool(directory.path);
    await fill(spool, 10);
    offer(spool, 1);
  }
  {
    using other = new DatabaseSync(join(directory.path, "spool.db"));
    other.exec(sql);
  }
  await using spool = await openTestSpool(directory.path);
  await fill(spool, 2);
  expect(await spool.tighten({ ...ALL, tighten: toSeven })).toEqual({ last: 12, erased: upTo(10), rewritten: 2 });
});

test("what no sink ever asked for counts as offered after no start", async () => {
  await using directory = await tempDir();
  for (const made of [0, 10, 2]) {
    await using spool = await openTestSpool(directory.path);
    await fill(spool, made);
  }
  await using spool = await openTestSpool(directory.path);
  expect(await spool.tighten({ ...ALL, tighten: toSeven })).toEqual({ last: 12, erased: [], rewritten: 12 });
});

test("an urgent entry that overtakes a backlog makes nothing of the backlog count as offered", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path);
  await fill(spool, 10);
  const fact = { kind: "gateway-status", state: "started", version: "1", atMs: Date.now() } as const;
  await fill(spool, 1, discloseFact(fact, testDisclosure()));
  const ask = { sinkId: "main", entriesMax: 5, bytesMax: 1e9, nowMs: Date.now() };
  expect(spool.peek({ ...ask, isUrgent: true }).map(({ sequence }) => sequence)).toEqual([11]);
  expect(await spool.tighten({ ...ALL, tighten: toSeven })).toEqual({ last: 11, erased: [11], rewritten: 10 });
});

test("a damaged entry is not given a checksum that fits, and what it says is not asked for", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path);
  await fill(spool, 2);
  {
    using other = new DatabaseSync(join(directory.path, "spool.db"), { timeout: 5000 });
    other.exec("UPDATE entries SET body = replace(body, 'lux', 'xul') WHERE sequence = 1");
  }
  const asked: string[] = [];
  const tighten: Tighten = (entry) => {
    asked.push(entry.body);
    return entry.body === "" ? { kind: "erased" } : toSeven(entry);
  };
  expect(await spool.tighten({ ...ALL, tighten })).toEqual({ last: 2, erased: [1], rewritten: 1 });
  expect(asked[0]).toBe("");
});

test("entries that go as they come cost one note for many, and a few stretches of offers are told apart", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path);
  const note = () => query(directory.path, "SELECT value FROM state WHERE key='offered'")[0]?.["value"];
  const notes = new Set<unknown>();
  for (let n = 0; n < MANY; n++) {
    await spool.append({ make: [{ event: luxEvent(n) }] });
    await spool.settle({ sinkId: "main", accepted: offer(spool, 1), rejected: [] });
    notes.add(note());
  }
  expect(notes.size).toBe(2);
  expect(JSON.parse(String(note())).ranges).toHaveLength(1);
});

/** A note in a database of its own, of a new spool to which 9,999 entries were then added. */
function openNote() {
  const database = openDatabase(":memory:");
  database.exec("CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  let newest = 0;
  const failed = (cause: unknown) => {
    throw cause;
  };
  const open = () => new Offered({ database, newestSequence: () => newest, commit: (write) => write(), failed });
  const first = open();
  newest = 9999;
  const stretches = (): number =>
    JSON.parse(String(database.prepare("SELECT value FROM state").get()?.["value"])).ranges.length;
  return { first, open, stretches, [Symbol.dispose]: () => database.close() };
}

const entry = (sequence: number, type: string): Entry => ({
  sequence,
  type,
  id: "",
  subject: "",
  body: "",
  expiresAtMs: 0,
});
const stretch = (from: number, count: number): Entry[] =>
  upTo(count).map((n) => entry(from + n, n % 7 === 0 ? "hedgerow.device.status.v1" : "hedgerow.light.level.v1"));

test("whatever is offered in whatever order, nothing of it is forgotten, and the note stays small", () => {
  const asked = fc.tuple(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(fc.array(asked, { minLength: 1, maxLength: 60 }), (asks) => {
      using note = openNote();
      const given = asks.map(([from, count]) => stretch(from, count));
      for (const entries of given) note.first.note(entries);
      for (const known of [note.first, note.open()])
        for (const each of given.flat()) expect(known.isOffered(each)).toBe(true);
      expect(note.stretches()).toBeLessThanOrEqual(SPOOL_LIMITS.offeredRanges);
    }),
    { numRuns: 100 },
  );
});

test("between a few stretches that were offered nothing counts as offered", () => {
  using note = openNote();
  for (const from of [0, 1000, 3000]) note.first.note(stretch(from, 6));
  const between = [500, 1500, 2500, 4000].map((sequence) => entry(sequence, "hedgerow.light.level.v1"));
  expect(between.map((each) => note.open().isOffered(each))).toEqual([false, false, false, false]);
});
