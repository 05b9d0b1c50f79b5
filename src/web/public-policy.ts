// Which policy holds, since when, and what is announced, as anybody may read it: no steward and no painted area is named, and no
// zone where zones are not told.
import { languageOf } from "../languages/say.ts";
import { type Effect, type PolicyChange, sayChange } from "../policy/change.ts";
import { comparePolicies } from "../policy/compare.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import type { Policy } from "../settings/schema.ts";

/** `since`: ISO 8601, null where the clock was not believed. `hoursLeft`: of the notice, while the gateway runs. `words`: English. */
export type PublicPolicy = {
  readonly sha256: string;
  readonly since: string | null;
  readonly announced: {
    readonly sha256: string;
    readonly hoursLeft: number;
    /** How many stewards want it to hold before the notice is over. */
    readonly approvals: number;
    readonly changes: readonly { readonly effect: Effect; readonly words: string }[];
  } | null;
};

export function publicPolicy({ policy, sha256, sinceMs, announced }: PolicyStanding): PublicPolicy {
  const english = languageOf("en");
  return {
    sha256,
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    announced: announced && {
      sha256: announced.sha256,
      hoursLeft: Math.ceil(announced.hoursLeft),
      approvals: announced.approvedBy.length,
      changes: publicChanges(policy, announced.policy).map((change) => ({
        effect: change.effect,
        words: sayChange(change, english),
      })),
    },
  };
}

/** What changes between two policies; areas that are painted over, and zones that are not told, by their numbers alone. */
export function publicChanges(before: Policy, now: Policy): readonly PolicyChange[] {
  const zones = [...new Set([...before.quiet.zones, ...now.quiet.zones])];
  const isTold = before.events.zones && now.events.zones;
  const known = (policy: Policy): Policy => ({
    ...policy,
    quiet: {
      ...policy.quiet,
      zones: isTold ? policy.quiet.zones : policy.quiet.zones.map((zone) => String(zones.indexOf(zone) + 1)),
    },
    cameras: Object.fromEntries(
      Object.entries(policy.cameras).map(([id, camera]) => [
        id,
        { ...camera, masks: camera.masks.map((mask, index) => ({ ...mask, name: String(index + 1) })) },
      ]),
    ),
  });
  return comparePolicies(known(before), known(now)).filter(({ key }) => key !== "change.camera-mask-name");
}
