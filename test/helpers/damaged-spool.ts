// A spool as a crash or a clean stop leaves it, and what a gateway delivers of it when its files were damaged since.
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/core/clock.ts";
import { discloseFact } from "../../src/privacy/disclose.ts";
import { openImageFiles } from "../../src/spool/image-files.ts";
import type { Entry, Spool } from "../../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "./disclosure.ts";
import { tempDir } from "./temp-dir.ts";
import { openTestSpool, waitingFor } from "./test-spool.ts";
import { addPicture } from "./waiting-pictures.ts";

export const SINKS = ["main", "city"] as const;
const ENTRIES = 400;
const PICTURES = 8;

/** `bodies`: each ever appended, by id. `unsettled`: sequences that wait for each sink. `jpegs` by digest. */
export type Written = {
  readonly bodies: ReadonlyMap<string, string>;
  readonly unsettled: Readonly<Record<(typeof SINKS)[number], ReadonlySet<number>>>;
  readonly jpegs: ReadonlyMap<string, Buffer>;
};

/** Directories of one spool at four moments: `early`, with a log that is in use; `crashed`, later; `clean`, after its stop. */
export type WrittenSpool = AsyncDisposable & {
  readonly path: (moment: "early" | "crashed" | "clean") => string;
  readonly written: Written;
};

/** Entries, a part of them settled and rejected, pictures, windows, state and counters, for two sinks. */
export async function writtenSpool(): Promise<WrittenSpool> {
  const directory = await tempDir();
  const path = (moment: string) => join(directory.path, moment);
  await mkdir(path("open"));
  const spool = await openTestSpool(path("open"), { sinkIds: [...SINKS] });
  for (let at = 0; at < ENTRIES; at += 40) {
    // The log begins anew halfway, so that a part lies in the file and a part in the log.
    if (at === ENTRIES / 2) {
      await copy(path("open"), path("early"));
      using other = new DatabaseSync(join(path("open"), "spool.db"));
      other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    await appendSome(spool, at);
  }
  const jpegs = await addPictures(path("open"));
  const all = waitingFor(spool, Date.now());
  await spool.settle({ sinkId: "main", accepted: all.slice(0, 100), rejected: [] });
  await spool.settle({ sinkId: "city", accepted: all.slice(0, 30), rejected: [] });
  await spool.settle({
    sinkId: "main",
    accepted: [],
    rejected: all.slice(100, 103).map((entry) => ({ entry, why: "unknown type" })),
  });
  const waits = (sinkId: string) => new Set(waitingFor(spool, Date.now(), sinkId).map(({ sequence }) => sequence));
  const unsettled = { main: waits("main"), city: waits("city") };
  await copy(path("open"), path("crashed"));
  await spool[Symbol.asyncDispose]();
  await copy(path("open"), path("clean"));
  return {
    path,
    written: { bodies: new Map(all.map(({ id, body }) => [id, body])), unsettled, jpegs },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

export async function copy(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  await rm(join(to, "spool.db-shm"), { force: true }); // of the process that has it open
}

async function appendSome(spool: Spool, from: number): Promise<void> {
  const appends = Array.from({ length: 40 }, (_, index) =>
    spool.append({
      make: [{ event: luxEvent(from + index) }],
      state: {
        [`device:${(from + index) % 25}`]: JSON.stringify({ filler: "x".repeat(((from + index) * 37) % 3000) }),
      },
      windows: { [`device-${index}`]: { fromMs: 1, toMs: 2, count: from + index + 1 } },
      counters: { "reading.taken": 1, "reading.made": 1 },
    }),
  );
  await Promise.all(appends);
}

async function addPictures(dataDir: string): Promise<Map<string, Buffer>> {
  const files = await openImageFiles(dataDir);
  const jpegs = new Map<string, Buffer>();
  for (let sequence = 201; sequence <= 200 + PICTURES; sequence++) {
    const sha256 = await addPicture(dataDir, { sequence, bytes: 3000 });
    jpegs.set(sha256, await files.read(sha256));
  }
  return jpegs;
}

/** What a sink was given: bodies by id as they came, and the sequences that tombstones name. */
export type Drained = { readonly delivered: readonly Entry[]; readonly named: ReadonlySet<number> };

/** Delivers everything to a sink that accepts all, and discards what cannot be, as housekeeping does. */
export async function drain(spool: Spool, sinkId: string, jpegs: ReadonlyMap<string, Buffer>): Promise<Drained> {
  const delivered: Entry[] = [];
  const named = new Set<number>();
  for (let round = 0; round < 10_000; round++) {
    await discardWhatIsLost(spool);
    const entries = spool.peek({ sinkId, entriesMax: 200, bytesMax: 1e6, nowMs: Date.now() });
    if (entries.length === 0 && !hasLost(spool)) return { delivered, named };
    const [accepted, undeliverable]: [Entry[], Entry[]] = [[], []];
    for (const entry of entries) ((await isPictureSound(spool, entry, jpegs)) ? accepted : undeliverable).push(entry);
    await spool.settle({ sinkId, accepted, rejected: [], undeliverable });
    for (const entry of accepted) {
      if (entry.type === "hedgerow.tombstone.v1")
        for (const each of JSON.parse(entry.body).data.sequences) named.add(each);
      else delivered.push(entry);
    }
  }
  throw new Error("it is offered for ever");
}

function hasLost(spool: Spool): boolean {
  return spool.damaged(1).length + spool.undeliverable(1).length > 0;
}

async function discardWhatIsLost(spool: Spool): Promise<void> {
  for (const [why, sequences] of [
    ["damaged", spool.damaged(500)],
    ["undeliverable", spool.undeliverable(500)],
  ] as const) {
    if (sequences.length === 0) continue;
    const fact = { kind: "entries-gone", how: "erased", why, sequences, atMs: Date.now() } as const;
    const event = discloseFact(fact, testDisclosure({ clock: systemClock }));
    await spool.append({ make: [{ event }], discard: { sequences, how: "erased" } });
  }
}

/** A picture that is given out is the one that was taken. */
async function isPictureSound(spool: Spool, { image }: Entry, jpegs: ReadonlyMap<string, Buffer>): Promise<boolean> {
  if (image === undefined) return true;
  try {
    const jpeg = await spool.image(image.sha256);
    if (jpegs.get(image.sha256)?.equals(jpeg) !== true) throw new TypeError("a picture that nobody took is given out");
    return true;
  } catch (cause) {
    if (cause instanceof TypeError) throw cause;
    return false; // gone or damaged: it goes with a tombstone
  }
}
