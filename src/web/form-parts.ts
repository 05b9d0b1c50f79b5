// Parts of forms that several pages show: what went wrong, what was done, a change that is asked for once more, the zone.
import type { Language } from "../languages/say.ts";
import { FIELD_CHARS } from "./forms.ts";
import { type Html, html, plainName, withoutControls } from "./html.ts";
import { inEnglish, type Mistake } from "./refusal-page.ts";

/** Why it was refused, announced when the page opens. Nothing where nothing was. */
export function mistakeNote(mistake: Mistake | undefined): Html | null {
  if (mistake === undefined) return null;
  if (typeof mistake === "string") return html`<p class="mistake" role="alert">${mistake}</p>`;
  return html`<div class="mistake" role="alert"><p>${withoutControls(mistake.sentence)}</p>${inEnglish(mistake.facts ?? null)}</div>`;
}

const DONE = [
  "approved",
  "approved-all",
  "changed",
  "dismissed",
  "paused",
  "replaced",
  "resumed",
  "revoked",
  "removed",
  "switched",
] as const;

/** What was done, said once after the change. `done`: the word in the address; any other says nothing. */
export function doneNote(done: string | undefined, language: Language): Html | null {
  const word = DONE.find((each) => each === done);
  return word === undefined ? null : html`<p class="done" role="status">${language.say(`device.done-${word}`)}</p>`;
}

type Confirm = {
  readonly language: Language;
  readonly title: Html | string;
  readonly sentence: Html | string;
  /** Where the form is sent, and where one goes back to. */
  readonly action: string;
  readonly back: string;
  readonly button: string;
  readonly isDangerous?: boolean;
  readonly mistake?: Mistake | undefined;
};

/** Asks once more before a change that cannot be taken back. */
export function confirmPage(confirm: Confirm): Html {
  const { language, title, sentence, action, back, button, isDangerous = true, mistake } = confirm;
  return html`<div class="narrow"><h1>${title}</h1>
${mistakeNote(mistake)}
<p class="lead">${sentence}</p>
<form method="post" action="${action}" class="actions">
<button${isDangerous ? html` class="danger"` : null}>${button}</button>
<a class="button quiet" href="${back}">${language.say("device.cancel")}</a>
</form></div>`;
}

type ZoneField = {
  readonly zones: readonly string[];
  readonly value: string;
  readonly language: Language;
  /** Another name of the field than Zone. */
  readonly label?: string;
  readonly isRequired?: boolean;
};

/** Where it is, with the zones there are to choose from. */
export function zoneField({ zones, value, language, label, isRequired = true }: ZoneField): Html {
  return html`<label for="zone">${label ?? language.say("device.zone")}</label>
<input id="zone" name="zone" value="${value}" list="zones"${isRequired ? html` required` : null} maxlength="${FIELD_CHARS.zone}" autocapitalize="none" autocomplete="off" aria-describedby="zone-help">
<datalist id="zones">${zones.map((zone) => html`<option value="${zone}"></option>`)}</datalist>
<p id="zone-help" class="muted">${language.say("device.zone-help")}</p>`;
}

export function nameField({ value, language }: { readonly value: string; readonly language: Language }): Html {
  return html`<label for="name">${language.say("device.name")}</label>
<input id="name" name="name" value="${plainName(value)}" dir="auto" maxlength="${FIELD_CHARS.name}" autocomplete="off" aria-describedby="name-help">
<p id="name-help" class="muted">${language.say("device.name-help")}</p>`;
}
