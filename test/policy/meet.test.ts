// Shown, over random pairs of policies: what is met allows nothing that one of them forbids and forbids nothing that both allow;
// comparing finds each difference, and says the same backwards.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PolicyChange } from "../../src/policy/change.ts";
import { comparePolicies } from "../../src/policy/compare.ts";
import { meetPolicies } from "../../src/policy/meet.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import { CAMERAS, policies, policyPairs } from "../helpers/policies.ts";

const RUNS = { numRuns: Number(process.env["RUNS"] ?? 300) };

/** Nobody can tell which of two wordings, or of two models, allows more: they are looser in both directions. */
const isUntold = ({ key }: PolicyChange): boolean => /^change\.camera-(purpose|model|person-model)/.test(key);
const only = (effect: PolicyChange["effect"], changes: readonly PolicyChange[]): PolicyChange[] =>
  changes.filter((change) => change.effect === effect);

test("a policy met with itself is itself, and differs in nothing from itself", () => {
  const holds = (policy: Policy): void => {
    expect(meetPolicies(policy, policy)).toEqual(policy);
    expect(comparePolicies(policy, policy)).toEqual([]);
  };
  fc.assert(fc.property(policies, holds), RUNS);
});

test("what is met is a policy that the schema takes as it is", () => {
  const holds = ([before, now]: readonly [Policy, Policy]): void => {
    const met = meetPolicies(before, now);
    expect(SCHEMAS.policy.parse(met)).toEqual(met);
  };
  fc.assert(fc.property(policyPairs, holds), RUNS);
});

test("what is met is nowhere looser than the one before, nor, where anybody can tell, than the newer one", () => {
  const holds = ([before, now]: readonly [Policy, Policy]): void => {
    const met = meetPolicies(before, now);
    expect(only("looser", comparePolicies(before, met))).toEqual([]);
    expect(only("looser", comparePolicies(now, met)).filter((change) => !isUntold(change))).toEqual([]);
  };
  fc.assert(fc.property(policyPairs, holds), RUNS);
});

test("what is met has taken over all that became tighter, all that merely changed, and no more", () => {
  const holds = ([before, now]: readonly [Policy, Policy]): void => {
    const [asked, done] = [comparePolicies(before, now), comparePolicies(before, meetPolicies(before, now))];
    // Of a longer bucket the windows of counts are longer, too.
    const rules = (changes: readonly PolicyChange[]) =>
      only("tighter", changes)
        .filter(({ key }) => key !== "change.motion-window")
        .map((change) => (change.key === "change.motion-counts" ? { key: change.key } : change));
    expect(rules(done)).toEqual(rules(asked));
    const plain = (changes: readonly PolicyChange[]) => only("changed", changes).filter((change) => !isUntold(change));
    expect(plain(done)).toEqual(plain(asked));
  };
  fc.assert(fc.property(policyPairs, holds), RUNS);
});

test("once met, meeting again changes nothing", () => {
  const holds = ([before, now]: readonly [Policy, Policy]): void => {
    const met = meetPolicies(before, now);
    expect(comparePolicies(met, meetPolicies(met, now))).toEqual([]);
  };
  fc.assert(fc.property(policyPairs, holds), RUNS);
});

test("what becomes looser one way becomes tighter the other way", () => {
  const holds = ([before, now]: readonly [Policy, Policy]): void => {
    const count = (effect: PolicyChange["effect"], changes: readonly PolicyChange[]): number =>
      only(effect, changes).filter((change) => !isUntold(change)).length;
    const [there, back] = [comparePolicies(before, now), comparePolicies(now, before)];
    expect(count("looser", back)).toBe(count("tighter", there));
    expect(count("tighter", back)).toBe(count("looser", there));
    expect(count("changed", back)).toBe(count("changed", there));
  };
  fc.assert(fc.property(policyPairs, holds), RUNS);
});

test("two policies differ in nothing exactly when they mean the same", () => {
  let same = 0;
  const holds = ([before, now]: readonly [Policy, Policy]): void => {
    const isSame = JSON.stringify(meaningOf(before)) === JSON.stringify(meaningOf(now));
    same += Number(isSame);
    expect(comparePolicies(before, now).length === 0).toBe(isSame);
  };
  fc.assert(fc.property(policyPairs, holds), { numRuns: RUNS.numRuns * 3 });
  const shuffled = policies.map((policy): readonly [Policy, Policy] => [policy, writtenOtherwise(policy)]);
  fc.assert(fc.property(shuffled, holds), RUNS);
  expect(same).toBeGreaterThanOrEqual(RUNS.numRuns);
});

