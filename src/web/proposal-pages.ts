// What announced itself and waits: the list, the page on which a steward approves or dismisses one, and that for several.
import type { Commands, ProposalView } from "../core/commands.ts";
import { mistakeNote, nameField, zoneField } from "./form-parts.ts";
import { zoneOf } from "./forms.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import { kindsInWords } from "./reason-words.ts";
import { inEnglish, type Mistake } from "./refusal-page.ts";
import { sentence } from "./sentence.ts";
import { thenField, withThen } from "./then.ts";
import type { Now } from "./words.ts";

export function proposalList(proposals: readonly ProposalView[], { now, isSteward, onward }: Listing): Html | null {
  if (proposals.length === 0) return null;
  const { say } = now.language;
  const title = say(isSteward ? "proposal.waits-for-you" : "proposal.waits-for-steward", { count: proposals.length });
  return html`<h2>${title}</h2>
${isSteward && proposals.filter(isReady).length > 1 ? html`<p><a class="button quiet" href="${withThen("/proposals", onward)}">${say("proposal.several")}</a></p>` : null}
<ul class="card rows">${proposals.map((proposal) => proposalRow(proposal, { now, isSteward, onward }))}</ul>`;
}

type Listing = { readonly now: Now; readonly isSteward: boolean; readonly onward: string };

/** Whether it can be approved without another word about it than its zone. */
export function isReady({ profile, deviceId, topic }: ProposalView): boolean {
  return profile !== null && deviceId === null && topic !== "";
}

function proposalRow(proposal: ProposalView, { now, isSteward, onward }: Listing): Html {
  const { id, name, topic, profile } = proposal;
  const { say } = now.language;
  const inside = html`<span class="what"><b>${named(name)}</b> <span class="muted">${named(topic)}</span></span>
<span class="how">${badge(profile === null ? { look: "late", shape: "warning", word: say("proposal.needs-kind") } : { look: "calm", shape: "unknown", word: say("proposal.waits") })}</span>
<span class="when muted">${heardAndReads(proposal, now)}</span>`;
  return isSteward
    ? html`<li><a class="row" href="${withThen(`/proposals/${encodeURIComponent(id)}`, onward)}">${inside}</a></li>`
    : html`<li class="row">${inside}</li>`;
}

function heardAndReads({ heardAt, kinds }: ProposalView, now: Now): Html {
  const { language } = now;
  const heard = sentence(language, "proposal.heard", { ago: { html: timeAgo(heardAt, now) } });
  if (kinds.length === 0) return heard;
  return html`${heard} · ${language.say("proposal.reads", { kinds: kindsInWords(kinds, language) })}`;
}

type ProposalForm = {
  readonly proposal: ProposalView;
  readonly families: ReturnType<Commands["listFamilies"]>;
  readonly zones: readonly string[];
  readonly typed: { readonly zone: string; readonly name: string; readonly profile: string };
  readonly mistake: Mistake | undefined;
  readonly onward: string;
};

/** Where one press approves into a zone there is: more would be a wall of buttons. */
const ZONE_BUTTONS = 8;

export function proposalPage({ proposal, families, zones, typed, mistake, onward }: ProposalForm, now: Now): Html {
  const at = `/proposals/${encodeURIComponent(proposal.id)}`;
  const { language } = now;
  const { say } = language;
  const isNew = proposal.deviceId === null;
  const buttons = isNew && zones.length > 0 && zones.length <= ZONE_BUTTONS;
  return html`<p><a href="/devices">${say("device.all")}</a></p>
<div class="narrow"><h1>${sentence(language, "proposal.ask", { name: { html: named(proposal.name) } })}</h1>
${mistakeNote(mistake)}
${lead(proposal, now)}
<dl>
<dt>${say("device.topic")}</dt><dd><code>${named(proposal.topic)}</code></dd>
<dt>${say("proposal.heard-label")}</dt><dd>${sentence(language, "proposal.heard-through", { ago: { html: timeAgo(proposal.heardAt, now) }, login: { html: named(proposal.via) } })}</dd>
<dt>${say("proposal.reads-label")}</dt><dd>${proposal.kinds.length === 0 ? say("proposal.reads-unknown") : kindsInWords(proposal.kinds, language)}</dd>
</dl>
<form method="post" action="${at}/approve" class="card card-text">
${thenField(onward)}
${profileField({ proposal, families, typed }, now)}
${isNew ? nameField({ value: typed.name, language }) : html`<input type="hidden" name="zone" value="${typed.zone}">`}
${buttons ? zoneButtons(zones, now) : null}
${isNew ? zoneField({ zones, value: typed.zone, language, ...(buttons && { label: say("proposal.another-zone") }) }) : null}
<button>${say("proposal.approve")}</button>
</form>
<form method="post" action="${at}/dismiss" class="actions">${thenField(onward)}<button class="quiet">${say("proposal.dismiss")}</button><a class="button quiet" href="/devices">${say("proposal.later")}</a></form>
<p class="muted">${say("proposal.foot")}</p>
</div>`;
}

