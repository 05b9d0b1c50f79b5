// Redacted pictures at rest: one encrypted file each, named by the picture's digest (interfaces §6).
// What the encryption protects from is a matter of where the key lies: see picture-key.ts. A file that is removed is not
// overwritten first: on a card or an SSD that writes elsewhere, and does nothing for what was there.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateDirectory, syncDirectory, writeDurably } from "../core/durable-file.ts";
import { openPictureKey, type PictureKey } from "./picture-key.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type ImageFiles = {
  /** See PictureKey: what lies here cannot be read with the key that there is. */
  readonly isOfOtherKey: boolean;
  readonly adoptKey: PictureKey["adopt"];
  /** Encrypts and writes durably; the file exists before any row names it. Throws Node's system errors. */
  write(sha256: string, jpeg: Uint8Array): Promise<void>;
  /** Decrypts and checks the digest. Throws when the file is gone or was changed. */
  read(sha256: string): Promise<Buffer>;
  remove(sha256s: readonly string[]): Promise<void>;
  /** Removes what no row names: left by a power cut between file and row. Resolves to how many. */
  sweep(known: ReadonlySet<string>): Promise<number>;
};

/** Opens `dataDir/images` and its key (AES-256-GCM), `keyFile` or `dataDir/keys/images.key`. Throws KEY_UNREADABLE. */
export async function openImageFiles(dataDir: string, keyFile?: string): Promise<ImageFiles> {
  const directory = join(dataDir, "images");
  await makePrivateDirectory(directory);
  const pictureKey = await openPictureKey(dataDir, keyFile);
  const pathOf = (sha256: string) => join(directory, sha256);
  return {
    isOfOtherKey: pictureKey.isOther,
    adoptKey: () => pictureKey.adopt(),
    async write(sha256, jpeg) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", pictureKey.key, nonce).setAAD(Buffer.from(sha256));
      const sealed = Buffer.concat([nonce, cipher.update(jpeg), cipher.final()]);
      await writeDurably(pathOf(sha256), Buffer.concat([sealed, cipher.getAuthTag()]));
    },
    async read(sha256) {
      const sealed = await readFile(pathOf(sha256));
      if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error("the picture's file is torn");
      const decipher = createDecipheriv("aes-256-gcm", pictureKey.key, sealed.subarray(0, NONCE_BYTES)).setAAD(
        Buffer.from(sha256),
      );
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const jpeg = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
      try {
        decipher.final(); // GCM: no bytes, only whether nothing was changed
      } catch (cause) {
        jpeg.fill(0);
        throw cause;
      }
      if (createHash("sha256").update(jpeg).digest("hex") !== sha256)
        throw new Error("the picture's digest does not match");
      return jpeg;
    },
    async remove(sha256s) {
      for (const sha256 of sha256s) await rm(pathOf(sha256), { force: true });
      if (sha256s.length > 0) await syncDirectory(directory);
    },
    async sweep(known) {
      // A folder is none of ours: a disk of its own has one named lost+found.
      const entries = await readdir(directory, { withFileTypes: true });
      const orphans = entries.filter((each) => each.isFile() && !known.has(each.name)).map(({ name }) => name);
      for (const name of orphans) await rm(join(directory, name), { force: true });
      return orphans.length;
    },
  };
}
