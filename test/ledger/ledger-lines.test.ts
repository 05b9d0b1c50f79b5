// Shown: what the house does becomes lines of one chain, dated by the site's day, private ones as salted digests; heads close the
// days; the oldest give way within bounds and the chain still checks.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { checkExport } from "../../src/ledger/ledger-check.ts";
import { isSignedBy } from "../../src/ledger/ledger-head.ts";
import { bodyDigest } from "../../src/ledger/ledger-line.ts";
import { tombstoneNotes } from "../../src/ledger/notes.ts";
import { filledLedger } from "../helpers/filled-ledger.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { NOON_MS, openTestLedger, settableClock } from "../helpers/test-ledger.ts";

const DAY_MS = 24 * 3_600_000;
const linesIn = (text: string): string[] => text.split("\n").slice(0, -1);

test("each kind has its line, in the order of what happened", async () => {
  await using directory = await tempDir();
  await using filled = await filledLedger(directory.path);
  const rows = filled.ledger.newest(null, 20).toReversed();
  expect(rows.map(({ line: { number, kind, day } }) => [number, kind, day])).toEqual([
    [1, "key-change", "2026-11-21"],
    [2, "receipt", null],
    [3, "receipt", null],
    [4, "receipt", null],
    [5, "policy-change", "2026-11-21"],
    [6, "disclosure", "2026-11-21"],
    [7, "lamp-command", "2026-11-22"],
    [8, "tombstone", "2026-11-23"],
    [9, "policy-change", "2026-11-23"],
  ]);
  const says = rows.map(({ body }) => JSON.parse(body ?? "null"));
  expect(says[1]).toMatchObject({ image: "1".repeat(64), signature: expect.any(String) });
  expect(says[4]).toEqual({ before: null, after: "a".repeat(64) });
  expect(says[6]).toMatchObject({ lamp: "lamp-3", by: "steward" });
  expect(says[8]).toEqual({ before: "a".repeat(64), after: `${"b".repeat(63)}0` });
});

test("nothing is written when nothing changed", async () => {
  await using directory = await tempDir();
  await using filled = await filledLedger(directory.path);
  const before = filled.text();
  filled.ledger.notePolicy(`${"b".repeat(63)}0`);
  filled.ledger.noteRecipients([{ id: "main", kind: "https", host: "platform.example" }]);
  await filled.ledger.turn();
  expect(filled.text()).toBe(before);
});

test("a line's digest, its link and a head's digest are what sha256sum says of the text as it stands", async () => {
  await using directory = await tempDir();
  await using filled = await filledLedger(directory.path);
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const records = linesIn(filled.text()).map((line) => JSON.parse(line));
  const lines = records.filter(({ number, kind }) => number !== undefined && kind !== "ledger-head");
  let previous = "0".repeat(64);
  for (const { body, ...line } of lines) {
    expect(line.previous).toBe(previous);
    if (body !== undefined) expect(sha256(body)).toBe(line.digest);
    previous = sha256(JSON.stringify(line));
  }
  expect(records.filter(({ kind }) => kind === "ledger-head").at(-1)).toMatchObject({ number: 9, digest: previous });
});

test("who switched a lamp and to whom something goes is exported as a salted digest, which no guess gives", async () => {
  await using directory = await tempDir();
  await using filled = await filledLedger(directory.path);
  expect(filled.text()).not.toMatch(/steward|lamp-3|platform\.example/);
  const [{ line, body, salt } = { line: null, body: null, salt: null }] = filled.ledger.newest("lamp-command", 1);
  if (line === null || body === null || salt === null) throw new Error("no lamp command");
  expect(salt).toHaveLength(16);
  expect(bodyDigest({ body, salt })).toBe(line.digest);
  expect(bodyDigest({ body, salt: null })).not.toBe(line.digest);
});

test("each day that is over gets a signed head, and the days before today are what may be told", async () => {
  await using directory = await tempDir();
  await using filled = await filledLedger(directory.path);
  const { publicKey } = await openGatewayKey(directory.path);
  const heads = filled.ledger.heads(99, 9);
  expect(heads.map(({ day, number }) => [day, number])).toEqual([
    ["2026-11-22", 7],
    ["2026-11-21", 6],
  ]);
  expect(heads.every((head) => isSignedBy(head, publicKey))).toBe(true);
  expect([filled.ledger.lastNumber("days-before"), filled.ledger.lastNumber("now")]).toEqual([7, 9]);
});

test("the day is the site's, and none where the clock is not believed", async () => {
  await using directory = await tempDir();
  const time = settableClock();
  await using ledger = await openTestLedger(directory.path, { clock: time.clock });
  time.nowMs = Date.UTC(2026, 10, 21, 23, 30);
  ledger.notePolicy("c".repeat(64));
  time.isSure = false;
  ledger.notePolicy("d".repeat(64));
  expect(ledger.newest("policy-change", 2).map(({ line }) => line.day)).toEqual([null, "2026-11-22"]);
  expect(ledger.lastNumber("days-before")).toBe(0);
});

