// The gateway's ed25519 keys: what signs requests to the platform, receipts and the ledger, and how one key follows another.
//
// A key is changed in two steps, so that no request is ever refused: `beginRotation` makes the next key, and from then on each
// request carries the signatures of both, the older first; once the platform has registered the next, `finishRotation` makes
// it the only one. Receipts and the ledger are signed by the current key alone. On disk, in `keys/`:
//   gateway.pem        the current key
//   gateway-next.pem   the next one, while a rotation is under way
//   retired.json       public keys of before, written before the rename that retires a key: what one of them has signed stays
//                      verifiable, and a power cut between the two leaves a key that is in use and listed, which harms nothing
// The rename of gateway-next.pem over gateway.pem is the moment of the change: before it, or after it, and nothing between.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makePrivateDirectory, syncDirectory, writeDurably } from "./durable-file.ts";
import { GatewayError, messageOf } from "./errors.ts";
import { OUTGOING_LIMITS } from "./outgoing-limits.ts";
import { readSmallFile } from "./small-file.ts";

/** `publicKey`: 32 raw bytes in base64. `keyId`: first 16 hex digits of its SHA-256. */
export type PublicKey = { readonly publicKey: string; readonly keyId: string };

/** `sign` gives 64 raw bytes (RFC 8032). */
export type SigningKey = PublicKey & { sign(bytes: Uint8Array): Buffer };

/** What is read of it is always of now: after `finishRotation` it is the next key. So neither spread nor destructure it for keeping. */
export type GatewayKey = SigningKey & {
  /** While a rotation is under way, the key that follows: requests carry its signature too. */
  readonly next: PublicKey | null;
  /** The signatures of a request: the current key's, then the next one's if there is one. */
  signAll(bytes: Uint8Array): readonly Buffer[];
  /** All that ever signed receipts or the ledger: the current key, then those of before, the newest first. */
  publicKeys(): readonly PublicKey[];
  /** Makes the next key durably; one that exists stays. Throws USAGE where too many keys were retired, DATA_DIR_UNUSABLE. */
  beginRotation(): Promise<PublicKey>;
  /** The next key becomes the only one. Throws USAGE where no rotation is under way, DATA_DIR_UNUSABLE. */
  finishRotation(nowMs: number): Promise<PublicKey>;
};

/** What `hedgerow key show` says. `next…`: while a rotation is under way. */
export type KeyView = PublicKey & { readonly nextPublicKey?: string; readonly nextKeyId?: string };

const Retired = z.array(z.object({ publicKey: z.string(), keyId: z.string(), retiredAt: z.string() }));
type Retired = z.infer<typeof Retired>;

/** Opens the keys in `dataDir/keys` (PKCS #8), making the first on first start. Throws KEY_UNREADABLE; a bad key is never replaced. */
export async function openGatewayKey(dataDir: string): Promise<GatewayKey> {
  const directory = join(dataDir, "keys");
  const current = (await readKey(join(directory, "gateway.pem"))) ?? (await makeKey(directory, "gateway.pem"));
  const next = await readKey(join(directory, "gateway-next.pem"));
  const retired = await readRetired(directory);
  // On file systems whose rename is not atomic a power cut may leave the key under both names: then the change is done.
  if (next?.keyId !== current.keyId) return new KeyRing(directory, { current, next, retired });
  await rm(join(directory, "gateway-next.pem"), { force: true });
  return new KeyRing(directory, { current, next: null, retired });
}

/** Begins a rotation or, with `isFinal`, ends it. Throws what GatewayKey's two steps throw. */
export async function rotateKey(
  key: GatewayKey,
  { isFinal, nowMs }: { isFinal: boolean; nowMs: number },
): Promise<KeyView> {
  await (isFinal ? key.finishRotation(nowMs) : key.beginRotation());
  return keyView(key);
}

export function keyView({ publicKey, keyId, next }: Pick<GatewayKey, "publicKey" | "keyId" | "next">): KeyView {
  return { publicKey, keyId, ...(next !== null && { nextPublicKey: next.publicKey, nextKeyId: next.keyId }) };
}

type Ring = { readonly current: SigningKey; readonly next: SigningKey | null; readonly retired: Retired };

class KeyRing implements GatewayKey {
  readonly #directory: string;
  #ring: Ring;
  /** One rotation step at a time. */
  #step: Promise<unknown> = Promise.resolve();

  constructor(directory: string, ring: Ring) {
    this.#directory = directory;
    this.#ring = ring;
  }

  get publicKey(): string {
    return this.#ring.current.publicKey;
  }

  get keyId(): string {
    return this.#ring.current.keyId;
  }

  get next(): PublicKey | null {
    return this.#ring.next === null ? null : publicOf(this.#ring.next);
  }

