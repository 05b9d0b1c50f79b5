// Passwords and tokens that were typed into the page: each in a file of its own under `secrets/` beside gateway.yaml, mode 0600.
// A new one gets a new name, so that a change that fails half way leaves the old one in use; what nothing names any more goes.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import type { Secret } from "./site-commands.ts";

const FOLDER = "secrets";
/** Ours alone: files that people put there by hand have other names. */
const OURS = /^[a-z0-9-]+\.page-[0-9a-f]{8}$/;
/** What a power cut left of one that was being written (core/durable-file.ts): the password stands in it. */
const HALF = /^\.[a-z0-9-]+\.page-[0-9a-f]{8}\.[0-9a-f]{12}\.tmp$/;

/** `passwordFile: secrets/…` of `password`; null where it is taken away, absent where nothing was said of it. */
export type SecretFiles = Readonly<Record<string, string | null>>;

export type SiteSecrets = {
  /** Writes those that are texts. Throws CONFIG_UNWRITABLE, DATA_DIR_UNUSABLE; CONFIG_INVALID for an empty or broken text. */
  keep(name: string, secrets: Readonly<Record<string, Secret | undefined>>): Promise<SecretFiles>;
  /** Removes what was written here and no text names. */
  sweep(texts: readonly string[]): Promise<void>;
};

export function secretsIn(folder: string): SiteSecrets {
  return {
    async keep(name, secrets) {
      const files: Record<string, string | null> = {};
      for (const [key, secret] of Object.entries(secrets)) {
        if (secret === undefined) continue;
        files[`${key}File`] = secret === null ? null : await write(folder, `${name}-${key.toLowerCase()}`, secret);
      }
      return files;
    },
    async sweep(texts) {
      const names = await readdir(join(folder, FOLDER)).catch(() => []);
      for (const name of names) {
        const isNamed = !OURS.test(name) || texts.some((text) => text.includes(name));
        if (isNamed && !HALF.test(name)) continue;
        await rm(join(folder, FOLDER, name), { force: true });
      }
    },
  };
}

async function write(folder: string, name: string, secret: string): Promise<string> {
  if (secret.trim() === "" || /[\p{Cc}]/u.test(secret))
    throw new GatewayError("CONFIG_INVALID", "a password or token has one line and at least one character");
  const path = join(FOLDER, `${name}.page-${randomBytes(4).toString("hex")}`);
  try {
    await mkdir(join(folder, FOLDER), { recursive: true, mode: 0o700 });
    await writeDurably(join(folder, path), `${secret}\n`, 0o600);
  } catch (cause) {
    const isClosed = ["EACCES", "EPERM", "EROFS"].includes(systemCodeOf(cause) ?? "");
    const code = isClosed ? "CONFIG_UNWRITABLE" : "DATA_DIR_UNUSABLE";
    throw new GatewayError(code, `${join(folder, FOLDER)} could not be written: ${messageOf(cause)}`, { cause });
  }
  return path;
}
