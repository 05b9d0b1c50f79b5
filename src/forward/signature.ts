// What a request to the platform is signed with: Standard Webhooks, ed25519 first, HMAC beside it where a secret is shared.
// Source: Standard Webhooks specification 1.0.0, "Signature scheme" (symmetric v1, asymmetric v1a) and "Webhook headers";
// several signatures stand side by side while a key or secret is changed, the older first.
import { createHash, createHmac } from "node:crypto";
import { GatewayError } from "../core/errors.ts";
import type { GatewayKey } from "../core/gateway-key.ts";

/** What is signed: `content` is the body's bytes, or for a picture its lower-case hex SHA-256. */
export type Signable = { readonly id: string; readonly timestampS: number; readonly content: string };

/** Gives the three `webhook-*` headers of a request. `secrets`: of now, the current one, then the next one if there is one. */
export type Signer = (message: Signable, secrets?: readonly Buffer[]) => Readonly<Record<string, string>>;

/** Each request is signed by the keys as they are at that moment. */
export function createSigner({ key }: { key: Pick<GatewayKey, "signAll"> }): Signer {
  return ({ id, timestampS, content }, secrets = []) => {
    const bytes = Buffer.from(`${id}.${timestampS}.${content}`, "utf8");
    const signatures = [
      ...key.signAll(bytes).map((signature) => `v1a,${signature.toString("base64")}`),
      ...secrets.map((secret) => `v1,${createHmac("sha256", secret).update(bytes).digest("base64")}`),
    ];
    return { "webhook-id": id, "webhook-timestamp": String(timestampS), "webhook-signature": signatures.join(" ") };
  };
}

/** The same content has the same id, so that a receiver recognises a repeat. The id holds no dot: the signed bytes are joined by dots. */
export function contentId(kind: "events" | "snapshot", content: string): string {
  return `${kind}_${createHash("sha256").update(content).digest("hex").slice(0, 32)}`;
}

/** A file's lines: the secret, and the next one while it is changed. Each is base64 of 24 to 64 bytes, `whsec_` before it or not. Throws SECRET_UNREADABLE. */
export function secretsIn(text: string): readonly Buffer[] {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length === 1 || lines.length === 2) return lines.map(decodeSecret);
  throw new GatewayError("SECRET_UNREADABLE", `the platform's shared secret has ${lines.length} lines`, {
    hint: "Write the secret on one line and, while it is changed, the next one on a second.",
  });
}

function decodeSecret(line: string): Buffer {
  const encoded = line.replace(/^whsec_/, "");
  const secret = Buffer.from(encoded, "base64");
  const isBase64 = secret.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "");
  if (!isBase64 || secret.length < 24 || secret.length > 64) {
    throw new GatewayError("SECRET_UNREADABLE", "the platform's shared secret is not base64 of 24 to 64 bytes", {
      hint: "Copy the secret from the platform as it is, such as whsec_ and some 40 letters.",
    });
  }
  return secret;
}
