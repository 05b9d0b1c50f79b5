// Shown: a ledger from before the lines gets them; one that is damaged, gone or exchanged for an older one is noticed, set aside
// where it must be, and the chain says so; a newer program's is refused; none of it stops the gateway.
import { copyFile, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/core/database.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { commandDigest, type LampCommand, signedCommandBytes } from "../../src/ledger/lamp-commands.ts";
import { checkExport } from "../../src/ledger/ledger-check.ts";
import { ledgerPath } from "../../src/ledger/ledger-file.ts";
import { LEDGER_LIMITS } from "../../src/ledger/ledger-limits.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { FIRST_PREVIOUS, findReceiptFault } from "../../src/ledger/receipts.ts";
import { filledLedger } from "../helpers/filled-ledger.ts";
import { signedReceipts } from "../helpers/signed-receipts.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestLedger } from "../helpers/test-ledger.ts";
import { textLog } from "../helpers/text-log.ts";

const checkOf = (ledger: Ledger) => {
  const text = [...ledger.exported({ after: 0, upTo: ledger.lastNumber("now") })].join("");
  return checkExport(text.split("\n").slice(0, -1));
};
const restartIn = (ledger: Ledger): unknown => JSON.parse(ledger.newest("restarted", 1)[0]?.body ?? "null");
const sqlOn = (dataDir: string, sql: string): void => sqlIn(ledgerPath(dataDir), sql);

test("a ledger from before the lines keeps its receipts and lamp commands, and each gets its line", async () => {
  await using directory = await tempDir();
  const dataDir = directory.path;
  const key = await openGatewayKey(dataDir);
  const receipts = await signedReceipts(
    dataDir,
    ["1", "2"].map((digit) => digit.repeat(64)),
  );
  const unsigned = {
    version: 1,
    kind: "lamp-command",
    lamp: "lamp-3",
    isOn: true,
    by: "steward",
    at: "2026-11-20T21:00:00.000Z",
    previous: FIRST_PREVIOUS,
    keyId: key.keyId,
  } as const;
  const command: LampCommand = { ...unsigned, signature: key.sign(signedCommandBytes(unsigned)).toString("base64") };
  // As the program before wrote them, word for word.
  const database = openDatabase(ledgerPath(dataDir));
  database.exec("CREATE TABLE IF NOT EXISTS receipts (number INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  database.exec("CREATE INDEX IF NOT EXISTS receipts_image ON receipts (json_extract(body, '$.image'))");
  database.exec("CREATE TABLE IF NOT EXISTS lamp_commands (number INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  for (const receipt of receipts.toReversed())
    database.prepare("INSERT INTO receipts (body) VALUES (?)").run(JSON.stringify(receipt));
  database.prepare("INSERT INTO lamp_commands (body) VALUES (?)").run(JSON.stringify(command));
  database.close();
  for (const time of ["first", "second"]) {
    await using ledger = await openTestLedger(dataDir);
    const rows = ledger.newest(null, 9).toReversed();
    expect(
      rows.map(({ line: { kind, day } }) => [kind, day]),
      time,
    ).toEqual([
      ["receipt", null],
      ["receipt", null],
      ["lamp-command", null],
      ["key-change", "2026-11-21"],
    ]);
    expect(rows.slice(0, 3).map(({ body }) => JSON.parse(body ?? ""))).toEqual([...receipts.toReversed(), command]);
    expect((await checkOf(ledger)).restarts).toEqual([]);
  }
  await using ledger = await openTestLedger(dataDir);
  expect(findReceiptFault(ledger.latestReceipts(9).toReversed(), key.publicKey)).toBeNull();
  const next = ledger.addLampCommand({ lamp: "lamp-3", isOn: false, by: "steward", atMs: 0 });
  expect(next.previous, "the lamp commands' own chain goes on").toBe(commandDigest(command));
});

const DAMAGES: readonly [string, (path: string) => Promise<void>][] = [
  ["garbage in place of it", (path) => writeFile(path, Buffer.alloc(40_960, 7))],
  ["its first page zeroed", (path) => overwrite(path, { at: 0, bytes: Buffer.alloc(4096) })],
  ["a body changed", async (path) => sqlIn(path, "UPDATE bodies SET body='{}' WHERE number=5")],
  ["a day changed", async (path) => sqlIn(path, "UPDATE lines SET day='2020-01-01' WHERE number=6")],
  ["a line taken out", async (path) => sqlIn(path, "DELETE FROM lines WHERE number=6")],
  ["its last line changed", async (path) => sqlIn(path, "UPDATE lines SET digest=zeroblob(32) WHERE number=9")],
];
test.each(DAMAGES)(
  "damaged by %s it is set aside, and the new chain begins with what is known of the old",
  async (_, damage) => {
    await using directory = await tempDir();
    const dataDir = directory.path;
    const filled = await filledLedger(dataDir);
    const before = filled.ledger.headAt(9);
    await filled[Symbol.asyncDispose]();
    await damage(ledgerPath(dataDir));
    const { log, lines } = textLog();
    await using ledger = await openTestLedger(dataDir, { log });
    expect(lines.join("")).toContain("the ledger is damaged; it is set aside");
    expect(await readdir(dataDir)).toContain("ledger.db.damaged-1");
    expect(ledger.newest(null, 9).map(({ line }) => line.kind)).toEqual(["key-change", "restarted"]);
    expect(restartIn(ledger)).toEqual({ why: "damaged", last: before });
    expect((await checkOf(ledger)).restarts).toEqual([1]);
    ledger.notePolicy("f".repeat(64));
    expect(ledger.lastNumber("now")).toBe(3);
  },
);

test("a last line that is not the one its day's head names is found at the start", async () => {
  await using directory = await tempDir();
  const filled = await filledLedger(directory.path);
  filled.time.nowMs += 24 * 3_600_000;
  await filled.ledger.turn();
  await filled[Symbol.asyncDispose]();
  sqlOn(directory.path, "UPDATE lines SET day='2020-01-01' WHERE number=9");
  await using ledger = await openTestLedger(directory.path);
  expect(restartIn(ledger)).toMatchObject({ why: "damaged", last: { number: 9 } });
});

test("damage that shows only while it is written to does not stop it either", async () => {
  await using directory = await tempDir();
  const dataDir = directory.path;
  const { log, lines } = textLog();
  await using filled = await filledLedger(dataDir, { log });
  // Under the open database's feet; another's write to the first page makes it read the others again.
  sqlOn(dataDir, "PRAGMA wal_checkpoint(TRUNCATE)");
  const bytes = await readFile(ledgerPath(dataDir));
  await overwrite(ledgerPath(dataDir), { at: 4096, bytes: Buffer.alloc(bytes.length - 4096, 0xff) });
  sqlOn(dataDir, "PRAGMA user_version=1");
  filled.ledger.notePolicy("f".repeat(64));
  expect(lines.join("")).toContain("set aside");
  expect(filled.ledger.newest(null, 9).at(-1)?.line.kind).toBe("restarted");
  expect(filled.ledger.newest("policy-change", 1)[0]?.body).toContain("f".repeat(64));
});

test("a ledger that is gone, and an older one in its place, are noticed by the head that is kept beside it", async () => {
  await using directory = await tempDir();
  const dataDir = directory.path;
  const early = await openTestLedger(dataDir);
  await early[Symbol.asyncDispose]();
  await copyFile(ledgerPath(dataDir), join(dataDir, "older.db"));
  const filled = await filledLedger(dataDir);
  const before = filled.ledger.headAt(9);
  await filled[Symbol.asyncDispose]();
  await copyFile(join(dataDir, "older.db"), ledgerPath(dataDir));
  const older = await openTestLedger(dataDir);
  expect(restartIn(older)).toEqual({ why: "older", last: before });
  expect(older.newest(null, 9).map(({ line }) => line.kind)).toEqual(["restarted", "key-change"]);
  const again = older.headAt(2);
  await older[Symbol.asyncDispose]();
  await rm(ledgerPath(dataDir));
  await using anew = await openTestLedger(dataDir);
  expect(restartIn(anew)).toEqual({ why: "missing", last: again });
});

test("a newer program's ledger is refused, and keeps its lines and its version", async () => {
  await using directory = await tempDir();
  await (await openTestLedger(directory.path))[Symbol.asyncDispose]();
  sqlOn(directory.path, "PRAGMA user_version=99");
  await expect(openTestLedger(directory.path)).rejects.toMatchObject({ code: "SPOOL_NEWER" });
  expect(await readdir(directory.path)).not.toContain("ledger.db.damaged-1");
  const database = openDatabase(ledgerPath(directory.path));
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 99 });
  expect(database.prepare("SELECT count(*) AS n FROM lines").get()).toEqual({ n: 1 });
  database.close();
});

const tombstones = (from: number, count: number, chars = 900) =>
  Array.from({ length: count }, (_, n) => ({
    number: from + n,
    kind: "tombstone",
    body: JSON.stringify({ n: from + n, sequences: "9".repeat(chars) }),
    atMs: 0,
  }));

test("a full disk refuses lines whole, holds up no start, and what was owed is said once there is room", async () => {
  await using directory = await tempDir();
  const dataDir = directory.path;
  await (await filledLedger(dataDir))[Symbol.asyncDispose]();
  const full = { ...LEDGER_LIMITS, databaseBytesMax: 8192 };
  const first = await openTestLedger(dataDir, { limits: full });
  // Smaller and smaller, until not even the line that is owed fits.
  for (const chars of [900, 30, 1]) {
    const fill = (): void => {
      for (let n = 1; n < 199; n += 2) first.carry(tombstones(1000 * chars + n, 2, chars));
    };
    expect(fill).toThrow("the ledger could not be written: database or disk is full");
  }
  const { to } = await checkOf(first);
  expect((to.number - 9) % 2, "of two notes both or none").toBe(0);
  const head = first.headAt(to.number);
  await first[Symbol.asyncDispose]();

  await writeFile(join(dataDir, "ledger.head"), JSON.stringify({ ...head, number: 500 }));
  const second = await openTestLedger(dataDir, { limits: full });
  expect(() => second.carry(tombstones(200, 1))).toThrow("disk is full");
  expect((await checkOf(second)).to).toEqual(to);
  await second[Symbol.asyncDispose]();

  await writeFile(join(dataDir, "ledger.head"), JSON.stringify({ ...head, number: 500 }));
  await using third = await openTestLedger(dataDir);
  expect(restartIn(third)).toMatchObject({ why: "older", last: { number: 500 } });
  third.carry(tombstones(200, 1));
  expect((await checkOf(third)).to.number).toBe(to.number + 2);
});

async function overwrite(path: string, { at, bytes }: { at: number; bytes: Buffer }): Promise<void> {
  await using file = await open(path, "r+");
  await file.write(bytes, 0, bytes.length, at);
}

function sqlIn(path: string, sql: string): void {
  const database = openDatabase(path);
  database.exec(sql);
  database.close();
}
