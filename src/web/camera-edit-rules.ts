// What the rules of a camera are asked against, and what saving them means: by the policy's own comparison.
import { dayIn } from "../core/day-times.ts";
import type { Language } from "../languages/say.ts";
import { cameraWords } from "../policy/camera-words.ts";
import { sayChange } from "../policy/change.ts";
import { comparePolicies } from "../policy/compare.ts";
import type { AppDeps } from "./answers.ts";
import type { CameraDraft } from "./camera-drafts.ts";
import type { ShownSave } from "./camera-edit-page.ts";
import type { ShownRules } from "./camera-rules-part.ts";
import type { RulesBy } from "./camera-rules.ts";

type Deps = Pick<AppDeps, "settings" | "clock" | "commands" | "trials" | "site">;

/** Kinds of readings that make a camera look. */
const MOVING = new Set(["motion", "presence"]);

export async function shownRules(deps: Deps, by: Pick<ShownRules, "draft" | "action">): Promise<ShownRules> {
  const { policy } = await deps.site.site();
  const { devices, cameras } = deps.commands.status();
  const zones = [...new Set([...devices, ...cameras].map(({ zone }) => zone))].toSorted();
  const hasSun = deps.settings.gateway.cell !== undefined;
  return { ...by, languages: policy.languages, triggers: triggersOf(deps), zones, hasSun, today: todayOf(deps) };
}

export async function rulesBy(deps: Deps, language: Language): Promise<RulesBy> {
  const { languages } = (await deps.site.site()).policy;
  const devices = triggersOf(deps).map(({ id }) => id);
  return { languages, devices, taken: deps.trials.ids(), today: todayOf(deps), language };
}

/** Devices whose profile tells of movement; those of a profile that nobody knows here are offered, too. */
function triggersOf({ commands }: Deps): ShownRules["triggers"] {
  const profiles = new Map(
    commands.listFamilies().flatMap((family) => family.profiles.map((each) => [each.id, each] as const)),
  );
  return commands
    .status()
    .devices.filter(({ profile }) => profiles.get(profile)?.kinds.some((kind) => MOVING.has(kind)) ?? true);
}

/** `looser`: sentences; empty where it holds at once. */
export async function savedMeaning(
  deps: Deps,
  { camera: { id }, policy: entry }: CameraDraft,
  language: Language,
): Promise<Pick<ShownSave, "words" | "looser" | "isDraft" | "notice">> {
  const { policy } = await deps.site.site();
  const after = { ...policy, cameras: { ...policy.cameras, [id]: entry } };
  const looser = comparePolicies(policy, after).filter(({ effect }) => effect === "looser");
  const reader = { language, languages: policy.languages, today: todayOf(deps), motion: policy.events.motion.mode };
  // As the neighbours read it: how an area is called stays here.
  const { sentences, ...words } = cameraWords(id, { ...entry, masks: [] }, reader);
  const hidden = language.say("receipts.masks", { count: entry.masks.length });
  return {
    words: { ...words, sentences: [...sentences, hidden] },
    looser: looser.map((change) => sayChange(change, language)),
    isDraft: policy.draft,
    notice: language.hours(policy.changes.noticeHours),
  };
}

function todayOf({ settings, clock }: Pick<AppDeps, "settings" | "clock">): string {
  return dayIn(settings.gateway.timezone, clock.nowMs());
}
