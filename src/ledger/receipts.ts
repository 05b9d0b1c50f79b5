// Receipts: signed, chained statements about redactions that anybody can verify with the published key.
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Receipt } from "../core/receipt.ts";

export const FIRST_PREVIOUS = "0".repeat(64);

/** The bytes a receipt's signature covers: JSON of its fields but `signature`, keys in the order of the type, no spaces. */
export function signedBytes(receipt: Omit<Receipt, "signature">): Buffer {
  const { version, image, outcome, regions, policy, model, settings, canaryAgeS, previous, keyId } = receipt;
  return Buffer.from(
    JSON.stringify({ version, image, outcome, regions, policy, model, settings, canaryAgeS, previous, keyId }),
  );
}

/** SHA-256 in hex over the signed bytes and the signature: what the next receipt names as `previous`. */
export function receiptDigest(receipt: Receipt): string {
  return createHash("sha256").update(signedBytes(receipt)).update(receipt.signature).digest("hex");
}

/**
 * Null when each signature holds and each receipt names the one before it; else the first fault in words. `publicKeys`: base64, 32
 * raw bytes; one, or all that the gateway has had, in any order. A key whose successor has signed does not sign again: a stolen
 * one that was given up makes no receipt that follows.
 */
export function findReceiptFault(receipts: readonly Receipt[], publicKeys: string | readonly string[]): string | null {
  const keys = new Map([publicKeys].flat().map((publicKey) => [keyIdOf(publicKey), keyOf(publicKey)] as const));
  const givenUp = new Set<string>();
  for (const [index, receipt] of receipts.entries()) {
    const before = receipts[index - 1];
    const signature = Buffer.from(receipt.signature, "base64");
    const key = keys.get(receipt.keyId);
    // Base64 may be written in more than one way: only one is what was signed and is named by the next receipt.
    const isAsWritten = signature.toString("base64") === receipt.signature;
    if (key === undefined || !isAsWritten || !verify(null, signedBytes(receipt), key, signature)) {
      return `receipt ${index + 1} was changed or signed by another key`;
    }
    if (before !== undefined && receipt.previous !== receiptDigest(before))
      return `receipt ${index + 1} does not follow receipt ${index}`;
    if (before !== undefined && before.keyId !== receipt.keyId) givenUp.add(before.keyId);
    if (givenUp.has(receipt.keyId)) return `receipt ${index + 1} was signed by a key that had been given up`;
  }
  return null;
}

function keyIdOf(publicKey: string): string {
  return createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("hex").slice(0, 16);
}

function keyOf(publicKey: string): KeyObject {
  const x = Buffer.from(publicKey, "base64").toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}
