// The page a volunteer opens once a week: in ten seconds, does everything work, and if not, the one next step.
import type { GatewayStatus } from "../core/commands.ts";
import { bufferSummary } from "./buffer-page.ts";
import { cameraCard } from "./camera-parts.ts";
import { counterWords } from "./counter-words.ts";
import type { Hand } from "./device-hands.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import { type Html, html } from "./html.ts";
import { icon } from "./icons.ts";
import type { LossDay } from "./losses.ts";
import { deviceRow } from "./parts.ts";
import { platformList } from "./platform-rows.ts";
import type { SpeakerOf } from "./speakers.ts";
import { handsNeeded } from "./verdict.ts";
import { countOf, type Now, numberOf } from "./words.ts";

/** `speakerOf`: through whom a device is heard. `losses`: by day. `announced`: a looser policy. */
export function statusPage(
  status: GatewayStatus,
  now: Now,
  by: {
    readonly speakerOf: SpeakerOf;
    readonly losses: readonly LossDay[];
    readonly announced: PolicyStanding["announced"];
  },
): Html {
  const hands = handsNeeded(status, { nowMs: now.nowMs, ...by });
  const { devices, cameras } = status;
  return html`<h1 class="unseen">Status</h1>
<section id="verdict" data-live role="status">${verdict(status, hands)}</section>
<section id="policy" data-live aria-label="What was agreed">${agreed(by.announced)}</section>
<div class="columns">
<div>
<section id="devices" data-live aria-labelledby="devices-title">
<h2 id="devices-title">Devices <span class="count">${devices.length}</span></h2>
${devices.length === 0 ? html`<p class="card card-text muted">No devices yet.</p>` : html`<ul class="card rows">${devices.map((device) => deviceRow(device, { now, beside: device.zone }))}</ul>`}
</section>
<section id="buffer" data-live aria-labelledby="buffer-title">
<h2 id="buffer-title">Buffer and platform</h2>
<div class="card card-text">${bufferSummary(status, now)}</div>
${platformList(status, now)}
</section>
</div>
<section id="cameras" data-live aria-labelledby="cameras-title">
<h2 id="cameras-title">Cameras <span class="count">${cameras.length}</span></h2>
${cameras.length === 0 ? html`<p class="card card-text muted">No cameras yet.</p>` : html`<ul class="cards">${cameras.map((camera) => cameraCard(camera, now))}</ul>`}
</section>
</div>
<section id="counters" data-live aria-labelledby="counters-title">
<h2 id="counters-title" class="unseen">Counters</h2>
${counters(status)}
</section>`;
}

function agreed(announced: PolicyStanding["announced"]): Html {
  if (announced === null)
    return html`<p class="muted"><a href="/policy">What was agreed, the sign and the papers</a></p>`;
  const hours = countOf(Math.max(1, Math.ceil(announced.hoursLeft)), "hour");
  return html`<p class="note late">A looser policy is announced: it holds in ${hours}. <a href="/policy">See what changes</a></p>`;
}

function verdict({ devices, cameras }: GatewayStatus, hands: readonly Hand[]): Html {
  const [first, ...others] = hands;
  if (first === undefined) {
    const kit = `${countOf(devices.length, "device")} and ${countOf(cameras.length, "camera")}`;
    return html`<div class="verdict good">${icon("ok")}<div><p class="sentence">Everything works.</p><p>${kit}, nothing needs a hand.</p></div></div>`;
  }
  return html`<div class="verdict ${first.level === "act" ? "bad" : "late"}">${icon("warning")}<div>
<p class="sentence">${first.what}</p><p><b>Next step:</b> ${nextStep(first)}</p>
${others.length === 0 ? null : html`<details id="others"><summary>${countOf(others.length, "more thing needs", "more things need")} a hand</summary><ul>${others.map((hand) => html`<li><b>${hand.what}</b> ${nextStep(hand)}</li>`)}</ul></details>`}
</div></div>`;
}

function nextStep({ next, page }: Hand): Html {
  return page === undefined ? html`${next}` : html`${next} <a href="${page}">Open</a>`;
}

function counters({ counters: all }: GatewayStatus): Html {
  const entries = Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return html`<p class="muted">Nothing counted yet.</p>`;
  return html`<details id="all-counters" class="card card-text"><summary>Everything that came in, was kept back or left: ${countOf(entries.length, "counter")}</summary>
<div class="scroll" tabindex="0" role="region" aria-labelledby="counters-title"><table><thead><tr><th scope="col">What</th><th scope="col" class="number">How often</th></tr></thead>
<tbody>${entries.map(([name, value]) => counterRow(name, value))}</tbody></table></div></details>`;
}

function counterRow(name: string, value: number): Html {
  const words = counterWords(name);
  const what = words === null ? html`<code>${name}</code>` : html`${words} <code class="muted">${name}</code>`;
  return html`<tr><th scope="row">${what}</th><td class="number">${numberOf(value)}</td></tr>`;
}
