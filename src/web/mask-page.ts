// Drawing a mask over a camera's picture. It ends in lines to copy: the policy is the community's file, and no page writes it.
import type { CameraView } from "../core/commands.ts";
import type { CameraPolicyEntry } from "../settings/schema.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";
import type { HeldTest } from "./camera-tests.ts";
import { FIELD_CHARS } from "./forms.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { icon } from "./icons.ts";
import { commandOf, type Corner, type Draft, shareOf, yamlOf } from "./masks.ts";

/** `findings`: what is wrong with the draft. `held`: this session's test picture, if there is one. */
export type ShownMasks = {
  readonly camera: CameraView;
  readonly entry: CameraPolicyEntry;
  readonly draft: Draft;
  readonly findings: readonly string[];
  readonly held: HeldTest | undefined;
  readonly isSteward: boolean;
};

export function maskPage(shown: ShownMasks): Html {
  const { camera, isSteward } = shown;
  return html`<p><a href="/cameras/${camera.id}">${named(camera.name)}</a></p>
<h1>Masks of ${named(camera.name)}</h1>
<p class="lead">What lies under a mask is painted over in every picture, whatever else is found: a window, a garden, a door that is nobody's business.</p>
<div class="columns">
<div>
<div class="card mask-picture">${picture(shown)}${overlay(shown)}</div>
<p class="muted" id="draw-help">With the script running: drag a corner, or press anywhere on the picture for a new one. By keyboard: Tab to a corner, arrow keys move it (with Shift in small steps), Enter adds one after it, Delete removes it. Or type the numbers.</p>
<p class="unseen" id="said" role="status"></p>
${isSteward ? html`<form method="post" action="/cameras/${camera.id}/test" class="looking" data-slow="The camera is asked. This may take half a minute."><input type="hidden" name="back" value="masks"><button class="quiet">Take a new test picture</button></form><p id="progress" class="progress" role="status"></p>` : null}
</div>
<div>
${draftForm(shown)}
<section id="result" aria-labelledby="result-title">${result(shown)}</section>
${existing(shown)}
</div>
</div>`;
}

function picture({ camera: { id, name, lastImageSha256 }, held }: ShownMasks): Html {
  const alt = (what: string) => `${what} redacted picture of ${plainName(name)}, under the masks`;
  if (held !== undefined && held.test.outcome !== "withheld")
    return html`<img src="/cameras/${id}/test.jpg?v=${held.takenAtMs}" alt="${alt("Newest test,")}" width="${held.test.width}" height="${held.test.height}">`;
  if (lastImageSha256 !== null)
    return html`<img src="/cameras/${id}/last.jpg?v=${lastImageSha256.slice(0, 16)}" alt="${alt("Last")}">`;
  return html`<div class="no-picture">${icon("camera")}<p>No picture yet: take a test picture to see what you cover.</p></div>`;
}

/** Polygons are stretched with the picture; corners and names stay round and readable, since their places are in per cent. */
function overlay({ entry, draft, camera }: ShownMasks): Html {
  return html`<svg id="overlay" class="overlay" role="group" aria-label="Masks over the picture of ${plainName(camera.name)}" aria-describedby="draw-help">
<svg viewBox="0 0 1 1" preserveAspectRatio="none" width="100%" height="100%">${entry.masks.map(({ polygon }) => html`<polygon class="mask" points="${points(polygon)}" vector-effect="non-scaling-stroke"/>`)}<polygon id="drawn" class="draft" points="${points(draft.corners)}" vector-effect="non-scaling-stroke"/></svg>
${entry.masks.map(({ name, polygon }) => label(plainName(name), polygon))}
${draft.corners.map(([x, y], index) => html`<g class="corner" data-index="${index}"><circle class="hit" cx="${percent(x)}" cy="${percent(y)}" r="20"/><circle class="dot" cx="${percent(x)}" cy="${percent(y)}" r="9"/></g>`)}
</svg>`;
}

function label(name: string, polygon: readonly Corner[]): Html {
  const middle = (at: 0 | 1) => polygon.reduce((sum, corner) => sum + corner[at], 0) / Math.max(1, polygon.length);
  return html`<text class="mask-name" x="${percent(middle(0))}" y="${percent(middle(1))}" text-anchor="middle">${name}</text>`;
}

function draftForm({ camera, draft: { name, corners } }: ShownMasks): Html {
  const { cornersMin, cornersMax } = CAMERA_PAGE_LIMITS;
  return html`<form id="draft" class="card card-text" method="get" action="/cameras/${camera.id}/masks">
<h2 class="first">A new mask</h2>
<label for="name">Name</label>
<input id="name" name="name" value="${name}" maxlength="${FIELD_CHARS.name}" autocomplete="off" aria-describedby="name-help">
<p id="name-help" class="muted">What it hides, such as <i>neighbour window</i>.</p>
<div class="actions"><button name="do" value="show">Show it</button>${corners.length < cornersMax ? html`<button id="add" name="do" value="add" class="quiet">Add a corner</button>` : null}</div>
<fieldset id="corners"><legend>Corners, in order around it</legend>
<p class="muted">From the left and from the top, as parts of the picture: 0 is the left or upper edge, 1 the right or lower one, 0.5 the middle.</p>
<ol class="corners">${corners.map(
    (
      [x, y],
      index,
    ) => html`<li><label for="x${index}">${index + 1}. left</label><input id="x${index}" name="x" type="number" min="0" max="1" step="0.001" inputmode="decimal" value="${x}" required>
<label for="y${index}">top<span class="unseen"> of corner ${index + 1}</span></label><input id="y${index}" name="y" type="number" min="0" max="1" step="0.001" inputmode="decimal" value="${y}" required>
${corners.length > cornersMin ? html`<button name="drop" value="${index}" class="quiet" aria-label="Remove corner ${index + 1}">Remove</button>` : null}</li>`,
  )}</ol></fieldset></form>`;
}

function result({ camera: { id }, entry, draft, findings }: ShownMasks): Html {
  const place = { id, entry };
  return html`<h2 id="result-title">Write it into the policy</h2>
<p role="status">It covers ${(shareOf(draft.corners) * 100).toFixed(1)} % of the picture.</p>
${findings.map((finding) => html`<p class="note late">${icon("warning")} ${finding}</p>`)}
<p>The policy is the community's file, so this page does not write it. When it is agreed, copy ${entry.masks.length === 0 ? "these lines" : "this line"} into policy.yaml, below ${entry.masks.length === 0 ? html`<code>${id}</code>` : html`<code>masks</code> of <code>${id}</code>`}:</p>
<pre id="yaml" data-copy>${yamlOf(draft, place)}</pre>
<p>Or let this command write the same, on the gateway:</p>
<pre id="command" data-copy>${commandOf(draft, place)}</pre>
<p class="muted">It holds from the gateway's next start.</p>`;
}

function existing({ entry }: ShownMasks): Html {
  if (entry.masks.length === 0) return html`<p class="muted">This camera has no mask yet.</p>`;
  return html`<h2>Masks it has</h2><ul class="card rows">${entry.masks.map(({ name, polygon }) => html`<li class="row"><span class="what"><b>${named(name)}</b></span><span class="how">${(shareOf(polygon) * 100).toFixed(1)} % of the picture</span></li>`)}</ul>`;
}

function points(polygon: readonly Corner[]): string {
  return polygon.map((corner) => corner.join(",")).join(" ");
}

function percent(share: number): string {
  return `${Math.round(share * 100_000) / 1000}%`;
}
