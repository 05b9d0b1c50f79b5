// Shown: what the spool's port promises, on real files: order, ids made once, exact settlement, a full disk that holds back
// and recovers, refusal after a failure, newer data refused.
import { expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { openDatabase } from "../../src/core/database.ts";
import { silentLog } from "../../src/core/log.ts";
import { Event } from "../../src/privacy/disclose.ts";
import { RedactedImage } from "../../src/privacy/redact.ts";
import type { Entry } from "../../src/spool/spool.ts";
import { openSpool } from "../../src/spool/sqlite-spool.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const open = (dataDir: string, options: { bytesMax?: number; sinkIds?: string[] } = {}) =>
  openSpool({
    dataDir,
    bytesMax: options.bytesMax ?? 64 * 1024 * 1024,
    sinkIds: options.sinkIds ?? ["main"],
    clock: systemClock,
    board: new Board(),
    log: silentLog,
  });
const peek = (spool: { peek: Awaited<ReturnType<typeof open>>["peek"] }, sinkId = "main"): Entry[] =>
  spool.peek({ sinkId, entriesMax: 100_000, bytesMax: 1e9, nowMs: Date.now() });
const luxOf = (entry: Entry): number => JSON.parse(entry.body).data.lux;

test("entries come out in the order in which they were appended, with ids and sequences made once", async () => {
  await using directory = await tempDir();
  await using spool = await open(directory.path);
  await Promise.all(Array.from({ length: 1500 }, (_, lux) => spool.append({ make: [{ event: luxEvent(lux) }] })));
  const entries = peek(spool);
  expect(entries.map(luxOf)).toEqual(Array.from({ length: 1500 }, (_, lux) => lux));
  expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1500 }, (_, index) => index + 1));
  expect(new Set(entries.map(({ id }) => id)).size).toBe(1500);
  expect(peek(spool)).toEqual(entries);
});

test("what was appended is in the file when the promise resolves, for another process to read", async () => {
  await using directory = await tempDir();
  await using spool = await open(directory.path);
  await spool.append({ make: [{ event: luxEvent(7) }], state: { "device:a": "{}" }, counters: { "reading.made": 1 } });
  const other = openDatabase(`${directory.path}/spool.db`);
  expect(other.prepare("SELECT count(*) AS n FROM entries").get()).toEqual({ n: 1 });
  expect(other.prepare("SELECT value FROM state").get()).toEqual({ value: "{}" });
  expect(other.prepare("SELECT n FROM counters WHERE name='reading.made'").get()).toEqual({ n: 1 });
  other.close();
});

test("the sequence goes on after a restart, also when all entries have left", async () => {
  await using directory = await tempDir();
  {
    await using spool = await open(directory.path);
    await spool.append({ make: [{ event: luxEvent(1) }] });
    await spool.settle({ sinkId: "main", accepted: peek(spool), rejected: [] });
  }
  await using spool = await open(directory.path);
  await spool.append({ make: [{ event: luxEvent(2) }] });
  expect(peek(spool).map(({ sequence }) => sequence)).toEqual([2]);
});

test("settling takes exactly the named entries of one sink; a rejected one becomes a dead letter with its reason", async () => {
  await using directory = await tempDir();
  await using spool = await open(directory.path, { sinkIds: ["main", "city"] });
  for (const lux of [1, 2, 3]) await spool.append({ make: [{ event: luxEvent(lux) }] });
  const [first, second] = peek(spool);
  if (first === undefined || second === undefined) throw new Error("unreachable");
  await spool.settle({ sinkId: "main", accepted: [first], rejected: [{ entry: second, why: "unknown type" }] });
  expect(peek(spool).map(luxOf)).toEqual([3]);
  expect(peek(spool, "city").map(luxOf)).toEqual([1, 2, 3]);
  expect(spool.deadLetters(10)).toMatchObject([{ sinkId: "main", id: second.id, why: "unknown type" }]);
  expect(spool.counters()).toMatchObject({
    "entry.made.main": 3,
    "entry.forwarded.main": 1,
    "entry.rejected.main": 1,
    "entry.made.city": 3,
  });
  await spool.settle({ sinkId: "main", accepted: [first], rejected: [] });
  expect(spool.counters()["entry.forwarded.main"]).toBe(1);
});

