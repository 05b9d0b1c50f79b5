// Parts that the steps of the set-up share: the way back, a choice of one of several.
import type { Language } from "../languages/say.ts";
import { type Html, html } from "./html.ts";

export function backToSteps({ say }: Language): Html {
  return html`<p><a href="/setup/steps">${say("setup.back")}</a></p>`;
}

type Choice = {
  readonly value: string;
  readonly words: string;
  readonly help?: string;
};

/** One of several, each with what it means. */
export function choices(
  { name, legend, chosen }: { readonly name: string; readonly legend: string; readonly chosen: string },
  each: readonly Choice[],
): Html {
  return html`<fieldset><legend>${legend}</legend>${each.map(
    ({ value, words, help }) =>
      html`<label class="radio"><input type="radio" name="${name}" value="${value}" required${value === chosen ? html` checked` : null}><span>${words}${help === undefined ? null : html` <span class="muted">${help}</span>`}</span></label>`,
  )}</fieldset>`;
}
