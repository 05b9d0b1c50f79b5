// To erase what is held of devices, cameras and a period: choosing, seeing how much it is, confirming, and what was done.
import type { ErasureAsk, ErasureView } from "../core/erasure-commands.ts";
import type { Language } from "../languages/say.ts";
import { holdingWords, scopeWords, tellingWords } from "./erasure-words.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, named, plainText } from "./html.ts";
import type { Mistake } from "./refusal-page.ts";
import type { Now } from "./words.ts";

type Thing = { readonly id: string; readonly name: string };

/** What was chosen, as it was typed: `from` and `to` by the clock at the site; `others`: ids of what left the kit. */
export type Chosen = {
  readonly devices: readonly string[];
  readonly cameras: readonly string[];
  readonly others: string;
  readonly from: string;
  readonly to: string;
};

type Choosing = {
  readonly devices: readonly Thing[];
  readonly cameras: readonly Thing[];
  readonly chosen: Chosen;
  readonly mistake?: Mistake | undefined;
};

/** Step 1. */
export function erasePage({ devices, cameras, chosen, mistake }: Choosing, { say }: Language): Html {
  return html`<div class="narrow"><h1>${say("erasing.title")}</h1>
${mistakeNote(mistake)}
<p class="lead">${say("erasing.lead")}</p>
<form method="get" action="/erase/look" class="card card-text">
${boxes(say("erasing.devices"), { field: "device", things: devices, checked: chosen.devices })}
${boxes(say("erasing.cameras"), { field: "camera", things: cameras, checked: chosen.cameras })}
<p class="muted">${say("erasing.none-is-all")}</p>
<label for="others">${say("erasing.others")}</label>
<input id="others" name="others" value="${chosen.others}" maxlength="${OTHERS_CHARS}" autocapitalize="none" autocomplete="off" aria-describedby="others-help">
<p id="others-help" class="muted">${say("erasing.others-help")}</p>
<label for="from">${say("erasing.from")}</label>
<input id="from" name="from" type="datetime-local" value="${chosen.from}" aria-describedby="period-help">
<label for="to">${say("erasing.to")}</label>
<input id="to" name="to" type="datetime-local" value="${chosen.to}" aria-describedby="period-help">
<p id="period-help" class="muted">${say("erasing.period-help")}</p>
<button>${say("erasing.look")}</button>
</form>
<p><a href="/disclosures">${say("erasing.log")}</a></p></div>`;
}

export const OTHERS_CHARS = 500;

function boxes(
  legend: string,
  { field, things, checked }: { field: string; things: readonly Thing[]; checked: readonly string[] },
): Html | null {
  if (things.length === 0) return null;
  return html`<fieldset><legend>${legend}</legend>
${things.map(
  ({ id, name }) =>
    html`<label class="radio"><input type="checkbox" name="${field}" value="${id}"${checked.includes(id) ? html` checked` : null}><span>${named(name)} <span class="muted">${id}</span></span></label>`,
)}
</fieldset>`;
}

type Looked = { readonly held: ErasureView; readonly ask: ErasureAsk; readonly back: string };

/** Step 2. `back`: the query by which step 1 shows the same again. */
export function lookPage({ held, ask, back }: Looked, now: Now, mistake?: Mistake): Html {
  const { language } = now;
  const { say } = language;
  const lines = holdingWords(held, language);
  return html`<div class="narrow"><h1>${say("erasing.held-title")}</h1>
${mistakeNote(mistake)}
<p class="lead">${plainText(say("erasing.held-lead", { scope: scopeWords(held, now) }))}</p>
${lines.length === 0 ? html`<p class="card card-text">${say("erasing.held-nothing")}</p>` : html`<div class="card card-text"><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>`}
<p>${tellingWords(held, { isDone: false, language })} ${say("erasing.receipts-stay")}</p>
<form method="post" action="/erase" class="actions">
<input type="hidden" name="ask" value="${JSON.stringify(ask)}">
<button class="danger">${say("erasing.confirm")}</button>
<a class="button quiet" href="/erase?${back}">${say("erasing.change")}</a>
</form></div>`;
}

/** Step 3. */
export function erasedPage({ isDone, ...counts }: Erased, { say }: Language): Html {
  return html`<div class="narrow"><h1>${say(isDone ? "erasing.done-title" : "erasing.doing-title")}</h1>
<p class="done" role="status">${say(isDone ? "erasing.done" : "erasing.doing", counts)}</p>
<p>${say(isDone ? "erasing.platforms-asked" : "erasing.platforms-next")} ${say("erasing.ledger")} ${say("erasing.bytes")}</p>
<p class="muted">${say("erasing.copies")}</p>
<div class="actions"><a class="button" href="/buffer">${say("erasing.to-buffer")}</a><a class="button quiet" href="/erase">${say("erasing.again")}</a></div></div>`;
}

export type Erased = Pick<ErasureView, "entries" | "rejected" | "pictures"> & { readonly isDone: boolean };
