// A refusal as people read it: the sentence in their language, and what exactly was refused in English beside it.
import type { Language } from "../languages/say.ts";
import { type Html, html, plainText, withoutControls } from "./html.ts";
import type { Refused } from "./refusals.ts";

/** What a page shows above its form: a sentence in the reader's language, or a refusal with its facts. */
export type Mistake = string | Pick<Refused, "sentence" | "facts">;

/** Words of the gateway that are there in English alone, marked as such for screen readers and for right-to-left pages. */
export function inEnglish(words: string | null): Html | null {
  return words === null ? null : html`<p class="facts" lang="en" dir="ltr">${plainText(words)}</p>`;
}

type Refusal = { readonly title: string; readonly sentence: string; readonly facts?: string | null };

/** A refusal or a mistake of ours as a page of its own, with where to go. */
export function refusalPage({ title, sentence, facts = null }: Refusal, language: Language): Html {
  return html`<div class="narrow"><h1>${title}</h1><p class="lead">${withoutControls(sentence)}</p>${inEnglish(facts)}<p><a href="/">${language.say("page.back-to-status")}</a></p></div>`;
}
