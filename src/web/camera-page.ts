// One camera: what it sees and how it is, what it is allowed, and for stewards a look through it that nothing remembers.
import type { CameraTest, CameraView } from "../core/commands.ts";
import type { Receipt } from "../core/receipt.ts";
import type { HeldTest } from "./camera-tests.ts";
import { type lookWords, nextStep, scheduleWords, sourceWords, stepsOf } from "./camera-words.ts";
import { reasonWords } from "./counter-words.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, named, plainName, plainText } from "./html.ts";
import { icon } from "./icons.ts";
import { badge, cameraState, found, timeAgo } from "./parts.ts";
import type { Transparency } from "./transparency.ts";
import { cameraPolicy, OUTCOMES } from "./camera-agreed.ts";
import { countOf, exactTime, type Now, numberOf, sizeOf } from "./words.ts";

/** `allowed`: as anybody may read it; undefined: the policy does not name it. `held`: this session's newest test. `looked`: what became of a picture asked for by hand. */
export type ShownCamera = {
  readonly camera: CameraView;
  readonly allowed: Transparency["cameras"][number] | undefined;
  readonly languages: readonly string[];
  readonly masks: readonly { readonly name: string }[];
  readonly receipt: Receipt | undefined;
  readonly held: HeldTest | undefined;
  readonly looked: ReturnType<typeof lookWords>;
  readonly isSteward: boolean;
  readonly mistake?: string | undefined;
};

export function cameraPage(shown: ShownCamera, now: Now): Html {
  const { camera, isSteward, looked, mistake, held } = shown;
  return html`<p><a href="/cameras">All cameras</a></p>
<h1>${named(camera.name)}</h1>
${mistakeNote(mistake)}
${looked === null ? null : html`<p class="${looked.isGood ? "done" : "note late"}" role="status">${looked.words}</p>`}
<div class="columns">
<div>
<section id="camera" data-live class="card camera" aria-label="Last picture and state">
${picture(camera)}
<div class="card-text">${state(camera, now)}${facts(camera)}</div>
</section>
${isSteward ? looking(shown) : null}
${isSteward ? html`<p><a href="/erase?camera=${encodeURIComponent(camera.id)}">Erase what it saw</a></p>` : null}
${held === undefined ? null : testSection(camera, held, now)}
</div>
<div>
<section aria-labelledby="allowed-title"><h2 id="allowed-title">What it is allowed</h2>${allowed(shown)}</section>
<section aria-labelledby="receipt-title"><h2 id="receipt-title">Receipt of the last picture</h2>${receiptCard(shown)}</section>
</div>
</div>`;
}

function picture({ id, name, lastImageSha256 }: CameraView): Html {
  if (lastImageSha256 === null) return html`<div class="no-picture">${icon("camera")}<p>No picture yet</p></div>`;
  return html`<img class="picture" src="/cameras/${id}/last.jpg?v=${lastImageSha256.slice(0, 16)}" alt="Last redacted picture of ${plainName(name)}" width="1280" height="720">`;
}

function state(camera: CameraView, now: Now): Html {
  const { lastSnapshotAt, why, caution, takenToday, perDay } = camera;
  const next = nextStep(camera);
  return html`<p>${cameraState(camera)} <span class="muted">${lastSnapshotAt === null ? "no snapshot yet" : html`snapshot ${timeAgo(lastSnapshotAt, now)}`}</span></p>
${why === null ? null : html`<p>${plainText(why)}</p>`}
${next === null ? null : html`<p><b>Next step:</b> ${next}</p>`}
<p>${found(camera)}</p>
<p>${takenToday} of ${perDay} used today</p>
${caution === null ? null : html`<p class="note late">${icon("warning")} ${plainText(caution)}</p>`}`;
}

function facts(camera: CameraView): Html {
  return html`<dl>
<dt>Looks</dt><dd>${scheduleWords(camera)}</dd>
<dt>Source</dt><dd>${sourceWords(camera)}</dd>
<dt>Zone</dt><dd>${named(camera.zone)}</dd>
<dt>Id</dt><dd><code>${camera.id}</code></dd>
</dl>`;
}

/** Outside what is renewed: the progress must stay while the camera is asked. */
function looking({ camera: { id, state, takenToday, perDay } }: ShownCamera): Html {
  if (state === "no-policy" || state === "ended")
    return html`<p class="muted">No picture can be taken: the policy does not allow it.</p>`;
  return html`<h2>Look</h2>
<div class="actions">
<form method="post" action="/cameras/${id}/test" data-slow="The camera is asked, and faces are looked for. This may take half a minute."><button>Take a test picture</button></form>
<form method="post" action="/cameras/${id}/look" data-slow="A picture is taken. This may take half a minute."><button class="quiet"${takenToday >= perDay ? html` aria-describedby="used-up"` : null}>Take a picture now</button></form>
</div>
<p id="progress" class="progress" role="status"></p>
<p class="muted">A test picture is for your eyes: it is not kept, not sent and not counted. A picture taken now counts like any other. ${takenToday >= perDay ? html`<span id="used-up">Today's pictures are used up.</span>` : null}</p>`;
}

