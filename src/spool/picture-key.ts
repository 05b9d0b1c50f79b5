// The key that pictures at rest are encrypted with, and where it lies. What it protects from depends on that place alone:
//   in dataDir/keys (default)   a copied images folder, a backup of it; not a stolen card, which holds both
//   on a tmpfs                  a stolen card: whoever has it has no key; a power cut loses the pictures that wait, declared
//   on another device           a stolen card, as long as that device is not taken along
// Erasing the key, 32 bytes, makes every picture unreadable at once. A key is changed by removing its file: the next start makes
// another, and what was encrypted with the old one is given up with its tombstones. Nothing is encrypted anew.
import { createHash, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makePrivateDirectory, writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { readSmallFile } from "../core/small-file.ts";

/** AES-256. */
export const PICTURE_KEY_BYTES = 32;
/** What images.key-id says beside the key's id where the key lay on another file system. */
const APART = "apart";
/** images.key-id: which key there was, and where. What is not of this form is no word of another key. */
const KNOWN = /^([0-9a-f]{16}) (apart|beside)\n$/;

/** `isOther`: pictures that lie in dataDir were encrypted with another key, until `adopt` has said that they are given up. */
export type PictureKey = {
  readonly key: KeyObject;
  readonly isOther: boolean;
  adopt(): Promise<void>;
};

/**
 * Reads the key (AES-256, 32 raw bytes), making it where its folder is there and it is not. Throws KEY_UNREADABLE: where
 * the folder is absent, where the file is no key (it is never replaced), and where a key that lay on another device is gone and
 * its folder now lies on the pictures' own disk: then the device is not mounted, and a new key would be written beside the pictures.
 */
export async function openPictureKey(dataDir: string, keyFile?: string): Promise<PictureKey> {
  const keys = join(dataDir, "keys");
  await makePrivateDirectory(keys);
  const path = keyFile ?? join(keys, "images.key");
  const idPath = join(keys, "images.key-id");
  const known = await readSmallFile(idPath, { bytesMax: 1024 });
  const text = known.kind === "bytes" ? known.bytes.toString("utf8") : "";
  const [, knownId = null, place] = KNOWN.exec(text) ?? [];
  const key = (await readKey(path)) ?? (await makeKey(path, { dataDir, wasApart: place === APART }));
  const id = createHash("sha256").update("hedgerow picture key id").update(key).digest("hex").slice(0, 16);
  const secret = createSecretKey(key);
  key.fill(0);
  const line = `${id} ${(await isApart(dirname(path), dataDir)) ? APART : "beside"}\n`;
  const isOther = knownId !== null && knownId !== id;
  if (!isOther && text !== line) await writeDurably(idPath, line);
  return { key: secret, isOther, adopt: () => writeDurably(idPath, line) };
}

/** Null where there is none. */
async function readKey(path: string): Promise<Buffer | null> {
  const file = await readSmallFile(path, { bytesMax: 1024 });
  if (file.kind === "absent") return null;
  if (file.kind === "unreadable") throw unreadable(path, file.why, file.cause);
  if (file.bytes.length !== PICTURE_KEY_BYTES)
    throw unreadable(path, `it holds ${file.bytes.length} bytes instead of ${PICTURE_KEY_BYTES}`);
  return file.bytes;
}

async function makeKey(path: string, { dataDir, wasApart }: { dataDir: string; wasApart: boolean }): Promise<Buffer> {
  const folder = dirname(path);
  try {
    const isOwn = folder === join(dataDir, "keys");
    if (wasApart && !isOwn && !(await isApart(folder, dataDir)))
      throw unreadable(path, "it lay on another device, and its folder now lies on the same disk as the pictures");
    const key = randomBytes(PICTURE_KEY_BYTES);
    await writeDurably(path, key, 0o600);
    return key;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    if (systemCodeOf(cause) === "ENOENT") throw unreadable(path, `there is no folder ${folder}`, cause);
    throw new GatewayError("KEY_UNREADABLE", `cannot make the pictures' key ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Whether the folder lies on another file system than the pictures. Throws ENOENT. */
async function isApart(folder: string, dataDir: string): Promise<boolean> {
  const [there, data] = await Promise.all([stat(folder), stat(dataDir)]);
  return there.dev !== data.dev;
}

function unreadable(path: string, why: string, cause?: unknown): GatewayError {
  return new GatewayError("KEY_UNREADABLE", `cannot read the pictures' key ${path}: ${why}`, {
    hint: "Is the device that holds it plugged in and mounted? Else restore the file, or remove it: a new key is made, and the pictures that wait are given up.",
    cause,
  });
}
