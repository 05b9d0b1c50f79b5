// The pages on which a steward changes a device: its name and zone, and which thing stands in its place.
import type { Commands, DeviceView, ProposalView } from "../core/commands.ts";
import { mistakeNote, nameField, zoneField } from "./form-parts.ts";
import { PIN_MAX } from "./forms.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { wiringField } from "./pin-picker.ts";
import { kindsInWords } from "./reason-words.ts";
import type { Mistake } from "./refusal-page.ts";
import { sentence } from "./sentence.ts";
import type { Now } from "./words.ts";

type Families = ReturnType<Commands["listFamilies"]>;

type EditForm = {
  readonly device: DeviceView;
  readonly zones: readonly string[];
  readonly typed: { readonly name: string; readonly zone: string };
  readonly mistake: Mistake | undefined;
};

/** What changes with the zone is said before it is changed. */
export function editPage({ device, zones, typed, mistake }: EditForm, { language }: Now): Html {
  const at = `/devices/${encodeURIComponent(device.id)}`;
  const { say } = language;
  return html`<p><a href="${at}">${named(device.name)}</a></p>
<div class="narrow"><h1>${say("device.edit")}</h1>
${mistakeNote(mistake)}
<form method="post" action="${at}/edit" class="card card-text">
${nameField({ value: typed.name, language })}
${zoneField({ zones, value: typed.zone, language })}
<p class="muted">${say("device.edit-zone")}</p>
<button>${say("device.save")}</button>
</form>
<p><a class="button quiet" href="${at}">${say("device.cancel")}</a></p></div>`;
}

/** `with`: `same`, `other` or `proposal:` and its id. */
export type ReplaceTyped = Readonly<Record<"with" | "profile" | "pin" | "wiring", string>>;

type ReplaceForm = {
  readonly device: DeviceView;
  /** The kind it has now, in words. */
  readonly kind: string;
  readonly families: Families;
  /** What announced itself and could take its place. */
  readonly proposals: readonly ProposalView[];
  readonly typed: ReplaceTyped;
  readonly mistake: Mistake | undefined;
};

export function replacePage(form: ReplaceForm, { language }: Now): Html {
  const { device, kind, families, proposals, typed, mistake } = form;
  const at = `/devices/${encodeURIComponent(device.id)}`;
  const { say } = language;
  const choice = (value: string, words: Html | string, help: Html | string) =>
    html`<label class="radio"><input type="radio" name="with" value="${value}" required${typed.with === value ? html` checked` : null}><span>${words} <span class="muted">${help}</span></span></label>`;
  return html`<p><a href="${at}">${named(device.name)}</a></p>
<div class="narrow"><h1>${sentence(language, "device.ask-replace", { name: { html: named(device.name) } })}</h1>
${mistakeNote(mistake)}
<p class="lead">${say("device.replace-stays")}</p>
<p>${say("device.replace-goes")}</p>
<form method="post" action="${at}/replace" class="card card-text">
<fieldset><legend>${say("device.replace-by")}</legend>
${proposals.map((each) => choice(`proposal:${each.id}`, named(each.name), html`${say("device.replace-announced")} <bdi>${plainName(each.topic)}</bdi> · ${kindsInWords(each.kinds, language)}`))}
${choice("same", say("device.replace-same"), html`<bdi lang="en">${kind}</bdi>`)}
${choice("other", say("device.replace-other"), say("device.replace-other-help"))}
</fieldset>
<label for="profile">${say("device.replace-kind")}</label>
<select id="profile" name="profile"><option value="">${say("device.replace-no-kind")}</option>
${families.map(
  ({ title, profiles }) =>
    html`<optgroup label="${plainName(title)}">${profiles.map((each) => html`<option value="${each.id}"${each.id === typed.profile ? html` selected` : null} lang="en" dir="ltr">${plainName(each.title)}</option>`)}</optgroup>`,
)}
</select>
<details${typed.pin === "" ? null : html` open`}><summary>${say("device.replace-wired")}</summary>
<label for="pin">${say("pairing.pin")}</label>
<input id="pin" name="pin" value="${typed.pin}" type="number" inputmode="numeric" min="0" max="${PIN_MAX}" aria-describedby="pin-help">
<p id="pin-help" class="muted">${say("pairing.pin-number")}</p>
${wiringField(typed.wiring, language)}
</details>
<button class="danger">${say("device.replace-do")}</button>
</form>
<p><a class="button quiet" href="${at}">${say("device.cancel")}</a></p></div>`;
}