test("a full disk holds appends back, loses none, and recovers when deliveries make room", async () => {
  await using directory = await tempDir();
  await using spool = await open(directory.path, { bytesMax: 512 * 1024 });
  let done = 0;
  const appends = Array.from({ length: 2000 }, (_, lux) =>
    spool.append({ make: [{ event: luxEvent(lux) }] }).then(() => done++),
  );
  await expect.poll(() => spool.stats(Date.now()).state).toBe("full");
  expect(done).toBeLessThan(2000);
  const seen: number[] = [];
  while (seen.length < 2000) {
    const entries = peek(spool);
    seen.push(...entries.map(luxOf));
    await spool.settle({ sinkId: "main", accepted: entries, rejected: [] });
    if (entries.length === 0) await new Promise(setImmediate);
  }
  await Promise.all(appends);
  expect(seen).toEqual(Array.from({ length: 2000 }, (_, lux) => lux));
  expect(spool.stats(Date.now()).state).toBe("ok");
}, 30_000);

test("expired entries leave with their tombstone in one transaction and are counted", async () => {
  await using directory = await tempDir();
  await using spool = await open(directory.path);
  const past = { ...systemClock, nowMs: () => Date.now() - 40 * 24 * 3_600_000 };
  await spool.append({ make: [{ event: luxEvent(1, testDisclosure({ clock: past })) }] });
  expect(peek(spool)).toEqual([]);
  const sequences = spool.expired(Date.now(), 100);
  expect(sequences).toEqual([1]);
  await spool.append({ make: [{ event: luxEvent(2) }], discard: { sequences, how: "expired" } });
  expect(spool.expired(Date.now(), 100)).toEqual([]);
  expect(spool.counters()).toMatchObject({ "entry.expired.main": 1, "entry.made.main": 2 });
});

test("entries made before any platform was configured go to the first one that is", async () => {
  await using directory = await tempDir();
  {
    await using spool = await open(directory.path, { sinkIds: [] });
    await spool.append({ make: [{ event: luxEvent(5) }] });
  }
  await using spool = await open(directory.path);
  expect(peek(spool).map(luxOf)).toEqual([5]);
});

test("a look-alike of an event or picture is refused, whatever a cast said", async () => {
  await using directory = await tempDir();
  await using spool = await open(directory.path);
  const { content } = luxEvent(1);
  // What `as unknown as Event` would let pass, without writing the cast.
  const lookAlike: Event = Object.assign(Object.create(Event.prototype), { made: "up" });
  Object.defineProperty(lookAlike, "content", { value: content });
  await expect(spool.append({ make: [{ event: lookAlike }] })).rejects.toThrow("only what privacy made");
  const picture: RedactedImage = Object.create(RedactedImage.prototype);
  const making = { event: luxEvent(1), image: { redacted: picture, expiresAtMs: Date.now() } };
  await expect(spool.append({ make: [making] })).rejects.toThrow("only what privacy made");
  expect(peek(spool)).toEqual([]);
});

test("data of a newer program is refused with a clear sentence", async () => {
  await using directory = await tempDir();
  await (await open(directory.path))[Symbol.asyncDispose]();
  const database = openDatabase(`${directory.path}/spool.db`);
  database.exec("PRAGMA user_version=99");
  database.close();
  await expect(open(directory.path)).rejects.toMatchObject({
    code: "SPOOL_NEWER",
    message: expect.stringContaining("version 99"),
  });
});

test("a closed spool refuses, and closing twice is harmless", async () => {
  await using directory = await tempDir();
  const spool = await open(directory.path);
  const last = spool.append({ make: [{ event: luxEvent(1) }] });
  await spool[Symbol.asyncDispose]();
  await spool[Symbol.asyncDispose]();
  await expect(last).resolves.toBeUndefined();
  await expect(spool.append({ make: [] })).rejects.toMatchObject({ code: "SPOOL_FAILED" });
});
