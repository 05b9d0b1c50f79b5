// The page for the resident who walks past, in their language: what is sensed, why, for how long, what left the house, how to
// object. What stands on it is transparency.ts's; all of it reads without a script, which only checks receipts.
import type { DisclosureGround } from "../core/disclosure-commands.ts";
import type { Receipt } from "../core/receipt.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { countsByDay } from "./counts-parts.ts";
import { type Html, html, plainName, plainText } from "./html.ts";
import { inLanguage } from "./layout.ts";
import { announcedPart, policyParts, type ShownPolicy } from "./policy-parts.ts";
import { PUBLIC_LIMITS } from "./public-limits.ts";
import { receiptRow, wordsForScript } from "./receipt-rows.ts";
import { sentence } from "./sentence.ts";
import type { Transparency } from "./transparency.ts";

export function transparencyPage(shown: ShownPolicy): Html {
  const { view, timezone, language } = shown;
  const { controller, gateway, events, renewed } = view;
  const lead = { controller: plainName(controller.name), site: plainName(gateway.name) };
  const renewal =
    renewed === "daily"
      ? language.say("page.renewed-daily")
      : language.say("page.renewed-bucket", { time: language.seconds(events.timeBucketS) });
  return html`<div class="reading wide"><h1>${language.say("page.title")}</h1>
<p class="lead">${language.say("page.lead", lead)}</p>
${announcedPart(shown)}
<section class="card card-text" aria-labelledby="object-title"><h2 id="object-title">${language.say("page.object")}</h2>
<p>${sentence(language, "page.object-write", { contact: { html: contact(controller.contact) } })} ${language.say("page.object-what")}</p><p>${language.say("page.object-anyway")}</p><ul>${RIGHTS.map((key) => html`<li>${language.say(key)}</li>`)}</ul></section>
${policyParts(shown)}
<section aria-labelledby="where-title"><h2 id="where-title">${language.say("page.platforms")}</h2>${platforms(view, language)}</section>
<section aria-labelledby="counts-title"><h2 id="counts-title">${language.say("page.counts")}</h2>${countsByDay(view, language)}<p class="muted">${language.say("page.as-of", { moment: language.moment(Date.parse(view.asOf), timezone) })} ${renewal}</p></section>
<section aria-labelledby="receipts-title"><h2 id="receipts-title">${language.say("page.receipts")}</h2>
<p>${language.say("page.receipts-what")}</p>
${receipts(view, language)}
<p><a href="${inLanguage("/transparency/receipts", language)}">${language.say("page.receipts-check")}</a></p>
<p>${language.say("page.receipts-key")} <code>${view.publicKey}</code></p></section>
<section aria-labelledby="ledger-title"><h2 id="ledger-title">${language.say("page.ledger")}</h2>${ledger(view, language)}</section>
<section aria-labelledby="given-title"><h2 id="given-title">${language.say("page.disclosures")}</h2>${disclosures(view, language)}</section>
<section aria-labelledby="papers-title"><h2 id="papers-title">${language.say("page.papers")}</h2>${papers(language)}</section></div>`;
}

/** Access and erasure, objection, complaint (GDPR, articles 15, 17, 21 and 77). */
const RIGHTS = ["sign.rights-ask", "sign.rights-object", "sign.rights-complain"] as const;

function contact(address: string): Html {
  const plain = plainName(address);
  return /^[^\s@<>"]+@[^\s@<>"]+$/.test(plain)
    ? html`<a href="mailto:${encodeURI(plain)}" dir="ltr">${plain}</a>`
    : html`<b dir="auto">${plainText(address)}</b>`;
}

function platforms({ platforms: all }: Transparency, language: Language): Html {
  if (all.length === 0) return html`<p class="card card-text">${language.say("page.platforms-none")}</p>`;
  return html`<div class="card card-text">${all.map(
    ({ id, host }) => html`<p>${language.say("page.platforms-to", { platform: id, host })}</p>`,
  )}</div>`;
}

