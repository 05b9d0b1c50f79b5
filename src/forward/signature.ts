// What a request to the platform is signed with: Standard Webhooks, ed25519 first, HMAC beside it where a secret is shared.
// Source: Standard Webhooks specification 1.0.0, "Signature scheme" (symmetric v1, asymmetric v1a) and "Webhook headers".
import { createHash, createHmac } from "node:crypto";
import { GatewayError } from "../core/errors.ts";
import type { GatewayKey } from "../core/gateway-key.ts";

/** What is signed: `content` is the body's bytes, or for a picture its lower-case hex SHA-256. */
export type Signable = { readonly id: string; readonly timestampS: number; readonly content: string };

/** Gives the three `webhook-*` headers of a request. */
export type Signer = (message: Signable) => Readonly<Record<string, string>>;

/** `sharedSecret`: base64 of 24 to 64 bytes, `whsec_` before it or not; throws SECRET_UNREADABLE when it is something else. */
export function createSigner({ key, sharedSecret }: { key: GatewayKey; sharedSecret?: string | undefined }): Signer {
  const secret = sharedSecret === undefined ? undefined : decodeSecret(sharedSecret);
  return ({ id, timestampS, content }) => {
    const bytes = Buffer.from(`${id}.${timestampS}.${content}`, "utf8");
    const signatures = [`v1a,${key.sign(bytes).toString("base64")}`];
    if (secret !== undefined) signatures.push(`v1,${createHmac("sha256", secret).update(bytes).digest("base64")}`);
    return { "webhook-id": id, "webhook-timestamp": String(timestampS), "webhook-signature": signatures.join(" ") };
  };
}

/** The same content has the same id, so that a receiver recognises a repeat. The id holds no dot: the signed bytes are joined by dots. */
export function contentId(kind: "events" | "snapshot", content: string): string {
  return `${kind}_${createHash("sha256").update(content).digest("hex").slice(0, 32)}`;
}

function decodeSecret(text: string): Buffer {
  const encoded = text.trim().replace(/^whsec_/, "");
  const secret = Buffer.from(encoded, "base64");
  const isBase64 = secret.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "");
  if (!isBase64 || secret.length < 24 || secret.length > 64) {
    throw new GatewayError("SECRET_UNREADABLE", "the platform's shared secret is not base64 of 24 to 64 bytes", {
      hint: "Copy the secret from the platform as it is, such as whsec_ and some 40 letters.",
    });
  }
  return secret;
}
