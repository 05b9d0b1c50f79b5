// One camera: what it sees and how it is, what it is allowed, and for stewards a look through it that nothing remembers.
import type { CameraDetails } from "../core/camera-commands.ts";
import type { CameraView } from "../core/commands.ts";
import type { Receipt } from "../core/receipt.ts";
import type { CameraWords } from "../policy/camera-words.ts";
import { gallery } from "./camera-gallery.ts";
import { cameraState, cautionNote, found, lastPicture, lastSnapshot, usedToday, whyWords } from "./camera-parts.ts";
import { testSection } from "./camera-test-part.ts";
import type { HeldTest } from "./camera-tests.ts";
import { type lookWords, nextStep, scheduleWords, sourceWords } from "./camera-words.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, named, plainName, plainText, withoutControls } from "./html.ts";
import { missingPictures } from "./missing-pictures.ts";
import type { Mistake } from "./refusal-page.ts";
import { outcomeWords } from "./receipt-words.ts";
import type { Now } from "./words.ts";

/** `allowed`: in words of the reader's language; undefined: it has not been agreed on. `held`: this session's newest test. `looked`: what became of a picture asked for by hand. `said`: of what was changed just now. `waits`: a change of it is announced. */
export type ShownCamera = {
  readonly camera: CameraView;
  readonly allowed: CameraWords | undefined;
  readonly details: CameraDetails;
  readonly receipt: Receipt | undefined;
  readonly held: HeldTest | undefined;
  readonly looked: ReturnType<typeof lookWords>;
  readonly said: string | null;
  readonly waits: boolean;
  /** How it was in the last month, drawn. */
  readonly history?: Html;
  readonly isSteward: boolean;
  readonly mistake?: Mistake | undefined;
};

export function cameraPage(shown: ShownCamera, now: Now): Html {
  const { camera, isSteward, looked, said, mistake, held, details, history } = shown;
  const { id } = camera;
  const { language } = now;
  const { say } = language;
  return html`<p><a href="/cameras">${say("camera.all")}</a></p>
<h1>${named(camera.name)}</h1>
${mistakeNote(mistake)}
${said === null ? null : html`<p class="done" role="status">${said}</p>`}
${looked === null ? null : html`<p class="${looked.isGood ? "done" : "note late"}" role="status">${looked.words.join(" ")}</p>`}
<div class="columns">
<div>
<section id="camera" data-live class="card camera" aria-label="${say("camera.section-state")}">
${lastPicture(camera, language, { width: 1280, height: 720 })}
<div class="card-text">${state(camera, now)}${facts(shown, now)}</div>
</section>
${isSteward ? looking(shown, now) : null}
${
  held === undefined
    ? null
    : testSection(
        {
          held,
          at: `/cameras/${id}`,
          name: plainName(camera.name),
          title: say("camera.test-title"),
          actions:
            held.test.outcome === "withheld"
              ? null
              : html`<a class="button quiet" href="/cameras/${id}/masks">${say("camera.test-draw")}</a>`,
        },
        now,
      )
}
${isSteward ? hands(camera, now) : null}
</div>
<div>
<section aria-labelledby="allowed-title"><h2 id="allowed-title">${say("camera.allowed-title")}</h2>${allowed(shown, now)}</section>
<section id="missing" data-live aria-labelledby="missing-title">${missingPictures(details.missed, now)}</section>
<section id="pictures" data-live aria-labelledby="pictures-title">${gallery({ camera, pictures: details.pictures }, now)}</section>
${history === undefined ? null : html`<h2 id="history-title">${say("history.title")}</h2><section id="history" data-live class="card card-text" aria-labelledby="history-title">${history}</section>`}
<section aria-labelledby="receipt-title"><h2 id="receipt-title">${say("camera.receipt-title")}</h2>${receiptCard(shown, now)}</section>
</div>
</div>`;
}

function state(camera: CameraView, now: Now): Html {
  const { language } = now;
  const next = nextStep(camera, language);
  return html`<p>${cameraState(camera, language)} <span class="muted">${lastSnapshot(camera, now)}</span></p>
${whyWords(camera, language)}
${next === null ? null : html`<p><b>${language.say("camera.next-step")}</b> ${next}</p>`}
<p>${found(camera, language)}</p>
<p>${usedToday(camera, language)}</p>
${cautionNote(camera)}`;
}

