// Who was given what of the data by hand: the log, and the form by which a steward adds to it. No text of it is public.
import { DISCLOSURE_GROUNDS, type DisclosureEntry } from "../core/disclosure-commands.ts";
import { ERASURE_LIMITS } from "../core/erasure-limits.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, plainText } from "./html.ts";
import type { Mistake } from "./refusal-page.ts";
import { sentence } from "./sentence.ts";
import { dayOf, exactTime, type Now } from "./words.ts";

export type TypedDisclosure = Readonly<Record<"to" | "what" | "ground" | "detail" | "requestedAt", string>>;

type Shown = {
  readonly entries: readonly DisclosureEntry[];
  readonly typed: TypedDisclosure;
  readonly isAdded: boolean;
  readonly mistake?: Mistake | undefined;
};

export function disclosuresPage({ entries, typed, isAdded, mistake }: Shown, now: Now): Html {
  const { say } = now.language;
  return html`<div class="narrow"><h1>${say("disclosures.title")}</h1>
${mistakeNote(mistake)}${isAdded ? html`<p class="done" role="status">${say("disclosures.added")}</p>` : null}
<p class="lead">${say("disclosures.lead")} ${say("disclosures.public")}</p>
<form method="post" action="/disclosures" class="card card-text">
${field({ id: "to", label: say("disclosures.to"), value: typed.to, isRequired: true })}
${field({ id: "what", label: say("disclosures.what"), value: typed.what, isRequired: true })}
<fieldset><legend>${say("disclosures.ground")}</legend>
${DISCLOSURE_GROUNDS.map(
  (ground) =>
    html`<label class="radio"><input type="radio" name="ground" value="${ground}" required${typed.ground === ground ? html` checked` : null}><span>${say(`disclosures.ground-${ground}`)}</span></label>`,
)}
</fieldset>
${field({ id: "detail", label: say("disclosures.detail"), value: typed.detail, isRequired: false })}
<label for="requestedAt">${say("disclosures.requested")}</label>
<input id="requestedAt" name="requestedAt" type="date" value="${typed.requestedAt}">
<button>${say("disclosures.enter")}</button>
</form>
<h2>${say("disclosures.entries")}</h2>
${entries.length === 0 ? html`<p class="card card-text">${say("disclosures.none")}</p>` : html`<ol class="card rows" reversed>${entries.map((entry) => row(entry, now))}</ol>`}
<p><a href="/erase">${say("disclosures.erase")}</a></p></div>`;
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
  const { language } = now;
  const { say } = language;
  const reason = say(`disclosures.ground-${ground}`);
  const more = { html: html`<bdi>${plainText(detail)}</bdi>` };
  const time = exactTime(at, now);
  const entered =
    by === null
      ? html`${say("disclosures.entered", { time })}`
      : sentence(language, "disclosures.entered-by", { time, by: { html: html`<bdi>${plainText(by)}</bdi>` } });
  return html`<li class="row"><span class="what"><b><bdi>${plainText(to)}</bdi></b></span>
<span class="when"><bdi>${plainText(what)}</bdi></span>
<span class="when">${detail === "" ? reason : sentence(language, "disclosures.ground-detail", { ground: reason, detail: more })}</span>
<span class="when muted">${say("disclosures.number", { number })} · ${entered}${requestedAt === null ? null : ` · ${say("disclosures.requested-on", { day: dayOf(requestedAt, language) })}`}</span></li>`;
}
