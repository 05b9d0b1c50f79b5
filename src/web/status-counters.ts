// All that the board counts, in words, at the end of the status page: for who wants to know more than a volunteer.
import type { GatewayStatus } from "../core/commands.ts";
import type { Language } from "../languages/say.ts";
import { counterWords } from "./counter-words.ts";
import { type Html, html } from "./html.ts";

/** Stands below its heading `counters-title`. */
export function countersTable({ counters }: Pick<GatewayStatus, "counters">, language: Language): Html {
  const entries = Object.entries(counters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return html`<p class="muted">${language.say("status.counters-none")}</p>`;
  return html`<details id="all-counters" class="card card-text"><summary>${language.say("status.counters-all", { count: entries.length })}</summary>
<div class="scroll" tabindex="0" role="region" aria-labelledby="counters-title"><table><thead><tr><th scope="col">${language.say("status.counters-what")}</th><th scope="col" class="number">${language.say("status.counters-often")}</th></tr></thead>
<tbody>${entries.map(([name, value]) => counterRow({ name, value, language }))}</tbody></table></div></details>`;
}

function counterRow({
  name,
  value,
  language,
}: {
  readonly name: string;
  readonly value: number;
  readonly language: Language;
}): Html {
  const words = counterWords(name, language);
  const what = words === null ? html`<code>${name}</code>` : html`${words} <code class="muted">${name}</code>`;
  return html`<tr><th scope="row">${what}</th><td class="number">${language.number(value)}</td></tr>`;
}
