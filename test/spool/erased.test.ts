// Shown: erased means gone (promise 7): what is past its hour, evicted, taken back, rejected and past its hour, or taken by the
// platform leaves no byte in spool.db, its free pages, its log and its index. Each event carries a mark that is searched for.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { discloseFact } from "../../src/privacy/disclose.ts";
import type { Batch, Spool } from "../../src/spool/spool.ts";
import { SPOOL_LIMITS } from "../../src/spool/spool-limits.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";

const DAY_MS = 24 * 3_600_000;

async function openHouse() {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const time = fakeTime();
  const spool = stack.use(await openTestSpool(directory.path, { clock: time.clock }));
  const owned = stack.move();
  const marked = (mark: string) => testDisclosure({ clock: time.clock, zoneOf: () => mark });
  return {
    spool,
    time,
    dataDir: directory.path,
    append: (mark: string, n = 1) => spool.append({ make: [{ event: luxEvent(n, marked(mark)) }] }),
    /** As the house does: the entries go and their tombstone comes, in one transaction. */
    discard: (sequences: readonly number[], how: NonNullable<Batch["discard"]>["how"]) => {
      const fact = { kind: "entries-gone", how, sequences, atMs: time.clock.nowMs() } as const;
      return spool.append({ make: [{ event: discloseFact(fact, marked("porch")) }], discard: { sequences, how } });
    },
    /** The files beside each other in which the mark is found. */
    async filesWith(mark: string): Promise<string[]> {
      const names = await readdir(directory.path, { recursive: true, withFileTypes: true });
      const paths = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
      const found = await Promise.all(
        paths.map(async (path) =>
          (await readFile(path)).includes(mark) ? [path.slice(directory.path.length + 1)] : [],
        ),
      );
      return found.flat();
    },
    /** Time in which the log must have been cut off, with the ticks of housekeeping. */
    async scrubbed(withinMs: number): Promise<void> {
      time.pass(withinMs);
      await spool.timeSettled();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type House = Awaited<ReturnType<typeof openHouse>>;
const sequencesOf = (spool: Spool, time: House["time"]): number[] =>
  waitingFor(spool, time.clock.nowMs()).map(({ sequence }) => sequence);

const ways: readonly [string, number, (house: House) => Promise<void>][] = [
  [
    "past its hour",
    SPOOL_LIMITS.scrubErasedMs,
    async ({ spool, time, discard }) => {
      time.pass(31 * DAY_MS);
      await discard(spool.expired(await spool.timeSettled(), 10), "expired");
    },
  ],
  ["evicted", SPOOL_LIMITS.scrubErasedMs, ({ spool, time, discard }) => discard(sequencesOf(spool, time), "evicted")],
  [
    "taken back by a tighter policy or a person",
    SPOOL_LIMITS.scrubErasedMs,
    ({ spool, time, discard }) => discard(sequencesOf(spool, time), "erased"),
  ],
  [
    "taken by the platform",
    SPOOL_LIMITS.scrubSettledMs,
    ({ spool, time }) =>
      spool.settle({ sinkId: "main", accepted: waitingFor(spool, time.clock.nowMs()), rejected: [] }),
  ],
  [
    "rejected by the platform and past its hour",
    SPOOL_LIMITS.scrubErasedMs,
    async ({ spool, time }) => {
      const rejected = waitingFor(spool, time.clock.nowMs()).map((entry) => ({ entry, why: "no" }));
      await spool.settle({ sinkId: "main", accepted: [], rejected });
      time.pass(31 * DAY_MS);
      await spool.sweepDeadLetters(await spool.timeSettled());
    },
  ],
  [
    "found damaged, set aside, and past its hour there",
    SPOOL_LIMITS.scrubErasedMs,
    async ({ spool, time, dataDir, discard }) => {
      {
        using other = new DatabaseSync(join(dataDir, "spool.db"));
        other.exec("UPDATE entries SET crc = crc + 1");
      }
      expect(waitingFor(spool, time.clock.nowMs())).toEqual([]);
      await expect.poll(() => spool.damaged(1), { timeout: 20_000 }).toEqual([1]);
      await discard([1], "erased");
      time.pass(SPOOL_LIMITS.setAsideMs);
      await spool.sweepDeadLetters(await spool.timeSettled());
    },
  ],
];

test.each(ways)("nothing is left in the files of an event that was %s", async (_, withinMs, end) => {
  await using house = await openHouse();
  await house.append("marked-zone-4711");
  expect(await house.filesWith("marked-zone-4711")).not.toEqual([]);
  await end(house);
  await house.scrubbed(withinMs);
  expect(await house.filesWith("marked-zone-4711")).toEqual([]);
});

test("in whatever order events of all sizes go, the pages that are joined and split on the way keep nothing of them", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 20, maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.infiniteStream(fc.integer({ min: 0, max: 99 })), async (bytes, random) => {
      await using house = await openHouse();
      const gone = (n: number) => `gone-${String(n).padStart(4, "0")}-`;
      await Promise.all(bytes.map((size, n) => house.append(gone(n).repeat(Math.ceil(size / 10)))));
      for (;;) {
        const left = waitingFor(house.spool, house.time.clock.nowMs());
        const [first] = left;
        if (first === undefined) break;
        const some = left.filter(() => (random.next().value ?? 0) < 40);
        await house.spool.settle({ sinkId: "main", accepted: some.length > 0 ? some : [first], rejected: [] });
      }
      await house.scrubbed(SPOOL_LIMITS.scrubSettledMs);
      expect(await house.filesWith("gone-")).toEqual([]);
    }),
    { seed, numRuns: Number(process.env["RUNS"] ?? 10) },
  );
}, 60_000);

test("while a command reads the buffer the log cannot be cut off; it is as soon as that is done", async () => {
  await using house = await openHouse();
  await house.append("marked-zone-4711");
  const { spool, time } = house;
  const [path] = await house.filesWith("marked-zone-4711");
  expect(path).toBeDefined();
  {
    using reader = new DatabaseSync(join(house.dataDir, "spool.db"), { readOnly: true });
    reader.exec("BEGIN; SELECT * FROM entries");
    await spool.settle({ sinkId: "main", accepted: waitingFor(spool, time.clock.nowMs()), rejected: [] });
    await house.scrubbed(SPOOL_LIMITS.scrubSettledMs);
    expect(await house.filesWith("marked-zone-4711")).not.toEqual([]);
    expect(spool.condition()).toBe("ok");
  }
  await house.scrubbed(SPOOL_LIMITS.scrubErasedMs);
  expect(await house.filesWith("marked-zone-4711")).toEqual([]);
});