test("a clock that is set back makes no second head of a day", async () => {
  await using directory = await tempDir();
  await using filled = await filledLedger(directory.path);
  filled.time.nowMs = NOON_MS + DAY_MS;
  await filled.ledger.turn();
  filled.time.nowMs = NOON_MS + 2 * DAY_MS;
  await filled.ledger.turn();
  expect(filled.ledger.heads(99, 9)).toHaveLength(2);
});

test("the oldest lose their bodies first, then go, and what is left still checks against the anchor", async () => {
  await using directory = await tempDir();
  const limits = { lines: 40, bodies: 20, trimLines: 10, databaseBytes: 1e9, databaseBytesMax: 1e9 };
  await using filled = await filledLedger(directory.path, { limits, policies: 30 });
  const { ledger, time } = filled;
  for (let day = 3; day < 12; day++) {
    time.nowMs = NOON_MS + day * DAY_MS;
    await ledger.turn();
  }
  const middle = await checkExport(linesIn(filled.text()));
  expect(middle).toMatchObject({ from: { number: 0 }, withoutBody: 4, proven: 38 });
  expect(ledger.receiptCount()).toBe(3);
  for (let n = 0; n < 30; n++) {
    ledger.carry([{ number: n, kind: "tombstone", body: `{"entries":${n}}`, atMs: n }]);
    time.nowMs += DAY_MS;
    for (let step = 0; step < 5; step++) await ledger.turn();
  }
  const kept = await checkExport(linesIn(filled.text()));
  expect(kept.to.number).toBe(68);
  expect(kept.from.number).toBe(28);
  expect(kept.heads[0]).toMatchObject({ number: 28 });
  expect(kept.withoutBody).toBe(10);
});

test("a file that grows too large gives up bodies, too", async () => {
  await using directory = await tempDir();
  const limits = { lines: 5000, bodies: 5000, trimLines: 100, databaseBytes: 900_000, databaseBytesMax: 1e9 };
  await using ledger = await openTestLedger(directory.path, { limits });
  for (let n = 0; n < 2000; n += 100)
    ledger.carry(
      Array.from({ length: 100 }, (_, index) => ({
        number: n + index + 1,
        kind: "tombstone",
        body: JSON.stringify({ sequences: "1".repeat(400), n: n + index }),
        atMs: 0,
      })),
    );
  for (let step = 0; step < 20; step++) await ledger.turn();
  const rows = ledger.newest("tombstone", 3000);
  const kept = rows.filter(({ body }) => body !== null).length;
  expect(rows).toHaveLength(2000);
  expect(kept).toBeLessThan(1900);
  expect(kept, "no more than it must").toBeGreaterThan(1100);
});

test("once a day a line says how many pictures were erased, and nothing of them", async () => {
  await using directory = await tempDir();
  const time = settableClock();
  await using ledger = await openTestLedger(directory.path, { clock: time.clock });
  const says = () => ledger.newest("erasure", 9).map(({ body }) => JSON.parse(body ?? ""));
  for (const pictures of [0, 1, 3]) ledger.noteErased(pictures);
  expect(says()).toEqual([{ pictures: 1 }]);
  time.nowMs += DAY_MS;
  for (const pictures of [3, 9]) ledger.noteErased(pictures);
  time.nowMs += DAY_MS;
  ledger.noteErased(9);
  expect(says(), "what came later stands in the next line").toEqual([
    { pictures: 6 },
    { pictures: 2 },
    { pictures: 1 },
  ]);
  time.nowMs += DAY_MS;
  ledger.noteErased(2);
  expect(says()[0], "a spool made anew").toEqual({ pictures: 2 });
});

test("a tombstone's line says how, why and of what, in ranges", () => {
  const sequences = [9, 3, 4, 5, 12, 11];
  expect(tombstoneNotes({ kind: "entries-gone", how: "erased", why: "policy", sequences, atMs: 5 })).toEqual([
    {
      kind: "tombstone",
      body: '{"how":"erased","why":"policy","entries":6,"sequences":[[3,5],[9,9],[11,12]]}',
      atMs: 5,
    },
  ]);
  const again = tombstoneNotes({ kind: "entries-gone", how: "evicted", sequences, atMs: 5 }, { sequences: [12, 9] });
  expect(
    again.map(({ body }) => body),
    "what it takes the place of has its line",
  ).toEqual(['{"how":"evicted","why":null,"entries":2,"sequences":[[9,9],[12,12]]}']);
  expect(tombstoneNotes({ kind: "gateway-status", state: "started", version: "1", atMs: 5 })).toEqual([]);
});
