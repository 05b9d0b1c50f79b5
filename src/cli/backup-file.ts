// The file of a backup: one line that says how it is closed, then what is in it, compressed and closed with a passphrase.
//
//   HEDGEROW-BACKUP {"version":1,"closed":"scrypt-aes-256-gcm","salt":"…","nonce":"…"}\n   then ciphertext and tag (16 bytes)
//   HEDGEROW-BACKUP {"version":1,"closed":"no","sha256":"…"}\n                              then the bytes as they are
//
// Decision: closed unless a person says otherwise, since it holds the gateway's private key: who has that can speak to the
// platform in the gateway's name. scrypt (RFC 7914) and AES-256-GCM (NIST SP 800-38D) are in Node; the first line is signed with
// it as additional data, so nobody can change how it is said to be closed.
import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { BACKUP_COST, BACKUP_LIMITS } from "./backup-limits.ts";

const MAGIC = "HEDGEROW-BACKUP ";
const HEADER_BYTES = 1024;
const TAG_BYTES = 16;

const base64 = z.string().max(64);
const Header = z.discriminatedUnion("closed", [
  z.object({ version: z.number(), closed: z.literal("scrypt-aes-256-gcm"), salt: base64, nonce: base64 }),
  z.object({ version: z.number(), closed: z.literal("no"), sha256: z.string().max(64) }),
]);

const derive: (words: string, salt: Buffer, length: number, cost: typeof BACKUP_COST) => Promise<Buffer> =
  promisify(scrypt);

/** `passphrase`: null leaves it open. */
export async function sealed(contents: string, passphrase: string | null): Promise<Buffer> {
  const packed = gzipSync(contents);
  if (passphrase === null) {
    const header = headerOf({ version: 1, closed: "no", sha256: sha256(packed) });
    return Buffer.concat([header, packed]);
  }
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const header = headerOf({
    version: 1,
    closed: "scrypt-aes-256-gcm",
    salt: salt.toString("base64"),
    nonce: nonce.toString("base64"),
  });
  const cipher = createCipheriv("aes-256-gcm", await keyOf(passphrase, salt), nonce).setAAD(header);
  const closed = Buffer.concat([cipher.update(packed), cipher.final()]);
  return Buffer.concat([header, closed, cipher.getAuthTag()]);
}

/** Whether a passphrase is needed. Throws BACKUP_UNUSABLE, SPOOL_NEWER. */
export function isClosed(file: Buffer): boolean {
  return split(file).header.closed !== "no";
}

/** What `sealed` was given. Throws BACKUP_UNUSABLE for another passphrase and for whatever is not as it was written; SPOOL_NEWER. */
export async function unsealed(file: Buffer, passphrase: string | null): Promise<string> {
  const { header, bytes, line } = split(file);
  if (header.closed === "no") {
    if (sha256(bytes) !== header.sha256) throw unusable("it is damaged: its sum is another");
    return inflated(bytes);
  }
  if (passphrase === null) throw new GatewayError("USAGE", "this backup is closed with a passphrase");
  if (bytes.length <= TAG_BYTES) throw unusable("it is cut off");
  const key = await keyOf(passphrase, Buffer.from(header.salt, "base64"));
  try {
    const tagAt = bytes.length - TAG_BYTES;
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(header.nonce, "base64"), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(line)
      .setAuthTag(bytes.subarray(tagAt));
    return inflated(Buffer.concat([decipher.update(bytes.subarray(0, tagAt)), decipher.final()]));
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw unusable("the passphrase is another one, or the file is damaged or cut off", cause);
  }
}

function split(file: Buffer): { header: z.infer<typeof Header>; line: Buffer; bytes: Buffer } {
  const end = file.subarray(0, HEADER_BYTES).indexOf("\n");
  if (end < 0 || !file.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)))
    throw unusable("it is no backup of Hedgerow");
  const line = file.subarray(0, end + 1);
  const header = Header.safeParse(jsonIn(line.subarray(MAGIC.length).toString("utf8")));
  const version = z.object({ version: z.number() }).safeParse(jsonIn(line.subarray(MAGIC.length).toString("utf8")));
  if (version.success && version.data.version > 1)
    throw new GatewayError("SPOOL_NEWER", "this backup was made by a newer Hedgerow");
  if (!header.success) throw unusable("its first line is damaged");
  return { header: header.data, line, bytes: file.subarray(end + 1) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told by what becomes of it
  }
}

function inflated(packed: Buffer): string {
  try {
    return gunzipSync(packed, { maxOutputLength: BACKUP_LIMITS.bytes }).toString("utf8");
  } catch (cause) {
    throw unusable("what is in it cannot be unpacked", cause);
  }
}

function headerOf(header: z.infer<typeof Header>): Buffer {
  return Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`);
}

/** Keyboards spell é in two ways. */
function keyOf(passphrase: string, salt: Buffer): Promise<Buffer> {
  return derive(passphrase.normalize("NFKC"), salt, 32, BACKUP_COST);
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function unusable(why: string, cause?: unknown): GatewayError {
  return new GatewayError("BACKUP_UNUSABLE", `this backup cannot be used: ${why}`, { cause });
}
