// Steps 4 and 5: the way to the pages on which a sensor and a camera are added, and what has come of it, live.
import type { GatewayStatus, ProposalView } from "../core/commands.ts";
import type { Language } from "../languages/say.ts";
import { bridgeList, type ShownBridge } from "./bridge-pages.ts";
import { type Html, html, named } from "./html.ts";
import { deviceRow } from "./parts.ts";
import { proposalList } from "./proposal-pages.ts";
import { backToSteps } from "./setup-parts.ts";
import { icon } from "./icons.ts";
import type { Now } from "./words.ts";

type Sensors = Pick<GatewayStatus, "devices"> & {
  readonly bridges: readonly ShownBridge[];
  readonly proposals: readonly ProposalView[];
};

/** A bridge is no sensor yet: what it has announced waits for approval, and the way there is here. */
export function sensorPage({ devices, bridges, proposals }: Sensors, now: Now): Html {
  const { language } = now;
  const { say } = language;
  const isHeard = devices.some(({ heardAt }) => heardAt !== null);
  return html`${backToSteps(language)}<div class="reading"><h1>${say("setup.sensor-title")}</h1>
<p class="lead">${say("setup.sensor-lead")}</p>
<div id="sensors" data-live>
${isHeard ? html`<div class="verdict good" role="status">${icon("ok")}<div><p class="sentence">${say("setup.sensor-heard")}</p></div></div>` : null}
${devices.length === 0 ? html`<p class="card card-text">${say("setup.sensor-none")}</p>` : html`<ul class="card rows">${devices.map((device) => deviceRow(device, { now, beside: device.zone }))}</ul>`}
${proposalList(proposals, { now, isSteward: true, onward: "/setup/sensor" })}
${bridges.length === 0 ? null : html`<h2>${say("bridge.title")}</h2>${bridgeList(bridges, now)}`}</div>
${onward({ path: "/devices/new?then=/setup/sensor", words: say(devices.length === 0 ? "setup.sensor-add" : "setup.sensor-another") }, devices.length > 0, language)}</div>`;
}

export function cameraPage(
  { cameras, isDraft }: Pick<GatewayStatus, "cameras"> & { readonly isDraft: boolean },
  { language }: Now,
): Html {
  const { say } = language;
  return html`${backToSteps(language)}<div class="reading"><h1>${say("setup.camera-title")}</h1>
<p class="lead">${say("setup.camera-lead")}</p>
${isDraft ? html`<p>${say("setup.camera-draft")}</p>` : null}
<div id="cameras" data-live>${cameras.length === 0 ? html`<p class="card card-text">${say("setup.camera-none")}</p>` : html`<ul class="card rows">${cameras.map(({ id, name, zone }) => html`<li><a class="row" href="/cameras/${id}"><span class="what"><b>${named(name)}</b> <span class="muted">${named(zone)}</span></span></a></li>`)}</ul>`}</div>
${onward({ path: "/cameras/new?then=/setup/camera", words: say(cameras.length === 0 ? "setup.camera-add" : "setup.camera-another") }, cameras.length > 0, language)}</div>`;
}

/** The next thing is to go on where there is one already, and to add one where there is none. */
function onward(add: { readonly path: string; readonly words: string }, isThere: boolean, { say }: Language): Html {
  return html`<div class="actions"><a class="button${isThere ? " quiet" : ""}" href="${add.path}">${add.words}</a><a class="button${isThere ? "" : " quiet"}" href="/setup/steps">${say(isThere ? "setup.back" : "setup.later")}</a></div>`;
}