/** Each sends the form as it is; what is missing is said then. */
function zoneButtons(zones: readonly string[], { language: { say } }: Now): Html {
  return html`<fieldset class="zone-buttons"><legend>${say("proposal.approve-in")}</legend><div class="actions">${zones.map((zone) => html`<button name="in" value="${zone}" formnovalidate>${plainName(zone)}</button>`)}</div></fieldset>`;
}

/** Of the zones there are, the one that its name or topic speaks of; else none. */
export function likelyZone({ name, topic }: Pick<ProposalView, "name" | "topic">, zones: readonly string[]): string {
  const said = ` ${zoneOf(name)} ${zoneOf(topic.split("/").at(-1) ?? "")} `.replaceAll("-", " ");
  const spoken = zones.filter((zone) => said.includes(` ${zone.replaceAll("-", " ")} `));
  return spoken.toSorted((one, other) => other.length - one.length)[0] ?? "";
}

function lead({ deviceId, profile, why }: ProposalView, { language }: Now): Html {
  if (deviceId !== null)
    return html`<p class="lead">${sentence(language, "proposal.lead-known", { device: { html: named(deviceId) } })}</p>`;
  if (profile !== null) return html`<p class="lead">${language.say("proposal.lead")}</p>`;
  return html`<p class="lead">${language.say("proposal.lead-kind")}</p>${inEnglish(why === null ? null : plainName(why))}`;
}

type ProfileField = Pick<ProposalForm, "proposal" | "families" | "typed">;

function profileField({ proposal, families, typed }: ProfileField, { language }: Now): Html {
  const { say } = language;
  if (proposal.profile !== null) {
    const kind = { html: html`<code>${proposal.profile}</code>` };
    return html`<input type="hidden" name="profile" value=""><p class="muted">${sentence(language, "proposal.kind", { kind })}</p>`;
  }
  return html`<label for="profile">${say("proposal.kind-label")}</label>
<select id="profile" name="profile" required>
<option value="">${say("proposal.kind-choose")}</option>
${families.map(
  ({ title, profiles }) =>
    html`<optgroup label="${plainName(title)}">${profiles.map((each) => html`<option value="${each.id}"${each.id === typed.profile ? html` selected` : null} lang="en" dir="ltr">${plainName(each.title)}</option>`)}</optgroup>`,
)}
</select>`;
}

type SeveralForm = {
  readonly proposals: readonly ProposalView[];
  readonly zones: readonly string[];
  readonly zone: string;
  /** Ids of those that are ticked. */
  readonly chosen: ReadonlySet<string>;
  readonly mistakes: readonly Mistake[];
  readonly onward: string;
};

/** Several at once, into one zone, each under the name it gave itself. */
export function severalPage({ proposals, zones, zone, chosen, mistakes, onward }: SeveralForm, now: Now): Html {
  const { language } = now;
  const { say } = language;
  const ready = proposals.filter(isReady);
  const logins = [...new Set(ready.map(({ via }) => via))];
  return html`<p><a href="/devices">${say("device.all")}</a></p>
<div class="narrow"><h1>${say("proposal.several-title")}</h1>
${mistakes.map((mistake) => mistakeNote(mistake))}
${
  ready.length === 0
    ? html`<p class="card card-text">${say(proposals.length === 0 ? "proposal.none" : "proposal.none-ready")}</p>`
    : html`<p class="lead">${say("proposal.several-lead")}</p>
<form method="post" action="/proposals/approve" class="card card-text">
${thenField(onward)}
${logins.map(
  (login) =>
    html`<fieldset><legend>${sentence(language, "proposal.several-through", { login: { html: named(login) } })}</legend>
<p><a href="${withThen(`/proposals?all=${encodeURIComponent(login)}`, onward)}">${say("proposal.several-all")}</a></p>
${ready.filter(({ via }) => via === login).map((each) => checkbox(each, { isChosen: chosen.has(each.id), now }))}</fieldset>`,
)}
${zoneField({ zones, value: zone, language })}
<button>${say("proposal.several-do")}</button>
</form>`
}
</div>`;
}

function checkbox(proposal: ProposalView, { isChosen, now }: { isChosen: boolean; now: Now }): Html {
  return html`<label class="radio"><input type="checkbox" name="${chosenField(proposal)}" value="on"${isChosen ? html` checked` : null}><span>${named(proposal.name)} <span class="muted">${heardAndReads(proposal, now)}</span></span></label>`;
}

/** The name of its box in the form. */
export function chosenField({ id }: Pick<ProposalView, "id">): string {
  return `choose-${id}`;
}
