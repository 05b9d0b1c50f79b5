// A disclosure with a plain policy, for tests that need real minted events.
import { systemClock } from "../../src/core/clock.ts";
import type { Disclosure, ReadingDisclosure } from "../../src/privacy/disclose.ts";
import { disclose, type Event } from "../../src/privacy/disclose.ts";
import { createPseudonyms } from "../../src/privacy/pseudonyms.ts";
import { createQuiet } from "../../src/privacy/quiet.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";

/** `events`: as in policy.yaml; single motion events by default. */
export function testPolicy(events: object = { motion: { mode: "each" } }): Policy {
  return SCHEMAS.policy.parse({ version: 1, controller: { name: "Test", contact: "a@b.example" }, events });
}

export function testDisclosure(overrides: Partial<ReadingDisclosure> = {}): ReadingDisclosure {
  const { policy = testPolicy(), clock = systemClock } = overrides;
  return {
    gatewayId: "test",
    policy,
    pseudonyms: createPseudonyms({ key: Buffer.alloc(32), rhythm: "never", rhythms: ["never"], timezone: "UTC" }),
    clock,
    earliestNowMs: () => clock.nowMs(),
    zoneOf: () => "porch",
    quiet: createQuiet({ rule: policy.quiet, timezone: "UTC", sun: null, clock }),
    timezone: "UTC",
    sensesMotion: () => false,
    ...overrides,
  };
}

/** A minted light level event. */
export function luxEvent(lux: number, by: Disclosure = testDisclosure()): Event {
  const disclosed = disclose(
    { kind: "illuminance", value: lux, deviceId: "lamp", atMs: by.clock.nowMs() },
    { ...testDisclosure(), ...by },
  );
  if (disclosed.kind !== "event") throw new Error("the test's policy withholds light levels");
  return disclosed.event;
}
