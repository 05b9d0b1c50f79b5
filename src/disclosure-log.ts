// The disclosure log: who was given what by hand, and on which ground, entered by a steward. In dataDir/disclosures.json, for
// this user alone; the file first, the ledger's line after it, and a start finds what has none yet. The line is a digest: of a
// text that holds a random word, so that nobody can try out who it may have been.
//
// A file of its own, and not a table of spool.db: it is kept for years, and the buffer may be made anew when a card fails.
import { hash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "./core/clock.ts";
import { dayIn } from "./core/day-times.ts";
import {
  DISCLOSURE_GROUNDS,
  type DisclosureCommands,
  type DisclosureCount,
  type DisclosureEntry,
} from "./core/disclosure-commands.ts";
import { writeDurably } from "./core/durable-file.ts";
import { ERASURE_LIMITS } from "./core/erasure-limits.ts";
import { GatewayError, messageOf } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import { readSmallFile } from "./core/small-file.ts";
import type { Spool } from "./spool/spool.ts";

type Deps = {
  readonly dataDir: string;
  readonly timezone: string;
  readonly spool: Pick<Spool, "append" | "state" | "condition">;
  readonly clock: Clock;
  readonly log: Log;
};

export type DisclosureLog = DisclosureCommands & {
  /** By month at the site and ground, the newest month first: all of it that is public. */
  disclosureCounts(): readonly DisclosureCount[];
};

const FILE = "disclosures.json";
/** Up to which number the ledger was told. */
const NOTED_KEY = "disclosures:noted";

const words = z.string().trim().min(1).max(ERASURE_LIMITS.disclosureChars);
const Ask = z.strictObject({
  to: words,
  what: words,
  ground: z.enum(DISCLOSURE_GROUNDS),
  detail: z.string().trim().max(ERASURE_LIMITS.disclosureChars).default(""),
  requestedAt: z.iso.date().nullable().default(null),
  by: z.string().max(256).nullable(),
});
const Kept = z.strictObject({
  ...Ask.shape,
  number: z.int().min(1),
  at: z.iso.datetime(),
  /** In the digest, and shown to nobody. */
  word: z.string(),
});
type Kept = Readonly<z.infer<typeof Kept>>;

/** Where the file cannot be read, or is none, it is never written over: who asks for it or adds to it meets DATA_DIR_UNUSABLE. */
export async function openDisclosureLog({ dataDir, timezone, spool, clock, log }: Deps): Promise<DisclosureLog> {
  const path = join(dataDir, FILE);
  const found = await read(path);
  const broken = found instanceof GatewayError ? found : null;
  if (broken !== null) log.error({ code: broken.code }, broken.message);
  let entries: readonly Kept[] = found instanceof GatewayError ? [] : found;
  const note = async (): Promise<void> => {
    const noted = Number(spool.state(NOTED_KEY).get(NOTED_KEY) ?? 0);
    const unnoted = entries.filter(({ number }) => number > noted);
    const newest = unnoted.at(-1);
    if (newest === undefined) return;
    await spool.append({
      state: { [NOTED_KEY]: String(newest.number) },
      notes: unnoted.map((entry) => ({ kind: "disclosure", body: lineOf(entry), atMs: clock.nowMs() })),
    });
  };
  // Not waited for: on a full disk it waits for room, which only deliveries make, and they begin after this. The first entry of
  // this run waits for it, so that none is noted twice.
  let last: Promise<unknown> = note().catch((cause: unknown) =>
    log.error({ cause: messageOf(cause) }, "the ledger is told of a disclosure at the next start"),
  );

  const add = async (asked: Parameters<DisclosureCommands["addDisclosure"]>[0]): Promise<DisclosureEntry> => {
    if (broken !== null) throw broken;
    const ask = Ask.safeParse(asked);
    if (!ask.success) throw new GatewayError("USAGE", mistakeIn(ask.error));
    if (entries.length >= ERASURE_LIMITS.disclosures)
      throw new GatewayError("USAGE", `the log holds ${ERASURE_LIMITS.disclosures} entries, which is all it takes`, {
        hint: `Put ${FILE} away with the association's papers (stop the gateway first); a new one begins by itself.`,
      });
    // Above what the ledger knows, too: after the file was put away the numbers go on.
    const noted = Number(spool.state(NOTED_KEY).get(NOTED_KEY) ?? 0);
    const number = Math.max(noted, entries.at(-1)?.number ?? 0) + 1;
    const word = randomBytes(16).toString("base64url");
    const entry: Kept = { ...ask.data, number, at: new Date(clock.nowMs()).toISOString(), word };
    const text = JSON.stringify([...entries, entry], null, 1);
    await writeDurably(path, text, 0o600).catch((cause: unknown) => {
      throw new GatewayError("DATA_DIR_UNUSABLE", `${path} cannot be written: ${messageOf(cause)}`, { cause });
    });
    entries = [...entries, entry];
    await note();
    return shown(entry);
  };

  return {
    listDisclosures() {
      if (broken !== null) throw broken;
      return entries.map(shown).toReversed();
    },
    async addDisclosure(ask) {
      // Else whoever enters it waits before their screen until somebody makes room.
      if (spool.condition() === "full")
        throw new GatewayError("SPOOL_FULL", "an entry cannot stand in the ledger while the disk is full");
      const added = last.then(() => add(ask));
      last = added.catch(() => undefined); // told to who asked; the next one's turn comes all the same
      return await added;
    },
    disclosureCounts() {
      const counts = new Map<string, number>();
      for (const { at, ground } of entries) {
        const key = `${dayIn(timezone, Date.parse(at)).slice(0, 7)} ${ground}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return DISCLOSURE_GROUNDS.flatMap((ground) =>
        [...counts].flatMap(([key, count]) => {
          const [month = "", of] = key.split(" ");
          return of === ground ? [{ month, ground, count }] : [];
        }),
      ).toSorted((a, b) => b.month.localeCompare(a.month));
    },
  };
}

async function read(path: string): Promise<readonly Kept[] | GatewayError> {
  const file = await readSmallFile(path, { bytesMax: ERASURE_LIMITS.disclosureBytes });
  if (file.kind === "absent") return [];
  const why = file.kind === "unreadable" ? file.why : null;
  const kept = file.kind === "bytes" ? z.array(Kept).safeParse(parsed(file.bytes)).data : undefined;
  if (kept !== undefined) return kept;
  return new GatewayError("DATA_DIR_UNUSABLE", `${path} cannot be read: ${why ?? "it is not what was written"}`, {
    hint: "Restore it from a backup, or put it away: it says who was given what, and is never written over.",
  });
}

/** The ledger's body, which is private and salted there; what it is the digest of stays here. */
function lineOf(entry: Kept): string {
  return JSON.stringify({ entry: entry.number, sha256: hash("sha256", JSON.stringify(entry)) });
}

/** Without the word. */
function shown({ number, to, what, ground, detail, requestedAt, at, by }: Kept): DisclosureEntry {
  return { number, to, what, ground, detail, requestedAt, at, by };
}

function mistakeIn({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join(".") || "entry"}: ${message}`).join("; ");
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined; // the caller says so
  }
}
