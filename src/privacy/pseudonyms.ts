// Names under which devices and cameras appear outside: within a season the same device the same name, no way back without
// the key, and with the next season a new name, so that nobody outside can follow one for years.
import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateDirectory, writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";
import { type Rhythm, RHYTHMS, type Season, seasonAt, seasonsIn } from "./seasons.ts";

type Kind = "device" | "camera";

/** Times are epoch milliseconds: when a thing was recorded, by a clock that is believed (disclose.ts says why). */
export type Pseudonyms = {
  /** The name at a moment. */
  nameOf(kind: Kind, id: string, atMs: number): string;
  /** Each name that the thing had in a span, under every rhythm that this gateway ever had, without repeats. */
  namesOf(kind: Kind, id: string, span: { readonly fromMs: number; readonly toMs: number }): string[];
  /** For how long the names of a moment hold. */
  seasonAt(atMs: number): Season;
};

type Deps = { readonly dataDir: string; readonly rhythm: Rhythm; readonly timezone: string };

/**
 * Opens `dataDir/keys/pseudonym.key` (32 random bytes), making it on first start, and notes the rhythm beside it. Throws
 * KEY_UNREADABLE.
 */
export async function openPseudonyms({ dataDir, rhythm, timezone }: Deps): Promise<Pseudonyms> {
  const directory = join(dataDir, "keys");
  const { key, isNew } = await readOrMakeKey(directory, "pseudonym.key");
  // Before there were seasons every name was for ever.
  const known = await readRhythms(directory, isNew ? [] : ["never"]);
  const rhythms = RHYTHMS.filter((each) => each === rhythm || known.includes(each));
  if (rhythms.some((each) => !known.includes(each)) || isNew)
    await writeDurably(join(directory, RHYTHMS_FILE), Buffer.from(JSON.stringify(rhythms)), 0o600);
  return createPseudonyms({ key, rhythm, rhythms, timezone });
}

/** The same without a disk. `rhythms`: all that there ever were. */
export function createPseudonyms({
  key,
  rhythm,
  rhythms,
  timezone,
}: {
  readonly key: Buffer;
  readonly rhythm: Rhythm;
  readonly rhythms: readonly Rhythm[];
  readonly timezone: string;
}): Pseudonyms {
  // An HMAC for each event was a sixth of the event road's time, and finding its season would be more.
  let season = seasonAt(0, { rhythm, timezone });
  const names = new Map<string, string>();
  const seasonOf = (atMs: number): Season =>
    season.fromMs <= atMs && atMs < season.toMs ? season : seasonAt(atMs, { rhythm, timezone });
  return {
    nameOf(kind, id, atMs) {
      const current = seasonOf(atMs);
      if (current !== season || names.size >= PRIVACY_LIMITS.namesHeld) names.clear();
      season = current;
      const found = names.get(`${kind}:${id}`);
      if (found !== undefined) return found;
      const name = pseudonymOf({ key, kind, id, season: current.name });
      names.set(`${kind}:${id}`, name);
      return name;
    },
    namesOf(kind, id, span) {
      const { seasonsNamed: seasonsMax } = PRIVACY_LIMITS;
      const seasons = rhythms.flatMap((each) => seasonsIn(span, { rhythm: each, timezone, seasonsMax }));
      return [...new Set(seasons.map(({ name }) => pseudonymOf({ key, kind, id, season: name })))];
    },
    seasonAt: seasonOf,
  };
}

/**
 * 80 bits of HMAC-SHA256 (RFC 2104): enough that two devices of one site never share a name. Without a season as it was before
 * there were any; ids hold no `[`, so no two texts are the same.
 */
function pseudonymOf({ key, kind, id, season }: { key: Buffer; kind: Kind; id: string; season: string }): string {
  const text = season === "" ? `${kind}:${id}` : JSON.stringify([kind, id, season]);
  return `${kind}-${createHmac("sha256", key).update(text).digest("hex").slice(0, 20)}`;
}

const RHYTHMS_FILE = "pseudonym-rhythms.json";

/** `otherwise`: where there is no such file. One that cannot be read stands for all rhythms: an erasure names too much then, not too little. */
async function readRhythms(directory: string, otherwise: readonly Rhythm[]): Promise<readonly Rhythm[]> {
  try {
    const kept: unknown = JSON.parse(await readFile(join(directory, RHYTHMS_FILE), "utf8"));
    return Array.isArray(kept) && kept.length > 0 ? RHYTHMS.filter((each) => kept.includes(each)) : RHYTHMS;
  } catch (cause) {
    return systemCodeOf(cause) === "ENOENT" ? otherwise : RHYTHMS;
  }
}

async function readOrMakeKey(directory: string, name: string): Promise<{ key: Buffer; isNew: boolean }> {
  const path = join(directory, name);
  try {
    const key = await readFile(path);
    if (key.length !== 32) throw new Error(`it holds ${key.length} bytes instead of 32`);
    return { key, isNew: false };
  } catch (cause) {
    if (systemCodeOf(cause) !== "ENOENT") {
      throw new GatewayError("KEY_UNREADABLE", `cannot read ${path}: ${messageOf(cause)}`, { cause });
    }
  }
  await makePrivateDirectory(directory);
  const key = randomBytes(32);
  await writeDurably(path, key, 0o600);
  return { key, isNew: true };
}
