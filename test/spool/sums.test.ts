// Shown: the sum of I9 holds for each sink after whatever becomes of entries, in whatever order: appended, settled in every
// way, evicted, expired, put back, damaged; restarts; sinks that come and go. Random runs; the seed is printed with a failure.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { HouseFact } from "../../src/core/house-fact.ts";
import { silentLog } from "../../src/core/log.ts";
import { makeRoom } from "../../src/eviction.ts";
import { discloseFact } from "../../src/privacy/disclose.ts";
import type { Batch, Spool } from "../../src/spool/spool.ts";
import { bury } from "../../src/tombstones.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, query, waitingFor } from "../helpers/test-spool.ts";

const RUNS = Number(process.env["RUNS"] ?? 25);
const SINKS = ["main", "city", "third"];
const HOUR_MS = 3_600_000;

const index = fc.nat({ max: 30 });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("append" as const), entries: fc.integer({ min: 1, max: 120 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      sink: fc.constantFrom(...SINKS),
      accepted: index,
      rejected: index,
      undeliverable: fc.nat({ max: 2 }),
      isTwice: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("evict" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), hours: fc.constantFrom(1, 200, 721) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("sweep" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("requeue" as const), sink: fc.constantFrom(...SINKS) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("restart" as const), sinks: fc.subarray(SINKS) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class House {
  readonly #dataDir: string;
  readonly #time;
  readonly #by;
  #spool: Spool;

  private constructor(dataDir: string, time: ReturnType<typeof fakeTime>, spool: Spool) {
    this.#dataDir = dataDir;
    this.#time = time;
    this.#by = testDisclosure({ clock: time.clock });
    this.#spool = spool;
  }

  static async open(dataDir: string): Promise<House> {
    const time = fakeTime();
    const { clock } = time;
    return new House(dataDir, time, await openTestSpool(dataDir, { sinkIds: ["main"], clock, bytesMax: 400_000 }));
  }

  async take(each: Step): Promise<void> {
    const { clock } = this.#time;
    const spool = this.#spool;
    switch (each.kind) {
      case "append":
        // Not waited for: on a full spool they wait for room, which a later step may make.
        for (let lux = 0; lux < each.entries; lux++)
          spool.append({ make: [{ event: luxEvent(lux, this.#by) }] }).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 8));
        return;
      case "settle": {
        const [a, r] = [each.accepted, each.accepted + each.rejected];
        const waiting = waitingFor(spool, clock.nowMs(), each.sink);
        const settlement = {
          sinkId: each.sink,
          accepted: waiting.slice(0, a),
          rejected: waiting.slice(a, r).map((entry) => ({ entry, why: "no" })),
          undeliverable: waiting.slice(r, r + each.undeliverable),
        };
        await this.#withRoom(spool.settle(settlement));
        if (each.isTwice) await this.#withRoom(spool.settle(settlement));
        return;
      }
      case "evict":
        return this.#makeRoom();
      case "pass":
        return this.#time.pass(each.hours * HOUR_MS);
      case "sweep": {
        const nowMs = await spool.timeSettled();
        await spool.sweepDeadLetters(nowMs);
        const expired = spool.expired(nowMs, 500);
        if (expired.length > 0) await this.#bury("expired", expired);
        const lost = spool.undeliverable(500);
        if (lost.length > 0) await this.#bury("erased", lost);
        return;
      }
      case "requeue":
        if (spool.condition() === "ok") await spool.requeue({ sinkId: each.sink });
        return;
      case "restart":
        await spool[Symbol.asyncDispose]();
        this.#spool = await openTestSpool(this.#dataDir, { sinkIds: each.sinks, clock, bytesMax: 400_000 });
    }
  }

  /** By sink: made, less what became of it, less what waits. */
  unaccounted(): Record<string, number> {
    const left: Record<string, number> = {};
    const waits = query(this.#dataDir, "SELECT sink, count(*) AS n FROM waiting GROUP BY sink");
    for (const { sink, n } of waits) left[String(sink)] = -Number(n);
    for (const [name, n] of Object.entries(this.#spool.counters())) {
      const [, what = "", sink = ""] = /^entry\.([a-z]+)\.(.+)$/.exec(name) ?? [];
      if (what !== "") left[sink] = (left[sink] ?? 0) + (what === "made" ? n : -n);
    }
    return left;
  }

  /** Entries that nothing waits for, and waiting rows without an entry. */
  leftOver(): number {
    const [row] = query(
      this.#dataDir,
      `SELECT (SELECT count(*) FROM entries WHERE sequence NOT IN (SELECT sequence FROM waiting))
         + (SELECT count(*) FROM waiting WHERE sequence NOT IN (SELECT sequence FROM entries)) AS n`,
    );
    return Number(row?.["n"]);
  }

  readonly #tell = (fact: HouseFact, discard?: Batch["discard"]): Promise<void> =>
    this.#spool.append({ make: [{ event: discloseFact(fact, this.#by) }], ...(discard !== undefined && { discard }) });

  #makeRoom(): Promise<void> {
    const evictFirst = ["light.level"] as const;
    return makeRoom({
      evictFirst: [...evictFirst],
      spool: this.#spool,
      tell: this.#tell,
      clock: this.#time.clock,
      log: silentLog,
    });
  }

  /** A dead letter needs room where another sink waits for its entry; housekeeping goes on beside the pump. */
  async #withRoom(work: Promise<void>): Promise<void> {
    const isDone = work.then(() => true);
    while (!(await Promise.race([isDone, new Promise((later) => setTimeout(() => later(false), 20))]))) {
      this.#time.pass(4000);
      await this.#makeRoom();
    }
  }

  #bury(how: "expired" | "erased", sequences: readonly number[]): Promise<void> {
    return bury({ spool: this.#spool, tell: this.#tell, clock: this.#time.clock }, { how, sequences });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spool[Symbol.asyncDispose]();
  }
}

test("made = forwarded + rejected + expired + evicted + erased + waiting, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      await using directory = await tempDir();
      await using house = await House.open(directory.path);
      for (const each of steps) {
        await house.take(each);
        const left = house.unaccounted();
        expect(Object.fromEntries(Object.entries(left).filter(([, n]) => n !== 0)), JSON.stringify(each)).toEqual({});
        expect(house.leftOver()).toBe(0);
      }
    }),
    { numRuns: RUNS },
  );
}, 600_000);
