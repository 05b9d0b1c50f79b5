// A head: the gateway's signature under how far the ledger has come. Who keeps one can tell later that nothing before it was
// changed or left out. One is written for each day that is over, and kept for good.
import { createPublicKey, verify } from "node:crypto";
import { z } from "zod";
import type { SigningKey } from "../core/gateway-key.ts";

/**
 * `day`: the day at the site that it closes, of a head made in between the day of its last line; null where nobody knows.
 * `number` and `digest`: of that line (`linkOf`); 0 and 64 zeros before the first. `signature`: base64 ed25519 over the JSON
 * of all other fields, keys in the order given here, no spaces.
 */
export type LedgerHead = {
  readonly version: 1;
  readonly kind: "ledger-head";
  readonly gateway: string;
  readonly day: string | null;
  readonly number: number;
  readonly digest: string;
  readonly keyId: string;
  readonly signature: string;
};

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/** As it stands in files. */
export const HeadRecord: z.ZodType<LedgerHead> = z.strictObject({
  version: z.literal(1),
  kind: z.literal("ledger-head"),
  gateway: z.string(),
  day: z.iso.date().nullable(),
  number: z.int().min(0),
  digest: sha256Hex,
  keyId: z.string(),
  signature: z.string(),
});

/** The bytes that a head's signature covers. */
export function signedHeadBytes(head: Omit<LedgerHead, "signature">): Buffer {
  const { version, kind, gateway, day, number, digest, keyId } = head;
  return Buffer.from(JSON.stringify({ version, kind, gateway, day, number, digest, keyId }));
}

export function signHead(said: Pick<LedgerHead, "gateway" | "day" | "number" | "digest">, key: SigningKey): LedgerHead {
  const { gateway, day, number, digest } = said;
  const unsigned = { version: 1, kind: "ledger-head", gateway, day, number, digest, keyId: key.keyId } as const;
  return { ...unsigned, signature: key.sign(signedHeadBytes(unsigned)).toString("base64") };
}

/** The canonical text of a head, as a line of an export. */
export function headText(head: LedgerHead): string {
  const { signature, ...unsigned } = head;
  return JSON.stringify({ ...JSON.parse(signedHeadBytes(unsigned).toString()), signature });
}

/** Whether this key signed it. `publicKey`: base64, 32 raw bytes. */
export function isSignedBy(head: LedgerHead, publicKey: string): boolean {
  const x = Buffer.from(publicKey, "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const signature = Buffer.from(head.signature, "base64");
  // Base64 may be written in more than one way: only one is what was signed.
  return signature.toString("base64") === head.signature && verify(null, signedHeadBytes(head), key, signature);
}
