// Shown: receipts are signed and chained; one changed byte of a receipt, of the chain or another key is found, also by an
// ed25519 library that is not ours.
import { verifyAsync } from "@noble/ed25519";
import { expect, test } from "vitest";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import type { Receipt } from "../../src/core/receipt.ts";
import { FIRST_PREVIOUS, findReceiptFault, receiptDigest, signedBytes } from "../../src/ledger/receipts.ts";
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
