// All cameras, each with its last redacted picture.
import type { GatewayStatus } from "../core/commands.ts";
import { cameraCard } from "./camera-parts.ts";
import { type Html, html } from "./html.ts";
import type { Now } from "./words.ts";

export function camerasPage(
  { cameras }: Pick<GatewayStatus, "cameras">,
  now: Now,
  { isSteward, isRemoved }: { readonly isSteward: boolean; readonly isRemoved: boolean },
): Html {
  const { say } = now.language;
  return html`<h1>${say("camera.list-title")}</h1>
${isRemoved ? html`<p class="done" role="status">${say("camera.said-removed")}</p>` : null}
<p class="lead">${say("camera.list-lead")}</p>
${isSteward ? html`<p><a class="button" href="/cameras/new">${say("camera.add")}</a></p>` : null}
<section id="list" data-live aria-labelledby="list-title"><h2 id="list-title" class="unseen">${say("camera.list-title")}</h2>
${cameras.length === 0 ? html`<p class="card card-text">${say("camera.list-none")}</p>` : html`<ul class="cards wide">${cameras.map((camera) => cameraCard(camera, now))}</ul>`}
</section>`;
}
