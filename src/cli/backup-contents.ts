// What is in a backup: what no card may take along, and nothing of what was sensed. Gathered while the gateway runs or not.
//
//   data/      keys of the gateway and of pseudonyms, the registry (kit, accounts), who was given what, the page's own authority,
//              the newest head of the ledger
//   settings/  gateway.yaml, policy.yaml, kit.yaml and what they name below their folder, secrets too
//
// Never: events, pictures, the pictures' key. A card that is copied has them; a backup that lies about for years must not.
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { GatewayError } from "../core/errors.ts";
import { openGatewayKey } from "../core/gateway-key.ts";
import { readSmallFile } from "../core/small-file.ts";
import { openBookToRead } from "../ledger/ledger-file.ts";
import { headText, signHead } from "../ledger/ledger-head.ts";
import { peekRegistry } from "../registry/durable-adapter.ts";
import type { Settings } from "../settings/load.ts";
import { LAST_KEY, STANDING_KEY, TOLD_KEY } from "../policy/kept-standing.ts";
import { readMark } from "../spool/high-water.ts";
import { readSpool } from "../spool/read-only.ts";
import { BACKUP_LIMITS } from "./backup-limits.ts";

/** Below dataDir, in the order in which they are put back: what makes a directory a gateway's comes last. */
export const DATA_FILES = [
  "keys/pseudonym.key",
  "keys/pseudonym-rhythms.json",
  "keys/retired.json",
  "keys/gateway-next.pem",
  "disclosures.json",
  "tls/authority.pem",
  "ledger.head",
  "registry.json",
  "keys/gateway.pem",
] as const;

/** Below the folder that it is put into; `s`: behind a line's end no `..` either. */
const path = z.string().regex(/^(?!.*(^|\/)\.\.?(\/|$))[^/\0][^\0]{0,250}$/s);
const File = z.strictObject({ path, mode: z.int().min(0).max(0o777), base64: z.base64() });

/** `sequence`: the next that the gateway would have given. `standing`: texts of the spool's state (policy/kept-standing.ts). Paths are below dataDir and below the folder of gateway.yaml, which comes first. */
export const Contents = z.strictObject({
  version: z.literal(1),
  program: z.string().max(64),
  gateway: z.string().max(64),
  madeAt: z.iso.datetime(),
  sequence: z.int().min(1),
  standing: z.partialRecord(z.enum([LAST_KEY, STANDING_KEY, TOLD_KEY]), z.string().max(BACKUP_LIMITS.standingChars)),
  data: z.array(File).max(DATA_FILES.length),
  settings: z.array(File).max(BACKUP_LIMITS.settingsFiles),
});
export type Contents = z.infer<typeof Contents>;
export type BackupFile = z.infer<typeof File>;

/** Reads all of it. Throws NOT_FOUND where no gateway has run, DATA_DIR_UNUSABLE for what cannot be read. */
export async function gather(settings: Settings, nowMs: number): Promise<Contents> {
  const { id, dataDir } = settings.gateway.gateway;
  const data = await twiceTheSame(() => readAll(dataDir, DATA_FILES));
  if (!data.some(({ path: name }) => name === "keys/gateway.pem"))
    throw new GatewayError("NOT_FOUND", `there is nothing to back up: no gateway has run on ${dataDir}`, {
      hint: "Start it once (sudo systemctl start hedgerow), then try again.",
    });
  const head = Buffer.from(await headNow(settings)).toString("base64");
  const others = data.filter(({ path: name }) => name !== "ledger.head");
  const folder = dirname(settings.file);
  return {
    version: 1,
    program: manifest.version,
    gateway: id,
    madeAt: new Date(nowMs).toISOString(),
    sequence: Math.max(1, readMark(dataDir)?.next ?? 1),
    standing: standingIn(dataDir),
    data: [...others, { path: "ledger.head", mode: 0o600, base64: head }],
    settings: await readAll(folder, await settingsFiles(settings)),
  };
}

/** Which policy holds and which is announced: without it a restored gateway would announce its own policy anew, and see nothing meanwhile. */
function standingIn(dataDir: string): Contents["standing"] {
  try {
    return readSpool(dataDir, (database) => {
      const value = database.prepare("SELECT value FROM state WHERE key = ?");
      const found = [LAST_KEY, STANDING_KEY, TOLD_KEY].flatMap((key) => {
        const text = value.get(key)?.["value"];
        return typeof text === "string" ? [[key, text] as const] : [];
      });
      return Object.fromEntries(found);
    });
  } catch (cause) {
    // A spool that is damaged is one more reason for a backup.
    if (cause instanceof GatewayError && (cause.code === "NOT_FOUND" || cause.code === "SPOOL_DAMAGED")) return {};
    throw cause;
  }
}

/** Signed now, so that a restored ledger says how far this one had come. */
async function headNow({ gateway: { gateway } }: Settings): Promise<string> {
  const key = await openGatewayKey(gateway.dataDir);
  const book = openBookToRead(gateway.dataDir);
  try {
    const { number, link: digest } = book?.tip() ?? { number: 0, link: "0".repeat(64) };
    return `${headText(signHead({ gateway: gateway.id, day: null, number, digest }, key))}\n`;
  } finally {
    book?.database.close();
  }
}

/** A change of keys takes several files, one by one; what is read in between would not fit together. */
async function twiceTheSame(read: () => Promise<BackupFile[]>): Promise<BackupFile[]> {
  let before = await read();
  for (let tries = 1; tries < BACKUP_LIMITS.tries; tries++) {
    const now = await read();
    if (JSON.stringify(now) === JSON.stringify(before)) return now;
    before = now;
  }
  throw new GatewayError("DATA_DIR_UNUSABLE", "the gateway's files change while they are read", {
    hint: "Try again in a minute.",
  });
}

/** The three and what they name, as far as it lies below their folder: what lies elsewhere is not the gateway's alone. */
async function settingsFiles({ file, gateway }: Settings): Promise<string[]> {
  const folder = dirname(file);
  const registry = await peekRegistry(gateway.gateway.dataDir);
  const { spool: _picturesKey, ...rest } = gateway;
  const named = [file, gateway.policy, gateway.kit, ...filesNamedIn(rest), ...filesNamedIn(registry)];
  return [...new Set(named.map((each) => relative(folder, each)))]
    .filter((name) => path.safeParse(name).success)
    .slice(0, BACKUP_LIMITS.settingsFiles);
}

/** The values of all keys such as `certFile`, however deep. */
function filesNamedIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    typeof each === "string" && key.endsWith("File") ? [each] : filesNamedIn(each),
  );
}

/** Those that are there. */
async function readAll(folder: string, names: readonly string[]): Promise<BackupFile[]> {
  const files: BackupFile[] = [];
  for (const name of names) {
    const file = await readSmallFile(join(folder, name), { bytesMax: BACKUP_LIMITS.fileBytes });
    if (file.kind === "absent") continue;
    if (file.kind === "unreadable")
      throw new GatewayError("DATA_DIR_UNUSABLE", `${join(folder, name)} cannot be read: ${file.why}`, {
        hint: "Use sudo: sudo hedgerow, and the rest as before.",
        cause: file.cause,
      });
    files.push({ path: name, mode: file.mode, base64: file.bytes.toString("base64") });
  }
  return files;
}
