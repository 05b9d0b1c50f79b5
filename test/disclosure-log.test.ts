// Shown: who was given what is kept for good and for this user alone; the ledger gets a line of each, with a digest; and what is
// public are counts by month and ground.
import { hash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "../src/core/log.ts";
import { openDisclosureLog } from "../src/disclosure-log.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { ERASURE_LIMITS } from "../src/core/erasure-limits.ts";
import { openTestSpool } from "./helpers/test-spool.ts";

async function openHouse(disk: Parameters<typeof openTestSpool>[1] = {}) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const time = fakeTime();
  const spool = stack.use(await openTestSpool(directory.path, { clock: time.clock, ...disk }));
  const owned = stack.move();
  const file = join(directory.path, "disclosures.json");
  return {
    spool,
    time,
    file,
    open: () =>
      openDisclosureLog({
        dataDir: directory.path,
        timezone: "Europe/Paris",
        spool,
        clock: time.clock,
        log: silentLog,
      }),
    lines: () => spool.ledgerNotes(99).map(({ kind, body }) => ({ kind, ...JSON.parse(body) })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const given = { to: "A neighbour", what: "Two pictures of the gate", ground: "data-subject", by: "steward" } as const;

test("an entry is there after the next start, for this user alone, the newest first", async () => {
  await using house = await openHouse();
  const log = await house.open();
  await log.addDisclosure({ ...given, requestedAt: "2026-11-20" });
  await log.addDisclosure({ ...given, to: "A court", ground: "order", detail: "file 12/26", by: null });
  const again = await house.open();
  expect(again.listDisclosures()).toEqual([
    {
      ...given,
      number: 2,
      to: "A court",
      ground: "order",
      detail: "file 12/26",
      by: null,
      requestedAt: null,
      at: "2026-11-21T12:00:00.000Z",
    },
    { ...given, number: 1, detail: "", requestedAt: "2026-11-20", at: "2026-11-21T12:00:00.000Z" },
  ]);
  expect((await stat(house.file)).mode & 0o777).toBe(0o600);
});

test("the ledger gets the digest of each entry as it stands in the file, and no word of it", async () => {
  await using house = await openHouse();
  await (await house.open()).addDisclosure(given);
  const [kept] = JSON.parse(await readFile(house.file, "utf8"));
  expect(house.lines()).toEqual([{ kind: "disclosure", entry: 1, sha256: hash("sha256", JSON.stringify(kept)) }]);
  expect(kept.word).toHaveLength(22);
});

test("an entry whose line a power cut took gets it at the next start, once", async () => {
  await using house = await openHouse();
  const log = await house.open();
  await log.addDisclosure(given);
  await house.spool.append({ state: { "disclosures:noted": null } });
  await house.open();
  await expect.poll(() => house.lines().length).toBe(2);
  await house.open();
  await (await house.open()).addDisclosure(given);
  expect(house.lines()).toHaveLength(3);
});

test("on a full disk the house opens, an entry is refused whole, and what was due stands in the ledger once there is room", async () => {
  const disk = { free: 1000 };
  await using house = await openHouse({ reserveFreeBytes: 1000, freeBytes: async () => disk.free });
  await (await house.open()).addDisclosure(given);
  await house.spool.append({ state: { "disclosures:noted": null } });
  await house.spool.settled();
  disk.free = 999;
  await house.spool.lookAtDisk();
  expect(house.spool.condition()).toBe("full");
  const log = await house.open();
  await expect(log.addDisclosure(given)).rejects.toMatchObject({ code: "SPOOL_FULL" });
  expect([log.listDisclosures().length, house.lines().length]).toEqual([1, 1]);
  disk.free = 1e12;
  await house.spool.lookAtDisk();
  await log.addDisclosure(given);
  expect(house.lines().map(({ entry }) => entry)).toEqual([1, 1, 2]);
});

test("what is public are counts by the site's month and by ground", async () => {
  await using house = await openHouse();
  const log = await house.open();
  await log.addDisclosure(given);
  await log.addDisclosure(given);
  // In Paris it is December already.
  house.time.pass(Date.UTC(2026, 10, 30, 23, 30) - house.time.clock.nowMs());
  await log.addDisclosure({ ...given, ground: "order" });
  expect(log.disclosureCounts()).toEqual([
    { month: "2026-12", ground: "order", count: 1 },
    { month: "2026-11", ground: "data-subject", count: 2 },
  ]);
});

test("entries made at once get numbers of their own", async () => {
  await using house = await openHouse();
  const log = await house.open();
  const made = await Promise.all([1, 2, 3].map(() => log.addDisclosure(given)));
  expect(made.map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(house.lines()).toHaveLength(3);
});

test.each([
  ["nobody named", { ...given, to: " " }],
  ["no day", { ...given, requestedAt: "yesterday" }],
  ["more than a paragraph", { ...given, what: "x".repeat(ERASURE_LIMITS.disclosureChars + 1) }],
])("an entry with %s is refused, and nothing is written", async (_, ask) => {
  await using house = await openHouse();
  const log = await house.open();
  await expect(log.addDisclosure(ask)).rejects.toMatchObject({ code: "USAGE" });
  expect(log.listDisclosures()).toEqual([]);
});

test("a file that is damaged is not written over: who asks for it is told so, and the gateway goes on", async () => {
  await using house = await openHouse();
  await writeFile(house.file, '[{"number":1');
  const log = await house.open();
  await expect(log.addDisclosure(given)).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
  expect(() => log.listDisclosures()).toThrow("disclosures.json cannot be read");
  expect(log.disclosureCounts()).toEqual([]);
  expect(await readFile(house.file, "utf8")).toBe('[{"number":1');
});
