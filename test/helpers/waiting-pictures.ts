// Pictures onto entries that wait, with real files: to make them in earnest takes a redactor.
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openImageFiles } from "../../src/spool/image-files.ts";
import { checksumOf } from "../../src/spool/schema.ts";

/**
 * Makes the entry one of a redacted picture of so many random bytes after `begin`. `isSnapshot`: its event, of whatever it was,
 * tells of the picture, with a receipt that nobody signed. Resolves to its digest.
 */
export async function addPicture(
  dataDir: string,
  {
    sequence,
    bytes,
    camera = "cam",
    begin = "",
    isSnapshot = false,
  }: {
    readonly sequence: number;
    readonly bytes: number;
    readonly camera?: string;
    readonly begin?: string;
    readonly isSnapshot?: boolean;
  },
): Promise<string> {
  const jpeg = Buffer.concat([Buffer.from(begin), randomBytes(bytes)]).subarray(0, bytes);
  const sha256 = createHash("sha256").update(jpeg).digest("hex");
  await (await openImageFiles(dataDir)).write(sha256, jpeg);
  using database = new DatabaseSync(join(dataDir, "spool.db"), { timeout: 5000 });
  const row = database
    .prepare("SELECT id, type, body, made_at, expires_at FROM entries WHERE sequence=?")
    .get(sequence);
  if (row === undefined) throw new Error(`there is no entry ${sequence}`);
  const type = isSnapshot ? "hedgerow.snapshot.redacted.v1" : String(row["type"]);
  const body = isSnapshot ? snapshotOf(String(row["body"]), sha256) : String(row["body"]);
  const crc = checksumOf([sequence, String(row["id"]), "snapshot", type, body, sha256]);
  database
    .prepare("UPDATE entries SET class='snapshot', type=?, body=?, image=?, crc=?, urgent=0 WHERE sequence=?")
    .run(type, body, sha256, crc, sequence);
  database
    .prepare("INSERT INTO pictures (sequence,sha256,camera,taken_at,expires_at,bytes,regions) VALUES (?,?,?,?,?,?,0)")
    .run(sequence, sha256, camera, Number(row["made_at"]), Number(row["expires_at"]), bytes);
  return sha256;
}

function snapshotOf(body: string, sha256: string): string {
  const event = JSON.parse(body);
  const { zone, cell, clock } = event.data;
  const receipt = {
    version: 1,
    image: sha256,
    outcome: "redacted",
    regions: 0,
    policy: "a".repeat(64),
    model: "b".repeat(64),
    settings: "normal",
    canaryAgeS: null,
    previous: "0".repeat(64),
    keyId: "0123456789abcdef",
    signature: "",
  };
  return JSON.stringify({
    ...event,
    type: "hedgerow.snapshot.redacted.v1",
    dataschema: "urn:hedgerow:schema:snapshot.redacted.v1",
    dataref: `v1/snapshots/${sha256}`,
    data: { zone, cell, clock, sha256, width: 64, height: 48, outcome: "redacted", regions: 0, receipt },
  });
}
