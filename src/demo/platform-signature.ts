// How a receiver knows that a request comes from a gateway it trusts: Standard Webhooks, checked with a library that is not ours.
import { verifyAsync } from "@noble/ed25519";

/** Requests with a time stamp further off are refused: who recorded one cannot send it again later. */
const TOLERANCE_S = 5 * 60;

export type SignedRequest = {
  /** Header values by lower-case name, undefined when absent. */
  readonly header: (name: string) => string | undefined;
  /** The body's bytes, or for a picture its lower-case hex SHA-256. */
  readonly content: Uint8Array | string;
};

/**
 * The id of the gateway that signed, or why the request is refused. `publicKeys`: 32 raw bytes in base64, by gateway id.
 * Source: Standard Webhooks 1.0.0; several signatures are separated by spaces, and one good `v1a` is enough.
 */
export async function verifySignature(
  request: SignedRequest,
  { publicKeys, nowMs }: { publicKeys: ReadonlyMap<string, string>; nowMs: number },
): Promise<{ readonly gateway: string } | { readonly refused: string }> {
  const [gateway, id, timestamp, signatures] = [
    "hedgerow-gateway",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
  ].map(request.header);
  if (gateway === undefined || id === undefined || timestamp === undefined || signatures === undefined)
    return { refused: "unsigned" };
  const publicKey = publicKeys.get(gateway);
  if (publicKey === undefined) return { refused: "unknown-gateway" };
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_S)
    return { refused: "stale" };
  const message = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(request.content)]);
  for (const signature of signatures.split(" ")) {
    if (
      signature.startsWith("v1a,") &&
      (await isSignedBy(publicKey, Buffer.from(signature.slice(4), "base64"), message))
    )
      return { gateway };
  }
  return { refused: "bad-signature" };
}

/** RFC 8032 strictly (no small-order keys). The library throws for bytes that are no signature or key at all: those are not signed. */
async function isSignedBy(publicKey: string, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  return verifyAsync(signature, message, Buffer.from(publicKey, "base64"), { zip215: false }).catch(() => false);
}
