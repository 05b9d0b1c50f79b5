// What is news and what is a repeat: edges, levels, hold times, replays; and that no reading is lost between them (I9).
import fc from "fast-check";
import { expect, test } from "vitest";
import { EDGE_KINDS, type ReadingKind, type ReadingValue } from "../../src/core/reading.ts";
import {
  type DeviceMemory,
  emptyMemory,
  normalise,
  parseMemory,
  serialiseMemory,
} from "../../src/normalise/normalise.ts";

/** Sends messages one after another; answers what was news in each. */
function sensor({ holdMs }: { holdMs?: number } = {}) {
  let memory: DeviceMemory = emptyMemory;
  return {
    hear: (atMs: number, readings: readonly ReadingValue[], isReplay = false) => {
      const heard = normalise({ memory, readings, deviceId: "porch", atMs, holdMs, isReplay });
      memory = parseMemory(serialiseMemory(heard.memory));
      return { news: heard.news.map(({ kind, value }) => [kind, value]), ignored: heard.ignored };
    },
    get memory() {
      return memory;
    },
  };
}

const motion = (value: boolean): ReadingValue => ({ kind: "motion", value });

test("motion is news when it changes, and a repeat when it does not", () => {
  const { hear } = sensor();
  expect(hear(0, [motion(true)])).toEqual({ news: [["motion", true]], ignored: {} });
  expect(hear(1, [motion(true)])).toEqual({ news: [], ignored: { repeat: 1 } });
  expect(hear(2, [motion(false)])).toEqual({ news: [["motion", false]], ignored: {} });
  expect(hear(3, [motion(false)])).toEqual({ news: [], ignored: { repeat: 1 } });
});

test("the first word of nobody there is no news: that is how the world begins", () => {
  for (const kind of ["motion", "presence"] as const) {
    expect(sensor().hear(0, [{ kind, value: false }])).toEqual({ news: [], ignored: { repeat: 1 } });
  }
});

test("the first word on anything else is news, also when it is no", () => {
  for (const kind of ["switch", "contact", "tamper", "battery-low", "online"] as const) {
    expect(sensor().hear(0, [{ kind, value: false }]).news).toEqual([[kind, false]]);
  }
  expect(sensor().hear(0, [{ kind: "light-category", value: "dark" }]).news).toEqual([["light-category", "dark"]]);
});

test("a level is news each time", () => {
  const { hear } = sensor();
  for (const atMs of [0, 1, 2])
    expect(hear(atMs, [{ kind: "illuminance", value: 8 }]).news).toEqual([["illuminance", 8]]);
});

test("a sensor that never says off is quiet for its hold time after the last sign, then speaks anew", () => {
  const { hear } = sensor({ holdMs: 90_000 });
  expect(hear(0, [motion(true)]).news).toHaveLength(1);
  expect(hear(60_000, [motion(true)]).news).toHaveLength(0);
  expect(hear(149_999, [motion(true)]).news).toHaveLength(0);
  expect(hear(239_999, [motion(true)]).news).toHaveLength(1);
});

test("without a hold time motion that lasts a day is one motion", () => {
  const { hear } = sensor();
  hear(0, [motion(true)]);
  expect(hear(86_400_000, [motion(true)]).news).toHaveLength(0);
});

test("a clock that jumps back makes no news", () => {
  const { hear } = sensor({ holdMs: 1000 });
  hear(1_000_000, [motion(true)]);
  expect(hear(0, [motion(true)]).news).toHaveLength(0);
  expect(hear(999, [motion(true)]).news).toHaveLength(0);
  expect(hear(2000, [motion(true)]).news).toHaveLength(1);
});

test("a replay is no news and leaves no trace", () => {
  const porch = sensor();
  porch.hear(0, [motion(false)]);
  const before = porch.memory;
  expect(porch.hear(5, [motion(true), { kind: "illuminance", value: 3 }], true)).toEqual({
    news: [],
    ignored: { "retained-replay": 2 },
  });
  expect(porch.memory).toEqual(before);
  expect(porch.hear(6, [motion(true)]).news).toEqual([["motion", true]]);
});

