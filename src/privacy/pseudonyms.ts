// Names under which devices and cameras appear outside: the same device the same name, and no way back without the key.
import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateDirectory, writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";

export type Pseudonyms = (kind: "device" | "camera", id: string) => string;

/** Opens `dataDir/keys/pseudonym.key` (32 random bytes), making it on first start. Throws KEY_UNREADABLE. */
export async function openPseudonyms(dataDir: string): Promise<Pseudonyms> {
  const key = await readOrMakeKey(join(dataDir, "keys"), "pseudonym.key");
  // As many as the kit has devices and cameras; an HMAC for each event was a sixth of the event road's time.
  const known = new Map<string, string>();
  return (kind, id) => {
    const found = known.get(`${kind}:${id}`);
    if (found !== undefined) return found;
    const name = pseudonymOf({ key, kind, id });
    known.set(`${kind}:${id}`, name);
    return name;
  };
}

/** 80 bits of HMAC-SHA256 (RFC 2104): enough that two devices of one site never share a name. */
function pseudonymOf({ key, kind, id }: { key: Buffer; kind: "device" | "camera"; id: string }): string {
  return `${kind}-${createHmac("sha256", key).update(`${kind}:${id}`).digest("hex").slice(0, 20)}`;
}

async function readOrMakeKey(directory: string, name: string): Promise<Buffer> {
  const path = join(directory, name);
  try {
    const key = await readFile(path);
    if (key.length !== 32) throw new Error(`it holds ${key.length} bytes instead of 32`);
    return key;
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT") {
      throw new GatewayError("KEY_UNREADABLE", `cannot read ${path}: ${messageOf(cause)}`, { cause });
    }
  }
  await makePrivateDirectory(directory);
  const key = randomBytes(32);
  await writeDurably(path, key, 0o600);
  return key;
}
