// Shown: times that are put right stay in the policy's bucket (I4), are never later than the truth and at most two buckets
// before it, and nothing else of an event changes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { createTimeCorrection } from "../../src/privacy/correct-time.ts";
import { disclose } from "../../src/privacy/disclose.ts";
import { testDisclosure, testPolicy } from "../helpers/disclosure.ts";

test("over random clocks and buckets, corrected times are rounded, close and not late; the rest stays", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7200 }),
      fc.integer({ min: 0, max: 10 ** 9 }),
      fc.integer({ min: Date.UTC(2026, 1, 1), max: Date.UTC(2040, 1, 1) }),
      (timeBucketS, wrongMs, trueMs) => {
        const policy = testPolicy({ timeBucketS });
        const clock = { nowMs: () => wrongMs, monotonicMs: () => 0, isSynced: () => false };
        const by = testDisclosure({ policy, clock });
        const disclosed = disclose({ kind: "illuminance", value: 5, deviceId: "lamp", atMs: wrongMs }, by);
        if (disclosed.kind !== "event") throw new Error("unreachable");
        const { attributes } = disclosed.event.content;
        const corrected = createTimeCorrection(policy.events)(JSON.stringify(attributes), trueMs - wrongMs);
        if (corrected === null) throw new Error("it was not corrected");
        const event = JSON.parse(corrected);
        for (const [name, truth] of [
          ["time", trueMs],
          ["recordedtime", trueMs],
        ] as const) {
          const ms = Date.parse(event[name]);
          expect(ms % (timeBucketS * 1000)).toBe(0);
          expect(truth - ms).toBeGreaterThanOrEqual(0);
          expect(truth - ms).toBeLessThan(2 * timeBucketS * 1000);
        }
        expect(Date.parse(event.expirytime) % (timeBucketS * 1000)).toBe(0);
        const { time, recordedtime, expirytime } = attributes;
        expect({ ...event, time, recordedtime, expirytime, data: { ...event.data, clock: "unsure" } }).toEqual(
          attributes,
        );
        expect(Object.keys(event)).toEqual(Object.keys(attributes));
      },
    ),
  );
});

test.each([
  ["no JSON", "{"],
  ["no event", "[]"],
  [
    "an event of a clock that was right",
    JSON.stringify({
      time: "2026-11-21T12:00:00.000Z",
      recordedtime: "2026-11-21T12:00:00.000Z",
      expirytime: "2026-11-21T12:00:00.000Z",
      data: { clock: "synced" },
    }),
  ],
  ["an event without a time", JSON.stringify({ data: { clock: "unsure" } })],
])("%s is left as it is", (_, body) => {
  expect(createTimeCorrection({ timeBucketS: 60 })(body, 1000)).toBe(null);
});
