// What announced itself and waits: the list, and the page on which a steward approves or dismisses one.
import type { Commands, ProposalView } from "../core/commands.ts";
import { mistakeNote, nameField, zoneField } from "./form-parts.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import { KIND_WORDS } from "./reason-words.ts";
import { countOf, type Now } from "./words.ts";

export function proposalList(
  proposals: readonly ProposalView[],
  { now, isSteward }: { now: Now; isSteward: boolean },
): Html | null {
  if (proposals.length === 0) return null;
  return html`<h2>${countOf(proposals.length, "waits", "wait")} for ${isSteward ? "your" : "a steward's"} approval</h2>
<ul class="card rows">${proposals.map((proposal) => proposalRow(proposal, { now, isSteward }))}</ul>`;
}

function proposalRow(proposal: ProposalView, { now, isSteward }: { now: Now; isSteward: boolean }): Html {
  const { id, name, topic, profile, kinds, heardAt } = proposal;
  const inside = html`<span class="what"><b>${named(name)}</b> <span class="muted">${named(topic)}</span></span>
<span class="how">${badge(profile === null ? { look: "late", shape: "warning", word: "needs a profile" } : { look: "calm", shape: "unknown", word: "waits" })}</span>
<span class="when muted">heard ${timeAgo(heardAt, now)}${kinds.length === 0 ? null : ` · reads ${kindsInWords(kinds)}`}</span>`;
  return isSteward
    ? html`<li><a class="row" href="/proposals/${encodeURIComponent(id)}">${inside}</a></li>`
    : html`<li class="row">${inside}</li>`;
}

/** "motion, light in lux, battery" */
export function kindsInWords(kinds: readonly ProposalView["kinds"][number][]): string {
  return kinds.map((kind) => KIND_WORDS[kind]).join(", ");
}

type ProposalForm = {
  readonly proposal: ProposalView;
  readonly families: ReturnType<Commands["listFamilies"]>;
  readonly zones: readonly string[];
  readonly typed: { readonly zone: string; readonly name: string; readonly profile: string };
  readonly mistake: string | undefined;
};

export function proposalPage({ proposal, families, zones, typed, mistake }: ProposalForm, now: Now): Html {
  const at = `/proposals/${encodeURIComponent(proposal.id)}`;
  return html`<p><a href="/devices">All devices</a></p>
<div class="narrow"><h1>Approve ${named(proposal.name)}?</h1>
${mistakeNote(mistake)}
<p class="lead">${lead(proposal)}</p>
<dl>
<dt>Topic</dt><dd><code>${named(proposal.topic)}</code></dd>
<dt>Heard</dt><dd>${timeAgo(proposal.heardAt, now)}, through ${named(proposal.via)}</dd>
<dt>Reads</dt><dd>${proposal.kinds.length === 0 ? "not known yet" : kindsInWords(proposal.kinds)}</dd>
</dl>
<form method="post" action="${at}/approve" class="card card-text">
${proposal.deviceId === null ? html`${zoneField({ zones, value: typed.zone })}${nameField({ value: typed.name })}` : html`<input type="hidden" name="zone" value="${typed.zone}">`}
${profileField({ proposal, families, typed })}
<button>Approve</button>
</form>
<form method="post" action="${at}/dismiss" class="actions"><button class="quiet">Dismiss</button><a class="button quiet" href="/devices">Decide later</a></form>
<p class="muted">Until it is approved, nothing of what it says is kept or sent. Dismissed, it may show again after the gateway restarts.</p>
</div>`;
}

function lead({ deviceId, profile, why }: ProposalView): string {
  if (deviceId !== null)
    return `This describes ${plainName(deviceId)}, which is in the kit already. Approving lets its messages be read this way.`;
  if (profile === null) return `It needs a profile${why === null ? "" : `: ${plainName(why)}`}. Choose one below.`;
  return "It announced itself, and waits for a person who knows it. Is it one of yours?";
}

function profileField({ proposal, families, typed }: Pick<ProposalForm, "proposal" | "families" | "typed">): Html {
  if (proposal.profile !== null) {
    return html`<input type="hidden" name="profile" value=""><p class="muted">Its profile is <code>${proposal.profile}</code>.</p>`;
  }
  return html`<label for="profile">Profile</label>
<select id="profile" name="profile" required>
<option value="">Choose what it is</option>
${families.map(
  ({ title, profiles }) =>
    html`<optgroup label="${plainName(title)}">${profiles.map((each) => html`<option value="${each.id}"${each.id === typed.profile ? html` selected` : null}>${plainName(each.title)}</option>`)}</optgroup>`,
)}
</select>`;
}