function testSection({ id, name }: CameraView, { test, takenAtMs, endsAtMs }: HeldTest, now: Now): Html {
  const takenAt = new Date(takenAtMs).toISOString();
  const isSeen = test.outcome !== "withheld";
  return html`<section id="test" class="card camera" aria-labelledby="test-title">
${isSeen ? html`<img class="picture" src="/cameras/${id}/test.jpg?v=${takenAtMs}" alt="Redacted test picture of ${plainName(name)}" width="${test.width}" height="${test.height}">` : html`<div class="no-picture">${icon("camera")}<p>No picture to show</p></div>`}
<div class="card-text">
<h2 id="test-title">Test picture</h2>
${verdict(test)}
<p class="muted">Taken ${timeAgo(takenAt, now)}. Not kept, not sent, not counted: only you see it, and it is forgotten ${isSeen ? html`by ${exactTime(new Date(endsAtMs).toISOString(), now)}` : "soon"} or when you log out.</p>
${stepTable(test)}
<div class="actions">
${isSeen ? html`<a class="button quiet" href="/cameras/${id}/masks">Draw a mask on it</a>` : null}
<form method="post" action="/cameras/${id}/forget"><button class="quiet">Forget it now</button></form>
</div>
</div></section>`;
}

function verdict(test: CameraTest): Html {
  if (test.outcome === "withheld")
    return html`<p>${badge({ look: "late", shape: "warning", word: "withheld" })} ${capital(reasonWords(test.reason))}.</p>
<p>${capital(plainText(test.detail))}.</p>
<p><b>Next step:</b> ${plainText(test.hint)}</p>`;
  const { outcome, detail, boxes, width, height, frameBytes } = test;
  const size = html`<span class="muted">${width} × ${height}${frameBytes === null ? null : html`, ${sizeOf(frameBytes)} from the camera`}</span>`;
  if (outcome === "mosaic")
    return html`<p>${badge({ look: "late", shape: "warning", word: "made unrecognisable" })} ${size}</p>
<p>It could not tell whether all faces were found${detail === null ? null : html`: ${plainText(detail)}`}. The policy has the whole picture made unrecognisable then.</p>`;
  return html`<p>${badge({ look: "good", shape: "ok", word: boxes.length === 0 ? "no face found" : `painted over in ${countOf(boxes.length, "place")}` })} ${size}</p>
<p>Look closely: is any face still to be seen? Small and turned ones are missed at times. Then use masks, or a higher level in the policy.</p>`;
}

function stepTable(test: CameraTest): Html | null {
  const { steps, totalMs } = stepsOf(test);
  if (steps.length === 0) return null;
  return html`<table class="steps"><caption>Time of each step: ${numberOf(Math.round(totalMs))} ms in all</caption>
<thead><tr><th scope="col">Step</th><th scope="col" class="unseen">Share</th><th scope="col" class="number">ms</th></tr></thead>
<tbody>${steps.map(
    ({ name, ms, share }) =>
      html`<tr><th scope="row">${name}</th><td class="bar"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect width="${Math.max(1, Math.round(share * 100))}" height="8"/></svg></td><td class="number">${numberOf(Math.round(ms))}</td></tr>`,
  )}</tbody></table>`;
}

function allowed({ camera: { id }, allowed, languages, masks }: ShownCamera): Html {
  if (allowed === undefined)
    return html`<p class="card card-text">Nothing: the policy does not name it, so it does not start. The lines to agree on: <code>hedgerow camera test ${id}</code></p>`;
  return html`${cameraPolicy(allowed, languages)}
<div class="card card-text"><dl class="plain"><dt>Looks for faces</dt><dd>${LEVELS[allowed.level] ?? allowed.level}</dd>
<dt>Masks</dt><dd>${masks.length === 0 ? "none" : masks.map(({ name }, index) => html`${index === 0 ? null : ", "}${named(name)}`)}</dd></dl>
<p><a href="/cameras/${id}/masks">See and draw masks</a></p></div>`;
}

const LEVELS: Readonly<Record<string, string>> = {
  normal: "at the normal level",
  thorough: "thoroughly: also smaller faces and those on their side, more slowly",
  strict: "strictly: also faces on their side and small doubts, with solid fill",
};

function receiptCard({ camera: { lastImageSha256 }, receipt }: ShownCamera): Html {
  if (lastImageSha256 === null || receipt === undefined)
    return html`<p class="card card-text muted">${lastImageSha256 === null ? "There is no picture yet." : "There is none for this picture."}</p>`;
  return html`<div class="card card-text"><dl class="plain">
<dt>Result</dt><dd>${OUTCOMES[receipt.outcome]}, in ${countOf(receipt.regions, "place")}</dd>
<dt>Picture (SHA-256)</dt><dd><code>${receipt.image}</code></dd>
<dt>Signed by key</dt><dd><code>${receipt.keyId}</code></dd>
</dl><p><a href="/transparency/receipts">What receipts are, and how anybody checks them</a></p></div>`;
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
