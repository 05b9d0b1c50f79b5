// The gateway's ed25519 key: signs what goes to the platform, receipts and the ledger.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateDirectory, writeDurably } from "./durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "./errors.ts";

/** `publicKey`: 32 raw bytes in base64. `keyId`: first 16 hex digits of its SHA-256. `sign` gives 64 raw bytes (RFC 8032). */
export type GatewayKey = {
  readonly publicKey: string;
  readonly keyId: string;
  sign(bytes: Uint8Array): Buffer;
};

/** Opens `dataDir/keys/gateway.pem` (PKCS #8), making it on first start. Throws KEY_UNREADABLE; a bad key is never replaced. */
export async function openGatewayKey(dataDir: string): Promise<GatewayKey> {
  const path = join(dataDir, "keys", "gateway.pem");
  try {
    return fromPrivateKey(createPrivateKey(await readFile(path, "utf8")));
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT") {
      throw new GatewayError("KEY_UNREADABLE", `cannot read the gateway's key ${path}: ${messageOf(cause)}`, { cause });
    }
  }
  await makePrivateDirectory(join(dataDir, "keys"));
  const { privateKey } = generateKeyPairSync("ed25519");
  await writeDurably(path, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
  return fromPrivateKey(privateKey);
}

function fromPrivateKey(privateKey: KeyObject): GatewayKey {
  if (privateKey.asymmetricKeyType !== "ed25519")
    throw new Error(`not an ed25519 key but ${privateKey.asymmetricKeyType}`);
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url");
  return {
    publicKey: raw.toString("base64"),
    keyId: createHash("sha256").update(raw).digest("hex").slice(0, 16),
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}
