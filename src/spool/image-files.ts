// Redacted pictures at rest: one encrypted file each, named by the picture's digest (interfaces §6).
// The key lies in keys/, apart from images/: it protects a copied images folder or a discarded backup of it, and lets
// erasing one small key make all pictures unreadable. It does not protect a stolen SD card that holds both.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateDirectory, syncDirectory, writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type ImageFiles = {
  /** Encrypts and writes durably; the file exists before any row names it. Throws Node's system errors. */
  write(sha256: string, jpeg: Uint8Array): Promise<void>;
  /** Decrypts and checks the digest. Throws when the file is gone or was changed. */
  read(sha256: string): Promise<Buffer>;
  remove(sha256s: readonly string[]): Promise<void>;
  /** Removes what no row names: left by a power cut between file and row. Resolves to how many. */
  sweep(known: ReadonlySet<string>): Promise<number>;
};

/** Opens `dataDir/images` and its key `dataDir/keys/images.key` (AES-256-GCM). Throws KEY_UNREADABLE. */
export async function openImageFiles(dataDir: string): Promise<ImageFiles> {
  const directory = join(dataDir, "images");
  await makePrivateDirectory(directory);
  const key = await openKey(dataDir);
  const pathOf = (sha256: string) => join(directory, sha256);
  return {
    async write(sha256, jpeg) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(sha256));
      const sealed = Buffer.concat([nonce, cipher.update(jpeg), cipher.final()]);
      await writeDurably(pathOf(sha256), Buffer.concat([sealed, cipher.getAuthTag()]));
    },
    async read(sha256) {
      const sealed = await readFile(pathOf(sha256));
      if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error("the picture's file is torn");
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES)).setAAD(
        Buffer.from(sha256),
      );
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const jpeg = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      if (createHash("sha256").update(jpeg).digest("hex") !== sha256)
        throw new Error("the picture's digest does not match");
      return jpeg;
    },
    async remove(sha256s) {
      for (const sha256 of sha256s) await rm(pathOf(sha256), { force: true });
      if (sha256s.length > 0) await syncDirectory(directory);
    },
    async sweep(known) {
      const orphans = (await readdir(directory)).filter((name) => !known.has(name));
      for (const name of orphans) await rm(join(directory, name), { force: true });
      return orphans.length;
    },
  };
}

async function openKey(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, "keys", "images.key");
  try {
    const key = await readFile(path);
    if (key.length !== 32) throw new Error(`it holds ${key.length} bytes instead of 32`);
    return key;
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT")
      throw new GatewayError("KEY_UNREADABLE", `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
  await makePrivateDirectory(join(dataDir, "keys"));
  const key = randomBytes(32);
  await writeDurably(path, key, 0o600);
  return key;
}
