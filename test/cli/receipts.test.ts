// Shown: what a resident saved can be verified as it is, whichever way it is ordered, and each refusal says what is wrong.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addReceipts } from "../../src/cli/receipts.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import type { Receipt } from "../../src/core/receipt.ts";
import { FIRST_PREVIOUS, receiptDigest, signedBytes } from "../../src/ledger/receipts.ts";
import { signedReceipts } from "../helpers/signed-receipts.ts";
import { tempDir } from "../helpers/temp-dir.ts";

await using directory = await tempDir();
const key = await openGatewayKey(directory.path);
const { publicKey } = key;
const oldestFirst = chain(4);
const newestFirst = oldestFirst.toReversed();

function chain(count: number): Receipt[] {
  const receipts: Receipt[] = [];
  for (let n = 0; n < count; n++) {
    const last = receipts.at(-1);
    const unsigned = {
      version: 1,
      image: String(n).padStart(64, "0"),
      outcome: "redacted",
      regions: n,
      policy: "a".repeat(64),
      model: "b".repeat(64),
      settings: "normal",
      canaryAgeS: 60,
      previous: last === undefined ? FIRST_PREVIOUS : receiptDigest(last),
      keyId: key.keyId,
    } as const;
    receipts.push({ ...unsigned, signature: key.sign(signedBytes(unsigned)).toString("base64") });
  }
  return receipts;
}

/** Verifies files that hold these texts. */
async function verify(texts: readonly string[], ...options: string[]): Promise<string> {
  await using folder = await tempDir();
  const files = texts.map((_text, index) => join(folder.path, `${index}.json`));
  for (const [index, file] of files.entries()) await writeFile(file, texts[index] ?? "");
  const lines: string[] = [];
  const program = new Command().exitOverride();
  addReceipts(program, (line) => void lines.push(line));
  await program.parseAsync(["receipts", "verify", ...files, ...options], { from: "user" });
  return lines.join("\n");
}

test("a saved transparency answer verifies with the key it names, and the key is shown for comparison", async () => {
  const said = await verify([JSON.stringify({ gateway: {}, receipts: newestFirst, publicKey })]);
  expect(said).toMatch(/^4 receipts are genuine and unbroken; .*\n/);
  expect(said).toContain(publicKey);
});

test("with a key from elsewhere, the key in the file does not count", async () => {
  await using elsewhere = await tempDir();
  const other = (await openGatewayKey(elsewhere.path)).publicKey;
  const saved = JSON.stringify({ receipts: newestFirst, publicKey });
  await expect(verify([saved], "--key", other)).rejects.toMatchObject({ code: "RECEIPT_INVALID" });
  expect(await verify([saved], "--key", publicKey)).toMatch(
    /^4 receipts are genuine and unbroken; what came after the last, no file can tell$/,
  );
});

test.each([
  ["a list, oldest first", [oldestFirst]],
  ["a list, newest first", [newestFirst]],
  ["one receipt", [oldestFirst[2]]],
  ["an event", [{ type: "snapshot", data: { receipt: oldestFirst[2] } }]],
  ["files of one each, newest first", newestFirst],
  ["the newer of two saved lists first", [newestFirst.slice(0, 2), newestFirst.slice(2)]],
  ["the older of two saved lists first", [newestFirst.slice(2), newestFirst.slice(0, 2)]],
])("%s verifies", async (_name, files) => {
  const said = await verify(
    files.map((file) => JSON.stringify(file)),
    "--key",
    publicKey,
  );
  expect(said).toMatch(/genuine and unbroken; [^\n]*$/);
});

test("a receipt that was left out or changed is found in either order", async () => {
  for (const receipts of [oldestFirst, newestFirst]) {
    const gap = JSON.stringify(receipts.filter((_receipt, index) => index !== 1));
    await expect(verify([gap], "--key", publicKey)).rejects.toMatchObject({
      code: "RECEIPT_INVALID",
      message: expect.stringContaining("does not follow"),
    });
    const changed = JSON.stringify(receipts.map((each, index) => (index === 1 ? { ...each, regions: 99 } : each)));
    await expect(verify([changed], "--key", publicKey)).rejects.toMatchObject({
      message: expect.stringContaining("was changed"),
    });
  }
});

test("no key, two keys and a bad key are wrong usage", async () => {
  const list = JSON.stringify(oldestFirst);
  const saved = JSON.stringify({ receipts: newestFirst, publicKey });
  const rival = JSON.stringify({ receipts: newestFirst, publicKey: publicKey.toLowerCase() });
  await expect(verify([list])).rejects.toMatchObject({ code: "USAGE", hint: expect.stringContaining("--key") });
  await expect(verify([saved, rival])).rejects.toMatchObject({ code: "USAGE" });
  await expect(verify([list], "--key", "abc")).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("no public key"),
  });
});

test("what is not JSON, holds no receipts or none yet is named as such", async () => {
  await expect(verify(["<!doctype html>"])).rejects.toMatchObject({
    code: "RECEIPT_INVALID",
    message: expect.stringContaining("is not JSON"),
    hint: expect.stringContaining("/api/v1/transparency"),
  });
  await expect(verify(["{}"])).rejects.toMatchObject({ message: expect.stringContaining("something else") });
  await expect(verify([JSON.stringify({ receipts: [], publicKey })])).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("over a change of keys, files saved before and after verify together, by the keys that the later one names", async () => {
  await using changed = await tempDir();
  const images = ["0", "1", "2", "3"].map((digit) => digit.repeat(64));
  const newest = await signedReceipts(changed.path, images, { keyChangesAt: 2 });
  const [now = "", before = ""] = (await openGatewayKey(changed.path)).publicKeys().map(({ publicKey: text }) => text);
  const later = JSON.stringify({ receipts: newest.slice(0, 2), publicKey: now, publicKeys: [now, before] });
  const earlier = JSON.stringify({ receipts: newest.slice(2), publicKey: before });
  for (const files of [
    [earlier, later],
    [later, earlier],
  ]) {
    const said = await verify(files);
    expect(said).toMatch(/^4 receipts are genuine and unbroken; /);
    expect(said).toContain(`${now} and ${before}: compare it`);
  }
  expect(await verify([later, earlier], "--key", before, "--key", now)).toMatch(/^4 receipts are genuine/);
  await expect(verify([later, earlier], "--key", now)).rejects.toMatchObject({ code: "RECEIPT_INVALID" });
});
