// The two sums of promise 6 as a person reads them: what became of each reading, and of each event for each platform.
import type { Conservation, EntrySum, ReadingSum } from "../core/conservation.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { type Html, html, named } from "./html.ts";
import { icon } from "./icons.ts";
import { badge } from "./parts.ts";

const READING_PARTS = [
  ["ignored", "sums.ignored"],
  ["withheld", "sums.withheld"],
  ["counted", "sums.counted"],
  ["made", "sums.made-of-readings"],
] as const satisfies readonly (readonly [keyof ReadingSum, MessageKey])[];

const ENTRY_PARTS = [
  ["forwarded", "sums.forwarded"],
  ["rejected", "sums.rejected"],
  ["expired", "sums.expired"],
  ["evicted", "sums.evicted"],
  ["erased", "sums.erased"],
  ["waiting", "sums.waiting"],
] as const satisfies readonly (readonly [keyof EntrySum, MessageKey])[];

/** By what more was taken or made than is accounted for; 0 where it adds up. */
function missingOf(sum: ReadingSum | EntrySum): number {
  return "taken" in sum
    ? sum.taken - READING_PARTS.reduce((total, [part]) => total + sum[part], 0)
    : sum.made - ENTRY_PARTS.reduce((total, [part]) => total + sum[part], 0);
}

export function sumsTables({ readings, sinks }: Conservation, language: Language): Html {
  const { say } = language;
  const isBalanced = readings.isBalanced && sinks.every((sum) => sum.isBalanced);
  const parts = [["taken", "sums.taken"] as const, ...READING_PARTS];
  return html`${isBalanced ? html`<p>${say("sums.whole")}</p>` : html`<p class="note late">${icon("warning")} ${say("sums.wrong")}</p>`}
<div class="card scroll" tabindex="0" role="region" aria-label="${say("sums.readings-label")}"><table class="sums">
<thead><tr><th scope="col">${say("sums.readings")}</th><th scope="col" class="number">${say("sums.count")}</th></tr></thead>
<tbody>${parts.map(([part, key]) => row(key, [readings[part]], language))}${sumRow([readings], language)}</tbody></table></div>
${sinks.length === 0 ? null : entryTable(sinks, language)}`;
}

function entryTable(sinks: readonly EntrySum[], language: Language): Html {
  const { say } = language;
  const parts = [["made", "sums.made"] as const, ...ENTRY_PARTS];
  const rows = parts.map(([part, key]) =>
    row(
      key,
      sinks.map((sum) => sum[part]),
      language,
    ),
  );
  return html`<div class="card scroll" tabindex="0" role="region" aria-label="${say("sums.events-label")}"><table class="sums">
<thead><tr><th scope="col">${say("sums.events")}</th>${sinks.map(({ id }) => html`<th scope="col" class="number">${id === "unassigned" ? say("sums.unassigned") : named(id)}</th>`)}</tr></thead>
<tbody>${rows}${sumRow(sinks, language)}</tbody></table></div>`;
}

function row(key: MessageKey, values: readonly number[], { say, number }: Language): Html {
  return html`<tr><th scope="row">${say(key)}</th>${values.map((value) => html`<td class="number">${number(value)}</td>`)}</tr>`;
}

function sumRow(sums: readonly (ReadingSum | EntrySum)[], language: Language): Html {
  return html`<tr class="sum"><th scope="row">${language.say("sums.adds-up")}</th>${sums.map((sum) => html`<td class="number">${verdict(sum, language)}</td>`)}</tr>`;
}

function verdict(sum: ReadingSum | EntrySum, { say, number }: Language): Html {
  if (sum.isBalanced) return badge({ look: "good", shape: "ok", word: say("sums.yes") });
  const missing = missingOf(sum);
  const word =
    missing > 0 ? say("sums.missing", { count: number(missing) }) : say("sums.too-many", { count: number(-missing) });
  return badge({ look: "late", shape: "warning", word });
}
