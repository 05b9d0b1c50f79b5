// The two sums of promise 6 as a person reads them: what became of each reading, and of each event for each platform.
import type { Conservation, EntrySum, ReadingSum } from "../core/conservation.ts";
import { type Html, html } from "./html.ts";
import { icon } from "./icons.ts";
import { badge } from "./parts.ts";
import { numberOf } from "./words.ts";

const READING_PARTS = [
  ["ignored", "Nothing new in them"],
  ["withheld", "Kept back, as the policy says"],
  ["counted", "Added to a number of movements"],
  ["made", "Made into events"],
] as const satisfies readonly (readonly [keyof ReadingSum, string])[];

const ENTRY_PARTS = [
  ["forwarded", "Accepted by the platform"],
  ["rejected", "Rejected by it"],
  ["expired", "Deleted: their time was up"],
  ["evicted", "Deleted: the buffer was full"],
  ["erased", "Erased: by the policy, by a person, or damaged"],
  ["waiting", "Waiting here"],
] as const satisfies readonly (readonly [keyof EntrySum, string])[];

/** By what more was taken or made than is accounted for; 0 where it adds up. */
export function missingOf(sum: ReadingSum | EntrySum): number {
  return "taken" in sum
    ? sum.taken - READING_PARTS.reduce((total, [part]) => total + sum[part], 0)
    : sum.made - ENTRY_PARTS.reduce((total, [part]) => total + sum[part], 0);
}

export function sumsTables({ readings, sinks }: Conservation): Html {
  const isBalanced = readings.isBalanced && sinks.every((sum) => sum.isBalanced);
  return html`<p>${isBalanced ? "Nothing goes without a word: whatever came in or was made is in one of these lines, since the beginning." : null}</p>
${isBalanced ? null : html`<p class="note late">${icon("warning")} It does not add up. This is a mistake in Hedgerow: please report it with these numbers. Everything goes on meanwhile.</p>`}
<div class="card scroll" tabindex="0" role="region" aria-label="What became of readings"><table class="sums">
<thead><tr><th scope="col">Readings of sensors</th><th scope="col" class="number">How many</th></tr></thead>
<tbody>${[["taken", "Taken in"] as const, ...READING_PARTS].map(([part, words]) => row(words, [readings[part]]))}${sumRow([readings])}</tbody></table></div>
${sinks.length === 0 ? null : entryTable(sinks)}`;
}

function entryTable(sinks: readonly EntrySum[]): Html {
  return html`<div class="card scroll" tabindex="0" role="region" aria-label="What became of events"><table class="sums">
<thead><tr><th scope="col">Events for platform</th>${sinks.map(({ id }) => html`<th scope="col" class="number">${id === "unassigned" ? "none yet" : id}</th>`)}</tr></thead>
<tbody>${[["made", "Made"] as const, ...ENTRY_PARTS].map(([part, words]) =>
    row(
      words,
      sinks.map((sum) => sum[part]),
    ),
  )}${sumRow(sinks)}</tbody></table></div>`;
}

function row(words: string, values: readonly number[]): Html {
  return html`<tr><th scope="row">${words}</th>${values.map((value) => html`<td class="number">${numberOf(value)}</td>`)}</tr>`;
}

function sumRow(sums: readonly (ReadingSum | EntrySum)[]): Html {
  return html`<tr class="sum"><th scope="row">Does it add up?</th>${sums.map((sum) => html`<td class="number">${verdict(sum)}</td>`)}</tr>`;
}

function verdict(sum: ReadingSum | EntrySum): Html {
  if (sum.isBalanced) return badge({ look: "good", shape: "ok", word: "yes" });
  const missing = missingOf(sum);
  const word = missing > 0 ? `${numberOf(missing)} missing` : `${numberOf(-missing)} too many`;
  return badge({ look: "late", shape: "warning", word });
}
