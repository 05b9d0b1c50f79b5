// The sign as a page: on paper one A4 sheet, on a screen the same sheet with what leads to other languages above it.
// `hedgerow policy sign` prints it too, with the style sheet inside; so nothing here needs a script.
import type { Language } from "../languages/say.ts";
import type { Sign, SignLine, SignPart } from "../policy/sign.ts";
import { loneDocument } from "./document.ts";
import { type Html, html } from "./html.ts";
import { inLanguage } from "./layout.ts";
import { pictogram } from "./pictograms.ts";
import { qrCode } from "./qr-code.ts";

export type Sheet = { readonly sign: Sign; readonly language: Language };

/** One document with a sheet for each language. `css`: the style sheet's text. */
export function signDocument(sheets: readonly [Sheet, ...Sheet[]], { css }: { readonly css: string }): Html {
  const [{ sign, language }] = sheets;
  return loneDocument({ title: sign.title, language, css }, sheets.map(sheet));
}

type Tools = {
  readonly choices: readonly Language[];
  readonly assets: { readonly css: string; readonly js: string; readonly icon: string };
  /** What the steward should know where there is no QR code: the address that no phone can open. */
  readonly noCodeFor: string | null;
};

/** The page `/sign`. */
export function signPage({ sign, language }: Sheet, { choices, assets, noCodeFor }: Tools): Html {
  return html`<!doctype html>
<html lang="${language.tag}" dir="${language.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${sign.title}</title>
<link rel="icon" href="${assets.icon}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.css}">
<script type="module" src="${assets.js}"></script>
</head>
<body>
<nav class="tools" aria-label="${language.say("sign.languages")}"><ul>${choices.map((each) => choice(each, language))}<li><button id="print" hidden>${language.say("sign.print")}</button></li></ul>
${noCodeFor === null ? null : html`<p class="note">${language.say("sign.no-code", { address: noCodeFor })}</p>`}</nav>
<main>${sheet({ sign, language })}</main>
</body>
</html>`;
}

function choice(each: Language, language: Language): Html {
  return html`<li><a href="${inLanguage("/sign", each)}" lang="${each.tag}" hreflang="${each.tag}" dir="${each.direction}"${each === language ? html` aria-current="true"` : null}>${each.name}</a></li>`;
}

function sheet({ sign, language }: Sheet): Html {
  const { isCompact, title, cameras, head, wide, narrow, link, foot, size } = sign;
  return html`<article class="sheet size-${size}${isCompact ? " compact" : ""}" lang="${language.tag}" dir="${language.direction}">
<div class="head"><div class="pictograms">${pictogram("sensor")}${cameras === 0 ? null : pictogram("camera")}</div><div><h1>${title}</h1>${head.map((text) => html`<p>${text}</p>`)}</div></div>
<div class="columns"><div class="column">${wide.map(part)}</div><div class="column">${narrow.map(part)}</div></div>
${link === null ? null : html`<div class="link">${qrCode(link.url, language.say("sign.qr"))}<div><h2>${link.title}</h2>${link.lines.map((text) => html`<p>${text}</p>`)}<p><a href="${link.url}" dir="ltr">${link.typed}</a></p></div></div>`}
<p class="foot">${foot}</p>
</article>`;
}

function part({ title, lines, isRefusal }: SignPart): Html {
  return html`<section class="part${isRefusal === true ? " refusal" : ""}"><h2>${title}</h2><ul>${lines.map(line)}</ul></section>`;
}

/** Words in another language run in their own direction, together with the name before them. */
function line({ text, language, name }: SignLine): Html {
  const words = name === undefined ? html`${text}` : html`<b><bdi dir="ltr">${name}</bdi>:</b> ${text}`;
  if (language === undefined) return html`<li>${words}</li>`;
  return html`<li><bdi lang="${language}" dir="auto">${words}</bdi></li>`;
}
