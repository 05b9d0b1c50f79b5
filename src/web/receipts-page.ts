// Receipts for a resident: what they are, the latest, checked in the reader's own browser, and "is this picture one of yours?".
import { createHash } from "node:crypto";
import type { Receipt } from "../core/receipt.ts";
import { type Html, html, named } from "./html.ts";
import { shellWord } from "./masks.ts";
import { badge } from "./parts.ts";
import type { Transparency } from "./transparency.ts";
import { OUTCOMES } from "./transparency-page.ts";
import { countOf, durationOf, exactTime } from "./words.ts";

/** `asked`: a picture's SHA-256 that was looked for, with what was found; null: nothing was asked. `isWrong`: it was no SHA-256. */
export type ShownReceipts = {
  readonly view: Transparency;
  readonly timezone: string;
  readonly asked: { readonly sha256: string; readonly found: readonly Receipt[]; readonly isWrong: boolean } | null;
};

export function receiptsPage({ view, timezone, asked }: ShownReceipts): Html {
  const { receipts, publicKeys, gateway, asOf, renewed } = view;
  return html`<div class="reading"><p><a href="/transparency">What is collected here</a></p>
<h1>Receipts of pictures</h1>
<p class="lead">For each picture that may leave, the gateway of ${named(gateway.name)} signs a receipt. It says how the picture was made safe, and it cannot be changed afterwards without being noticed.</p>
<section class="card card-text" aria-labelledby="what-title"><h2 id="what-title">What a receipt says</h2><ul>
<li>The fingerprint (SHA-256) of the picture that may leave, with faces painted over. The receipt holds no picture, no place, no time and no camera.</li>
<li>In how many places it was painted over, by which face finder, and under which policy.</li>
<li>How long before a known face was shown to the face finder, and found.</li>
<li>The fingerprint of the receipt before it. So none can be taken out, put in or exchanged unnoticed.</li></ul>
<p>A receipt proves that a picture came from this gateway unchanged, and under which rules. It cannot prove that every face was found.</p></section>
<section aria-labelledby="picture-title"><h2 id="picture-title">I have a picture</h2>
<form id="find" class="card card-text" method="get" action="/transparency/receipts">
<div id="choose" hidden><label for="file">Choose the picture file</label>
<input id="file" type="file" accept="image/jpeg,.jpg,.jpeg" aria-describedby="file-help">
<p id="file-help" class="muted">It stays on your device: your browser works out its fingerprint, and asks for that alone. It must be the file as the platform has it; a screenshot has another fingerprint.</p></div>
<label for="sha256">Or its fingerprint (SHA-256)</label>
<input id="sha256" name="sha256" value="${asked?.sha256 ?? ""}" maxlength="64" autocapitalize="none" autocomplete="off" spellcheck="false" aria-describedby="sha256-help">
<p id="sha256-help" class="muted">64 letters and digits, as <code>sha256sum picture.jpg</code> prints them.</p>
<button>Look for its receipt</button></form>
<div id="found" role="status">${asked === null ? null : foundWords(asked, view)}</div></section>
<section aria-labelledby="latest-title"><h2 id="latest-title">The latest receipts</h2>
<p class="muted">As of ${exactTime(asOf, { timezone })}, the newest first. ${renewed === "daily" ? "Receipts of today stand here from midnight on: one that appears would tell that somebody walked by." : null}</p>
<div class="card card-text" id="check" hidden><label for="key">Public key to check with</label>
<input id="key" value="${publicKeys.join(" ")}" autocomplete="off" spellcheck="false" aria-describedby="key-help">
<p id="key-help" class="muted">This one comes from the gateway itself. Compare it with the one that the association tells you, or paste that one.${publicKeys.length > 1 ? " The gateway has changed its key: the first is its key now, the others are of before." : null}</p>
<button type="button" id="check-all">Check all</button><p id="all" role="status"></p></div>
<noscript><p class="note late">Your browser runs no script, so it cannot check them here. The two ways below need no script.</p></noscript>
${receiptList(receipts, renewed)}</section>
${byHand(view)}</div>`;
}