test("a device that speaks after it was gone can be gone again", () => {
  const { hear } = sensor();
  hear(0, [{ kind: "online", value: false }]);
  hear(1, [{ kind: "illuminance", value: 3 }]);
  expect(hear(2, [{ kind: "online", value: false }]).news).toEqual([["online", false]]);
});

test("a memory that is damaged is an empty one", () => {
  for (const text of [null, "", "{", "null", "[]", '{"version":2}', '{"edges":{"motion":1}}'])
    expect(parseMemory(text)).toBe(emptyMemory);
});

const value: fc.Arbitrary<ReadingValue> = fc.oneof(
  fc.record({ kind: fc.constantFrom("motion" as const, "presence" as const), value: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom("switch" as const, "contact" as const, "tamper" as const, "online" as const),
    value: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom("battery" as const, "link" as const, "brightness" as const),
    value: fc.double({ min: 0, max: 100, noNaN: true }),
  }),
  fc.record({ kind: fc.constant("illuminance" as const), value: fc.double({ min: 0, max: 200_000, noNaN: true }) }),
  fc.record({
    kind: fc.constant("light-category" as const),
    value: fc.constantFrom("dark" as const, "dim" as const, "bright" as const),
  }),
);
const messages = fc.array(
  fc.record({
    readings: fc.array(value, { maxLength: 8 }),
    afterMs: fc.integer({ min: -5000, max: 200_000 }),
    isReplay: fc.boolean(),
    holdMs: fc.option(fc.constant(90_000), { nil: undefined }),
  }),
  { maxLength: 30 },
);

test("in readings: given = news + ignored, whatever comes in whatever order", () => {
  fc.assert(
    fc.property(messages, (messages) => {
      let memory: DeviceMemory = emptyMemory;
      let atMs = 0;
      return messages.every(({ readings, afterMs, isReplay, holdMs }) => {
        atMs += afterMs;
        const heard = normalise({ memory, readings, deviceId: "d", atMs, holdMs, isReplay });
        memory = heard.memory;
        const ignored = Object.values(heard.ignored).reduce((sum, n) => sum + n, 0);
        return heard.news.length + ignored === readings.length && Object.values(heard.ignored).every((n) => n > 0);
      });
    }),
  );
});

test("without hold times an edge kind's news alternate, and a level is never a repeat", () => {
  fc.assert(
    fc.property(messages, (messages) => {
      let memory: DeviceMemory = emptyMemory;
      const last = new Map<ReadingKind, unknown>();
      return messages.every(({ readings, isReplay }, atMs) => {
        const heard = normalise({ memory, readings, deviceId: "d", atMs, isReplay });
        memory = heard.memory;
        const levels = readings.filter(({ kind }) => !EDGE_KINDS.has(kind)).length;
        const isAlternating = heard.news.every(({ kind, value }) => {
          const isChange = !EDGE_KINDS.has(kind) || kind === "online" || last.get(kind) !== value;
          last.set(kind, value);
          return isChange;
        });
        return (
          isAlternating && heard.news.filter(({ kind }) => !EDGE_KINDS.has(kind)).length === (isReplay ? 0 : levels)
        );
      });
    }),
  );
});

test("a memory survives being written and read", () => {
  fc.assert(
    fc.property(messages, (messages) => {
      let memory: DeviceMemory = emptyMemory;
      for (const [atMs, { readings, isReplay }] of messages.entries()) {
        memory = normalise({ memory, readings, deviceId: "d", atMs, isReplay }).memory;
      }
      const { echo: _, ...kept } = memory;
      expect(parseMemory(serialiseMemory(memory))).toEqual(kept);
    }),
  );
});
