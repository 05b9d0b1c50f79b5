// Shown: whatever becomes of the spool's files, the gateway starts, sends nothing but what was appended, byte by byte, and
// what is lost is named in tombstones or at least counted. Seeded: SEED= repeats one, DAMAGES= says how many.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copy, drain, SINKS, type WrittenSpool, writtenSpool } from "../helpers/damaged-spool.ts";
import { seededRandom } from "../helpers/random.ts";
import { DAMAGES } from "../helpers/spool-damages.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { textLog } from "../helpers/text-log.ts";
import { openTestSpool, query } from "../helpers/test-spool.ts";

const ROUNDS = Number(process.env["DAMAGES"] ?? (process.env["SOAK"] === undefined ? 25 : 200));
const FIRST = Number(process.env["SEED"] ?? 1);

let own: WrittenSpool;
let other: WrittenSpool;
beforeAll(async () => {
  [own, other] = await Promise.all([writtenSpool(), writtenSpool()]);
});
afterAll(async () => {
  await Promise.all([own, other].map((each) => each[Symbol.asyncDispose]()));
});

const kinds = Object.keys(DAMAGES);
const seeds = Array.from({ length: process.env["SEED"] === undefined ? ROUNDS : 1 }, (_, index) => FIRST + index);
/** By kind, entries of 370 or 297 that were not delivered, of the sink that lost most. */
const losses: Record<string, number[]> = {};

test.each(seeds)(
  "damage of seed %i: it starts, sends no garbage, and every loss is told",
  async (seed) => {
    const random = seededRandom(seed);
    const kind = kinds[(seed - 1) % kinds.length] ?? "";
    await using directory = await tempDir();
    const dataDir = join(directory.path, "data");
    await copy(own.path(random() < 0.6 ? "crashed" : "clean"), dataDir);
    await DAMAGES[kind]?.({ dataDir, random, other, own });
    const { lost, nameless } = await startAndDrain(dataDir, `seed ${seed}, ${kind}`, kind === "spool of another");
    (losses[kind] ??= []).push(lost);
    expect(nameless, `seed ${seed}, ${kind}: neither delivered nor named nor counted`).toBe(0);
  },
  60_000,
);

afterAll(() => {
  const rows = Object.entries(losses).map(([kind, lost]) => {
    const sorted = lost.toSorted((a, b) => a - b);
    return `${kind}: median ${sorted[sorted.length >> 1]}, worst ${sorted.at(-1)} of ${sorted.length}`;
  });
  console.info(`seeds ${FIRST} to ${seeds.at(-1)}; entries not delivered\n${rows.join("\n")}`);
});

/** Starts twice: what is found at the first start is gone by the second. `isOthers`: it is the spool of another gateway. */
async function startAndDrain(
  dataDir: string,
  about: string,
  isOthers: boolean,
): Promise<{ lost: number; nameless: number }> {
  const { lines, log } = textLog();
  // What another gateway's spool holds is sent as that one's; else nothing of it may come through.
  const { bodies: originals, jpegs } = (isOthers ? other : own).written;
  let lost = 0;
  let nameless = 0;
  {
    await using spool = await openTestSpool(dataDir, { sinkIds: [...SINKS], log });
    expectSums(dataDir, about);
    const counted = spool.counters()["spool.lost"] ?? 0;
    for (const sink of SINKS) {
      const { delivered, named } = await drain(spool, sink, jpegs);
      for (const { id, body } of delivered) expect(body, `${about}: ${id}`).toBe(originals.get(id));
      expect(new Set(delivered.map(({ id }) => id)).size, about).toBe(delivered.length);
      if (isOthers) continue; // a spool of its own right, of another gateway
      const sequences = new Set(delivered.map(({ sequence }) => sequence));
      const missing = [...own.written.unsettled[sink]].filter((sequence) => !sequences.has(sequence));
      lost = Math.max(lost, missing.length);
      const untold = missing.filter((sequence) => !named.has(sequence)).length;
      nameless = Math.max(nameless, untold - counted);
    }
    expectSums(dataDir, about);
  }
  const told = lines.length;
  await using again = await openTestSpool(dataDir, { sinkIds: [...SINKS], log });
  expect(again.condition()).toBe("ok");
  expect(
    lines.slice(told).filter((line) => line.includes('"level":50')),
    about,
  ).toEqual([]);
  expect((await readdir(dataDir)).filter((name) => /saved|new|damage-met/.test(name))).toEqual([]);
  return { lost, nameless };
}

/** I9, as another process reads the file. */
function expectSums(dataDir: string, about: string): void {
  const rows = query(
    dataDir,
    "SELECT 'counter' AS kind, name, n FROM counters UNION ALL SELECT 'waiting', sink, count(*) FROM waiting GROUP BY sink",
  );
  expect(rows.length, about).toBeGreaterThan(0);
  for (const sink of SINKS) {
    const of = (kind: string, name: string) =>
      Number(rows.find((row) => row["kind"] === kind && row["name"] === name)?.["n"] ?? 0);
    const ended = ["forwarded", "rejected", "expired", "evicted", "erased"].reduce(
      (sum, each) => sum + of("counter", `entry.${each}.${sink}`),
      0,
    );
    expect(of("counter", `entry.made.${sink}`), `${about}: ${sink} ${JSON.stringify(rows)}`).toBe(
      ended + of("waiting", sink),
    );
  }
}
