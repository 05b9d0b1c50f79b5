// Shown: the two sums of I9 hold for what adds up, and each single event or reading that is missing or double is found.
import { expect, test } from "vitest";
import { conservationOf } from "../../src/core/conservation.ts";

const counters = {
  "reading.taken": 20,
  "reading.ignored.repeat": 5,
  "reading.ignored.held": 1,
  "reading.withheld.policy": 4,
  "reading.counted": 3,
  "reading.made": 7,
  "entry.made.main": 21,
  "entry.forwarded.main": 10,
  "entry.rejected.main": 1,
  "entry.expired.main": 2,
  "entry.evicted.main": 3,
  "entry.erased.main": 1,
  "entry.made.main-2": 4,
  "arrival.ignored.repeat": 99,
};
const waiting = new Map([
  ["main", 4],
  ["main-2", 4],
]);

test("what adds up is balanced, for a sink that gateway.yaml no longer names too", () => {
  const { readings, sinks } = conservationOf({ counters, waiting, sinkIds: ["main"] });
  expect(readings).toEqual({ taken: 20, ignored: 6, withheld: 4, counted: 3, made: 7, isBalanced: true });
  expect(sinks.map(({ id, isBalanced }) => [id, isBalanced])).toEqual([
    ["main", true],
    ["main-2", true],
  ]);
  expect(conservationOf({ counters: {}, waiting: new Map(), sinkIds: ["new"] })).toMatchObject({
    readings: { isBalanced: true },
    sinks: [{ id: "new", made: 0, isBalanced: true }],
  });
});

test.each(Object.keys(counters).filter((name) => /^(reading|entry)/.test(name)))(
  "one too many in %s is found",
  (name) => {
    const more = { ...counters, [name]: (new Map(Object.entries(counters)).get(name) ?? 0) + 1 };
    const { readings, sinks } = conservationOf({ counters: more, waiting, sinkIds: ["main"] });
    expect(
      [readings.isBalanced, ...sinks.map(({ isBalanced }) => isBalanced)].filter((isBalanced) => !isBalanced),
    ).toHaveLength(1);
  },
);

test("one that waits and is in no counter is found", () => {
  const { sinks } = conservationOf({ counters, waiting: new Map([["main", 5]]), sinkIds: ["main"] });
  expect(sinks[0]?.isBalanced).toBe(false);
});
