// Parts of forms that several pages show: what went wrong, what was done, a change that is asked for once more, the zone.
import { FIELD_CHARS } from "./forms.ts";
import { type Html, html, withoutControls } from "./html.ts";
import { inEnglish, type Mistake } from "./refusal-page.ts";

/** Why it was refused, announced when the page opens. Nothing where nothing was. */
export function mistakeNote(mistake: Mistake | undefined): Html | null {
  if (mistake === undefined) return null;
  if (typeof mistake === "string") return html`<p class="mistake" role="alert">${mistake}</p>`;
  return html`<div class="mistake" role="alert"><p>${withoutControls(mistake.sentence)}</p>${inEnglish(mistake.facts ?? null)}</div>`;
}

const DONE = {
  approved: "Approved. Its next message counts.",
  dismissed: "Dismissed. It is not shown again until the gateway restarts.",
  paused: "Paused. It is heard, and its readings are not used.",
  resumed: "Resumed. Its readings are used again.",
  revoked: "Its login is void, and its connection has ended.",
  removed: "Removed.",
  switched: "The lamp was told. It answers by itself.",
} as const;

/** What was done, said once after the change. `done`: the word in the address; any other says nothing. */
export function doneNote(done: string | undefined): Html | null {
  const sentence = Object.entries(DONE).find(([word]) => word === done)?.[1];
  return sentence === undefined ? null : html`<p class="done" role="status">${sentence}</p>`;
}

type Confirm = {
  readonly title: string;
  readonly sentence: string;
  /** Where the form is sent, and where one goes back to. */
  readonly action: string;
  readonly back: string;
  readonly button: string;
  readonly isDangerous?: boolean;
  readonly mistake?: Mistake | undefined;
};

/** Asks once more before a change that cannot be taken back. */
export function confirmPage({ title, sentence, action, back, button, isDangerous = true, mistake }: Confirm): Html {
  return html`<div class="narrow"><h1>${title}</h1>
${mistakeNote(mistake)}
<p class="lead">${sentence}</p>
<form method="post" action="${action}" class="actions">
<button${isDangerous ? html` class="danger"` : null}>${button}</button>
<a class="button quiet" href="${back}">Cancel</a>
</form></div>`;
}

/** Where it is, with the zones there are to choose from. */
export function zoneField({ zones, value }: { zones: readonly string[]; value: string }): Html {
  return html`<label for="zone">Zone</label>
<input id="zone" name="zone" value="${value}" list="zones" required maxlength="${FIELD_CHARS.zone}" autocapitalize="none" autocomplete="off" aria-describedby="zone-help">
<datalist id="zones">${zones.map((zone) => html`<option value="${zone}"></option>`)}</datalist>
<p id="zone-help" class="muted">Where it is, in a word such as <i>porch</i>. Events carry the zone, never the name.</p>`;
}

export function nameField({ value }: { value: string }): Html {
  return html`<label for="name">Name</label>
<input id="name" name="name" value="${value}" maxlength="${FIELD_CHARS.name}" autocomplete="off" aria-describedby="name-help">
<p id="name-help" class="muted">What people here call it. It never leaves this house. May stay empty.</p>`;
}
