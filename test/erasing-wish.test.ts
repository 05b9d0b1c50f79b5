// Shown: a person's wish to erase outlives power cuts and absent platforms, comes one at a time, and is refused where it is none.
import { expect, test } from "vitest";
import type { ErasureAsk } from "../src/core/erasure-commands.ts";
import { ERASURE_LIMITS } from "../src/core/erasure-limits.ts";
import type { ErasingDeps } from "../src/erasing.ts";
import { WISH_KEY } from "../src/erasure-wish.ts";
import { openErasingHouse, type PlainEvent } from "./helpers/erasing-house.ts";

const MINUTE_MS = 60_000;
const all: ErasureAsk = { devices: [], cameras: [] };
const asked = (ask: Partial<ErasureAsk>) => ({ ...all, ...ask, by: "steward" }) as const;
const wishes = (events: readonly PlainEvent[]): PlainEvent[] =>
  events.filter(({ type }) => type === "hedgerow.erasure.requested.v1");

test("cut off in the middle, it says so on the disk, and the next start ends it", async () => {
  await using house = await openErasingHouse();
  for (let n = 0; n < 3; n++) await house.light("lamp", "mark-lamp");
  await house.remember("lamp", house.clock.nowMs());
  const spool = house.spool;
  // The program ends with the second write of the erasure: the wish is on disk, and what is remembered is gone.
  let writes = 0;
  const ended = new Error("the program ended");
  const append: typeof spool.append = (batch) => (++writes > 2 ? Promise.reject(ended) : spool.append(batch));
  const cutOff: ErasingDeps["spool"] = {
    append,
    erasable: spool.erasable,
    state: (prefix) => spool.state(prefix),
    openWindows: () => spool.openWindows(),
    lastTombstone: (how) => spool.lastTombstone(how),
    tombstonesAmong: (sequences) => spool.tombstonesAmong(sequences),
  };
  const first = await house.open({ spool: cutOff });
  writes = 0;
  await expect(first.erase(asked({ devices: ["lamp"] }))).rejects.toBe(ended);
  expect(house.spool.state(WISH_KEY).size).toBe(1);
  await house.restart();
  expect(await house.filesWith("mark-lamp")).not.toEqual([]);
  await house.open();
  expect(house.spool.state(WISH_KEY).size).toBe(0);
  expect(await house.filesWith("mark-lamp")).toEqual([]);
  expect(wishes(house.waiting())).toHaveLength(1);
  expect(house.spool.ledgerNotes(9).at(-1)).toMatchObject({
    kind: "erasure",
    body: expect.stringContaining('"entries":3'),
  });
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