/** All that a policy means, with nothing in it that does not matter: orders, doubles, and what has no effect beside the rest. */
function meaningOf({ events, quiet, cameras, ...rest }: Policy): unknown {
  const { motion, lightOfMotionSensors, retentionHours, retentionHoursOf, perDay, ...others } = events;
  const of = (name: "light.level" | "light.state" | "motion" | "house") => retentionHoursOf[name] ?? retentionHours;
  const spans = quiet.hours.map(({ between }) => between.join());
  return [
    rest,
    others,
    motion.mode === "counts"
      ? [Math.ceil(motion.windowS / others.timeBucketS) * others.timeBucketS, motion.atLeast]
      : motion.mode,
    [retentionHours, of("light.level"), of("light.state"), of("motion"), of("house")],
    [perDay["light.level"], perDay["light.state"], perDay.motion],
    events.light && (lightOfMotionSensors || events.motion.mode === "each"),
    [...new Set(quiet.zones)].toSorted(),
    spans.some((span) => /^(\d\d:\d\d),\1$/.test(span)) || [...new Set(spans)].toSorted(),
    CAMERAS.map((id) => {
      const camera = Object.hasOwn(cameras, id) ? cameras[id] : undefined;
      if (camera === undefined) return null;
      const { purpose, masks, redact, ...plain } = camera;
      const { model, persons, personModel, ...kept } = redact;
      return [
        Object.entries(purpose).map(String).toSorted(),
        new Map(masks.map(({ name, polygon }) => [String(polygon), name])).entries().map(String).toArray().toSorted(),
        plain,
        [kept, model?.sha256, persons && personModel?.sha256],
      ];
    }),
  ];
}

/** The same policy with its lists turned around, doubled, and with hours written out. */
function writtenOtherwise(policy: Policy): Policy {
  const { retentionHours, retentionHoursOf } = policy.events;
  const cameras = Object.entries(policy.cameras).map(([id, camera]) => {
    const purpose = Object.fromEntries(Object.entries(camera.purpose).toReversed());
    return [id, { ...camera, purpose, masks: [...camera.masks, ...camera.masks].toReversed() }] as const;
  });
  return {
    ...policy,
    events: { ...policy.events, retentionHoursOf: { motion: retentionHours, ...retentionHoursOf } },
    quiet: {
      zones: [...policy.quiet.zones, ...policy.quiet.zones].toReversed(),
      hours: policy.quiet.hours.toReversed(),
    },
    cameras: Object.fromEntries(cameras.toReversed()),
  };
}

test("where both together have more masks than a camera may have, it does not look until the notice is over", () => {
  const withMasks = (masks: number, shift: number): Policy =>
    SCHEMAS.policy.parse({
      version: 1,
      controller: { name: "Elm Street", contact: "privacy@elm.example" },
      cameras: {
        gate: {
          purpose: { en: "Look" },
          until: "2999-01-01",
          masks: Array.from({ length: masks }, (_, at) => ({
            name: `part ${at}`,
            polygon: [
              [0, shift],
              [1, 0.5],
              [1, at / 100],
            ],
          })),
        },
      },
    });
  const [before, now] = [withMasks(20, 0.1), withMasks(20, 0.2)];
  expect(meetPolicies(before, now).cameras).toEqual({});
  expect(meetPolicies(withMasks(12, 0.1), now).cameras["gate"]?.masks).toHaveLength(32);
  expect(meetPolicies(before, before).cameras["gate"]?.masks).toHaveLength(20);
});

test("where both together have more quiet hours than the schema takes, it is quiet all day", () => {
  const withHours = (hour: string): Policy =>
    SCHEMAS.policy.parse({
      version: 1,
      controller: { name: "Elm Street", contact: "privacy@elm.example" },
      quiet: { hours: Array.from({ length: 10 }, (_, at) => ({ between: [`${hour}:0${at}`, `${hour}:30`] })) },
    });
  const met = meetPolicies(withHours("10"), withHours("11"));
  expect(met.quiet.hours).toEqual([{ between: ["00:00", "00:00"] }]);
  expect(SCHEMAS.policy.safeParse(met).success).toBe(true);
  expect(only("looser", comparePolicies(withHours("10"), met))).toEqual([]);
});

test("windows are whole time buckets: where both together would make them shorter, the longer one is kept", () => {
  const counting = (timeBucketS: number, windowS: number): Policy =>
    SCHEMAS.policy.parse({
      version: 1,
      controller: { name: "Elm Street", contact: "privacy@elm.example" },
      events: { timeBucketS, motion: { mode: "counts", windowS } },
    });
  // 120 seconds are counted, and then 100.
  const [before, now] = [counting(60, 90), counting(100, 60)];
  expect(comparePolicies(before, now).map(({ effect, key }) => [effect, key])).toEqual([
    ["tighter", "change.time-bucket"],
    ["looser", "change.motion-window"],
  ]);
  const met = meetPolicies(before, now);
  expect(met.events).toMatchObject({ timeBucketS: 100, motion: { windowS: 120 } });
  expect(only("looser", comparePolicies(before, met))).toEqual([]);
});
