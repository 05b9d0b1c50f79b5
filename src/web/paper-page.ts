// The record of processing and the impact assessment as HTML: within the page's frame, and as a document to print and fill in.
import type { Language } from "../languages/say.ts";
import type { Paper, PaperLine, PaperSection } from "../policy/paper.ts";
import { loneDocument } from "./document.ts";
import { type Html, html } from "./html.ts";

/** For the page's frame. */
export function paperBody(paper: Paper, language: Language): Html {
  return html`<div class="reading paper"><h1>${paper.title}</h1>
<p class="lead">${paper.lead}</p>
${paper.sections.map((each) => section(each, language))}
<p class="muted">${paper.foot}</p></div>`;
}

/** A whole document. `css`: the style sheet's text. */
export function paperDocument(
  papers: readonly [{ paper: Paper; language: Language }, ...{ paper: Paper; language: Language }[]],
  { css }: { readonly css: string },
): Html {
  const [{ paper, language }] = papers;
  return loneDocument(
    { title: paper.title, language, css },
    papers.map(
      (each) =>
        html`<article lang="${each.language.tag}" dir="${each.language.direction}">${paperBody(each.paper, each.language)}</article>`,
    ),
  );
}

function section({ id, title, lines }: PaperSection, language: Language): Html {
  return html`<section class="card card-text"><h2>${title}</h2><ul class="paper-${id}">${lines.map((each) => line(each, language))}</ul></section>`;
}

function line(each: PaperLine, language: Language): Html {
  switch (each.kind) {
    case "says":
      return html`<li>${spoken(html`${each.camera === undefined ? null : html`<b><bdi dir="ltr">${each.camera}</bdi>:</b> `}${each.text}`, each.language)}</li>`;
    case "fill":
      return html`<li class="fill"><b>${language.say("record.fill")}:</b> ${each.text}<span class="blank" aria-hidden="true"></span></li>`;
    case "risk":
      return html`<li class="risk"><b>${each.text}</b><ul>${each.measures.map((measure) => html`<li>${measure}</li>`)}</ul></li>`;
  }
}

/** Words in another language run in their own direction, together with the name before them. */
function spoken(words: Html, language: string | undefined): Html {
  if (language === undefined) return words;
  return html`<bdi lang="${language}" dir="auto">${words}</bdi>`;
}
