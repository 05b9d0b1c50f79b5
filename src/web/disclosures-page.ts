// Who was given what of the data by hand: the log, and the form by which a steward adds to it. No text of it is public.
import { DISCLOSURE_GROUNDS, type DisclosureEntry, type DisclosureGround } from "../core/disclosure-commands.ts";
import { ERASURE_LIMITS } from "../core/erasure-limits.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, plainText } from "./html.ts";
import { dayOf, exactTime, type Now } from "./words.ts";

const GROUND_WORDS: Readonly<Record<DisclosureGround, string>> = {
  "data-subject": "The person concerned asked for it",
  order: "An order of a court or the police",
  research: "Research that the association agreed to",
  other: "Another ground",
};

export type TypedDisclosure = Readonly<Record<"to" | "what" | "ground" | "detail" | "requestedAt", string>>;

type Shown = {
  readonly entries: readonly DisclosureEntry[];
  readonly typed: TypedDisclosure;
  readonly isAdded: boolean;
  readonly mistake?: string | undefined;
};

export function disclosuresPage({ entries, typed, isAdded, mistake }: Shown, now: Now): Html {
  return html`<div class="narrow"><h1>Who was given what</h1>
${mistakeNote(mistake)}${isAdded ? html`<p class="done" role="status">Entered. The ledger has a line of it, without a word of what it says.</p>` : null}
<p class="lead">Enter here when somebody is given data by hand: a picture, a list, a copy. The public page shows how many there were in each month, and on which ground. Nothing else of it is shown to anybody without a steward's login, and nothing can be changed later.</p>
<form method="post" action="/disclosures" class="card card-text">
${field({ id: "to", label: "Who was given it?", value: typed.to, isRequired: true })}
${field({ id: "what", label: "What was it?", value: typed.what, isRequired: true })}
<fieldset><legend>On which ground?</legend>
${DISCLOSURE_GROUNDS.map(
  (ground) =>
    html`<label class="radio"><input type="radio" name="ground" value="${ground}" required${typed.ground === ground ? html` checked` : null}><span>${GROUND_WORDS[ground]}</span></label>`,
)}
</fieldset>
${field({ id: "detail", label: "More on the ground, such as the number of a file", value: typed.detail, isRequired: false })}
<label for="requestedAt">When was it asked for?</label>
<input id="requestedAt" name="requestedAt" type="date" value="${typed.requestedAt}">
<button>Enter it</button>
</form>
<h2>Entries</h2>
${entries.length === 0 ? html`<p class="card card-text">Nobody was given anything.</p>` : html`<ol class="card rows" reversed>${entries.map((entry) => row(entry, now))}</ol>`}
<p><a href="/erase">Erase what is held</a></p></div>`;
}

function field({
  id,
  label,
  value,
  isRequired,
}: {
  id: string;
  label: string;
  value: string;
  isRequired: boolean;
}): Html {
  return html`<label for="${id}">${label}</label>
<input id="${id}" name="${id}" value="${value}" maxlength="${ERASURE_LIMITS.disclosureChars}" autocomplete="off"${isRequired ? html` required` : null}>`;
}

function row({ number, to, what, ground, detail, requestedAt, at, by }: DisclosureEntry, now: Now): Html {
  return html`<li class="row"><span class="what"><b><bdi>${plainText(to)}</bdi></b></span>
<span class="when"><bdi>${plainText(what)}</bdi></span>
<span class="when">${GROUND_WORDS[ground]}${detail === "" ? null : html`: <bdi>${plainText(detail)}</bdi>`}</span>
<span class="when muted">number ${number} · entered ${exactTime(at, now)}${by === null ? null : html` by <bdi>${plainText(by)}</bdi>`}${requestedAt === null ? null : ` · asked for on ${dayOf(requestedAt)}`}</span></li>`;
}
