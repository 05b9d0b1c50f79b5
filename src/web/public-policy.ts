// Which policy holds, since when, and what is announced, as anybody may read it: no steward is named.
import { languageOf } from "../languages/say.ts";
import { type Effect, sayChange } from "../policy/change.ts";
import { comparePolicies } from "../policy/compare.ts";
import type { PolicyStanding } from "../policy/standing.ts";

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
      changes: comparePolicies(policy, announced.policy).map((change) => ({
        effect: change.effect,
        words: sayChange(change, english),
      })),
    },
  };
}
