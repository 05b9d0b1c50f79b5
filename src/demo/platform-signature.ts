// How a receiver knows that a request comes from a gateway it trusts: Standard Webhooks, checked with a library that is not ours.
import { verifyAsync } from "@noble/ed25519";

/**
 * By gateway id: 32 raw bytes in base64, or several while a gateway changes its key, the current one and the next. Trust the next
 * one when the gateway's people say so, and drop the older when requests carry one signature again.
 */
export type PublicKeys = ReadonlyMap<string, string | readonly string[]>;

/** Requests with a time stamp further off are refused: who recorded one cannot send it again later. */
const TOLERANCE_S = 5 * 60;

/** Looked at in one request: two keys and two secrets make four; checking one costs a millisecond, and anybody may send many. */
const SIGNATURES_MAX = 8;

export type SignedRequest = {
  /** Header values by lower-case name, undefined when absent. */
  readonly header: (name: string) => string | undefined;
  /** The body's bytes, or for a picture its lower-case hex SHA-256. */
  readonly content: Uint8Array | string;
};

/**
 * The id of the gateway that signed, or why the request is refused.
 * Source: Standard Webhooks 1.0.0; several signatures are separated by spaces, and one good `v1a` by one of its keys is enough.
 */
export async function verifySignature(
  request: SignedRequest,
  { publicKeys, nowMs }: { publicKeys: PublicKeys; nowMs: number },
): Promise<{ readonly gateway: string } | { readonly refused: string }> {
  const [gateway, id, timestamp, signatures] = [
    "hedgerow-gateway",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
  ].map(request.header);
  if (gateway === undefined || id === undefined || timestamp === undefined || signatures === undefined)
    return { refused: "unsigned" };
  const known = publicKeys.get(gateway);
  if (known === undefined) return { refused: "unknown-gateway" };
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_S)
    return { refused: "stale" };
  const message = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(request.content)]);
  const asymmetric = signatures.split(" ", SIGNATURES_MAX).filter((text) => text.startsWith("v1a,"));
  for (const publicKey of [known].flat())
    for (const text of asymmetric)
      if (await isSignedBy(publicKey, Buffer.from(text.slice(4), "base64"), message)) return { gateway };
  return { refused: "bad-signature" };
}

/** RFC 8032 strictly (no small-order keys). The library throws for bytes that are no signature or key at all: those are not signed. */
async function isSignedBy(publicKey: string, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  return verifyAsync(signature, message, Buffer.from(publicKey, "base64"), { zip215: false }).catch(() => false);
}