function foundWords({ sha256, found, isWrong }: NonNullable<ShownReceipts["asked"]>, view: Transparency): Html {
  if (isWrong) return html`<p class="note late">That is no fingerprint: it has 64 digits and letters from a to f.</p>`;
  if (found.length === 0)
    return html`<p class="note late">There is no receipt for the fingerprint <code>${sha256}</code>. The picture is not from here, or was changed${view.renewed === "daily" ? ", or was made today" : null}.</p>`;
  return html`<p class="done">There is a receipt for this picture: it came from this gateway as it is.</p>
<ol class="card rows receipts">${found.map(receiptRow)}</ol>`;
}

function receiptList(receipts: readonly Receipt[], renewed: Transparency["renewed"]): Html {
  if (receipts.length === 0)
    return html`<p class="card card-text">${renewed === "daily" ? "No picture had been made when this day began." : "No picture has been made yet."}</p>`;
  return html`<ol id="receipts" class="card rows receipts">${receipts.map(receiptRow)}</ol>`;
}

function receiptRow(receipt: Receipt): Html {
  const { image, outcome, regions, canaryAgeS, model, settings } = receipt;
  return html`<li class="row receipt">
<span class="what"><b>${image.slice(0, 12)}…</b> <span class="muted">${OUTCOMES[outcome]}${regions === 0 ? null : `, in ${countOf(regions, "place")}`}</span></span>
<span class="how">${outcome === "mosaic" ? badge({ look: "late", shape: "warning", word: "unrecognisable" }) : null}</span>
<div class="when muted">${canaryAgeS === null ? "No known face had been shown to the face finder." : `A known face was found ${durationOf(canaryAgeS * 1000)} before at most.`} Face finder <code>${model.slice(0, 12)}…</code>, ${settingsWords(settings)}.</div>
<details class="when"><summary>The whole receipt</summary><pre data-receipt tabindex="0">${JSON.stringify(receipt)}</pre></details>
<p class="when outcome" role="status"></p>
</li>`;
}

/** The line of a receipt in words, as far as a resident may care; the whole line stands in the receipt. */
function settingsWords(settings: string): Html {
  const valueOf = (key: string): string | undefined => new RegExp(`(?:^| )${key}=(\\S+)`).exec(settings)?.[1];
  const [level, paint, masks] = [valueOf("level"), valueOf("paint"), Number(valueOf("masks"))];
  if (level === undefined || paint === undefined) return html`with the settings <code>${settings}</code>`;
  const how = paint === "fill" ? "solid fill" : "a coarse mosaic";
  const searched = valueOf("searched") === "no" ? "not searched" : `searched at the level ${level}`;
  return html`${searched}, painted with ${how}, ${masks > 0 ? countOf(masks, "area") : "no area"} always hidden`;
}

/** Without trusting this page: a page that lies could bring a script that lies. */
function byHand({ receipts: [newest], publicKeys }: Transparency): Html {
  return html`<section class="card card-text" aria-labelledby="hand-title"><h2 id="hand-title">Without trusting this page</h2>
<p>The script that checks here comes from the same gateway as the receipts. Who wants to be sure checks with a program of their own.</p>
<h3>With Hedgerow on any computer</h3>
<p>Save <a href="/api/v1/transparency">/api/v1/transparency</a> as <code>receipts.json</code>, then:</p>
<pre>hedgerow receipts verify receipts.json${publicKeys.map((key) => ` --key ${key}`)}</pre>
${newest === undefined ? null : openssl(newest, signerOf(newest, publicKeys))}</section>`;
}

function signerOf({ keyId }: Receipt, publicKeys: readonly string[]): string {
  const isIts = (key: string): boolean => createHash("sha256").update(key, "base64").digest("hex").startsWith(keyId);
  return publicKeys.find(isIts) ?? publicKeys[0] ?? "";
}

/** The twelve bytes before the key are what makes 32 bytes an ed25519 public key in DER (RFC 8410, section 4). */
function openssl({ signature, ...signed }: Receipt, publicKey: string): Html {
  return html`<h3>With openssl 3, for the newest receipt</h3>
<p>The signature covers the receipt's own text without its last field.</p>
<pre id="openssl">printf '%s' ${shellWord(JSON.stringify(signed))} > receipt
echo '${signature}' | base64 -d > signature
(printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; echo '${publicKey}' | base64 -d) > key
openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in receipt -sigfile signature</pre>`;
}
