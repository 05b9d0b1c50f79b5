// A look through a camera as a person sees it: the redacted picture or why there is none, what was found, how long each step took.
import type { CameraTest } from "../core/commands.ts";
import { noPicture, stepsOf } from "./camera-words.ts";
import type { HeldTest } from "./camera-tests.ts";
import { type Html, html, plainText } from "./html.ts";
import { icon } from "./icons.ts";
import { badge, timeAgo } from "./parts.ts";
import { inEnglish } from "./refusal-page.ts";
import { exactTime, type Now } from "./words.ts";

/** `at`: where its picture and forms are, such as /cameras/gate-cam. `name`: of the camera, plain. `actions`: what else can be done with it. */
type Shown = {
  readonly held: HeldTest;
  readonly at: string;
  readonly name: string;
  readonly title: string;
  readonly actions: Html | null;
};

export function testSection({ held, at, name, title, actions }: Shown, now: Now): Html {
  const { test, takenAtMs, endsAtMs } = held;
  const { say } = now.language;
  const isSeen = test.outcome !== "withheld";
  const ends = isSeen
    ? say("camera.test-until", { time: exactTime(new Date(endsAtMs).toISOString(), now) })
    : say("camera.test-soon");
  return html`<section id="test" class="card camera" aria-labelledby="test-title">
${
  isSeen
    ? html`<img class="picture" src="${at}/test.jpg?v=${takenAtMs}" alt="${say("camera.test-alt", { camera: name })}" width="${test.width}" height="${test.height}">`
    : html`<div class="no-picture">${icon("camera")}<p>${say("camera.test-none")}</p></div>`
}
<div class="card-text">
<h2 id="test-title">${title}</h2>
${verdict(test, now)}
<p class="muted">${now.language.pieces("camera.test-taken", { ago: timeAgo(new Date(takenAtMs).toISOString(), now) })} ${ends}</p>
${stepTable(test, now)}
<div class="actions">
${actions}
<form method="post" action="${at}/forget"><button class="quiet">${say("camera.test-forget")}</button></form>
</div>
</div></section>`;
}

function verdict(test: CameraTest, { language }: Now): Html {
  const { say } = language;
  if (test.outcome === "withheld") {
    const known = noPicture(reasonOf(test), language);
    // What the house advises fits closer than the reason alone; it is there in English, some of it for who writes the files.
    const isEnglish = language.tag === "en" && !/credentialsFile|\bkit\b/.test(test.hint);
    const step = isEnglish ? plainText(test.hint) : known?.step;
    return html`<p>${badge({ look: "late", shape: "warning", word: say("camera.test-withheld") })} ${known?.why}</p>
${step == null ? null : html`<p><b>${say("camera.next-step")}</b> ${step}</p>`}
${inEnglish(isEnglish ? `${capital(test.detail)}.` : `${capital(test.detail)}. ${test.hint}`)}`;
  }
  const { outcome, detail, boxes, width, height, frameBytes } = test;
  // No thousands: they are sizes as every camera's box has them.
  const pixels = { width: String(width), height: String(height) };
  const size =
    frameBytes === null
      ? say("camera.test-size", pixels)
      : say("camera.test-size-bytes", { ...pixels, size: language.size(frameBytes) });
  if (outcome === "mosaic")
    return html`<p>${badge({ look: "late", shape: "warning", word: say("camera.test-mosaic") })} <span class="muted">${size}</span></p>
<p>${say("camera.test-mosaic-why")}</p>${inEnglish(detail)}`;
  return html`<p>${badge({ look: "good", shape: "ok", word: say("camera.test-painted", { count: boxes.length }) })} <span class="muted">${size}</span></p>
<p>${say("camera.test-look-closely")}</p>`;
}

/** A refused login and a wrong path have the same reason as a camera that is not there, and other remedies (camera/rtsp-failures.ts, http-camera.ts). */
export function reasonOf({ reason, detail }: { readonly reason: string; readonly detail: string }): string {
  if (reason !== "camera-unreachable") return reason;
  if (/user name|this user|password|\b40[13]\b/.test(detail)) return "camera-login";
  return /at this address|\b404\b/.test(detail) ? "camera-path" : reason;
}

function stepTable(test: CameraTest, { language }: Now): Html | null {
  const { steps, totalMs } = stepsOf(test, language);
  if (steps.length === 0) return null;
  const { say } = language;
  return html`<table class="steps"><caption>${say("camera.steps", { ms: Math.round(totalMs) })}</caption>
<thead><tr><th scope="col">${say("camera.steps-step")}</th><th scope="col" class="unseen">${say("camera.steps-share")}</th><th scope="col" class="number">${say("camera.steps-ms")}</th></tr></thead>
<tbody>${steps.map(
    ({ name, ms, share }) =>
      html`<tr><th scope="row">${name}</th><td class="bar"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect width="${Math.max(1, Math.round(share * 100))}" height="8"/></svg></td><td class="number">${language.number(Math.round(ms))}</td></tr>`,
  )}</tbody></table>`;
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
