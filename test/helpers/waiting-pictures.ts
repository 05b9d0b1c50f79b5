// Pictures onto entries that wait, with real files: to make them in earnest takes a redactor.
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openImageFiles } from "../../src/spool/image-files.ts";
import { checksumOf } from "../../src/spool/schema.ts";

/** Makes the entry one of a redacted picture of so many random bytes. Resolves to its digest. */
export async function addPicture(
  dataDir: string,
  { sequence, bytes, camera = "cam" }: { readonly sequence: number; readonly bytes: number; readonly camera?: string },
): Promise<string> {
  const jpeg = randomBytes(bytes);
  const sha256 = createHash("sha256").update(jpeg).digest("hex");
  await (await openImageFiles(dataDir)).write(sha256, jpeg);
  using database = new DatabaseSync(join(dataDir, "spool.db"), { timeout: 5000 });
  const row = database
    .prepare("SELECT id, type, body, made_at, expires_at FROM entries WHERE sequence=?")
    .get(sequence);
  if (row === undefined) throw new Error(`there is no entry ${sequence}`);
  const crc = checksumOf([sequence, String(row["id"]), "snapshot", String(row["type"]), String(row["body"]), sha256]);
  database.prepare("UPDATE entries SET class='snapshot', image=?, crc=? WHERE sequence=?").run(sha256, crc, sequence);
  database
    .prepare("INSERT INTO pictures (sequence,sha256,camera,taken_at,expires_at,bytes,regions) VALUES (?,?,?,?,?,?,0)")
    .run(sequence, sha256, camera, Number(row["made_at"]), Number(row["expires_at"]), bytes);
  return sha256;
}
