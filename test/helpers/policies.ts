// Random policies that the schema takes, for property tests: few zones, cameras and masks, so that two of them have much in common.
import fc from "fast-check";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";

/** What the policies speak of; a test's kit has the same zones and cameras. */
export const ZONES = ["path", "porch", "gate", "private-door"] as const;
export const CAMERAS = ["gate-cam", "yard-cam", "constructor"] as const;

const hours = fc.constantFrom(1, 24, 72, 720);
const time = fc.constantFrom("00:00", "06:30", "22:00", "sunrise", "sunset+30", "sunset-15");
const MASKS = [
  [
    [0.1, 0.1],
    [0.4, 0.1],
    [0.4, 0.4],
  ],
  [
    [0.1, 0.1],
    [0.5, 0.1],
    [0.5, 0.4],
  ],
  [
    [0.6, 0.6],
    [0.9, 0.6],
    [0.9, 0.9],
    [0.6, 0.9],
  ],
] as const;
const model = fc.constantFrom("a", "b").map((digit) => ({ file: `/models/${digit}.onnx`, sha256: digit.repeat(64) }));

/** A mask as it stands in policy.yaml. */
export const MASK = {
  name: "window",
  polygon: [
    [0, 0],
    [1, 0],
    [1, 1],
  ],
} as const;

/** Some of the keys, each with a value. */
const some = <T>(keys: readonly string[], value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...keys), value), { selector: ([key]) => key, maxLength: keys.length })
    .map((entries) => Object.fromEntries(entries));

const motion = fc.oneof(
  fc.constantFrom({ mode: "none" }, { mode: "each" }),
  fc.record({
    mode: fc.constant("counts"),
    windowS: fc.constantFrom(60, 90, 900, 3600),
    atLeast: fc.constantFrom(1, 2, 3, 10),
  }),
);

const events = fc.record({
  timeBucketS: fc.constantFrom(1, 60, 100, 900, 3600),
  retentionHours: hours,
  motion,
  light: fc.boolean(),
  fields: fc.record({ batteryPct: fc.boolean(), linkPct: fc.boolean() }),
  retentionHoursOf: some(["light.level", "light.state", "motion", "house"], hours),
  lightOfMotionSensors: fc.boolean(),
  perDay: some(["light.level", "light.state", "motion"], fc.constantFrom(0, 1, 24, 500)),
  pseudonyms: fc.constantFrom("never", "yearly", "quarterly", "monthly"),
  zones: fc.boolean(),
  cellLetters: fc.integer({ min: 0, max: 6 }),
  evictFirst: fc.uniqueArray(fc.constantFrom("snapshot", "light.level", "light.state", "motion")),
});

const redact = fc
  .record({
    level: fc.constantFrom("normal", "thorough", "strict"),
    whenUnsure: fc.constantFrom("withhold", "mosaic"),
    model: fc.option(model, { nil: undefined }),
    persons: fc.boolean(),
    personModel: fc.option(model, { nil: undefined }),
  })
  .map(({ persons, ...rest }) => ({ ...rest, persons: persons && rest.personModel !== undefined }));

const camera = fc.record({
  // English always: each purpose is written in one of the policy's languages.
  purpose: fc
    .tuple(fc.constantFrom("Is the gate open?", "Is the yard dark?"), some(["es", "uk"], fc.constant("Para ver")))
    .map(([en, others]) => ({ en, ...others })),
  until: fc.constantFrom("2026-01-01", "2027-06-30", "2999-01-01"),
  snapshotsPerDay: fc.constantFrom(0, 1, 24, 10_000),
  retentionHours: hours,
  masks: fc.uniqueArray(fc.record({ name: fc.constantFrom("window", "door"), polygon: fc.constantFrom(...MASKS) }), {
    selector: ({ polygon }) => polygon,
    maxLength: 3,
  }),
  redact,
});

const quiet = fc.record({
  zones: fc.uniqueArray(fc.constantFrom(...ZONES)),
  hours: fc
    .uniqueArray(fc.tuple(time, time), { selector: (span) => span.join(), maxLength: 3 })
    .map((spans) => spans.map((between) => ({ between }))),
});

/** Any policy that the schema takes, with all defaults filled in and paths absolute, as loadPolicy gives it. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    version: fc.constant(1),
    controller: fc.record({
      name: fc.constantFrom("Elm Street Association", "Oak Lane"),
      contact: fc.constantFrom("privacy@elm.example", "oak@lane.example"),
    }),
    languages: fc.constantFrom(["en"], ["en", "es"], ["uk", "en"]),
    events,
    quiet,
    changes: fc.record({ noticeHours: fc.constantFrom(0, 24, 720) }),
    cameras: some(CAMERAS, camera),
  })
  .map((policy) => SCHEMAS.policy.parse(JSON.parse(JSON.stringify(policy))));

/** Two that differ in some rules only, the rest being the same. */
export const policyPairs: fc.Arbitrary<readonly [Policy, Policy]> = fc
  .tuple(policies, policies, fc.infiniteStream(fc.integer({ min: 0, max: 4 })))
  .map(([before, other, draws]) => {
    // One rule in five is another; of cameras, too.
    const mix = <T extends object>(old: T, fresh: T): T => ({
      ...old,
      ...Object.fromEntries(Object.entries(fresh).filter(() => draws.next().value === 0)),
    });
    const now = {
      ...mix(before, other),
      events: mix(before.events, other.events),
      quiet: mix(before.quiet, other.quiet),
      cameras: Object.fromEntries(
        Object.entries(before.cameras).map(([id, old]) => [id, mix(old, other.cameras[id] ?? old)]),
      ),
    };
    return [before, draws.next().value === 0 ? other : SCHEMAS.policy.parse(now)] as const;
  });