function receipts({ receipts: all, renewed, publicKeys }: Transparency, language: Language): Html {
  if (all.length === 0)
    return html`<p class="card card-text">${language.say(renewed === "daily" ? "page.receipts-none-daily" : "page.receipts-none")}</p>`;
  return html`<input type="hidden" id="key" value="${publicKeys.join(" ")}">
<ol id="receipts" class="card rows receipts">${all
    .slice(0, PUBLIC_LIMITS.receiptsFirst)
    .map((receipt) => receiptRow(receipt, language, receiptLink(receipt, language)))}</ol>${wordsForScript(language)}`;
}

/** To the same receipt on the page that says how it is checked without a script. */
function receiptLink({ image }: Receipt, language: Language): Html {
  const label = `${language.say("receipts.check")}: ${image.slice(0, 12)}`;
  return html`<a href="${inLanguage("/transparency/receipts", language, { sha256: image })}#found" aria-label="${label}">${language.say("receipts.check")}</a>`;
}

/** What the ledger is, how it stands and stood, and where to fetch it. */
function ledger({ ledgerHeads: [newest, before], renewed }: Transparency, language: Language): Html {
  const line = (head: { readonly number: number }): string => language.number(head.number);
  return html`<div class="card card-text"><p>${language.say("page.ledger-what")}</p>
${
  newest === undefined
    ? html`<p>${language.say(renewed === "daily" ? "page.ledger-empty-daily" : "page.ledger-empty")}</p>`
    : html`<p>${newest.day === null ? language.say("page.ledger-newest", { line: line(newest) }) : language.say("page.ledger-newest-day", { line: line(newest), day: language.day(newest.day) })} ${language.say("page.ledger-digest")} <code>${newest.digest}</code></p>
${before === undefined || before.day === null ? null : html`<p>${language.say("page.ledger-before", { line: line(before), day: language.day(before.day) })} ${language.say("page.ledger-digest")} <code>${before.digest}</code></p>`}
<p>${language.say("page.ledger-keep")}</p>`
}
<p><a href="/transparency/ledger.jsonl">${language.say("page.ledger-fetch")}</a></p><p>${language.say("page.ledger-check")}</p><pre>hedgerow ledger verify ledger.jsonl</pre></div>`;
}

function disclosures({ disclosures: all }: Transparency, language: Language): Html {
  if (all.length === 0) return html`<p class="card card-text">${language.say("page.disclosures-none")}</p>`;
  return html`<p>${language.say("page.disclosures-what")}</p>
<div class="card scroll" tabindex="0" role="region" aria-label="${language.say("page.disclosures-table")}"><table><thead><tr><th scope="col">${language.say("page.month")}</th><th scope="col">${language.say("page.ground")}</th><th scope="col" class="number">${language.say("page.given")}</th></tr></thead>
<tbody>${all.map(
    ({ month, ground, count }) =>
      html`<tr><th scope="row" class="day">${language.month(month)}</th><td>${language.say(GROUNDS[ground])}</td><td class="number">${language.number(count)}</td></tr>`,
  )}</tbody></table></div>`;
}

const GROUNDS: Readonly<Record<DisclosureGround, MessageKey>> = {
  "data-subject": "page.ground-own",
  order: "page.ground-order",
  research: "page.ground-research",
  other: "page.ground-other",
};

/** For residents and authorities; each of them says what the policy in force says. */
const PAPERS = [
  { path: "/sign", key: "page.nav-sign" },
  { path: "/transparency/record", key: "record.title" },
  { path: "/transparency/dpia", key: "dpia.title" },
] as const;

function papers(language: Language): Html {
  return html`<ul class="card card-text papers">${PAPERS.map(
    ({ path, key }) => html`<li><a href="${inLanguage(path, language)}">${language.say(key)}</a></li>`,
  )}
<li><a href="/transparency/register.json">${language.say("page.papers-register")}</a></li>
<li><a href="/api/v1/transparency">${language.say("page.papers-json")}</a></li></ul>`;
}
