// Shown: over random lives of a house (files changed forth and back, hours, restarts, starts that are cut off) nothing holds that
// is looser than what held before, unless it was announced for all hours of the notice without a break. On a spool of one map.
import fc from "fast-check";
import { expect, test } from "vitest";
import { silentLog } from "../src/core/log.ts";
import { comparePolicies } from "../src/policy/compare.ts";
import { openPolicyInForce } from "../src/policy-in-force.ts";
import type { Policy } from "../src/settings/schema.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { memoryRegistry } from "./helpers/memory-registry.ts";
import { policies } from "./helpers/policies.ts";

const HOUR_MS = 3_600_000;

const lives = fc.record({
  files: fc.array(policies, { minLength: 3, maxLength: 4 }),
  runs: fc.array(
    fc.record({
      file: fc.nat({ max: 3 }),
      hours: fc.integer({ min: 0, max: 40 }),
      /** The start ends before what waits was brought under the policy: no door has opened. */
      isCutOff: fc.boolean(),
    }),
    { minLength: 4, maxLength: 14 },
  ),
});

test("nothing looser holds before its notice was shown", async () => {
  let loosened = 0;
  await fc.assert(
    fc.asyncProperty(lives, async ({ files, runs }) => {
      const house = openHouse();
      let held: Policy | null = null;
      let shown: { readonly file: Policy; readonly hours: number } | null = null;
      for (const { file: index, hours, isCutOff } of runs) {
        const file = files[index % files.length];
        if (file === undefined) throw new Error("unreachable");
        const { policy, isAnnounced } = await house.run(file, { hours, isCutOff });
        if (isCutOff) continue;
        const before: number = shown !== null && !isLooser(shown.file, file) ? shown.hours : 0;
        if (held !== null && isLooser(held, policy)) {
          loosened++;
          expect(policy).toEqual(file);
          expect(before).toBeGreaterThanOrEqual(held.changes.noticeHours);
        }
        shown = isAnnounced ? { file, hours: before + hours } : null;
        held = policy;
      }
    }),
    { numRuns: 400 },
  );
  expect(loosened).toBeGreaterThan(20);
});

function isLooser(before: Policy, now: Policy): boolean {
  return comparePolicies(before, now).some(({ effect }) => effect === "looser");
}

function openHouse() {
  const state = new Map<string, string>();
  const time = fakeTime();
  const write = (texts: Readonly<Record<string, string | null>> = {}) => {
    for (const [key, text] of Object.entries(texts)) if (text !== null) state.set(key, text);
  };
  const spool = {
    state: (key: string) => new Map([...state].filter(([each]) => each.startsWith(key))),
    append: async ({ state: texts }: { readonly state?: Readonly<Record<string, string | null>> }) => write(texts),
    newestSequence: () => 1,
    condition: () => "ok" as const,
  };
  let ledgerPolicy: string | null = null;
  return {
    async run(policy: Policy, { hours, isCutOff }: { readonly hours: number; readonly isCutOff: boolean }) {
      const policySha256 = JSON.stringify(policy);
      ledgerPolicy ??= policySha256;
      const ledger = { lastPolicy: () => ledgerPolicy };
      const settings = { policy, policySha256 };
      const registry = memoryRegistry();
      const deps = { settings, spool, ledger, registry, clock: time.clock, log: silentLog };
      const inForce = openPolicyInForce(deps);
      ledgerPolicy = inForce.sha256;
      const isAnnounced = inForce.standing().announced !== null;
      if (!isCutOff) {
        write({ "policy:last": JSON.stringify(inForce.policy), "policy:told": inForce.sha256 });
        time.pass(hours * HOUR_MS);
      }
      await inForce[Symbol.asyncDispose]();
      return { policy: inForce.policy, isAnnounced };
    },
  };
}
