// Receipts as the script in assets/receipts.js checks them, wherever they stand, and the words that it says.
import type { Receipt } from "../core/receipt.ts";
import type { Language } from "../languages/say.ts";
import { type Html, html } from "./html.ts";
import { outcomeWords, settingsWords } from "./receipt-words.ts";

/** One receipt, whole, for the script to check. `unscripted`: what stands in the place of its button where no script runs. */
export function receiptRow(receipt: Receipt, language: Language, unscripted: Html | null = null): Html {
  const { image, canaryAgeS, model, settings } = receipt;
  const canary =
    canaryAgeS === null
      ? language.say("receipts.canary-none")
      : language.say("receipts.canary", { time: language.seconds(roughly(canaryAgeS)) });
  const said = settingsWords(receipt, language);
  return html`<li class="row receipt">
<span class="what"><b class="digest">${image.slice(0, 12)}…</b> <span class="muted">${outcomeWords(receipt, language)}</span></span>
<span class="how">${unscripted}</span>
<div class="when muted">${canary} ${said === null ? html`${language.say("receipts.settings")} <code>${settings}</code>` : said.join(" ")} ${language.say("receipts.finder")} <code>${model.slice(0, 12)}…</code></div>
<details class="when"><summary>${language.say("receipts.whole")}</summary><pre data-receipt tabindex="0">${JSON.stringify(receipt)}</pre></details>
<p class="when outcome" role="status"></p>
</li>`;
}

/** Seconds up to two minutes, then whole minutes, then whole hours: rounded up, since it is told as "at most". */
function roughly(seconds: number): number {
  const unit = seconds <= 120 ? 1 : seconds <= 7200 ? 60 : 3600;
  return Math.ceil(seconds / unit) * unit;
}

/** What the script says, in the page's language: inert in a template, since the page's policy lets no script stand in it. */
export function wordsForScript(language: Language): Html {
  // The script counts what it finds; numbers are written 0 to 9 in each language (languages/amounts.ts).
  const [count, bad] = ["{count}", "{bad}"];
  const said = {
    check: language.say("receipts.check"),
    genuine: language.say("receipts.genuine"),
    first: language.say("receipts.genuine-first"),
    last: language.say("receipts.genuine-last"),
    gap: language.say("receipts.genuine-gap"),
    bad: language.say("receipts.not-genuine"),
    "all-none": language.say("receipts.checked-none"),
    "all-good": language.say("receipts.checked-good", { count }),
    "all-bad": language.say("receipts.checked-bad", { count, bad }),
    large: language.say("receipts.file-large"),
    unread: language.say("receipts.file-unread"),
    working: language.say("receipts.working"),
    "no-answer": language.say("receipts.no-answer"),
    "found-genuine": language.say("receipts.found-genuine"),
    "found-bad": language.say("receipts.found-bad"),
    "found-none": language.say("receipts.found-none"),
  };
  return html`<template id="words">${Object.entries(said).map(([name, words]) => html`<p data-say="${name}">${words}</p>`)}</template>`;
}
