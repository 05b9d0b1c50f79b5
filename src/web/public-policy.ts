// Which policy holds, since when, and what is announced, as anybody may read it: no steward and no painted area is named.
import { type Language, languageOf } from "../languages/say.ts";
import { type Effect, type PolicyChange, sayChange } from "../policy/change.ts";
import { comparePolicies } from "../policy/compare.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import { type PolicyWords, policyWords, type WordsOn } from "../policy/words.ts";
import type { Policy } from "../settings/schema.ts";

/** `since`: ISO 8601, null where the clock was not believed. `hoursLeft`: of the notice, while the gateway runs. All words are English. */
export type PublicPolicy = {
  readonly sha256: string;
  readonly since: string | null;
  /** The policy in plain words, as the page says it in each language. */
  readonly words: readonly WordsOn[];
  readonly announced: {
    readonly sha256: string;
    readonly hoursLeft: number;
    /** How many stewards want it to hold before the notice is over. */
    readonly approvals: number;
    readonly changes: readonly { readonly effect: Effect; readonly words: string }[];
  } | null;
};

/** `today`: YYYY-MM-DD at the site; `cell`: of gateway.yaml, or null. */
export type Site = { readonly today: string; readonly cell: string | null };

export function publicPolicy({ policy, sha256, sinceMs, announced }: PolicyStanding, site: Site): PublicPolicy {
  const english = languageOf("en");
  const { cameras, noticed, quiet, kept, outside, never, changes } = publicWords(policy, english, site);
  const each = cameras.each.map(({ id, sentences }) => ({ title: id, sentences }));
  const held = [noticed, { title: cameras.title, sentences: cameras.sentences }, ...each];
  return {
    sha256,
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    words: [...held, ...(quiet === null ? [] : [quiet]), kept, outside, never, changes],
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

/** The policy in words; of the areas that are painted over in a camera's pictures only how many there are. */
export function publicWords(policy: Policy, language: Language, site: Site): PolicyWords {
  const unmasked = mapped(policy.cameras, (camera) => ({ ...camera, masks: [] }));
  const words = policyWords({ policy: { ...policy, cameras: unmasked }, language, ...site });
  const each = words.cameras.each.map((camera) => {
    const count = policy.cameras[camera.id]?.masks.length ?? 0;
    return { ...camera, sentences: [...camera.sentences, language.say("receipts.masks", { count })] };
  });
  return { ...words, cameras: { ...words.cameras, each } };
}

/** What changes between two policies; areas that are painted over by their numbers alone. */
export function publicChanges(before: Policy, now: Policy): readonly PolicyChange[] {
  const numbered = (policy: Policy): Policy => ({
    ...policy,
    cameras: mapped(policy.cameras, (camera) => ({
      ...camera,
      masks: camera.masks.map((mask, index) => ({ ...mask, name: String(index + 1) })),
    })),
  });
  return comparePolicies(numbered(before), numbered(now)).filter(({ key }) => key !== "change.camera-mask-name");
}

function mapped<From, To>(all: Readonly<Record<string, From>>, to: (one: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, to(one)]));
}
