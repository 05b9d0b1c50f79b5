// registry.json on disk: whole after a power cut, with one good predecessor, and never silently emptied.
//
// Order of a write: the predecessor (what was good until now) first, then the registry, each by temp, fsync, rename. So
// at each moment at least one of the two files is whole. A damaged registry is kept aside first.
import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { syncDirectory, writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { readSmallFile } from "../core/small-file.ts";
import type { RegistryData } from "./registry.ts";
import { REGISTRY_VERSION, RegistryFile } from "./schema.ts";

/** Only the gateway's user and root may read it. */
const USE_SUDO = "Use sudo: sudo hedgerow, and the rest as before.";

/** lowdb's adapter: `read` gives null on first start. The file-writing function comes in so that tests can break it. */
export class DurableAdapter {
  readonly #path: string;
  readonly #log: Log;
  readonly #write: typeof writeDurably;
  #good: string | null = null;

  constructor({ dataDir, log, write = writeDurably }: { dataDir: string; log: Log; write?: typeof writeDurably }) {
    this.#path = registryPath(dataDir);
    this.#log = log;
    this.#write = write;
  }

  /** Throws REGISTRY_DAMAGED when neither the registry nor its predecessor can be used, SPOOL_NEWER, DATA_DIR_UNUSABLE. */
  async read(): Promise<RegistryData | null> {
    const found = await readRegistryFile(this.#path);
    const before = await readRegistryFile(previousOf(this.#path));
    if (found.kind === "good") return this.#keep(found);
    if (before.kind === "good") return this.#recover(found, before);
    if (found.kind === "absent" && before.kind === "absent") return null;
    const why = [found, before].flatMap((each) => (each.kind === "damaged" ? [each.why] : [])).join("; ");
    throw new GatewayError("REGISTRY_DAMAGED", `neither ${this.#path} nor its predecessor can be used: ${why}`);
  }

  /** Resolves when it is on disk. On a refusal the registry on disk is as it was; throws Node's system error. */
  async write(data: RegistryData): Promise<void> {
    const text = `${JSON.stringify(data, null, 2)}\n`;
    if (this.#good !== null) await this.#write(previousOf(this.#path), this.#good, 0o600);
    await this.#write(this.#path, text, 0o600);
    this.#good = text;
  }

  #keep({ data, text }: Good): RegistryData {
    this.#good = text;
    return data;
  }

  async #recover(found: Found, before: Good): Promise<RegistryData> {
    const why = found.kind === "damaged" ? found.why : "it is gone";
    const aside = found.kind === "damaged" ? await putAside(this.#path) : null;
    await this.#write(this.#path, before.text, 0o600);
    this.#log.error(
      { code: "REGISTRY_DAMAGED", why, aside },
      "registry.json could not be used; its predecessor is used instead, so the last change is lost",
    );
    return this.#keep(before);
  }
}

/** Looks without changing anything, for `hedgerow check`: null on first start. Throws like `DurableAdapter.read`. */
export async function peekRegistry(dataDir: string): Promise<RegistryData | null> {
  const found = await readRegistryFile(registryPath(dataDir));
  if (found.kind === "good") return found.data;
  if (found.kind === "absent") return null;
  throw new GatewayError("REGISTRY_DAMAGED", found.why);
}

type Good = { readonly kind: "good"; readonly data: RegistryData; readonly text: string };
type Found = Good | { readonly kind: "absent" } | { readonly kind: "damaged"; readonly why: string };

function registryPath(dataDir: string): string {
  return join(dataDir, "registry.json");
}

function previousOf(path: string): string {
  return `${path}.previous`;
}

async function readRegistryFile(path: string): Promise<Found> {
  const file = await readSmallFile(path, { bytesMax: LIMITS.registryBytes });
  if (file.kind === "absent") return file;
  // What cannot be read may be whole: its place must not be taken by something older.
  if (file.kind === "unreadable")
    throw new GatewayError("DATA_DIR_UNUSABLE", `${path} cannot be read: ${file.why}`, {
      ...(["EACCES", "EPERM"].includes(systemCodeOf(file.cause) ?? "") && { hint: USE_SUDO }),
      cause: file.cause,
    });
  const text = file.bytes.toString("utf8");
  const json = parseJson(text);
  if (json === undefined) return { kind: "damaged", why: `${path} is not whole JSON` };
  const version = z.object({ version: z.number().gt(REGISTRY_VERSION) }).safeParse(json);
  if (version.success)
    throw new GatewayError(
      "SPOOL_NEWER",
      `${path} has version ${version.data.version}; this Hedgerow reads ${REGISTRY_VERSION}`,
    );
  const parsed = RegistryFile.safeParse(json);
  if (parsed.success) return { kind: "good", data: parsed.data, text };
  const [issue] = parsed.error.issues;
  return { kind: "damaged", why: `${path} does not hold a registry: ${issue?.path.join(".")}: ${issue?.message}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** Copies to `registry.json.damaged-<n>`, the first n that is free; the last place is used again. Returns the new name. */
async function putAside(path: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const aside = `${path}.damaged-${n}`;
    try {
      // Not a rename: that would take a name that exists, and leave no registry if the power went now.
      await copyFile(path, aside, n < LIMITS.registryDamagedKept ? constants.COPYFILE_EXCL : 0);
      await syncDirectory(dirname(path));
      return aside;
    } catch (cause) {
      if (systemCodeOf(cause) === "EEXIST" && n < LIMITS.registryDamagedKept) continue;
      throw new GatewayError("DATA_DIR_UNUSABLE", `${path} cannot be put aside: ${messageOf(cause)}`, { cause });
    }
  }
}
