// The page for the resident who walks past: what is sensed, why, for how long, what left the house, how to object.
import { languageOf } from "../languages/say.ts";
import { LIMITS } from "../core/limits.ts";
import type { Receipt } from "../core/receipt.ts";
import { reasonWords } from "./counter-words.ts";
import { type Html, html, named, plainName, plainText } from "./html.ts";
import type { Transparency } from "./transparency.ts";
import { countOf, dayOf, durationOf, exactTime, numberOf } from "./words.ts";

export function transparencyPage(view: Transparency, { timezone }: { timezone: string }): Html {
  const { controller, cameras, platforms, never, events } = view;
  return html`<div class="reading"><h1>What is collected here</h1>
<p class="lead">${named(controller.name)} runs the sensors of ${named(view.gateway.name)}. This page says what they notice, why, for how long, and how to object. Nobody needs to log in to read it.</p>
<section class="card card-text" aria-labelledby="object-title"><h2 id="object-title">How to object</h2>
<p>Write to <b>${contact(controller.contact)}</b>. Say which place and which day you mean. What is kept here is deleted after the times named below in any case.</p></section>
<section aria-labelledby="sensed-title"><h2 id="sensed-title">${languageOf("en").say("policy.sensed")}</h2><div class="card card-text"><ul>${sensed(view).map((sentence) => html`<li>${sentence}</li>`)}</ul>
<p>Times are told in steps of ${durationOf(events.timeBucketS * 1000)}. ${keptFor(view)}</p></div></section>
<section aria-labelledby="cameras-title"><h2 id="cameras-title">Cameras</h2>${cameras.length === 0 ? html`<p class="card card-text">There are none.</p>` : cameras.map((camera) => cameraPolicy(camera, view.languages))}</section>
<section aria-labelledby="never-title"><h2 id="never-title">What never leaves</h2><div class="card card-text"><p>Whatever a sensor says, none of this is ever told:</p><ul class="never">${never.map((each) => html`<li>${each}</li>`)}</ul>
<p>Faces are looked for and painted over on the device, before a picture is kept or sent; the picture as it was is never written down. If the device cannot tell, the policy of the camera above says what becomes of the picture. No program finds every face, above all small ones: that is why pictures are few and soon deleted. What else a picture shows, such as clothes, cars and their plates, stays in it unless an area is hidden.</p></div></section>
<section aria-labelledby="where-title"><h2 id="where-title">Where it goes</h2><p class="card card-text">${platforms.length === 0 ? "Nowhere: all stays in this house." : html`To ${platforms.map(({ id, host }, index) => html`${index === 0 ? null : ", "}<b>${id}</b> (${host})`)}.`}</p></section>
<section aria-labelledby="counts-title"><h2 id="counts-title">Counts by day</h2>${countTable(view)}<p class="muted">As of ${exactTime(view.asOf, { timezone })}. ${renewal(view)}</p></section>
<section aria-labelledby="receipts-title"><h2 id="receipts-title">Latest receipts</h2>
<p>Each redacted picture gets a signed receipt, chained to the one before, so that none can be left out unnoticed. Anybody can check them: <a href="/transparency/receipts">check the receipts, or a picture of yours</a>. Or save <a href="/api/v1/transparency">/api/v1/transparency</a>, where they stand whole, and run <code>hedgerow receipts verify</code> on it. The gateway's public key is <code>${view.publicKey}</code>.</p>
${receiptTable(view)}</section>
<section aria-labelledby="ledger-title"><h2 id="ledger-title">The ledger</h2>${ledgerWords(view)}</section></div>`;
}

/** What the ledger is, how it stands, and where to fetch it. */
function ledgerWords({ ledgerHeads: [newest, before], renewed }: Transparency): Html {
  return html`<div class="card card-text"><p>Each picture, each deletion, each change of the policy and each switching of a lamp gets a line in one chain, in which no line can be changed or left out unnoticed. Who switched a lamp is not in what you can fetch; that somebody did is.</p>
${newest === undefined ? html`<p>${renewed === "daily" ? "No day of it is over yet. It stands here from midnight on." : "It is empty."}</p>` : html`<p>It ${renewed === "daily" ? "reached" : "reaches"} ${headWords(newest)}${before === undefined ? null : html`; before that, ${headWords(before)}`}. Who keeps this can tell later that nothing before it was changed.</p>`}
<p><a href="/transparency/ledger.jsonl">Fetch the ledger</a>, and run <code>hedgerow ledger verify</code> on it, on any computer.</p></div>`;
}

function headWords({ number, digest, day }: Transparency["ledgerHeads"][number]): Html {
  return html`line ${numberOf(number)} (<code>${digest.slice(0, 16)}…</code>)${day === null ? null : ` on ${dayOf(day)}`}`;
}

const CLASS_WORDS: Readonly<Record<string, string>> = {
  "light.level": "light levels",
  "light.state": "states of lamps",
  motion: "movements",
  house: "what this box says of itself and its sensors",
};

/** For how long events wait at most, and which of them for another time. */
function keptFor({ events }: Transparency): string {
  const after = (hours: number) => `after ${durationOf(Math.min(hours * 3_600_000, LIMITS.eventTtlMs))}`;
  const others = Object.entries(events.retentionHoursOf).map(
    ([name, hours]) => `; ${CLASS_WORDS[name] ?? name} ${after(hours)}`,
  );
  return `What could not be sent is deleted ${after(events.retentionHours)}${others.join("")}.`;
}

