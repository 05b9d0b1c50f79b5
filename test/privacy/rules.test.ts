// Shown: whatever the policy is and whatever a reading says, at whatever moment, the event that is made of it is one that the
// policy allows, judged by a reader of the policy (helpers/allowed-by.ts); and each rule by itself.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Reading, ReadingValue } from "../../src/core/reading.ts";
import { disclose, discloseFact } from "../../src/privacy/disclose.ts";
import { breachesOf, type SentEvent } from "../helpers/allowed-by.ts";
import { testPolicy } from "../helpers/disclosure.ts";
import { policies } from "../helpers/policies.ts";
import { DEVICES, disclosureOf, WHEN } from "../helpers/told-events.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const DAY = 86_400_000;

const values: fc.Arbitrary<ReadingValue> = fc.oneof(
  fc.record({ kind: fc.constantFrom("motion" as const, "presence" as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant("illuminance" as const), value: fc.double({ min: 0, max: 1e6, noNaN: true }) }),
  fc.record({
    kind: fc.constant("light-category" as const),
    value: fc.constantFrom("dark" as const, "dim" as const, "bright" as const),
  }),
  fc.record({
    kind: fc.constantFrom("switch" as const, "contact" as const, "tamper" as const, "online" as const),
    value: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom("brightness" as const, "battery" as const, "link" as const),
    value: fc.double({ min: 0, max: 100, noNaN: true }),
  }),
);
const things = fc.constantFrom(...DEVICES);
/** Now, and for how long the device held it back. */
const moments = fc.record({
  nowMs: fc.integer({ min: NOW - 40 * DAY, max: NOW + 40 * DAY }),
  agoMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: DAY })),
});

function sent(event: { readonly content: { readonly attributes: object } }): SentEvent {
  return JSON.parse(JSON.stringify(event.content.attributes));
}

test("what is made of a reading is what the policy allows, and it is made of nothing else", () => {
  let made = 0;
  fc.assert(
    fc.property(policies, values, things, moments, (policy, value, thing, { nowMs, agoMs }) => {
      const by = disclosureOf(policy, nowMs);
      const reading: Reading = { ...value, deviceId: thing.id, atMs: nowMs - agoMs };
      const disclosed = disclose(reading, by);
      if (disclosed.kind !== "event") return;
      made++;
      const event = sent(disclosed.event);
      const behind = { ...WHEN, zone: thing.zone, sensesMotion: thing.profile === "pir" };
      expect(breachesOf(event, policy, behind)).toEqual([]);
      expect(event.subject).toMatch(/^device-[0-9a-f]{20}$/);
      expect([undefined, "u", "u0", "u09", "u09t", "u09tu", "u09tun"]).toContain(event.data["cell"]);
    }),
    { numRuns: 3000 },
  );
  // The property would hold of a house that says nothing.
  expect(made).toBeGreaterThan(40);
});

/** One reading of noon under a policy of one rule. */
function saidBy(policy: object, value: ReadingValue, deviceId = "pir-porch", agoMs = 0) {
  const by = disclosureOf({ ...testPolicy({ motion: { mode: "each" } }), ...policy }, NOW);
  const disclosed = disclose({ ...value, deviceId, atMs: NOW - agoMs }, by);
  return disclosed.kind === "withheld" ? disclosed.why : disclosed.kind;
}

test("nothing of motion and light is told of a quiet zone or hour; the state of a device is", () => {
  const quietAt = (...between: [string, string]) => ({ quiet: { zones: [], hours: [{ between }] } });
  const zones = { quiet: { zones: ["porch"], hours: [] } };
  const hours = quietAt("11:00", "13:00");
  const early = quietAt("09:00", "10:00");
  for (const value of [
    { kind: "motion", value: true },
    { kind: "illuminance", value: 7 },
    { kind: "switch", value: true },
  ] as const) {
    expect(saidBy(zones, value)).toBe("quiet");
    expect(saidBy(zones, value, "pir-path")).toBe("event");
    expect(saidBy(hours, value)).toBe("quiet");
    // What a sensor held back: by its own moment, and by the one at which it would be told.
    expect(saidBy(early, value)).toBe("event");
    expect(saidBy(early, value, "pir-porch", 2.5 * 3_600_000)).toBe("quiet");
    expect(saidBy(hours, value, "pir-porch", 5 * 3_600_000)).toBe("quiet");
  }
  const by = disclosureOf({ ...testPolicy(), ...zones }, NOW);
  const fact = { kind: "device-status", deviceId: "pir-porch", state: "ok", flags: [], atMs: NOW } as const;
  expect(sent(discloseFact(fact, by)).data).toMatchObject({ state: "ok", zone: "porch" });
});

test("the light of what senses motion stays here where motion is not told one by one, unless the policy says otherwise", () => {
  const lux = { kind: "illuminance", value: 7 } as const;
  const under = (events: object) => ({ events: testPolicy(events).events });
  const counts = { motion: { mode: "counts" } };
  for (const value of [lux, { kind: "light-category", value: "dark" } as const]) {
    expect(saidBy(under(counts), value)).toBe("policy");
    expect(saidBy(under({ motion: { mode: "none" } }), value)).toBe("policy");
    expect(saidBy(under(counts), value, "lux-porch")).toBe("event");
    expect(saidBy(under({ ...counts, lightOfMotionSensors: true }), value)).toBe("event");
    expect(saidBy(under({ motion: { mode: "each" } }), value)).toBe("event");
  }
});

test("zones and cells are told as far as the policy tells them", () => {
  const dataUnder = (events: object) => {
    const by = disclosureOf(testPolicy({ motion: { mode: "each" }, ...events }), NOW);
    const disclosed = disclose({ kind: "switch", value: true, deviceId: "lux-gate", atMs: NOW }, by);
    return disclosed.kind === "event" ? sent(disclosed.event).data : null;
  };
  expect(dataUnder({})).toEqual({ zone: "gate", cell: "u09tun", clock: "synced", on: true });
  expect(dataUnder({ zones: false, cellLetters: 4 })).toEqual({
    zone: "site",
    cell: "u09t",
    clock: "synced",
    on: true,
  });
  expect(dataUnder({ cellLetters: 0 })).toEqual({ zone: "gate", clock: "synced", on: true });
});