function facts({ camera, details: { triggers } }: ShownCamera, { language }: Now): Html {
  const { say } = language;
  const isAsked = camera.source !== "mqtt" && camera.source !== "folder";
  const when =
    triggers.length > 0
      ? [say("camera.looks-when", { devices: language.list(triggers.map(plainName)) })]
      : isAsked && (camera.schedule?.at ?? []).length === 0
        ? [say("camera.looks-by-hand")]
        : [];
  return html`<dl>
<dt>${say("camera.looks")}</dt><dd>${[...scheduleWords(camera, language), ...when].join(" ")}</dd>
<dt>${say("camera.source")}</dt><dd>${sourceWords(camera.source, language)}</dd>
<dt>${say("camera.zone")}</dt><dd>${named(camera.zone)}</dd>
<dt>${say("camera.id")}</dt><dd><code>${camera.id}</code></dd>
</dl>`;
}

/** Outside what is renewed: the progress must stay while the camera is asked. */
function looking({ camera }: ShownCamera, { language: { say } }: Now): Html {
  const { id, state, takenToday, perDay, pausedBy = null, why } = camera;
  if (state === "no-policy" || state === "ended") return html`<p class="muted">${say("camera.look-forbidden")}</p>`;
  if (state === "paused" && (pausedBy !== null || why === null))
    return html`<p class="muted">${say("camera.look-paused")}</p>`;
  const isUsedUp = takenToday >= perDay;
  const look = html`<form method="post" action="/cameras/${id}/look" data-slow="${say("camera.look-slow")}"><button class="quiet"${isUsedUp ? html` aria-describedby="used-up"` : null}>${say("camera.look-button")}</button></form>`;
  return html`<h2>${say("camera.look-title")}</h2>
<div class="actions">
<form method="post" action="/cameras/${id}/test" data-slow="${say("camera.test-slow")}"><button>${say("camera.test-button")}</button></form>
${state === "paused" ? null : look}
</div>
<p id="progress" class="progress" role="status"></p>
<p class="muted">${say("camera.look-help")}${isUsedUp ? html` <span id="used-up">${say("camera.look-used-up")}</span>` : null}</p>`;
}

/** What a steward may change: in one row, the most used first. */
function hands({ id, source, state, pausedBy = null, why }: CameraView, { language: { say } }: Now): Html {
  const isPaused = state === "paused" && (pausedBy !== null || why === null);
  const pause = html`<form method="post" action="/cameras/${id}/pause"><input type="hidden" name="paused" value="${isPaused ? "no" : "yes"}"><button class="quiet">${say(isPaused ? "camera.resume-button" : "camera.pause-button")}</button></form>`;
  const login =
    source === "mqtt"
      ? html`<a class="button quiet" href="/cameras/${id}/credentials">${say("camera.login-button")}</a>`
      : null;
  return html`<h2>${say("camera.change-title")}</h2>
<div class="actions">
${pause}
${login}
<a class="button quiet" href="/cameras/${id}/edit">${say("camera.change")}</a>
<a class="button quiet" href="/erase?camera=${encodeURIComponent(id)}">${say("camera.erase")}</a>
<a class="button quiet" href="/cameras/${id}/remove">${say("camera.remove")}</a>
</div>
<p class="muted">${say("camera.pause-help")}</p>`;
}

function allowed({ camera: { id }, allowed, waits }: ShownCamera, { language: { say } }: Now): Html {
  const announced = waits
    ? html`<p class="note late">${say("camera.allowed-announced")} <a href="/policy">${say("camera.allowed-announced-see")}</a></p>`
    : null;
  if (allowed === undefined) return html`${announced}<p class="card card-text">${say("camera.allowed-none")}</p>`;
  const { purpose, sentences } = allowed;
  return html`${announced}<div class="card card-text">
<p lang="${purpose.language}" dir="auto" class="purpose">${plainText(purpose.text)}</p>
<ul>${sentences.map((said) => html`<li>${withoutControls(said)}</li>`)}</ul>
<p><a href="/cameras/${id}/masks">${say("camera.masks-see")}</a></p></div>`;
}

function receiptCard({ camera: { lastImageSha256 }, receipt }: ShownCamera, { language }: Now): Html {
  const { say } = language;
  if (lastImageSha256 === null || receipt === undefined)
    return html`<p class="card card-text muted">${say(lastImageSha256 === null ? "camera.receipt-no-picture" : "camera.receipt-none")}</p>`;
  return html`<div class="card card-text"><dl class="plain">
<dt>${say("camera.receipt-result")}</dt><dd>${outcomeWords(receipt, language)}</dd>
<dt>${say("camera.receipt-picture")}</dt><dd><code>${receipt.image}</code></dd>
<dt>${say("camera.receipt-key")}</dt><dd><code>${receipt.keyId}</code></dd>
</dl><p><a href="/transparency/receipts">${say("camera.receipt-what")}</a></p></div>`;
}
