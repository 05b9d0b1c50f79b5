// Looks a whole spool through and changes nothing, beside the gateway that works with it or while none runs.
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { missingOf } from "../core/conservation.ts";
import type { Database } from "../core/database.ts";
import { messageOf, systemCodeOf } from "../core/errors.ts";
import { namesIn } from "./damage-files.ts";
import { readMark } from "./high-water.ts";
import { openImageFiles } from "./image-files.ts";
import { isDamage, metaOf } from "./inspection.ts";
import { openToRead } from "./read-only.ts";
import { sumsOf } from "./reconcile.ts";
import { checksumOf } from "./schema.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

/** One kind of thing that is wrong: in a sentence, with the names of some of them, and what to do about it. */
export type Finding = {
  readonly kind: string;
  readonly count: number;
  readonly names: readonly string[];
  readonly text: string;
  readonly remedy: string;
};

/** `setAside`: damaged entries and files that were put aside before, which is no finding. */
export type Verified = {
  readonly entries: number;
  readonly pictures: number;
  readonly findings: readonly Finding[];
  readonly setAside: { readonly entries: number; readonly files: number };
};

/** `onProgress`: how many of how many entries and pictures were looked at. `keyFile`: as for openImageFiles. */
type Ask = {
  readonly dataDir: string;
  readonly keyFile?: string | undefined;
  readonly nowMs: number;
  readonly onProgress?: (done: number, total: number) => void;
};

const REPAIR = "Stop the gateway and run hedgerow spool repair; or only restart it, which saves what can be read, too.";
const BY_ITSELF = "Nothing: the gateway finds it when it is sent, and tells the platform that it is gone.";

