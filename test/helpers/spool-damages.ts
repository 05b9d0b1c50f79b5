// Ways in which the files of a stopped gateway's spool are damaged, each the same for the same seed.
import { cp, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { WrittenSpool } from "./damaged-spool.ts";

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
