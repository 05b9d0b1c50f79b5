// The devices: all of them, and one with what it is told to speak.
import type { Commands, DeviceView, GatewayStatus } from "../core/commands.ts";
import { type Html, html, named } from "./html.ts";
import { battery, cameraCard, deviceFlags, deviceRow, deviceState, heard } from "./parts.ts";
import type { PairingStep } from "./pairing-step.ts";
import type { Now } from "./words.ts";

export function devicesPage({ devices }: GatewayStatus, now: Now): Html {
  return html`<h1>Devices</h1>
<section id="list" data-live class="reading">
${devices.length === 0 ? html`<p class="card card-text">No devices yet. Add one with <code>hedgerow device pair</code>, or a bridge with <code>hedgerow bridge add</code>.</p>` : byZone(devices, now)}
</section>`;
}

function byZone(devices: readonly DeviceView[], now: Now): Html {
  const zones = [...new Set(devices.map(({ zone }) => zone))].toSorted();
  return html`${zones.map(
    (zone) => html`<h2>${named(zone)}</h2>
<ul class="card rows">${devices.filter((device) => device.zone === zone).map((device) => deviceRow(device, { now, beside: device.profile }))}</ul>`,
  )}`;
}

type Shown = {
  readonly device: DeviceView;
  readonly listed: ReturnType<Commands["listDevices"]>[number] | undefined;
  readonly pairing: PairingStep;
};

/** One device. `listed`: what the registry knows beside the view, undefined when it is gone. `pairing`: what to do when nobody paired it. */
export function devicePage({ device, listed, pairing }: Shown, now: Now): Html {
  return html`<p><a href="/devices">All devices</a></p>
<h1>${named(device.name)}</h1>
<section id="device" data-live class="card card-text reading" aria-label="State">
<p>${deviceState(device.state)} ${deviceFlags(device.flags)} <span class="muted">${heard(device, now)}</span></p>
${device.isPaired ? null : html`<p><b>Next step:</b> type <code>${pairing.command}</code> on the gateway, and what that prints into ${pairing.into}.</p>`}
<dl>
<dt>Zone</dt><dd>${named(device.zone)}</dd>
<dt>Battery</dt><dd>${battery(device)}</dd>
<dt>Profile</dt><dd><code>${device.profile}</code></dd>
${listed === undefined ? null : html`<dt>Topic</dt><dd><code>${named(listed.topic)}</code></dd>`}
<dt>Login</dt><dd>${device.isPaired ? "has a login, its own or its bridge's" : "not paired yet"}</dd>
<dt>Id</dt><dd><code>${device.id}</code></dd>
</dl></section>`;
}

export function camerasPage({ cameras }: GatewayStatus, now: Now): Html {
  return html`<h1>Cameras</h1>
<p class="lead">Pictures are shown as they may leave: faces that are found are painted over before a picture is kept.</p>
<section id="list" data-live>
${cameras.length === 0 ? html`<p class="card card-text">No cameras yet. Cameras stand in kit.yaml, and each needs an entry in the policy.</p>` : html`<ul class="cards wide">${cameras.map((camera) => cameraCard(camera, now))}</ul>`}
</section>`;
}
