// Shown: what privacy makes of an event that waits when the policy is another one (I10, I4): for random policies and every kind
// of event it stays, is said with less or goes, and what is left is allowed by the newer one.
import fc from "fast-check";
import { expect, test } from "vitest";
import { createTightening } from "../../src/privacy/tighten.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import { breachesOf, type SentEvent } from "../helpers/allowed-by.ts";
import { policies, policyPairs } from "../helpers/policies.ts";
import { behind, disclosureOf, namesUntil, sentOf, toldAt, WHEN } from "../helpers/told-events.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 7, 31);
const HOUR_MS = 3_600_000;
const NAMES = namesUntil(NOW_MS);
const OWN = /^hedgerow\.(tombstone|gateway\.status|policy\.changed|erasure\.requested)\.v1$/;

function tighteningOf(before: Policy | null, now: Policy) {
  const { pseudonyms } = disclosureOf(now, NOW_MS);
  return createTightening({ ...WHEN, before, now, named: (subject) => NAMES.get(subject) ?? null, pseudonyms });
}

const entryOf = (event: SentEvent) => ({
  type: event.type,
  body: JSON.stringify(event),
  cameraId: null,
});

const moments = fc.uniqueArray(fc.integer({ min: NOW_MS - 72 * HOUR_MS, max: NOW_MS }), { minLength: 3, maxLength: 4 });

test("for any two policies, what is left of any event is allowed by the second, and is left as it is when asked again", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.oneof(policyPairs, fc.tuple(policies, policies)), moments, ([before, now], at) => {
      const tighten = tighteningOf(before, now);
      const isLooserBucket = now.events.timeBucketS < before.events.timeBucketS;
      for (const [n, atMs] of at.entries())
        for (const event of toldAt(atMs, { number: n, policy: before, names: NAMES })) {
          const sent = sentOf(event);
          const to = tighten(entryOf(sent));
          seen.add(`${to.kind} ${sent.type}`);
          if (to.kind === "erased") {
            expect(sent.type).not.toMatch(OWN);
            continue;
          }
          const left: SentEvent = to.kind === "rewritten" ? JSON.parse(to.body) : sent;
          expect([left["id"], left["sequence"], left.type]).toEqual([sent["id"], sent["sequence"], sent.type]);
          expect(isLooserBucket ? [] : breachesOf(left, now, behind(left, NAMES))).toEqual([]);
          expect(tighten(entryOf(left))).toEqual({ kind: "stays" });
          expect(tighteningOf(now, now)(entryOf(left)), "by the same policy").toEqual({ kind: "stays" });
        }
    }),
    { numRuns: Number(process.env["RUNS"] ?? 100) },
  );
  expect(new Set([...seen].map((each) => each.split(" ")[0]))).toEqual(new Set(["stays", "rewritten", "erased"]));
  expect(new Set([...seen].map((each) => each.split(" ")[1])).size, "types").toBeGreaterThan(8);
});

test("where nobody knows what was allowed, only the house's own words are left, with times and place as the policy has them", () => {
  const now = SCHEMAS.policy.parse({
    version: 1,
    controller: { name: "Test", contact: "a@b.example" },
    events: { timeBucketS: 3600, cellLetters: 2, motion: { mode: "each" } },
  });
  const wide = SCHEMAS.policy.parse({
    ...now,
    events: { timeBucketS: 1, motion: { mode: "each" }, lightOfMotionSensors: true },
  });
  const told = toldAt(NOW_MS - 1234, { number: 0, policy: wide, names: NAMES }).map(sentOf);
  const left = told.filter((event) => tighteningOf(null, now)(entryOf(event)).kind !== "erased");
  expect(left.map(({ type }) => type).every((type) => OWN.test(type))).toBe(true);
  for (const event of left) {
    const to = tighteningOf(null, now)(entryOf(event));
    expect(to).toMatchObject({ kind: "rewritten", ifOffered: "stays" });
    if (to.kind === "rewritten") expect(breachesOf(JSON.parse(to.body), now, WHEN)).toEqual([]);
  }
  expect(left.length).toBe(3);
});