function sensed({ events }: Transparency): readonly string[] {
  const { motion, light, fields } = events;
  const sentences: string[] = [];
  if (motion.mode === "none") sentences.push("Movement is not told to anybody.");
  if (motion.mode === "each") sentences.push("Each movement in front of a motion sensor, without a picture of it.");
  if (motion.mode === "counts") {
    sentences.push(
      `How many movements there were in ${durationOf(motion.windowS * 1000)}, told only from ${motion.atLeast} on, never a single one.`,
    );
  }
  sentences.push(light ? "How bright it is, and whether lamps are on." : "Light is not told to anybody.");
  sentences.push("Whether the sensors work.");
  if (fields.batteryPct) sentences.push("How full their batteries are.");
  if (fields.linkPct) sentences.push("How good their radio connection is.");
  return sentences;
}

/** What the community agreed for one camera, in plain words. */
export function cameraPolicy(camera: Transparency["cameras"][number], languages: readonly string[]): Html {
  const order = [...new Set([...languages, ...Object.keys(camera.purpose)])];
  const purposes = order.flatMap((language) => {
    const words = camera.purpose[language];
    return words === undefined ? [] : [html`<p lang="${language}" dir="auto" class="purpose">${plainText(words)}</p>`];
  });
  return html`<div class="card card-text"><h3>${named(camera.id)}</h3>
${purposes}
<dl>
<dt>Pictures</dt><dd>${camera.snapshotsPerDay} a day at most</dd>
<dt>Deleted after</dt><dd>${durationOf(Math.min(camera.retentionHours * 3_600_000, LIMITS.eventTtlMs))}, sent or not</dd>
<dt>Allowed until</dt><dd>${dayOf(camera.until)}</dd>
<dt>Always hidden</dt><dd>${camera.masks === 0 ? "no area" : countOf(camera.masks, "area")}, and the faces that are found</dd>
<dt>If faces cannot be told</dt><dd>${camera.whenUnsure === "withhold" ? "the picture is thrown away" : "the whole picture is made unrecognisable"}</dd>
</dl></div>`;
}

/** Why the newest is missing: nobody should have to wonder, and nobody should be able to watch. */
function renewal({ renewed, events }: Transparency): string {
  if (renewed === "each-bucket") return `Renewed every ${durationOf(events.timeBucketS * 1000)}.`;
  return "Renewed at midnight, with the receipts: numbers that moved during the day would tell when somebody walks by.";
}

function countTable({ counts, renewed }: Transparency): Html {
  if (counts.length === 0)
    return html`<p class="card card-text">${renewed === "daily" ? "No day has been counted to its end yet. Today's numbers stand here from midnight on." : "Nothing counted yet."}</p>`;
  return html`<div class="card scroll" tabindex="0" role="region" aria-labelledby="counts-title"><table><thead><tr><th scope="col">Day</th><th scope="col" class="number">Readings taken</th><th scope="col" class="number">Pictures taken</th><th scope="col" class="number">Sent</th><th scope="col">Kept back, and why</th></tr></thead>
<tbody>${counts.map(
    ({
      day,
      readings,
      pictures,
      sent,
    }) => html`<tr><th scope="row" class="day">${day}</th><td class="number">${numberOf(readings.taken)}</td><td class="number">${numberOf(pictures.taken)}</td>
<td class="number">${numberOf(Object.values(sent).reduce((sum, each) => sum + each, 0))}</td><td>${withheld("reading", readings.withheld)}${withheld("picture", pictures.withheld)}</td></tr>`,
  )}</tbody></table></div>`;
}

function withheld(what: string, reasons: Readonly<Record<string, number>>): Html[] {
  return Object.entries(reasons).map(([why, count]) => html`<div>${countOf(count, what)}: ${reasonWords(why)}</div>`);
}

function receiptTable({ receipts, renewed }: Transparency): Html {
  if (receipts.length === 0)
    return html`<p class="card card-text">${renewed === "daily" ? "No picture had been made when this day began." : "No picture has been made yet."}</p>`;
  return html`<div class="card scroll" tabindex="0" role="region" aria-labelledby="receipts-title"><table><thead><tr><th scope="col">Picture (SHA-256)</th><th scope="col">Result</th><th scope="col" class="number">Painted over</th><th scope="col">Receipt before</th><th scope="col">Signature</th></tr></thead>
<tbody>${receipts.map(
    ({ image, outcome, regions, previous, signature }) =>
      html`<tr><th scope="row"><code>${image.slice(0, 16)}…</code></th><td>${OUTCOMES[outcome]}</td><td class="number">${regions}</td><td><code>${previous.slice(0, 8)}…</code></td><td><code>${signature.slice(0, 12)}…</code></td></tr>`,
  )}</tbody></table></div>`;
}

/** What became of a picture, in plain words. */
export const OUTCOMES: Record<Receipt["outcome"], string> = {
  redacted: "faces painted over",
  empty: "no face found",
  mosaic: "whole picture made unrecognisable",
};

function contact(address: string): Html {
  const plain = plainName(address);
  return /^[^\s@<>"]+@[^\s@<>"]+$/.test(plain)
    ? html`<a href="mailto:${encodeURI(plain)}">${plain}</a>`
    : html`${plain}`;
}
