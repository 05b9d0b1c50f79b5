// Shown: what a tighter policy takes back on a real spool (I10): what waits goes with a tombstone that says why, dead letters go,
// too, and hours are brought forward for each class, in both.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { silentLog } from "../src/core/log.ts";
import { applyPolicy } from "../src/policy-change.ts";
import { disclose, discloseFact } from "../src/privacy/disclose.ts";
import { UNKNOWN_CAMERA } from "../src/spool/reconcile.ts";
import { SPOOL_LIMITS } from "../src/spool/spool-limits.ts";
import { luxEvent, testDisclosure, testPolicy } from "./helpers/disclosure.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestSpool, waitingFor } from "./helpers/test-spool.ts";
import { addPicture } from "./helpers/waiting-pictures.ts";

const HOUR_MS = 3_600_000;
const BEFORE = { motion: { mode: "each" }, retentionHours: 100 };

/** A spool under the policy `BEFORE`, with a light level and a motion of two hours ago that wait, and one of each that was rejected. */
async function openHouse() {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const time = fakeTime();
  const { clock } = time;
  const spool = stack.use(await openTestSpool(directory.path, { clock }));
  const changes: object[] = [];
  const under = (events: object) => testDisclosure({ clock, policy: testPolicy(events) });
  const apply = async (events: object): Promise<void> => {
    await applyPolicy({
      disclosure: under(events),
      policySha256: createHash("sha256").update(JSON.stringify(events)).digest("hex"),
      kit: { devices: [{ id: "lamp", zone: "porch", profile: "lamp" }], cameras: [] },
      profiles: { get: () => ({ kinds: ["illuminance"] }) },
      timezone: "UTC",
      sun: null,
      spool,
      tell: (fact, discard) =>
        spool.append({
          make: [{ event: discloseFact(fact, under(events)) }],
          ...(discard !== undefined && { discard }),
        }),
      log: silentLog,
    });
    await spool.settled();
    // What is said of the policy itself is shown below.
    const told = waitingFor(spool, clock.nowMs()).filter(({ type }) => type === "hedgerow.policy.changed.v1");
    changes.push(...told.map(({ body }) => JSON.parse(body).data));
    await spool.settle({ sinkId: "main", accepted: told, rejected: [] });
  };
  const make = async (): Promise<void> => {
    const by = under(BEFORE);
    for (const reading of [
      { kind: "illuminance", value: 1 },
      { kind: "motion", value: true },
    ] as const) {
      const disclosed = disclose({ ...reading, deviceId: "lamp", atMs: clock.nowMs() }, by);
      if (disclosed.kind !== "event") throw new Error("unreachable");
      await spool.append({ make: [{ event: disclosed.event }] });
    }
  };
  await apply(BEFORE);
  await make();
  const rejected = waitingFor(spool, clock.nowMs()).map((entry) => ({ entry, why: "no" }));
  await spool.settle({ sinkId: "main", accepted: [], rejected });
  await make();
  time.pass(2 * HOUR_MS);
  const owned = stack.move();
  return {
    apply,
    dataDir: directory.path,
    changes,
    types: () => new Set(spool.waiting({ after: 0, entriesMax: 1e5 }).map(({ type }) => type)),
    waiting: () => waitingFor(spool, clock.nowMs()).map(({ body }) => JSON.parse(body)),
    /** More than are looked at together. */
    async makeMany() {
      const event = luxEvent(1, under(BEFORE));
      await Promise.all(
        Array.from({ length: SPOOL_LIMITS.lookedAtOnce + 100 }, () => spool.append({ make: [{ event }] })),
      );
    },
    expiredOfAll: async () => spool.expired(await spool.timeSettled(), 2 * SPOOL_LIMITS.lookedAtOnce).length,
    pass: (ms: number) => time.pass(ms),
    letters: () => spool.deadLetters(10).map(({ type }) => type),
    expired: async () => spool.expired(await spool.timeSettled(), 10),
    sweepPictures: async () => spool.sweepPictures(await spool.timeSettled()),
    async sweep() {
      await spool.sweepDeadLetters(await spool.timeSettled());
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("what the new policy would not have made goes, waiting or rejected, and the tombstone says that it was the policy", async () => {
  await using house = await openHouse();
  await house.apply({ ...BEFORE, motion: { mode: "none" } });
  expect(house.waiting()).toMatchObject([
    { type: "hedgerow.light.level.v1" },
    { type: "hedgerow.tombstone.v1", data: { how: "erased", why: "policy", sequences: [5] } },
  ]);
  expect(house.letters()).toEqual(["hedgerow.light.level.v1"]);
});

test("a shorter hour of one class is brought forward for that class alone, waiting or rejected", async () => {
  await using house = await openHouse();
  await house.apply({ ...BEFORE, retentionHoursOf: { motion: 1 } });
  expect(await house.expired()).toEqual([5]);
  await house.sweep();
  expect(house.letters()).toEqual(["hedgerow.light.level.v1"]);
});

test("a shorter hour of all is brought forward but for a class that has its own", async () => {
  await using house = await openHouse();
  await house.apply({ ...BEFORE, retentionHours: 1, retentionHoursOf: { motion: 100 } });
  expect(await house.expired()).toEqual([4]);
  await house.sweep();
  expect(house.letters()).toEqual(["hedgerow.motion.detected.v1"]);
});

test("of a long backlog every entry is looked at, in parts", async () => {
  await using house = await openHouse();
  await house.makeMany();
  await house.apply({ ...BEFORE, retentionHours: 4 });
  house.pass(2 * HOUR_MS);
  expect(await house.expiredOfAll(), "those of before").toBe(2);
  house.pass(2 * HOUR_MS);
  expect(await house.expiredOfAll()).toBe(SPOOL_LIMITS.lookedAtOnce + 102);
  await house.apply({ ...BEFORE, retentionHours: 4, light: false });
  expect(house.types()).toEqual(new Set(["hedgerow.motion.detected.v1", "hedgerow.tombstone.v1"]));
});

test("a looser policy, or the same, changes nothing that waits", async () => {
  await using house = await openHouse();
  await house.apply({ ...BEFORE, retentionHours: 200 });
  await house.apply({ ...BEFORE, retentionHours: 200 });
  expect([house.waiting().length, await house.expired(), house.letters().length]).toEqual([2, [], 2]);
});

test("an hour that was damaged and lies years ahead is brought back at the next start, under the same policy", async () => {
  await using house = await openHouse();
  {
    using other = new DatabaseSync(join(house.dataDir, "spool.db"));
    other.exec("UPDATE entries SET expires_at = expires_at + (1 << 40)");
  }
  house.pass(99 * HOUR_MS);
  await house.apply(BEFORE);
  expect(await house.expired()).toEqual([4, 5]);
});

test("a picture of which damage took the row is kept under the same policy, and goes under another", async () => {
  await using house = await openHouse();
  const sha256 = await addPicture(house.dataDir, { sequence: 4, bytes: 100, camera: UNKNOWN_CAMERA });
  await house.apply(BEFORE);
  expect(await house.sweepPictures()).toBe(0);
  expect(house.waiting()).toHaveLength(2);
  await house.apply({ ...BEFORE, retentionHours: 200 });
  expect(await house.sweepPictures(), sha256).toBe(1);
});

test.each([
  ["is damaged", "UPDATE state SET value = 'x' WHERE key = 'policy:last'"],
  ["is lost", "DELETE FROM state WHERE key = 'policy:last'"],
])("where the last policy %s, nothing that it allowed leaves", async (_, sql) => {
  await using house = await openHouse();
  {
    using other = new DatabaseSync(join(house.dataDir, "spool.db"));
    other.exec(sql);
  }
  await house.apply(BEFORE);
  expect(house.waiting()).toMatchObject([
    { type: "hedgerow.tombstone.v1", data: { how: "erased", why: "policy", sequences: [4, 5] } },
  ]);
  expect(house.letters()).toEqual([]);
  await house.apply(BEFORE);
  expect(house.waiting()).toHaveLength(1);
});
