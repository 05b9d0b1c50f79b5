// Shown: receipts are signed and chained; one changed byte of a receipt, of the chain or another key is found, also by an
// ed25519 library that is not ours.
import { verifyAsync } from "@noble/ed25519";
import { expect, test } from "vitest";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import type { Receipt } from "../../src/core/receipt.ts";
import { FIRST_PREVIOUS, findReceiptFault, receiptDigest, signedBytes } from "../../src/ledger/receipts.ts";
import { signedReceipts } from "../helpers/signed-receipts.ts";
import { tempDir } from "../helpers/temp-dir.ts";

await using directory = await tempDir();
const key = await openGatewayKey(directory.path);

/** A chain of receipts signed by the key. */
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

test("a whole chain verifies, also from its middle", () => {
  expect(findReceiptFault(chain(5), key.publicKey)).toBeNull();
  expect(findReceiptFault(chain(5).slice(2), key.publicKey)).toBeNull();
});

test("a signature verifies with another library", async () => {
  const [receipt] = chain(1);
  if (receipt === undefined) throw new Error("unreachable");
  const signature = Buffer.from(receipt.signature, "base64");
  expect(await verifyAsync(signature, signedBytes(receipt), Buffer.from(key.publicKey, "base64"))).toBe(true);
});

const CHANGES: [string, (receipt: Receipt) => Receipt][] = [
  ["image", (receipt) => ({ ...receipt, image: "f".repeat(64) })],
  ["regions", (receipt) => ({ ...receipt, regions: 99 })],
  ["policy", (receipt) => ({ ...receipt, policy: "c".repeat(64) })],
  ["previous", (receipt) => ({ ...receipt, previous: "d".repeat(64) })],
  ["signature", (receipt) => ({ ...receipt, signature: Buffer.alloc(64).toString("base64") })],
];
for (const [field, change] of CHANGES) {
  test(`a changed ${field} is found`, () => {
    const receipts = chain(3).map((receipt, n) => (n === 1 ? change(receipt) : receipt));
    expect(findReceiptFault(receipts, key.publicKey)).toContain("receipt 2 was changed");
  });
}

test("a receipt taken out of the chain is found", () => {
  expect(findReceiptFault(chain(4).toSpliced(1, 1), key.publicKey)).toBe("receipt 2 does not follow receipt 1");
});

test("a signature that is written otherwise is found, also where it decodes to the same bytes", () => {
  const [receipt] = chain(1);
  if (receipt === undefined) throw new Error("no receipt");
  const { signature } = receipt;
  const otherBits = `${signature.slice(0, 85)}${String.fromCharCode(signature.charCodeAt(85) + 1)}==`;
  for (const written of [otherBits, signature.slice(0, 86), `${signature} `]) {
    expect(Buffer.from(written, "base64")).toEqual(Buffer.from(signature, "base64"));
    expect(findReceiptFault([{ ...receipt, signature: written }], key.publicKey), written).toContain("was changed");
  }
});

test("another key is found", () => {
  const other = Buffer.from(key.publicKey, "base64");
  other[0] = (other[0] ?? 0) ^ 1;
  expect(findReceiptFault(chain(1), other.toString("base64"))).toContain("another key");
});

test("a chain over a change of keys verifies with both, in any order, and with neither alone", async () => {
  await using changed = await tempDir();
  const images = ["0", "1", "2", "3"].map((digit) => digit.repeat(64));
  const receipts = (await signedReceipts(changed.path, images, { keyChangesAt: 2 })).toReversed();
  const keys = (await openGatewayKey(changed.path)).publicKeys().map(({ publicKey }) => publicKey);
  expect(keys).toHaveLength(2);
  expect([findReceiptFault(receipts, keys), findReceiptFault(receipts, keys.toReversed())]).toEqual([null, null]);
  expect(findReceiptFault(receipts, keys[0] ?? "")).toContain("receipt 1 was changed or signed by another key");
  expect(findReceiptFault(receipts, keys[1] ?? "")).toContain("receipt 3 was changed or signed by another key");
});

test("a key that was given up signs no receipt that follows, should it have been stolen", async () => {
  await using changed = await tempDir();
  const older = await openGatewayKey(changed.path);
  const images = ["0", "1"].map((digit) => digit.repeat(64));
  const [next, first] = await signedReceipts(changed.path, images, { keyChangesAt: 1 });
  if (next === undefined || first === undefined) throw new Error("unreachable");
  const { signature: _signature, ...body } = { ...next, previous: receiptDigest(next), keyId: older.keyId };
  const forged = { ...body, signature: older.sign(signedBytes(body)).toString("base64") };
  const keys = (await openGatewayKey(changed.path)).publicKeys().map(({ publicKey }) => publicKey);
  expect(findReceiptFault([first, next], keys)).toBeNull();
  expect(findReceiptFault([first, next, forged], keys)).toBe("receipt 3 was signed by a key that had been given up");
});
