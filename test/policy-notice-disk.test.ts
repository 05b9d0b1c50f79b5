// Shown: while the disk is full a notice goes on and heaps up no writes; nobody's approval is half taken; and the house is opened
// anew once there is room, not again and again. On a real spool, whose disk says how much is free.
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../src/core/log.ts";
import { openPolicyInForce, type PolicyInForce } from "../src/policy-in-force.ts";
import { SCHEMAS } from "../src/settings/schema.ts";
import type { Spool } from "../src/spool/spool.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { memoryRegistry } from "./helpers/memory-registry.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestSpool } from "./helpers/test-spool.ts";

const HOUR_MS = 3_600_000;
const RESERVE = 1000;
const [STRICT, LOOSE] = ["none", "each"].map((mode) =>
  SCHEMAS.policy.parse({
    version: 1,
    controller: { name: "Test", contact: "a@b.example" },
    events: { motion: { mode } },
  }),
);

let stack: AsyncDisposableStack;
let spool: Spool;
let time: ReturnType<typeof fakeTime>;
let appended: number;
/** How often the house has looked at the time. */
let looks: number;
const disk = { free: RESERVE };

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  time = fakeTime();
  disk.free = RESERVE;
  const { path } = stack.use(await tempDir());
  const freeBytes = async (): Promise<number> => disk.free;
  spool = stack.use(await openTestSpool(path, { clock: time.clock, reserveFreeBytes: RESERVE, freeBytes }));
  await spool.append({ state: { "policy:last": JSON.stringify(STRICT) } });
});
afterEach(() => stack.disposeAsync());

test("a full disk for many minutes has one write wait, not one for each", async () => {
  await using house = start();
  await fill();
  const before = appended;
  time.pass(HOUR_MS);
  const lookedBefore = looks;
  await expect.poll(() => looks - lookedBefore).toBeGreaterThan(20);
  expect(appended - before).toBeLessThanOrEqual(1);
  await empty();
  await expect.poll(() => appended - before).toBeGreaterThan(2);
  expect(house.standing().announced?.hoursLeft).toBeCloseTo(23);
});

test("a notice that is over on a full disk waits for room, and holds then", async () => {
  const house = start();
  await fill();
  const before = appended;
  time.pass(25 * HOUR_MS);
  let isDue = false;
  void house.due.then(() => {
    isDue = true;
  });
  await expect.poll(() => appended).toBeGreaterThan(before);
  expect(isDue).toBe(false);
  await empty();
  await house.due;
  await house[Symbol.asyncDispose]();
  await using next = start();
  expect(next.standing()).toMatchObject({ policy: LOOSE, announced: null });
});

test("a house that is closed on a full disk does not wait for it", async () => {
  const house = start();
  await fill();
  const before = appended;
  time.pass(25 * HOUR_MS);
  await expect.poll(() => appended).toBeGreaterThan(before);
  await house[Symbol.asyncDispose]();
  await empty();
  await using next = start();
  expect(next.standing()).toMatchObject({ policy: LOOSE, announced: null });
});

test("an approval on a full disk is refused, and can be given once there is room", async () => {
  await using house = start();
  await fill();
  await expect(house.approve({ sha256: "loose", by: "ada" })).rejects.toMatchObject({ code: "SPOOL_FULL" });
  expect(house.standing().announced?.approvedBy).toEqual([]);
  await empty();
  expect(await house.approve({ sha256: "loose", by: "ada" })).toEqual({ missing: 1 });
});

function start(): PolicyInForce {
  if (LOOSE === undefined) throw new Error("unreachable");
  [appended, looks] = [0, 0];
  const counted: Pick<Spool, "state" | "append" | "newestSequence" | "condition"> = {
    state: (prefix) => spool.state(prefix),
    newestSequence: () => spool.newestSequence(),
    condition: () => spool.condition(),
    append(batch) {
      appended += 1;
      return spool.append(batch);
    },
  };
  const clock = {
    ...time.clock,
    monotonicMs() {
      looks += 1;
      return time.clock.monotonicMs();
    },
  };
  const account = { user: "ada", role: "steward", passphraseHash: "x", createdAt: "2026-06-01T00:00:00.000Z" } as const;
  const registry = memoryRegistry();
  void registry.update((data) => data.accounts.push(account));
  const settings = { policy: LOOSE, policySha256: "loose" };
  const ledger = { lastPolicy: () => "strict" };
  return openPolicyInForce({
    settings,
    spool: counted,
    ledger,
    registry,
    clock,
    log: silentLog,
    tickMs: 1,
  });
}

async function fill(): Promise<void> {
  await spool.settled();
  disk.free = RESERVE - 1;
  await spool.lookAtDisk();
  expect(spool.condition()).toBe("full");
}

async function empty(): Promise<void> {
  disk.free = 1e12;
  await spool.lookAtDisk();
}
