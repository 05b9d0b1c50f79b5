// A document that stands alone, for a printer or an e-mail: its style sheet inside, nothing to load, no script.
import type { Language } from "../languages/say.ts";
import { type Html, html, raw } from "./html.ts";

/** `language`: the title's; each of `articles` says its own. `css`: the style sheet's text. */
export function loneDocument(
  { title, language, css }: { readonly title: string; readonly language: Language; readonly css: string },
  articles: readonly Html[],
): Html {
  return html`<!doctype html>
<html lang="${language.tag}" dir="${language.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(css)}</style>
</head>
<body>
<main>${articles}</main>
</body>
</html>`;
}
