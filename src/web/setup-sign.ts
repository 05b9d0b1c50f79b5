// The sign as it will look, as a card beside the questions that make it. The one to print is /sign.
import { languageOf, type Language } from "../languages/say.ts";
import { receiversOf } from "../policy/paper.ts";
import { type SignPart, signOf } from "../policy/sign.ts";
import type { Policy } from "../settings/schema.ts";
import { type Html, html } from "./html.ts";
import { pictogram } from "./pictograms.ts";

/** `today`: YYYY-MM-DD at the site. */
type Of = { readonly policy: Policy; readonly platform: readonly { readonly url: string }[]; readonly today: string };

/** In the reader's language where that is one of the sign's, else in the sign's first. A draft is shown as if it was agreed. */
export function signCard({ policy, platform, today }: Of, reader: Language): Html {
  const tag = policy.languages.find((each) => languageOf(each).tag === reader.tag) ?? policy.languages[0] ?? "en";
  const language = languageOf(tag);
  const platforms = receiversOf(platform).map(({ host }) => host);
  const agreed = { ...policy, draft: false };
  // The fingerprint of what is not written yet is not known; its line is left out here.
  const sign = signOf({ policy: agreed, sha256: "", platforms, link: null, today }, language);
  return html`<article class="sign-card" lang="${language.tag}" dir="${language.direction}">
<div class="sign-head"><div class="sign-pictures">${pictogram("sensor")}${sign.cameras === 0 ? null : pictogram("camera")}</div><div><h3>${sign.title}</h3>${sign.head.map((text) => html`<p>${text}</p>`)}</div></div>
<div class="sign-parts">${[...sign.wide, ...sign.narrow].map(part)}</div></article>`;
}

function part({ title, lines, isRefusal }: SignPart): Html {
  return html`<div class="sign-part${isRefusal === true ? " sign-never" : ""}"><h4>${title}</h4><ul>${lines.map(
    ({ text, language, name }) =>
      html`<li${language === undefined ? null : html` lang="${language}"`} dir="auto">${name === undefined ? null : html`<b><bdi>${name}</bdi>:</b> `}${text}</li>`,
  )}</ul></div>`;
}
