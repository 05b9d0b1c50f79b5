// Drawing masks over a camera's picture, by finger, mouse, keyboard or numbers, and keeping them.
import type { Language } from "../languages/say.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";
import type { HeldTest } from "./camera-tests.ts";
import { mistakeNote } from "./form-parts.ts";
import { FIELD_CHARS } from "./forms.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { icon } from "./icons.ts";
import { type Corner, type Draft, findingsOf, type Mask, shareOf } from "./masks.ts";
import type { Mistake } from "./refusal-page.ts";

/** `at`: of the camera's pages, such as /cameras/gate-cam; the masks are at `at`/masks. `held`: this session's test picture, if there is one. `last`: digest of the last picture. `before`, `after`: of the page, such as where one stands in a new camera. */
export type ShownMasks = {
  readonly at: string;
  readonly name: string;
  readonly masks: readonly Mask[];
  readonly draft: Draft;
  readonly held: HeldTest | undefined;
  readonly last: string | null;
  readonly isSteward: boolean;
  readonly said?: string | null;
  readonly mistake?: Mistake | undefined;
  readonly before: Html;
  readonly after?: Html;
};

export function maskPage(shown: ShownMasks, language: Language): Html {
  const { at, isSteward, before, after, said = null, mistake } = shown;
  const { say } = language;
  const again = html`<form method="post" action="${at}/test" class="looking" data-slow="${say("mask.new-test-slow")}"><input type="hidden" name="back" value="masks"><button class="quiet">${say("mask.new-test")}</button></form><p id="progress" class="progress" role="status"></p>`;
  return html`${before}
<p class="lead">${say("mask.lead")}</p>
${mistakeNote(mistake)}
${said === null ? null : html`<p class="done" role="status">${said}</p>`}
<div class="columns">
<div>
<div class="card mask-picture">${picture(shown, language)}${overlay(shown, language)}</div>
${isSteward ? html`<p class="muted" id="draw-help">${say("mask.help")}</p>` : html`<p class="muted" id="draw-help">${say("mask.look-only")}</p>`}
<p class="unseen" id="said" role="status"></p>
${isSteward ? again : null}
</div>
<div>
${existing(shown, language)}
${isSteward ? html`${draftForm(shown, language)}<section id="result" class="card card-text" aria-labelledby="result-title">${result(shown, language)}</section>` : null}
${after ?? null}
</div>
</div>`;
}

function picture({ at, name, held, last }: ShownMasks, { say }: Language): Html {
  const camera = plainName(name);
  if (held !== undefined && held.test.outcome !== "withheld")
    return html`<img src="${at}/test.jpg?v=${held.takenAtMs}" alt="${say("mask.picture-test", { camera })}" width="${held.test.width}" height="${held.test.height}">`;
  if (last !== null)
    return html`<img src="${at}/last.jpg?v=${last.slice(0, 16)}" alt="${say("mask.picture-last", { camera })}">`;
  return html`<div class="no-picture">${icon("camera")}<p>${say("mask.picture-none")}</p></div>`;
}

/** Polygons are stretched with the picture; corners and names stay round and readable, since their places are in per cent. */
function overlay({ masks, draft, name, isSteward }: ShownMasks, language: Language): Html {
  const label = language.say("mask.overlay", { camera: plainName(name) });
  const drawn = isSteward
    ? html`<polygon id="drawn" class="draft" points="${points(draft.corners)}" vector-effect="non-scaling-stroke"/>`
    : null;
  return html`<svg id="overlay" class="overlay" role="group" aria-label="${label}" aria-describedby="draw-help"${wordsForScript(language)}>
<svg viewBox="0 0 1 1" preserveAspectRatio="none" width="100%" height="100%">${masks.map(({ polygon }) => html`<polygon class="mask" points="${points(polygon)}" vector-effect="non-scaling-stroke"/>`)}${drawn}</svg>
${masks.map((mask) => nameOf(plainName(mask.name), mask.polygon))}
${isSteward ? draft.corners.map(([x, y], index) => html`<g class="corner" data-index="${index}"><circle class="hit" cx="${percent(x)}" cy="${percent(y)}" r="22"/><circle class="dot" cx="${percent(x)}" cy="${percent(y)}" r="9"/></g>`) : null}
</svg>`;
}

/** What the script says, in the reader's language; it fills in what stands in braces. */
function wordsForScript({ say }: Language): Html {
  const { cornersMin, cornersMax } = CAMERA_PAGE_LIMITS;
  const [n, left, top] = ["{n}", "{left}", "{top}"];
  return html` data-corner="${say("mask.corner-words", { n, left, top })}" data-role="${say("mask.corner-role")}" data-added="${say("mask.corner-added", { n })}" data-next="${say("mask.corner-next", { n })}" data-most="${say("mask.corners-most", { max: cornersMax })}" data-least="${say("mask.corners-least", { min: cornersMin })}" data-silent="${say("mask.no-answer")}"`;
}

