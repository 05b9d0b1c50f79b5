// A camera that is being set up or changed: its steps, the test picture, and what saving it will mean for the neighbours.
import type { Language, MessageKey } from "../languages/say.ts";
import type { CameraWords } from "../policy/camera-words.ts";
import type { CameraDraft } from "./camera-drafts.ts";
import { testSection } from "./camera-test-part.ts";
import type { HeldTest } from "./camera-tests.ts";
import { sourceWords } from "./camera-words.ts";
import { type Html, html, plainName, plainText, withoutControls } from "./html.ts";
import { icon } from "./icons.ts";
import type { Now } from "./words.ts";

export const EDIT_STEPS = ["source", "picture", "masks", "rules", "save"] as const;
export type EditStep = (typeof EDIT_STEPS)[number];

const STEP_WORDS: Record<EditStep, MessageKey> = {
  source: "camera.new-step-source",
  picture: "camera.new-step-picture",
  masks: "camera.new-step-masks",
  rules: "camera.new-step-rules",
  save: "camera.new-step-save",
};

/** The title and the steps, of which one is now; before there is a source only the first leads anywhere. */
export function stepsHead(
  { at, draft, now }: { readonly at: string; readonly draft: CameraDraft | undefined; readonly now: EditStep },
  { say }: Language,
): Html {
  const isOpen = draft?.hasSource === true;
  const title =
    draft === undefined || draft.isNew
      ? say("camera.new-title")
      : say("camera.edit-title", { camera: plainName(draft.camera.name ?? draft.camera.id) });
  return html`<p><a href="/cameras">${say("camera.all")}</a></p><h1>${title}</h1>
<nav class="walk" aria-label="${say("camera.new-steps")}"><ol>${EDIT_STEPS.map((step) => {
    const words = say(STEP_WORDS[step]);
    if (step === now) return html`<li><b aria-current="step">${words}</b></li>`;
    return html`<li>${isOpen || step === "source" ? html`<a href="${at}/${step}">${words}</a>` : html`<span class="muted">${words}</span>`}</li>`;
  })}</ol></nav>`;
}

type ShownTry = { readonly at: string; readonly draft: CameraDraft; readonly held: HeldTest | undefined };

/** The one look before anything is saved. */
export function tryPart({ at, draft: { camera }, held }: ShownTry, now: Now): Html {
  const { say } = now.language;
  const { kind } = camera.source;
  const on = html`<p class="actions"><a class="button${held === undefined || held.test.outcome === "withheld" ? " quiet" : ""}" href="${at}/masks">${say(held === undefined ? "camera.new-later" : "camera.new-on")}</a></p>`;
  if (kind === "mqtt" || kind === "folder")
    return html`<p class="lead">${say("camera.try-later")}</p><p class="actions"><a class="button" href="${at}/rules">${say("camera.new-on")}</a></p>`;
  const shown = held && {
    held,
    at,
    name: plainName(camera.name ?? ""),
    title: say("camera.test-title"),
    actions: html`<a class="button quiet" href="${at}/source">${say("camera.try-other")}</a>`,
  };
  return html`<p class="lead">${say("camera.try-what")}</p>
<p class="muted">${sourceWords(kind, now.language)}${"url" in camera.source ? html` <code dir="ltr">${camera.source.url}</code>` : null}</p>
<form method="post" action="${at}/test" data-slow="${say("camera.test-slow")}"><button${held === undefined ? null : html` class="quiet"`}>${say(held === undefined ? "camera.try-button" : "camera.try-again")}</button></form>
<p id="progress" class="progress" role="status"></p>
${shown === undefined ? null : testSection(shown, now)}
${on}`;
}

/** `words`: as the neighbours will read it. `looser`: what allows more than was agreed, as sentences. `isDraft`: nothing was agreed. `notice`: "24 hours". */
export type ShownSave = {
  readonly at: string;
  readonly draft: CameraDraft;
  readonly words: CameraWords;
  readonly held: HeldTest | undefined;
  readonly looser: readonly string[];
  readonly isDraft: boolean;
  readonly notice: string;
};

/** What it means is said before it is done. */
export function savePart(shown: ShownSave, { say }: Language): Html {
  const { at, draft, words, held } = shown;
  const missing = [
    ...(draft.hasSource ? [] : [html`<li><a href="${at}/source">${say("camera.save-missing-source")}</a></li>`]),
    ...(draft.hasRules ? [] : [html`<li><a href="${at}/rules">${say("camera.save-missing-rules")}</a></li>`]),
  ];
  if (missing.length > 0) return html`<p class="lead">${say("camera.save-missing")}</p><ul>${missing}</ul>`;
  return html`<div class="columns"><div>
<section class="card card-text" aria-labelledby="says-title"><h2 id="says-title" class="first">${say("camera.save-says")}</h2>
<p lang="${words.purpose.language}" dir="auto" class="purpose">${plainText(words.purpose.text)}</p>
<ul>${words.sentences.map((said) => html`<li>${withoutControls(said)}</li>`)}</ul></section>
</div><div>
${meaning(shown, { say })}
${draft.isNew && held === undefined ? html`<p class="note late">${icon("warning")} ${say("camera.save-untried")}</p>` : null}
<div class="actions"><form method="post" action="${at}/save"><button>${say("camera.save-button")}</button></form>
<form method="post" action="${at}/stop"><button class="quiet">${say("camera.new-stop")}</button></form></div>
</div></div>`;
}

function meaning({ looser, isDraft, notice }: ShownSave, { say }: Pick<Language, "say">): Html {
  if (isDraft) return html`<p class="card card-text">${say("camera.save-draft")}</p>`;
  if (looser.length === 0) return html`<p class="card card-text">${say("camera.save-tighter")}</p>`;
  return html`<section class="card card-text announced"><p><b>${say("camera.save-looser", { time: notice })}</b></p>
<p>${say("camera.save-looser-what")}</p><ul>${looser.map((said) => html`<li>${withoutControls(said)}</li>`)}</ul></section>`;
}
