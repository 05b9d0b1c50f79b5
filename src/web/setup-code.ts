// The one-time code of the first start: whoever can read the console or the disk may become the steward, nobody else.
import { randomInt, timingSafeEqual } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory, writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { readSmallFile } from "../core/small-file.ts";

/** No 0 O 1 I L: they look alike on a printed label. 31^8 codes, about 40 bits. */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const LENGTH = 8;
const CODE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

export type SetupCode = {
  /** The code, or null once it is void. */
  readonly current: string | null;
  /** Forgives case, spaces and hyphens. A void code matches nothing. */
  matches(typed: string): boolean;
  /** Makes the code void at once and deletes its file. */
  end(): Promise<void>;
};

/**
 * Opens `dataDir/setup-code.txt` (mode 0600, the code and a line end), making it when there is none, so that the code
 * survives a restart. With a steward there is no code, and a file left over is deleted. Throws DATA_DIR_UNUSABLE.
 */
export async function openSetupCode({ dataDir, isSetUp }: { dataDir: string; isSetUp: boolean }): Promise<SetupCode> {
  const path = join(dataDir, "setup-code.txt");
  try {
    if (isSetUp) await removeFile(path, dataDir);
    let current = isSetUp ? null : ((await readCode(path)) ?? (await makeCode(path)));
    return {
      get current() {
        return current;
      },
      matches: (typed) => current !== null && isSame(current, typed.toUpperCase().replaceAll(/[\s-]/g, "")),
      end: async () => {
        current = null;
        await removeFile(path, dataDir);
      },
    };
  } catch (cause) {
    throw new GatewayError("DATA_DIR_UNUSABLE", `cannot keep the set-up code in ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function readCode(path: string): Promise<string | null> {
  const file = await readSmallFile(path, { bytesMax: 1024 });
  if (file.kind === "unreadable") throw new Error(file.why);
  const code = file.kind === "bytes" ? file.bytes.toString("utf8").trim() : "";
  return CODE.test(code) ? code : null;
}

async function makeCode(path: string): Promise<string> {
  const code = Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join("");
  await writeDurably(path, `${code}\n`, 0o600);
  return code;
}

async function removeFile(path: string, dataDir: string): Promise<void> {
  await rm(path, { force: true });
  await syncDirectory(dataDir);
}

function isSame(code: string, typed: string): boolean {
  const [a, b] = [Buffer.from(code), Buffer.from(typed)];
  return a.length === b.length && timingSafeEqual(a, b);
}
