// "Why is there no picture?": how often one camera gave none, by reason, and what a person can do about it.
import { noPicture } from "./camera-words.ts";
import { type Html, html } from "./html.ts";
import type { Now } from "./words.ts";

/** `missed`: since the start, by the reason's name on the board. */
export function missingPictures(missed: Readonly<Record<string, number>>, { language }: Now): Html {
  const { say } = language;
  const rows = Object.entries(missed)
    .toSorted(([, one], [, other]) => other - one)
    .flatMap(([reason, count]) => {
      const words = noPicture(reason, language);
      return words === null ? [] : [{ ...words, count }];
    });
  if (rows.length === 0)
    return html`<h2 id="missing-title">${say("camera.missing-title")}</h2>
<p class="card card-text muted">${say("camera.missing-none")}</p>`;
  return html`<h2 id="missing-title">${say("camera.missing-title")}</h2>
<div class="card card-text"><p>${say("camera.missing-lead")}</p>
<ul>${rows.map(
    ({ why, step, count }) =>
      html`<li>${why} <span class="muted">${say("camera.missing-count", { count })}</span>${step === null ? null : html` <b>${say("camera.next-step")}</b> ${step}`}</li>`,
  )}</ul></div>`;
}
