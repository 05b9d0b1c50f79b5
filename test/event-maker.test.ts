// Shown: what becomes of readings on road 1 with a real spool: budgets that a restart does not renew, counts that are told after
// a quiet hour and not of a quiet zone, and that the edges told, withheld and still open are all that were counted; and that
// after a change of names each device's state is told anew, in no order that gives the old names away.
import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { Board } from "../src/core/board.ts";
import type { Reading } from "../src/core/reading.ts";
import { BatchDraft } from "../src/event-batch.ts";
import { createEventMaker } from "../src/event-maker.ts";
import { createPseudonyms } from "../src/privacy/pseudonyms.ts";
import { createQuiet } from "../src/privacy/quiet.ts";
import { type Policy, SCHEMAS } from "../src/settings/schema.ts";
import { testDisclosure } from "./helpers/disclosure.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestSpool, waitingFor } from "./helpers/test-spool.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 21, 12);
const counts = { mode: "counts", windowS: 900, atLeast: 3 };

/** `random`: which of those that are left is told next, after a change of names. */
async function openSite(
  dataDir: string,
  events: object,
  { quiet = {}, startMs = NOON, random = (below: number) => randomInt(below) } = {},
) {
  const time = fakeTime(startMs);
  const { clock } = time;
  const spool = await openTestSpool(dataDir, { clock });
  const board = new Board();
  let zone = "porch";
  const policyOf = (rules: object, quietNow: object = quiet): Policy =>
    SCHEMAS.policy.parse({
      version: 1,
      controller: { name: "T", contact: "a@b.example" },
      events: rules,
      quiet: quietNow,
    });
  const open = (policy: Policy) => {
    const disclosure = testDisclosure({
      policy,
      clock,
      zoneOf: () => zone,
      pseudonyms: createPseudonyms({
        key: Buffer.alloc(32, 3),
        rhythm: policy.events.pseudonyms,
        rhythms: [policy.events.pseudonyms],
        timezone: "UTC",
      }),
      quiet: createQuiet({ rule: policy.quiet, timezone: "UTC", sun: null, clock }),
    });
    return createEventMaker({ disclosure, spool, board, randomBelow: random });
  };
  let policy = policyOf(events);
  let maker = open(policy);
  const write = async (fill: (batch: BatchDraft) => void): Promise<void> => {
    const batch = new BatchDraft();
    fill(batch);
    maker.remember(batch);
    await spool.append(batch.finished());
  };
  const status = (deviceId: string) =>
    ({ kind: "device-status", deviceId, state: "ok", flags: [], atMs: clock.nowMs() }) as const;
  return {
    time,
    board,
    say: (kind: "motion" | "illuminance", deviceId = "d1") =>
      write((batch) => {
        const about = { deviceId, atMs: clock.nowMs() };
        const reading: Reading = kind === "motion" ? { kind, value: true, ...about } : { kind, value: 7, ...about };
        maker.reading(batch, reading, clock.nowMs());
      }),
    async pass(minutes: number, devices: readonly string[] = []) {
      for (let minute = 0; minute < minutes; minute++) {
        time.pass(MINUTE);
        await write((batch) => maker.tick(batch, () => devices.map(status)));
      }
    },
    lamp: () =>
      write((batch) =>
        maker.lamps(batch, [
          { kind: "lamp-fault", deviceId: "d1", fault: "flicker", isPresent: true, atMs: clock.nowMs() },
        ]),
      ),
    restart(rules: object = events, quietNow: object = quiet) {
      policy = policyOf(rules, quietNow);
      maker = open(policy);
    },
    moveTo: (other: string) => {
      zone = other;
    },
    nameOutside: (deviceId: string) => maker.nameOutside(deviceId),
    told: () => waitingFor(spool, clock.nowMs()).map(({ body }) => JSON.parse(body)),
    counters: () => spool.counters(),
    /** All edges that were counted are told, withheld or open. */
    isConserved() {
      const all = Object.entries(spool.counters()).filter(([name]) => name.startsWith("motion-count."));
      const open = [...spool.openWindows().values()].reduce((sum, { count }) => sum + count, 0);
      return all.reduce((sum, [, n]) => sum + n, open) === (spool.counters()["reading.counted"] ?? 0);
    },
    [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
  };
}

test("a device's events of a day are no more than the policy's number, over a restart too, and the rest is counted", async () => {
  await using directory = await tempDir();
  await using site = await openSite(directory.path, { perDay: { "light.level": 2 } });
  for (let n = 0; n < 3; n++) await site.say("illuminance");
  site.restart();
  await site.say("illuminance");
  await site.say("illuminance", "d2");
  expect(site.told()).toHaveLength(3);
  expect(site.counters()).toMatchObject({ "reading.withheld.daily-budget": 2, "reading.made": 3 });
  site.time.pass(12 * 60 * MINUTE);
  await site.say("illuminance");
  expect(site.told()).toHaveLength(4);
});

test("of counts the budget is of windows, and what has none left is withheld", async () => {
  await using directory = await tempDir();
  await using site = await openSite(directory.path, { motion: counts, perDay: { motion: 1 } });
  for (let window = 0; window < 3; window++) {
    for (let n = 0; n < 4; n++) await site.say("motion");
    await site.pass(15);
  }
  expect(site.told().map(({ data }) => data.count)).toEqual([4]);
  expect(site.counters()).toMatchObject({ "motion-count.told": 4, "motion-count.withheld.daily-budget": 8 });
  expect(site.isConserved()).toBe(true);
});

test("a window that ends within a quiet hour is told after it, without what happened meanwhile", async () => {
  await using directory = await tempDir();
  const quiet = { hours: [{ between: ["12:10", "13:00"] }] };
  await using site = await openSite(directory.path, { motion: counts }, { quiet });
  for (let n = 0; n < 3; n++) await site.say("motion");
  await site.pass(20);
  await site.say("motion");
  await site.pass(39);
  expect(site.told()).toEqual([]);
  await site.pass(3);
  expect(site.told().map(({ data, recordedtime }) => [data.count, data.to, recordedtime])).toEqual([
    [3, "2026-11-21T12:15:00.000Z", "2026-11-21T13:00:00.000Z"],
  ]);
  expect(site.counters()).toMatchObject({ "reading.withheld.quiet": 1 });
  expect(site.isConserved()).toBe(true);
});

test("what was counted of a zone that is quiet by now is not told, nor are its lamps", async () => {
  await using directory = await tempDir();
  await using site = await openSite(directory.path, { motion: counts }, { quiet: { zones: ["private-door"] } });
  for (let n = 0; n < 3; n++) await site.say("motion");
  await site.lamp();
  site.moveTo("private-door");
  await site.pass(16);
  await site.lamp();
  expect(site.told().map(({ type }) => type)).toEqual(["hedgerow.light.fault.v1"]);
  expect(site.counters()).toMatchObject({ "motion-count.withheld.quiet": 3 });
  expect(site.board.all()).toMatchObject({ "lamp-fault.withheld.quiet": 1 });
  expect(site.isConserved()).toBe(true);
});

test("a window is as long as the times that are told: one or several of the policy's buckets", async () => {
  await using directory = await tempDir();
  await using site = await openSite(directory.path, { motion: counts, timeBucketS: 1200 });
  for (let n = 0; n < 3; n++) await site.say("motion");
  await site.pass(21);
  expect(site.told().map(({ data }) => [data.from, data.to])).toEqual([
    ["2026-11-21T12:00:00.000Z", "2026-11-21T12:20:00.000Z"],
  ]);
});

test("another threshold drops what was counted under the old one, and the sum says so", async () => {
  await using directory = await tempDir();
  await using site = await openSite(directory.path, { motion: counts });
  for (let n = 0; n < 2; n++) await site.say("motion");
  site.restart({ motion: { ...counts, atLeast: 2 } });
  await site.pass(40);
  expect(site.told()).toEqual([]);
  expect(site.counters()).toMatchObject({ "motion-count.withheld.policy": 2 });
  expect(site.isConserved()).toBe(true);
});

test("more quiet hours drop what is open: some of it happened in them", async () => {
  await using directory = await tempDir();
  await using site = await openSite(directory.path, { motion: { ...counts, windowS: 7200 } });
  for (let n = 0; n < 4; n++) await site.say("motion");
  site.restart(undefined, { hours: [{ between: ["12:00", "12:10"] }] });
  await site.pass(150);
  expect(site.told()).toEqual([]);
  expect(site.counters()).toMatchObject({ "motion-count.withheld.policy": 4 });
  expect(site.isConserved()).toBe(true);
});

test("when names change each state is told anew at once, in the order that chance gives", async () => {
  const devices = ["d1", "d2", "d3", "d4"];
  const orders: string[][] = [];
  for (const random of [() => 0, (below: number) => below - 1]) {
    await using directory = await tempDir();
    const startMs = Date.UTC(2026, 10, 30, 23, 58);
    await using site = await openSite(directory.path, { pseudonyms: "monthly" }, { startMs, random });
    await site.pass(1, devices);
    const before = site.told();
    site.restart();
    await site.pass(1, devices);
    // A restart is no change, and neither is a tick.
    expect(site.told().slice(before.length)).toHaveLength(4);
    await site.pass(2, devices);
    const anew = site.told().slice(before.length);
    expect(anew).toHaveLength(4);
    const names = devices.map((id) => site.nameOutside(id).name);
    expect(new Set(anew.map(({ subject }) => subject))).toEqual(new Set(names));
    for (const { subject } of before) expect(names).not.toContain(subject);
    orders.push(anew.map(({ subject }) => subject));
    expect(site.nameOutside("d1").until).toBe("2027-01-01T00:00:00.000Z");
  }
  expect(orders[0]).toEqual(orders[1]?.toReversed());
});

test("names that never change are told once", async () => {
  await using directory = await tempDir();
  await using site = await openSite(directory.path, { pseudonyms: "never" });
  await site.pass(3, ["d1"]);
  expect(site.told()).toEqual([]);
  expect(site.nameOutside("d1").until).toBeNull();
});
