// The pictures of one camera that are still kept, the newest first, each with its receipt.
import type { KeptPicture } from "../core/camera-commands.ts";
import type { CameraView } from "../core/commands.ts";
import { type Html, html, plainName } from "./html.ts";
import { exactTime, type Now } from "./words.ts";

export function gallery(
  { camera: { id, name }, pictures }: { readonly camera: CameraView; readonly pictures: readonly KeptPicture[] },
  now: Now,
): Html {
  const { say } = now.language;
  return html`<h2 id="pictures-title">${say("camera.pictures-title")}</h2>
${
  pictures.length === 0
    ? html`<p class="card card-text muted">${say("camera.pictures-none")}</p>`
    : html`<ul class="gallery">${pictures.map(({ sha256, takenAt, regions }) => {
        const time = exactTime(takenAt, now);
        const alt = say("camera.picture-of", { camera: plainName(name), time });
        return html`<li class="card"><a href="/cameras/${id}/pictures/${sha256}.jpg"><img src="/cameras/${id}/pictures/${sha256}.jpg" alt="${alt}" width="320" height="180" loading="lazy"></a>
<p><time datetime="${takenAt}">${time}</time> <span class="muted">${say("camera.picture-regions", { count: regions })}</span></p>
<p><a href="/transparency/receipts?sha256=${sha256}">${say("camera.picture-receipt")}</a></p></li>`;
      })}</ul>`
}`;
}
