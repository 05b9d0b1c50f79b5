// To erase what is held of devices, cameras and a period: choosing, seeing how much it is, confirming, and what was done.
import type { ErasureAsk, ErasureView } from "../core/erasure-commands.ts";
import { holdingWords, scopeWords, tellingWords } from "./erasure-words.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, named, plainText } from "./html.ts";
import { countOf, type Now } from "./words.ts";

type Thing = { readonly id: string; readonly name: string };

/** What was chosen, as it was typed: `from` and `to` by the clock at the site; `others`: ids of what left the kit. */
export type Chosen = {
  readonly devices: readonly string[];
  readonly cameras: readonly string[];
  readonly others: string;
  readonly from: string;
  readonly to: string;
};

/** Step 1. */
export function erasePage({
  devices,
  cameras,
  chosen,
  mistake,
}: {
  readonly devices: readonly Thing[];
  readonly cameras: readonly Thing[];
  readonly chosen: Chosen;
  readonly mistake?: string | undefined;
}): Html {
  return html`<div class="narrow"><h1>Erase</h1>
${mistakeNote(mistake)}
<p class="lead">Somebody asks you to erase what was sensed of them, or what is held of them? Choose what it is about. Next you see how much there is; nothing is erased before you confirm.</p>
<form method="get" action="/erase/look" class="card card-text">
${boxes("Devices", { field: "device", things: devices, checked: chosen.devices })}
${boxes("Cameras", { field: "camera", things: cameras, checked: chosen.cameras })}
<p class="muted">Without any of them, all devices and cameras are meant.</p>
<label for="others">Devices that left the kit</label>
<input id="others" name="others" value="${chosen.others}" maxlength="${OTHERS_CHARS}" autocapitalize="none" autocomplete="off" aria-describedby="others-help">
<p id="others-help" class="muted">Their ids, with spaces between. May stay empty.</p>
<label for="from">From</label>
<input id="from" name="from" type="datetime-local" value="${chosen.from}" aria-describedby="period-help">
<label for="to">Until</label>
<input id="to" name="to" type="datetime-local" value="${chosen.to}" aria-describedby="period-help">
<p id="period-help" class="muted">By the clock at the site. Empty: from the beginning, and until now.</p>
<button>See what is held</button>
</form>
<p><a href="/disclosures">Who was given what</a></p></div>`;
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
export function lookPage({ held, ask, back }: Looked, now: Now, mistake?: string): Html {
  const lines = holdingWords(held);
  return html`<div class="narrow"><h1>What is held</h1>
${mistakeNote(mistake)}
<p class="lead">${plainText(scopeWords(held, now))}:</p>
${lines.length === 0 ? html`<p class="card card-text">Nothing is held here.</p>` : html`<div class="card card-text"><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>`}
<p>${tellingWords(held, { isDone: false })} Receipts of pictures stay: they hold no picture and name no camera.</p>
<form method="post" action="/erase" class="actions">
<input type="hidden" name="ask" value="${JSON.stringify(ask)}">
<button class="danger">Erase it for good</button>
<a class="button quiet" href="/erase?${back}">Change the choice</a>
</form></div>`;
}

/** Step 3. */
export function erasedPage({ isDone, entries, rejected, pictures }: Erased): Html {
  return html`<div class="narrow"><h1>${isDone ? "Erased" : "It is being erased"}</h1>
<p class="done" role="status">${countOf(entries, "event that waited", "events that waited")}, ${countOf(rejected, "rejected event")} and ${countOf(pictures, "picture")} ${isDone ? "are gone" : "go; that takes a while, and goes on by itself"}.</p>
<p>${isDone ? "The platforms were asked to erase their copies, or will be when they can be reached again." : "After that the platforms are asked to erase their copies."} The ledger says that there was an erasure, and never what. Within seconds no byte of it is left in the buffer's files.</p>
<p class="muted">If you took a copy of the disk yourself, erase it there too.</p>
<div class="actions"><a class="button" href="/buffer">To the buffer</a><a class="button quiet" href="/erase">Erase something else</a></div></div>`;
}

export type Erased = Pick<ErasureView, "entries" | "rejected" | "pictures"> & { readonly isDone: boolean };