function nameOf(name: string, polygon: readonly Corner[]): Html {
  const middle = (at: 0 | 1) => polygon.reduce((sum, corner) => sum + corner[at], 0) / Math.max(1, polygon.length);
  return html`<text class="mask-name" x="${percent(middle(0))}" y="${percent(middle(1))}" text-anchor="middle">${name}</text>`;
}

/** Showing comes first: Enter in a field presses a form's first button, which must not remove a corner. */
function draftForm({ at, draft: { name, corners } }: ShownMasks, { say }: Language): Html {
  const { cornersMin, cornersMax } = CAMERA_PAGE_LIMITS;
  return html`<form id="draft" class="card card-text" method="get" action="${at}/masks">
<h2 class="first">${say("mask.new")}</h2>
<label for="name">${say("mask.name")}</label>
<input id="name" name="name" value="${name}" maxlength="${FIELD_CHARS.name}" autocomplete="off" placeholder="${say("mask.new-name")}" aria-describedby="name-help">
<p id="name-help" class="muted">${say("mask.name-help")}</p>
<div class="actions"><button name="do" value="show" class="quiet">${say("mask.show")}</button>${corners.length < cornersMax ? html`<button id="add" name="do" value="add" class="quiet">${say("mask.add-corner")}</button>` : null}</div>
<details><summary>${say("mask.corners")}</summary>
<fieldset id="corners"><legend class="unseen">${say("mask.corners")}</legend>
<p class="muted">${say("mask.corners-help")}</p>
<ol class="corners">${corners.map(
    (
      [x, y],
      index,
    ) => html`<li><label for="x${index}">${say("mask.corner-left", { n: index + 1 })}</label><input id="x${index}" name="x" type="number" min="0" max="1" step="0.001" inputmode="decimal" value="${x}" required>
<label for="y${index}"><span aria-hidden="true">↓</span><span class="unseen">${say("mask.corner-top", { n: index + 1 })}</span></label><input id="y${index}" name="y" type="number" min="0" max="1" step="0.001" inputmode="decimal" value="${y}" required>
${corners.length > cornersMin ? html`<button name="drop" value="${index}" class="quiet" aria-label="${say("mask.corner-remove-which", { n: index + 1 })}">${say("mask.corner-remove")}</button>` : null}</li>`,
  )}</ol></fieldset>
</details></form>`;
}

/** Kept by a form of its own, with the corners as they are drawn. */
function result({ at, masks, draft }: ShownMasks, language: Language): Html {
  const { say } = language;
  const { sentences, isFatal } = findingsOf(draft, masks, language);
  const share = language.percent(shareOf(draft.corners));
  return html`<h2 id="result-title" class="first">${say("mask.save-title")}</h2>
<p role="status">${say("mask.covers", { share })}</p>
${sentences.map((finding) => html`<p class="note late">${icon("warning")} ${finding}</p>`)}
<form id="keep" method="post" action="${at}/masks">
<input type="hidden" name="name" value="${draft.name}">${draft.corners.map(([x, y]) => html`<input type="hidden" name="x" value="${x}"><input type="hidden" name="y" value="${y}">`)}
<button${isFatal ? html` disabled` : null}>${say("mask.save")}</button></form>
<p class="muted">${say("mask.save-help")}</p>`;
}

function existing({ at, masks, isSteward }: ShownMasks, language: Language): Html {
  const { say } = language;
  if (masks.length === 0) return html`<p class="muted">${say("mask.existing-none")}</p>`;
  const remove = (name: string): Html =>
    html`<form method="post" action="${at}/masks"><button name="remove" value="${name}" class="quiet" aria-label="${say("mask.remove-which", { mask: plainName(name) })}">${say("mask.remove")}</button></form>`;
  return html`<h2>${say("mask.existing")}</h2><ul class="card rows">${masks.map(({ name, polygon }) => html`<li class="row"><span class="what"><b>${named(name)}</b> <span class="muted">${language.percent(shareOf(polygon))}</span></span><span class="how">${isSteward ? remove(name) : null}</span></li>`)}</ul>
${isSteward ? html`<p class="muted">${say("mask.remove-help")}</p>` : null}`;
}

function points(polygon: readonly Corner[]): string {
  return polygon.map((corner) => corner.join(",")).join(" ");
}

function percent(share: number): string {
  return `${Math.round(share * 100_000) / 1000}%`;
}
