// All devices by zone, the bridges apart from them, what waits for approval; and the cameras.
import type { DeviceView, GatewayStatus, ProposalView } from "../core/commands.ts";
import { bridgeList, type ShownBridge } from "./bridge-pages.ts";
import { doneNote } from "./form-parts.ts";
import { type Html, html, named } from "./html.ts";
import { cameraCard, deviceRow } from "./parts.ts";
import { proposalList } from "./proposal-pages.ts";
import type { Now } from "./words.ts";

export type ShownKit = {
  readonly devices: readonly DeviceView[];
  readonly bridges: readonly ShownBridge[];
  readonly proposals: readonly ProposalView[];
  readonly isSteward: boolean;
  readonly done: string | undefined;
};

export function devicesPage({ devices, bridges, proposals, isSteward, done }: ShownKit, now: Now): Html {
  return html`<h1>Devices</h1>
${doneNote(done)}
${isSteward ? html`<p><a class="button" href="/devices/new">Add a sensor or a bridge</a></p>` : null}
<section id="waiting" data-live class="reading">${proposalList(proposals, { now, isSteward })}</section>
<section id="bridges" data-live class="reading">${bridges.length === 0 ? null : html`<h2>Bridges</h2>${bridgeList(bridges, now)}`}</section>
<section id="list" data-live class="reading">
${devices.length === 0 ? html`<p class="card card-text">No devices yet. ${isSteward ? "Add the first with the button above." : "A steward can add the first."}</p>` : byZone(devices, now)}
</section>`;
}

function byZone(devices: readonly DeviceView[], now: Now): Html {
  const zones = [...new Set(devices.map(({ zone }) => zone))].toSorted();
  return html`${zones.map(
    (zone) => html`<h2>${named(zone)}</h2>
<ul class="card rows">${devices.filter((device) => device.zone === zone).map((device) => deviceRow(device, { now, beside: device.profile }))}</ul>`,
  )}`;
}

export function camerasPage({ cameras }: GatewayStatus, now: Now): Html {
  return html`<h1>Cameras</h1>
<p class="lead">Pictures are shown as they may leave: faces that are found are painted over before a picture is kept.</p>
<section id="list" data-live>
${cameras.length === 0 ? html`<p class="card card-text">No cameras yet. Cameras stand in kit.yaml, and each needs an entry in the policy.</p>` : html`<ul class="cards wide">${cameras.map((camera) => cameraCard(camera, now))}</ul>`}
</section>`;
}
