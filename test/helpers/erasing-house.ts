// What is erased from, on a real spool: readings of a lamp and of a sensor at the gate that wait, were rejected, are kept for
// the page or remembered, each with a mark by which its bytes are found in the files.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLog } from "../../src/core/log.ts";
import { type Erasing, type ErasingDeps, openErasing } from "../../src/erasing.ts";
import { History } from "../../src/history/history.ts";
import { emptyMemory, serialiseMemory } from "../../src/normalise/normalise.ts";
import { type ReadingDisclosure, disclose, discloseFact } from "../../src/privacy/disclose.ts";
import { createPseudonyms } from "../../src/privacy/pseudonyms.ts";
import type { Spool } from "../../src/spool/spool.ts";
import { SPOOL_LIMITS } from "../../src/spool/spool-limits.ts";
import { testDisclosure, testPolicy } from "./disclosure.ts";
import { fakeTime } from "./fake-time.ts";
import { memoryRegistry } from "./memory-registry.ts";
import { tempDir } from "./temp-dir.ts";
import { openTestSpool, waitingFor } from "./test-spool.ts";

export type PlainEvent = {
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export const PSEUDONYMS = createPseudonyms({
  key: Buffer.alloc(32),
  rhythm: "monthly",
  rhythms: ["monthly"],
  timezone: "UTC",
});

/** `policy`: its `events`. `nowMs`: where the time begins. */
export async function openErasingHouse(options: { readonly events?: object; readonly nowMs?: number } = {}) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const time = fakeTime(options.nowMs);
  const { clock } = time;
  const policy = testPolicy(options.events ?? { timeBucketS: 60, motion: { mode: "each" } });
  const dismissed: string[] = [];
  const registry = memoryRegistry();
  const spools: Spool[] = [];
  const reopen = async (): Promise<Spool> => {
    await spools.at(-1)?.[Symbol.asyncDispose]();
    const opened = await openTestSpool(directory.path, { clock });
    spools.push(opened);
    return opened;
  };
  let spool = await reopen();
  stack.defer(async () => {
    await spool[Symbol.asyncDispose]();
  });
  const by = (mark: string): ReadingDisclosure =>
    testDisclosure({ clock, policy, pseudonyms: PSEUDONYMS, zoneOf: () => mark });
  const open = async (overrides: Partial<ErasingDeps> = {}): Promise<Erasing> =>
    openErasing({
      spool,
      disclosure: by("porch"),
      registry,
      approvals: {
        list: () => [],
        dismiss: async ({ proposal }) => void dismissed.push(proposal),
      },
      platforms: ["main"],
      live: null,
      history: new History({ kept: spool.state("history:"), clock, timezone: "UTC" }),
      clock,
      log: silentLog,
      ...overrides,
    });
  const owned = stack.move();
  return {
    get spool() {
      return spool;
    },
    time,
    clock,
    registry,
    dismissed,
    dataDir: directory.path,
    open,
    /** As a start after the program ended. */
    async restart(): Promise<void> {
      spool = await reopen();
    },
    /** A light level that the device said now, or `agoMs` ago. */
    async light(deviceId: string, mark: string, agoMs = 0): Promise<void> {
      const reading = { kind: "illuminance", value: 1, deviceId, atMs: clock.nowMs() - agoMs } as const;
      const disclosed = disclose(reading, by(mark));
      if (disclosed.kind !== "event") throw new Error("the test's policy withholds light levels");
      await spool.append({ make: [{ event: disclosed.event }] });
    },
    /** A word about the camera without a picture. */
    async withheld(cameraId: string, mark: string): Promise<void> {
      const fact = { kind: "snapshot-withheld", cameraId, why: "unsure", atMs: clock.nowMs() } as const;
      await spool.append({ make: [{ event: discloseFact(fact, by(mark)) }] });
    },
    async remember(deviceId: string, heardAtMs: number): Promise<void> {
      const text = serialiseMemory({ ...emptyMemory, heardAtMs });
      await spool.append({ state: { [`device:${deviceId}`]: text } });
    },
    async reject(): Promise<void> {
      const rejected = waitingFor(spool, clock.nowMs()).map((entry) => ({ entry, why: "no" }));
      await spool.settle({ sinkId: "main", accepted: [], rejected });
    },
    waiting: (): PlainEvent[] => waitingFor(spool, clock.nowMs()).map(({ body }) => JSON.parse(body)),
    /** The files below the data directory that hold the mark, once the write-ahead log must have been cut off. */
    async filesWith(mark: string): Promise<string[]> {
      time.pass(SPOOL_LIMITS.scrubErasedMs);
      await spool.timeSettled();
      const names = await readdir(directory.path, { recursive: true, withFileTypes: true });
      const paths = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
      const found: string[] = [];
      for (const path of paths)
        if ((await readFile(path)).includes(mark) || path.includes(mark))
          found.push(path.slice(directory.path.length + 1));
      return found;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
