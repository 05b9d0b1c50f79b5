// The ledger finds a picture's receipts among all, the newest first and a few at most, by an index: anybody may ask for them.
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/core/database.ts";
import { signedReceipts } from "../helpers/signed-receipts.ts";
import { openTestLedger } from "../helpers/test-ledger.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const digest = (digit: number): string => String(digit).repeat(64);

test("a picture's receipts are found with their numbers, also when it was made again and again", async () => {
  await using directory = await tempDir();
  const dataDir = directory.path;
  await (await openTestLedger(dataDir))[Symbol.asyncDispose]();
  const receipts = await signedReceipts(dataDir, [1, 2, 1, 3, 1, 1, 1, 1].map(digest));
  const database = openDatabase(join(dataDir, "ledger.db"));
  const insert = database.prepare("INSERT INTO receipts (body) VALUES (?)");
  for (const receipt of receipts.toReversed()) insert.run(JSON.stringify(receipt));
  const plan = database
    .prepare("EXPLAIN QUERY PLAN SELECT body FROM receipts WHERE json_extract(body, '$.image') = ?")
    .all("");
  expect(JSON.stringify(plan)).toContain("USING INDEX receipts_image");
  database.close();
  await using ledger = await openTestLedger(dataDir);
  expect(ledger.receiptCount()).toBe(8);
  expect(ledger.receiptsOf(digest(2))).toEqual([{ number: 2, receipt: receipts[6] }]);
  expect(ledger.receiptsOf(digest(1)).map(({ number }) => number)).toEqual([8, 7, 6, 5, 3]);
  expect(ledger.receiptsOf(digest(9))).toEqual([]);
});

test("an empty ledger has none", async () => {
  await using directory = await tempDir();
  await using ledger = await openTestLedger(directory.path);
  expect([ledger.receiptCount(), ledger.receiptsOf(digest(1))]).toEqual([0, []]);
});
