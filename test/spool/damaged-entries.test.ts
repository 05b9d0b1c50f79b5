// Shown: an entry that does not lie on the disk as it was written is never offered; it is set aside for a person, counted, and
// goes with a tombstone that says why. Damage elsewhere in the file stops neither a start nor a sink.
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "../../src/core/log.ts";
import { openHousekeeping } from "../../src/housekeeping.ts";
import { applyPolicy } from "../../src/policy-change.ts";
import { discloseFact } from "../../src/privacy/disclose.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "../helpers/test-spool.ts";
import { addPicture } from "../helpers/waiting-pictures.ts";
import { openDatabase } from "../../src/core/database.ts";
import { migrate } from "../../src/spool/schema.ts";

function write(dataDir: string, sql: string): void {
  using database = new DatabaseSync(join(dataDir, "spool.db"), { timeout: 5000 });
  database.exec(sql);
}

const DAMAGES = {
  "a flipped bit in the body": `UPDATE entries SET body = replace(body, '"lux":2', '"lux":3') WHERE sequence = 2`,
  "a body that is cut off": "UPDATE entries SET body = substr(body, 1, 40) WHERE sequence = 2",
  "a body that is bytes": "UPDATE entries SET body = CAST(body AS BLOB) WHERE sequence = 2",
  "a body that is no text": "UPDATE entries SET body = CAST(x'ff00fe' AS TEXT) WHERE sequence = 2",
  "another id": "UPDATE entries SET id = replace(id, '0', '1') WHERE sequence = 2",
  "another type": "UPDATE entries SET type = 'hedgerow.light.state.v1' WHERE sequence = 2",
  "another class": "UPDATE entries SET class = 'house' WHERE sequence = 2",
  "another picture": "UPDATE entries SET image = 'ab' WHERE sequence = 2",
  "another checksum": "UPDATE entries SET crc = crc + 1 WHERE sequence = 2",
  "no hour": "UPDATE entries SET expires_at = 'never' WHERE sequence = 2",
};

for (const [what, sql] of Object.entries(DAMAGES)) {
  test(`never offered, set aside and named by a tombstone: ${what}`, async () => {
    await using directory = await tempDir();
    await using spool = await openTestSpool(directory.path);
    for (const lux of [1, 2, 4]) await spool.append({ make: [{ event: luxEvent(lux) }] });
    write(directory.path, sql);
    expect(waitingFor(spool, Date.now()).map(({ sequence }) => sequence)).toEqual([1, 3]);
    await spool.settled();
    expect(waitingFor(spool, Date.now()).map(({ sequence }) => sequence)).toEqual([1, 3]);
    expect(spool.counters()["spool.damaged"]).toBe(1);
    expect(query(directory.path, "SELECT sequence, what FROM damaged")).toEqual([{ sequence: 2, what: "entry" }]);
    const tell = (fact: Parameters<typeof discloseFact>[0], discard: Parameters<typeof spool.append>[0]["discard"]) =>
      spool.append({ make: [{ event: discloseFact(fact, testDisclosure()) }], ...(discard && { discard }) });
    const eventRoad = { tick: async () => undefined, tell, flush: async () => undefined };
    const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now(), isSynced: () => true };
    await using _housekeeping = openHousekeeping({
      eventRoad,
      spool,
      clock,
      evictFirst: [],
      log: silentLog,
      tickMs: 5,
    });
    await expect.poll(() => waitingFor(spool, Date.now()).length).toBe(3);
    const [, , tombstone] = waitingFor(spool, Date.now());
    expect(JSON.parse(tombstone?.body ?? "{}").data).toMatchObject({ how: "erased", why: "damaged", sequences: [2] });
    expect(spool.counters()).toMatchObject({ "entry.made.main": 4, "entry.erased.main": 1 });
  });
}

test("damage in other tables stops neither the start nor what waits", async () => {
  await using directory = await tempDir();
  let sha256 = "";
  {
    await using spool = await openTestSpool(directory.path);
    const windows = { a: { fromMs: 1, toMs: 2, count: 3 }, b: { fromMs: 1, toMs: 2, count: 3 } };
    await spool.append({
      make: [{ event: luxEvent(1) }],
      windows,
      state: { "device:a": "{}" },
      counters: { x: 2, y: 3 },
    });
    sha256 = await addPicture(directory.path, { sequence: 1, bytes: 500 });
  }
  write(
    directory.path,
    `UPDATE windows SET count = 'many', to_ms = x'00' WHERE device = 'a';
     UPDATE counters SET n = 'some' WHERE name = 'x';
     UPDATE pictures SET sha256 = 'zz', bytes = 'big', camera = x'00ff', taken_at = 'then';`,
  );
  await using spool = await openTestSpool(directory.path);
  expect([...spool.openWindows().keys()]).toEqual(["b"]);
  expect(spool.counters()).toMatchObject({ y: 3 });
  expect(Object.values(spool.counters()).every(Number.isSafeInteger)).toBe(true);
  const [entry] = waitingFor(spool, Date.now());
  expect(entry?.image?.sha256, "by the entry's own word").toBe(sha256);
  expect((await spool.image(sha256)).length).toBe(500);
  await spool.append({ counters: { x: 1 } });
  expect(spool.counters()["x"]).toBe(1);
  expect(spool.stats(Date.now()).bytes).toBeGreaterThan(0);
});

test("a remembered policy that is damaged stops no start, and nothing leaves that only it allowed", async () => {
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path);
  const disclosure = testDisclosure();
  for (const kept of ['{"version":', "7", '{"version":1}']) {
    await spool.append({ make: [{ event: luxEvent(1) }], state: { "policy:last": kept } });
    const told: unknown[] = [];
    const tell = async (fact: unknown) => void told.push(fact);
    const site = { kit: { devices: [], cameras: [] }, profiles: { get: () => undefined }, timezone: "UTC", sun: null };
    await applyPolicy({ ...site, disclosure, policySha256: "x", spool, tell, log: silentLog });
    await spool.settled();
    expect(told).toMatchObject([{ kind: "entries-gone", how: "erased", why: "policy" }]);
    expect(spool.state("policy:last").get("policy:last")).toBe(JSON.stringify(disclosure.policy));
  }
});

test("an entry of version 1 whose body was damaged before its checksum was made is not offered", async () => {
  await using directory = await tempDir();
  {
    await using spool = await openTestSpool(directory.path);
    await spool.append({ make: [{ event: luxEvent(1) }] });
  }
  const database = openDatabase(join(directory.path, "spool.db"));
  migrate(database); // makes crc32_of known
  database.exec("UPDATE entries SET body = substr(body, 1, 40)");
  database.exec("UPDATE entries SET crc = crc32_of(sequence, id, class, type, body, image)");
  database.close();
  await using spool = await openTestSpool(directory.path);
  expect(waitingFor(spool, Date.now())).toEqual([]);
  await spool.settled();
  expect(spool.damaged(10)).toEqual([1]);
});
