// What the community agreed for one camera, and what became of a picture, in English for who looks after the kit.
import { LIMITS } from "../core/limits.ts";
import type { Receipt } from "../core/receipt.ts";
import { type Html, html, named, plainText } from "./html.ts";
import type { Transparency } from "./transparency.ts";
import { countOf, dayOf, durationOf } from "./words.ts";

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

/** What became of a picture, in plain words. */
export const OUTCOMES: Record<Receipt["outcome"], string> = {
  redacted: "faces painted over",
  empty: "no face found",
  mosaic: "whole picture made unrecognisable",
};
