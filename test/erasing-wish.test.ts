// Shown: a person's wish to erase outlives power cuts and absent platforms, comes one at a time, and is refused where it is none.
import { expect, test } from "vitest";
import type { ErasureAsk } from "../src/core/erasure-commands.ts";
import { ERASURE_LIMITS } from "../src/core/erasure-limits.ts";
import type { ErasingDeps } from "../src/erasing.ts";
import { WISH_KEY } from "../src/erasure-wish.ts";
import type { Spool } from "../src/spool/spool.ts";
import { openErasingHouse, type PlainEvent } from "./helpers/erasing-house.ts";
import { waitingFor } from "./helpers/test-spool.ts";

const MINUTE_MS = 60_000;
const all: ErasureAsk = { devices: [], cameras: [] };
const asked = (ask: Partial<ErasureAsk>) => ({ ...all, ...ask, by: "steward" }) as const;
const wishes = (events: readonly PlainEvent[]): PlainEvent[] =>
  events.filter(({ type }) => type === "hedgerow.erasure.requested.v1");

/** The program ends with this write of the erasure, counted from 1. */
function endingAt(spool: Spool, at: number): { readonly spool: ErasingDeps["spool"]; readonly begin: () => void } {
  let writes = Number.NEGATIVE_INFINITY;
  return {
    begin: () => {
      writes = 0;
    },
    spool: {
      append: (batch) => (++writes >= at ? Promise.reject(new Error("the program ended")) : spool.append(batch)),
      erasable: spool.erasable,
      state: (prefix) => spool.state(prefix),
      openWindows: () => spool.openWindows(),
      lastTombstone: (how) => spool.lastTombstone(how),
      tombstonesAmong: (sequences) => spool.tombstonesAmong(sequences),
    },
  };
}

test.each([2, 3, 4, 5, 6])(
  "cut off at its write number %d, it says so on the disk, and the next start ends it: all goes once",
  async (at) => {
    await using house = await openErasingHouse();
    await house.light("lamp", "mark-rejected");
    await house.reject();
    for (let n = 0; n < 3; n++) await house.light("lamp", "mark-waiting");
    await house.light("other", "kept");
    await house.remember("lamp", house.clock.nowMs());
    const cut = endingAt(house.spool, at);
    const first = await house.open({ spool: cut.spool });
    await house.spool.settled();
    cut.begin();
    await expect(first.erase(asked({ devices: ["lamp"] }))).rejects.toThrow("the program ended");
    expect(house.spool.state(WISH_KEY).size).toBe(1);
    await house.restart();
    await house.open();
    expect(house.spool.state(WISH_KEY).size).toBe(0);
    expect(await house.filesWith("mark-")).toEqual([]);
    expect(house.spool.state("device:").size).toBe(0);
    expect(house.spool.counters()["entry.erased.main"]).toBe(3);
    expect(wishes(house.waiting()).length).toBeGreaterThanOrEqual(1);
    const line = house.spool.ledgerNotes(9).filter(({ kind }) => kind === "erasure");
    expect(line.map(({ body }) => JSON.parse(body))).toMatchObject([{ askedBy: "steward", entries: 3 }]);
  },
);

test("cut off before it was noted, nothing is done, and nothing is claimed", async () => {
  await using house = await openErasingHouse();
  await house.light("lamp", "mark-waiting");
  const cut = endingAt(house.spool, 1);
  const first = await house.open({ spool: cut.spool });
  await house.spool.settled();
  cut.begin();
  await expect(first.erase(asked({ devices: ["lamp"] }))).rejects.toThrow("the program ended");
  await house.restart();
  await house.open();
  expect(house.waiting()).toHaveLength(1);
});

test("what a platform says later of an entry that it had in hand changes nothing", async () => {
  await using house = await openErasingHouse();
  for (let n = 0; n < 2; n++) await house.light("lamp", "mark");
  const [first, second] = waitingFor(house.spool, house.clock.nowMs());
  if (first === undefined || second === undefined) throw new Error("unreachable");
  await (await house.open()).erase(asked({ devices: ["lamp"] }));
  await house.spool.settle({ sinkId: "main", accepted: [first], rejected: [{ entry: second, why: "no" }] });
  expect(house.spool.deadLetters(9)).toEqual([]);
  const {
    "entry.forwarded.main": forwarded = 0,
    "entry.rejected.main": rejected = 0,
    ...counters
  } = house.spool.counters();
  expect([forwarded, rejected, counters["entry.erased.main"]]).toEqual([0, 0, 2]);
});

test("a wish waits for its platform however short the policy keeps the house's other words", async () => {
  await using house = await openErasingHouse({ events: { retentionHours: 1, retentionHoursOf: { house: 1 } } });
  await (await house.open()).erase(asked({ devices: ["lamp"] }));
  const hourMs = 3_600_000;
  await house.spool.shortenRetention({ eventsMs: hourMs, classesMs: { house: hourMs }, picturesMs: {} });
  house.time.pass(24 * hourMs);
  expect(house.spool.expired(await house.spool.timeSettled(), 9)).toEqual([]);
  expect(wishes(house.waiting())).toHaveLength(1);
});

test("a second wish waits until the first is done", async () => {
  await using house = await openErasingHouse();
  await house.light("lamp", "mark-lamp");
  const erasing = await house.open();
  const first = erasing.erase(asked({ devices: ["lamp"] }));
  await expect(erasing.erase(asked({ devices: ["other"] }))).rejects.toMatchObject({ code: "TOO_SOON" });
  await first;
  await erasing.erase(asked({ devices: ["other"] }));
});

test.each([
  ["a beginning that has not come", { from: "2999-01-01T00:00:00Z" }],
  ["an end before the beginning", { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }],
  ["a time without a zone", { from: "2026-01-02T00:00:00" }],
  [
    "more things than one wish may name",
    { devices: Array.from({ length: ERASURE_LIMITS.things + 1 }, (_, n) => `d${n}`) },
  ],
])("%s is refused", async (_, ask) => {
  await using house = await openErasingHouse();
  const erasing = await house.open();
  await expect(erasing.holdings({ ...all, ...ask })).rejects.toMatchObject({ code: "USAGE" });
  await expect(erasing.erase(asked(ask))).rejects.toMatchObject({ code: "USAGE" });
});

test("a platform that was away for weeks is asked again before the wish is past its hour; one that has heard is not", async () => {
  await using house = await openErasingHouse();
  await house.light("lamp", "mark-lamp");
  await (await house.open()).erase(asked({ devices: ["lamp"] }));
  house.time.pass(ERASURE_LIMITS.retellMs + MINUTE_MS);
  await house.open();
  const [first, again, ...more] = wishes(house.waiting());
  expect(again?.data["to"]).toBe(first?.data["to"]);
  expect(again?.data["subjects"]).toEqual(expect.arrayContaining(Array.from([first?.data["subjects"]].flat())));
  expect(more).toEqual([]);
  const heard = house.spool
    .peek({ sinkId: "main", entriesMax: 9, bytesMax: 1e6, nowMs: house.clock.nowMs() })
    .filter(({ type }) => type === "hedgerow.erasure.requested.v1");
  await house.spool.settle({ sinkId: "main", accepted: heard, rejected: [] });
  house.time.pass(ERASURE_LIMITS.retellMs + MINUTE_MS);
  await house.open();
  expect(wishes(house.waiting())).toEqual([]);
});