/** Finds what is wrong. Throws NOT_FOUND, SPOOL_NEWER, KEY_UNREADABLE. */
export async function verifySpool(ask: Ask): Promise<Verified> {
  // Before the file: the mark is written after each commit, and must not look ahead of what is read later.
  const mark = readMark(ask.dataDir);
  const found = new Findings();
  const counts = { entries: 0, pictures: 0, damaged: 0 };
  let database: Database | undefined;
  try {
    database = openToRead(ask.dataDir);
    const rows = database.prepare("PRAGMA integrity_check(5)").all();
    for (const text of rows.map((row) => String(row["integrity_check"])))
      if (text !== "ok") found.add("structure", text);
    const ofTable = (table: string) =>
      Number(database?.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"] ?? 0);
    Object.assign(counts, { entries: ofTable("entries"), pictures: ofTable("pictures"), damaged: ofTable("damaged") });
    const total = counts.entries + counts.pictures;
    const step = (done: number) => ask.onProgress?.(Math.min(done, total), total);
    await lookAtEntries(database, { found, step });
    lookAtSums(database, found);
    const next = metaOf(database).get("next_sequence") ?? 1;
    if (mark !== null && mark.databaseId === metaOf(database).get("database_id") && mark.next > next)
      found.add("lost", `${next} to ${mark.next - 1}`, mark.next - next);
    await lookAtPictures(database, { ask, found, step: (done) => step(counts.entries + done) });
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    found.add("structure", messageOf(cause));
  } finally {
    database?.close();
  }
  const setAside = { entries: counts.damaged, files: (await namesIn(ask.dataDir)).length };
  return { entries: counts.entries, pictures: counts.pictures, findings: found.all(), setAside };
}

type Look = { readonly found: Findings; readonly step: (done: number) => void };

/** In parts, so that no checkpoint of the running gateway waits for the end. */
async function lookAtEntries(database: Database, { found, step }: Look): Promise<void> {
  const part = database.prepare("SELECT * FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?");
  let after = 0;
  for (let done = 0; ; ) {
    const rows = part.all(after, SPOOL_LIMITS.verifyChunk);
    for (const row of rows)
      if (Number(row["undeliverable"]) === 0 && !isSound(row)) found.add("entry", String(row["sequence"]));
    const last = rows.at(-1);
    if (last === undefined) return;
    after = Number(last["sequence"]);
    done += rows.length;
    step(done);
    await new Promise(setImmediate); // the bar is drawn, Ctrl-C is heard
  }
}

function isSound(row: Record<string, unknown>): boolean {
  const { sequence, id, class: eventClass, type, body, image, crc } = row;
  const fields = [sequence, id, eventClass, type, body, image];
  const isPlain = (each: unknown): each is string | number | null =>
    each === null || typeof each === "string" || typeof each === "number";
  if (!fields.every(isPlain) || checksumOf(fields) !== crc) return false;
  try {
    const event: unknown = JSON.parse(String(body));
    return typeof event === "object" && event !== null && "id" in event && event.id === id;
  } catch {
    return false; // no JSON
  }
}

/** As of one moment: a gateway that works meanwhile moves entries from one side of the sum to the other. */
function lookAtSums(database: Database, found: Findings): void {
  database.exec("BEGIN");
  for (const { sequence } of database
    .prepare("SELECT DISTINCT sequence FROM waiting EXCEPT SELECT sequence FROM entries")
    .all())
    found.add("waits-for-nothing", String(sequence));
  for (const { sequence } of database.prepare("SELECT sequence FROM entries EXCEPT SELECT sequence FROM waiting").all())
    found.add("waited-for-by-nobody", String(sequence));
  for (const sum of sumsOf(database)) {
    const ended = sum.made - missingOf(sum) - sum.waiting;
    if (!sum.isBalanced) found.add("sum", `${sum.id}: ${sum.made} made, ${ended} ended, ${sum.waiting} waiting`);
  }
  database.exec("COMMIT");
}

async function lookAtPictures(database: Database, { ask, found, step }: Look & { readonly ask: Ask }): Promise<void> {
  const { dataDir, keyFile, nowMs } = ask;
  const ofRows = database.prepare("SELECT DISTINCT sha256 FROM pictures ORDER BY sha256").all();
  const known = new Set(ofRows.map((row) => String(row["sha256"])));
  const stillNamed = database.prepare("SELECT 1 FROM pictures WHERE sha256 = ?");
  // Opening the files makes a key where there is none; who only looks makes nothing.
  const hasKey = existsSync(keyFile ?? join(dataDir, "keys", "images.key"));
  if (!hasKey && known.size > 0) found.add("key", `${known.size} pictures`, known.size);
  const files = hasKey ? await openImageFiles(dataDir, keyFile) : null;
  let done = 0;
  for (const sha256 of known) {
    const fault = await files?.read(sha256).then(
      (jpeg) => void jpeg.fill(0),
      (cause: unknown) => (systemCodeOf(cause) === "ENOENT" ? "picture-gone" : "picture-damaged"),
    );
    // The gateway may have removed it since.
    if (fault !== undefined && stillNamed.get(sha256) !== undefined) found.add(fault, sha256.slice(0, 16));
    step(++done);
  }
  const inFolder = await readdir(join(dataDir, "images")).catch(() => []); // none was made yet
  for (const name of inFolder) {
    if (known.has(name) || stillNamed.get(name) !== undefined) continue;
    const age = await stat(join(dataDir, "images", name)).catch(() => null); // removed since
    if (age?.isFile() === true && age.mtimeMs < nowMs - SPOOL_LIMITS.orphanAgeMs)
      found.add("orphan", name.slice(0, 16));
  }
}

/** By kind: the sentence for one and for several, and the remedy. `#` stands for how many. */
const KINDS: Readonly<Record<string, readonly [string, string, string]>> = {
  structure: ["the file's structure is damaged", "the file's structure is damaged in # places", REPAIR],
  entry: ["1 entry is not what was written", "# entries are not what was written", BY_ITSELF],
  "waits-for-nothing": ["1 entry that a sink waits for is gone", "# entries that sinks wait for are gone", REPAIR],
  "waited-for-by-nobody": ["1 entry waits for no sink", "# entries wait for no sink", REPAIR],
  sum: ["the sum of a sink does not hold", "the sums of # sinks do not hold", REPAIR],
  lost: [
    "1 entry that was kept is gone",
    "# entries that were kept are gone",
    "Restart the gateway: it tells the platforms which.",
  ],
  key: [
    "the pictures' key is gone",
    "the pictures' key is gone",
    "Put the key back, or restart the gateway: the platforms are told which pictures are gone.",
  ],
  "picture-gone": ["the file of 1 picture is gone", "the files of # pictures are gone", BY_ITSELF],
  "picture-damaged": ["1 picture is damaged", "# pictures are damaged", BY_ITSELF],
  orphan: [
    "1 picture's file belongs to nothing",
    "# pictures' files belong to nothing",
    "Restart the gateway, or run hedgerow spool repair: it removes them.",
  ],
};

class Findings {
  readonly #found = new Map<string, { count: number; names: string[] }>();

  add(kind: string, name: string, count = 1): void {
    const found = this.#found.get(kind) ?? { count: 0, names: [] };
    found.count += count;
    if (found.names.length < SPOOL_LIMITS.findingsNamed) found.names.push(name);
    this.#found.set(kind, found);
  }

  all(): Finding[] {
    return Array.from(this.#found, ([kind, { count, names }]) => {
      const [one, several, remedy] = KINDS[kind] ?? [kind, kind, REPAIR];
      return { kind, count, names, text: (count === 1 ? one : several).replace("#", String(count)), remedy };
    });
  }
}
