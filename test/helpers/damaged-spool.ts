// A spool as a crash or a clean stop leaves it, and ways in which its files are damaged; what a gateway then makes of it.
import { randomBytes, createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/core/clock.ts";
import { discloseFact } from "../../src/privacy/disclose.ts";
import { openImageFiles } from "../../src/spool/image-files.ts";
import { checksumOf } from "../../src/spool/schema.ts";
import type { Entry, Spool } from "../../src/spool/spool.ts";
import { luxEvent, testDisclosure } from "./disclosure.ts";
import { tempDir } from "./temp-dir.ts";
import { openTestSpool, waitingFor } from "./test-spool.ts";

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

/** Onto entries that are there, with real files: to make them in earnest takes a redactor. */
async function addPictures(dataDir: string): Promise<Map<string, Buffer>> {
  const files = await openImageFiles(dataDir);
  const jpegs = new Map<string, Buffer>();
  using database = new DatabaseSync(join(dataDir, "spool.db"), { timeout: 5000 });
  const rows = database.prepare("SELECT * FROM entries WHERE sequence > 200 ORDER BY sequence LIMIT ?").all(PICTURES);
  for (const { sequence, id, class: eventClass, type, body, made_at: madeAt, expires_at: expiresAt } of rows) {
    const jpeg = randomBytes(3000);
    const sha256 = createHash("sha256").update(jpeg).digest("hex");
    jpegs.set(sha256, jpeg);
    await files.write(sha256, jpeg);
    const fields = [Number(sequence), String(id), String(eventClass), String(type), String(body), sha256];
    database
      .prepare("UPDATE entries SET image=?, crc=? WHERE sequence=?")
      .run(sha256, checksumOf(fields), Number(sequence));
    database
      .prepare("INSERT INTO pictures (sequence,sha256,camera,taken_at,expires_at,bytes,regions) VALUES (?,?,?,?,?,?,?)")
      .run(Number(sequence), sha256, "cam", Number(madeAt), Number(expiresAt), jpeg.length, 1);
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

type Kind = (at: { dataDir: string; random: () => number; other: WrittenSpool; own: WrittenSpool }) => Promise<void>;
const file = (dataDir: string, name = "spool.db") => join(dataDir, name);
const upTo = (random: () => number, most: number) => Math.floor(random() * most);

async function changed(path: string, change: (bytes: Buffer) => void): Promise<void> {
  const bytes = await readFile(path).catch(() => null);
  if (bytes === null || bytes.length === 0) return;
  change(bytes);
  await writeFile(path, bytes);
}

function flip(bytes: Buffer, random: () => number): void {
  const at = upTo(random, bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << upTo(random, 8));
}

async function oneImage(dataDir: string, random: () => number): Promise<string> {
  const names = (await readdir(join(dataDir, "images"))).toSorted();
  return join(dataDir, "images", names[upTo(random, names.length)] ?? "none");
}

/** Each damages the files of a stopped gateway in one way; the first of the same seed is always the same. */
export const DAMAGES: Readonly<Record<string, Kind>> = {
  "bit flipped": ({ dataDir, random }) => changed(file(dataDir), (bytes) => flip(bytes, random)),
  "bits flipped": ({ dataDir, random }) =>
    changed(file(dataDir), (bytes) => {
      for (let n = 0; n < 40; n++) flip(bytes, random);
    }),
  "pages zeroed": ({ dataDir, random }) =>
    changed(file(dataDir), (bytes) => {
      const at = upTo(random, bytes.length / 2048) * 2048;
      bytes.fill(0, at, at + 2048 * (1 + upTo(random, 4)));
    }),
  "page of noise": ({ dataDir, random }) =>
    changed(file(dataDir), (bytes) => {
      const at = upTo(random, bytes.length / 2048) * 2048;
      for (let n = 0; n < 2048; n++) bytes[at + n] = upTo(random, 256);
    }),
  "pages exchanged": ({ dataDir, random }) =>
    changed(file(dataDir), (bytes) => {
      const [a, b] = [upTo(random, bytes.length / 2048) * 2048, upTo(random, bytes.length / 2048) * 2048];
      const first = Buffer.from(bytes.subarray(a, a + 2048));
      bytes.copy(bytes, a, b, b + 2048);
      first.copy(bytes, b);
    }),
  "head zeroed": ({ dataDir }) => changed(file(dataDir), (bytes) => void bytes.fill(0, 0, 100)),
  "cut off": async ({ dataDir, random }) => {
    const { size } = await stat(file(dataDir));
    await truncate(file(dataDir), upTo(random, size));
  },
  empty: ({ dataDir }) => truncate(file(dataDir), 0),
  gone: ({ dataDir }) => rm(file(dataDir)),
  "a folder": async ({ dataDir }) => {
    await rm(file(dataDir));
    await mkdir(join(file(dataDir), "inside"), { recursive: true });
  },
  "a text": ({ dataDir }) => writeFile(file(dataDir), "This is no database at all. ".repeat(500)),
  "another program's database": async ({ dataDir }) => {
    await rm(file(dataDir));
    using database = new DatabaseSync(file(dataDir));
    database.exec("CREATE TABLE entries (a); INSERT INTO entries VALUES (1); PRAGMA user_version=2");
  },
  "log's bit flipped": ({ dataDir, random }) => changed(file(dataDir, "spool.db-wal"), (bytes) => flip(bytes, random)),
  "log cut off": ({ dataDir, random }) =>
    changed(file(dataDir, "spool.db-wal"), (bytes) => void bytes.fill(0, upTo(random, bytes.length))),
  "log gone": ({ dataDir }) => rm(file(dataDir, "spool.db-wal"), { force: true }),
  "log of another": ({ dataDir, other }) =>
    cp(file(other.path("crashed"), "spool.db-wal"), file(dataDir, "spool.db-wal")),
  "spool of another": async ({ dataDir, other }) => {
    await rm(file(dataDir, "spool.db-wal"), { force: true });
    await cp(file(other.path("clean")), file(dataDir));
  },
  "older copy put back": async ({ dataDir, own }) => {
    for (const name of ["spool.db", "spool.db-wal"]) await cp(file(own.path("early"), name), file(dataDir, name));
  },
  "mark gone": ({ dataDir }) => rm(file(dataDir, "spool.mark")),
  "mark's bits flipped": ({ dataDir, random }) =>
    changed(file(dataDir, "spool.mark"), (bytes) => {
      for (let n = 0; n < 200; n++) flip(bytes, random);
    }),
  "mark of another": ({ dataDir, other }) => cp(file(other.path("crashed"), "spool.mark"), file(dataDir, "spool.mark")),
  "picture gone": async ({ dataDir, random }) => rm(await oneImage(dataDir, random)),
  "picture's bit flipped": async ({ dataDir, random }) =>
    changed(await oneImage(dataDir, random), (bytes) => flip(bytes, random)),
  "pictures exchanged": async ({ dataDir, random }) => {
    const [a, b] = [await oneImage(dataDir, random), await oneImage(dataDir, random)];
    await rename(a, `${a}.x`);
    if (a !== b) await rename(b, a);
    await rename(`${a}.x`, b);
  },
  "what is no picture": async ({ dataDir }) => {
    await writeFile(join(dataDir, "images", "notes.txt"), "hello");
    await mkdir(join(dataDir, "images", "lost+found", "deep"), { recursive: true });
  },
};
