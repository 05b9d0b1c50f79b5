// Receipts for a resident, in their language: what they are, the latest, checked in the reader's own browser, and "is this
// picture one of yours?".
import { createHash } from "node:crypto";
import type { Receipt } from "../core/receipt.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { type Html, html, plainName } from "./html.ts";
import { inLanguage } from "./layout.ts";
import { shellWord } from "./shell-word.ts";
import { receiptRow, wordsForScript } from "./receipt-rows.ts";
import { sentence } from "./sentence.ts";
import type { Transparency } from "./transparency.ts";

/** `asked`: a picture's SHA-256 that was looked for, with what was found; null: nothing was asked. `isWrong`: it was no SHA-256. */
export type ShownReceipts = {
  readonly view: Transparency;
  readonly timezone: string;
  readonly language: Language;
  readonly asked: { readonly sha256: string; readonly found: readonly Receipt[]; readonly isWrong: boolean } | null;
};

export function receiptsPage({ view, timezone, language, asked }: ShownReceipts): Html {
  const { publicKeys, gateway, asOf, renewed } = view;
  const says: readonly MessageKey[] = [
    "receipts.says-picture",
    "receipts.says-places",
    "receipts.says-canary",
    "receipts.says-previous",
  ];
  return html`<div class="reading"><h1>${language.say("receipts.title")}</h1>
<p class="lead">${language.say("receipts.lead", { site: plainName(gateway.name) })}</p>
<section class="card card-text" aria-labelledby="what-title"><h2 id="what-title">${language.say("receipts.says")}</h2><ul>${says.map((key) => html`<li>${language.say(key)}</li>`)}</ul>
<p>${language.say("receipts.limits")}</p></section>
<section aria-labelledby="picture-title"><h2 id="picture-title">${language.say("receipts.have-picture")}</h2>
<form id="find" class="card card-text" method="get" action="/transparency/receipts"><input type="hidden" name="lang" value="${language.tag}">
<div id="choose" hidden><label for="file">${language.say("receipts.choose")}</label>
<input id="file" type="file" accept="image/jpeg,.jpg,.jpeg" aria-describedby="file-help">
<p id="file-help" class="muted">${language.say("receipts.choose-help")}</p></div>
<label for="sha256">${language.say("receipts.digest")}</label>
<input id="sha256" name="sha256" value="${asked?.sha256 ?? ""}" maxlength="64" autocapitalize="none" autocomplete="off" spellcheck="false" dir="ltr" aria-describedby="sha256-help">
<p id="sha256-help" class="muted">${sentence(language, "receipts.digest-help", { command: { html: html`<code>sha256sum picture.jpg</code>` } })}</p>
<button>${language.say("receipts.ask")}</button></form>
<div id="found" role="status">${asked === null ? null : foundWords(asked, view, language)}</div></section>
<section aria-labelledby="latest-title"><h2 id="latest-title">${language.say("receipts.latest")}</h2>
<p class="muted">${language.say("page.as-of", { moment: language.moment(Date.parse(asOf), timezone) })} ${renewed === "daily" ? language.say("receipts.latest-daily") : null}</p>
<div class="card card-text" id="check" hidden><label for="key">${language.say("receipts.key")}</label>
<input id="key" value="${publicKeys.join(" ")}" autocomplete="off" spellcheck="false" dir="ltr" aria-describedby="key-help">
<p id="key-help" class="muted">${language.say("receipts.key-help")} ${publicKeys.length > 1 ? language.say("receipts.key-several") : null}</p>
<button type="button" id="check-all">${language.say("receipts.check-all")}</button><p id="all" role="status"></p></div>
<p id="no-script" class="note late">${language.say("receipts.no-script")}</p>
${receiptList(view, language)}</section>
${byHand(view, language)}</div>
${wordsForScript(language)}`;
}

function foundWords(
  { sha256, found, isWrong }: NonNullable<ShownReceipts["asked"]>,
  { renewed }: Transparency,
  language: Language,
): Html {
  if (isWrong) return html`<p class="note late">${language.say("receipts.digest-wrong")}</p>`;
  if (found.length === 0) {
    const digest = { html: html`<code>${sha256}</code>` };
    return html`<p class="note late">${sentence(language, "receipts.found-none-digest", { digest })} ${renewed === "daily" ? language.say("receipts.found-none-today") : null}</p>`;
  }
  return html`<p class="done">${language.say("receipts.found")}</p>
<ol class="card rows receipts">${found.map((receipt) => receiptRow(receipt, language))}</ol>`;
}

function receiptList({ receipts, renewed }: Transparency, language: Language): Html {
  if (receipts.length === 0)
    return html`<p class="card card-text">${language.say(renewed === "daily" ? "page.receipts-none-daily" : "page.receipts-none")}</p>`;
  return html`<ol id="receipts" class="card rows receipts">${receipts.map((receipt) => receiptRow(receipt, language))}</ol>`;
}

/** Without trusting this page: a page that lies could bring a script that lies. */
function byHand({ receipts: [newest], publicKeys }: Transparency, language: Language): Html {
  const link = { html: html`<a href="/api/v1/transparency" dir="ltr">/api/v1/transparency</a>` };
  const file = { html: html`<code>receipts.json</code>` };
  return html`<section class="card card-text" aria-labelledby="hand-title"><h2 id="hand-title">${language.say("receipts.by-hand")}</h2>
<p>${language.say("receipts.by-hand-why")}</p>
<h3>${language.say("receipts.by-hand-hedgerow")}</h3>
<p>${sentence(language, "receipts.by-hand-save", { link, file })}</p>
<pre>hedgerow receipts verify receipts.json${publicKeys.map((key) => ` --key ${key}`)}</pre>
${newest === undefined ? null : openssl(newest, signerOf(newest, publicKeys), language)}
<p><a href="${inLanguage("/transparency", language)}">${language.say("page.title")}</a></p></section>`;
}

function signerOf({ keyId }: Receipt, publicKeys: readonly string[]): string {
  const isIts = (key: string): boolean => createHash("sha256").update(key, "base64").digest("hex").startsWith(keyId);
  return publicKeys.find(isIts) ?? publicKeys[0] ?? "";
}

/** The twelve bytes before the key are what makes 32 bytes an ed25519 public key in DER (RFC 8410, section 4). */
function openssl({ signature, ...signed }: Receipt, publicKey: string, language: Language): Html {
  return html`<h3>${language.say("receipts.by-hand-openssl")}</h3>
<p>${language.say("receipts.by-hand-signed")}</p>
<pre id="openssl">printf '%s' ${shellWord(JSON.stringify(signed))} > receipt
echo '${signature}' | base64 -d > signature
(printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; echo '${publicKey}' | base64 -d) > key
openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in receipt -sigfile signature</pre>`;
}