  sign(bytes: Uint8Array): Buffer {
    return this.#ring.current.sign(bytes);
  }

  signAll(bytes: Uint8Array): readonly Buffer[] {
    const { current, next } = this.#ring;
    return [current, ...(next === null ? [] : [next])].map((key) => key.sign(bytes));
  }

  publicKeys(): readonly PublicKey[] {
    const { current, retired } = this.#ring;
    // One that is listed and still in use is of a rotation that a power cut undid.
    return [current, ...retired.toReversed().filter(({ keyId }) => keyId !== current.keyId)].map(publicOf);
  }

  beginRotation(): Promise<PublicKey> {
    return this.#inTurn(async () => {
      if (this.#ring.retired.length >= OUTGOING_LIMITS.retiredKeys)
        throw new GatewayError("USAGE", `keys/retired.json holds ${OUTGOING_LIMITS.retiredKeys} keys already`, {
          hint: "Keep a copy of the file for old receipts, remove its oldest keys, and restart the gateway.",
        });
      const next = this.#ring.next ?? (await orUnusable(() => makeKey(this.#directory, "gateway-next.pem")));
      this.#ring = { ...this.#ring, next };
      return publicOf(next);
    });
  }

  finishRotation(nowMs: number): Promise<PublicKey> {
    return this.#inTurn(async () => {
      const { current, next, retired } = this.#ring;
      if (next === null)
        throw new GatewayError("USAGE", "no change of keys is under way", {
          hint: "Begin one with `hedgerow key rotate`, and finish it once the platform has registered the next key.",
        });
      const others = retired.filter(({ keyId }) => keyId !== current.keyId);
      const withCurrent = [...others, { ...publicOf(current), retiredAt: new Date(nowMs).toISOString() }];
      await orUnusable(async () => {
        await writeDurably(join(this.#directory, "retired.json"), `${JSON.stringify(withCurrent, null, 2)}\n`, 0o600);
        await rename(join(this.#directory, "gateway-next.pem"), join(this.#directory, "gateway.pem"));
      });
      this.#ring = { current: next, next: null, retired: withCurrent };
      // Should this fail, a power cut may undo the rename; both keys then sign again, and the platform knows both.
      await orUnusable(() => syncDirectory(this.#directory));
      return publicOf(next);
    });
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#step.then(step);
    this.#step = done.catch(() => undefined); // the caller of this step hears of it
    return done;
  }
}

/** Null where there is no such file. */
async function readKey(path: string): Promise<SigningKey | null> {
  const file = await readSmallFile(path, { bytesMax: OUTGOING_LIMITS.keyBytes });
  if (file.kind === "absent") return null;
  if (file.kind === "unreadable") throw unreadable(path, file.why, file.cause);
  try {
    return fromPrivateKey(createPrivateKey(file.bytes));
  } catch (cause) {
    throw unreadable(path, messageOf(cause), cause);
  }
}

async function makeKey(directory: string, name: string): Promise<SigningKey> {
  await makePrivateDirectory(directory);
  const { privateKey } = generateKeyPairSync("ed25519");
  await writeDurably(join(directory, name), privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
  return fromPrivateKey(privateKey);
}

/** Throws KEY_UNREADABLE for a damaged list too: the next rotation would write it anew without what it held. */
async function readRetired(directory: string): Promise<Retired> {
  const path = join(directory, "retired.json");
  const file = await readSmallFile(path, { bytesMax: OUTGOING_LIMITS.retiredKeysBytes });
  if (file.kind === "absent") return [];
  if (file.kind === "unreadable") throw unreadable(path, file.why, file.cause);
  try {
    return Retired.parse(JSON.parse(file.bytes.toString("utf8")));
  } catch (cause) {
    throw unreadable(path, "it is not a list of public keys", cause);
  }
}

function unreadable(path: string, why: string, cause: unknown): GatewayError {
  return new GatewayError("KEY_UNREADABLE", `cannot read the gateway's key ${path}: ${why}`, { cause });
}

async function orUnusable<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw new GatewayError("DATA_DIR_UNUSABLE", `the gateway's keys cannot be written: ${messageOf(cause)}`, { cause });
  }
}

function publicOf({ publicKey, keyId }: PublicKey): PublicKey {
  return { publicKey, keyId };
}

function fromPrivateKey(privateKey: KeyObject): SigningKey {
  if (privateKey.asymmetricKeyType !== "ed25519")
    throw new Error(`not an ed25519 key but ${privateKey.asymmetricKeyType}`);
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url");
  return {
    publicKey: raw.toString("base64"),
    keyId: createHash("sha256").update(raw).digest("hex").slice(0, 16),
    sign: (bytes) => sign(null, bytes, privateKey),
  };
}
