// What was agreed, and what will change, in a reader's language: the policy's words (policy/words.ts) as HTML.
import type { Language } from "../languages/say.ts";
import { type PolicyChange, sayChange } from "../policy/change.ts";
import { comparePolicies } from "../policy/compare.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import { type Html, html, plainText, withoutControls } from "./html.ts";
import type { Transparency } from "./transparency.ts";

type Shown = {
  readonly view: Transparency;
  readonly standing: PolicyStanding;
  readonly timezone: string;
  readonly language: Language;
};

/** What is announced, how long it waits and how to object; nothing where nothing is. */
export function announcedPart({ standing, language, view }: Shown): Html | null {
  const { announced, policy } = standing;
  if (announced === null) return null;
  const changes = comparePolicies(policy, announced.policy);
  const looser = changes.filter(({ effect }) => effect === "looser");
  const others = changes.filter(({ effect }) => effect !== "looser");
  const notice = language.hours(Math.max(1, Math.ceil(announced.hoursLeft)));
  return html`<section class="card card-text announced" aria-labelledby="change-title"><h2 id="change-title">${language.say("page.change")}</h2>
<p><b>${language.say("page.change-hours", { notice })}</b> ${language.say("page.change-hours-how")}</p>
${changeList("page.change-looser", looser, language)}${changeList("page.change-other", others, language)}
<p>${language.say("page.change-object", { contact: plainText(view.controller.contact) })}</p>
<p>${language.say("page.change-approvals", { count: announced.approvedBy.length })}</p>
<p class="muted">${language.say("page.change-digest")} <code>${announced.sha256}</code></p></section>`;
}

function changeList(
  title: "page.change-looser" | "page.change-other",
  changes: readonly PolicyChange[],
  language: Language,
): Html | null {
  if (changes.length === 0) return null;
  return html`<p>${language.say(title)}</p><ul>${changes.map((change) => html`<li>${withoutControls(sayChange(change, language))}</li>`)}</ul>`;
}

/** The whole policy, since when it holds and its fingerprint. */
export function policyPart({ standing, timezone, language }: Shown): Html {
  const { sinceMs, sha256 } = standing;
  return html`<section aria-labelledby="policy-title"><h2 id="policy-title">${language.say("page.policy")}</h2>
<p class="muted">${sinceMs === null ? null : language.say("page.policy-since", { moment: language.moment(sinceMs, timezone) })} ${language.say("page.policy-digest")} <code>${sha256}</code></p></section>`;
}
