// The page a volunteer opens once a week: in ten seconds, does everything work, and if not, the one next step. The answers
// stand first and fit on a phone's screen; what they are made of comes below.
import type { DeviceView, GatewayStatus } from "../core/commands.ts";
import type { HistoryCommands } from "../core/history-commands.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import { bufferSummary } from "./buffer-parts.ts";
import { cameraCard } from "./camera-parts.ts";
import type { DayCounters } from "./day-counts.ts";
import type { Hand } from "./device-hands.ts";
import { hoursStrip } from "./history-chart.ts";
import { type Html, html, named } from "./html.ts";
import { icon } from "./icons.ts";
import { lossesOf } from "./losses.ts";
import { deviceRow } from "./parts.ts";
import { platformList } from "./platform-rows.ts";
import type { SpeakerOf } from "./speakers.ts";
import { countersTable } from "./status-counters.ts";
import { STATUS_LIMITS } from "./status-limits.ts";
import { todayFacts } from "./status-today.ts";
import { handsNeeded } from "./verdict.ts";
import type { Now } from "./words.ts";

/** `speakerOf`: through whom a device is heard. `days`: what was counted, today first. `setup`: what is left to set up, where something is. */
export type ShownStatus = HistoryCommands & {
  readonly status: GatewayStatus;
  readonly speakerOf: SpeakerOf;
  readonly days: readonly Omit<DayCounters, "isEach">[];
  readonly standing: Pick<PolicyStanding, "policy" | "announced">;
  readonly setup?: Html | null;
};

export function statusPage(
  { status, speakerOf, days, standing, historyOf, setup = null }: ShownStatus,
  now: Now,
): Html {
  const { language } = now;
  const { devices, cameras } = status;
  const isDraft = standing.policy.draft;
  const losses = lossesOf(days, language);
  const hands = handsNeeded(status, { nowMs: now.nowMs, speakerOf, losses, isDraft, language });
  return html`<h1 class="unseen">${language.say("status.title")}</h1>
<section id="verdict" data-live role="status">${verdict(status, hands, language)}</section>
${setup}
<section id="today" data-live aria-labelledby="today-title">${todayFacts(status, { today: days[0], policy: standing.policy, now })}</section>
<section id="policy" data-live aria-label="${language.say("status.agreed-label")}">${agreed(standing.announced, language)}</section>
<div class="columns">
<div>
<section id="devices" data-live aria-labelledby="devices-title">
<h2 id="devices-title">${language.say("status.devices")} <span class="count">${language.number(devices.length)}</span></h2>
${devices.length === 0 ? html`<p class="card card-text muted">${language.say("status.devices-none")}</p>` : byZone(devices, { now, historyOf })}
</section>
</div>
<div>
<section id="cameras" data-live aria-labelledby="cameras-title">
<h2 id="cameras-title">${language.say("status.cameras")} <span class="count">${language.number(cameras.length)}</span></h2>
${cameras.length === 0 ? html`<p class="card card-text muted">${language.say("status.cameras-none")}</p>` : html`<ul class="cards">${cameras.map((camera) => cameraCard(camera, now))}</ul>`}
</section>
<section id="buffer" data-live aria-labelledby="buffer-title">
<h2 id="buffer-title">${language.say("status.buffer")}</h2>
<div class="card card-text">${bufferSummary(status, now)}</div>
${platformList(status, now)}
</section>
</div>
</div>
<section id="counters" data-live aria-labelledby="counters-title">
<h2 id="counters-title" class="unseen">${language.say("status.counters")}</h2>
${countersTable(status, language)}
</section>`;
}

function agreed(announced: PolicyStanding["announced"], language: Now["language"]): Html {
  if (announced === null)
    return html`<p class="muted"><a href="/policy">${language.say("status.agreed")}</a> · <a href="/history">${language.say("history.see")}</a></p>`;
  const hours = Math.max(1, Math.ceil(announced.hoursLeft));
  return html`<p class="note late">${language.say("status.announced", { hours })} <a href="/policy">${language.say("status.announced-see")}</a></p>`;
}

function verdict({ devices, cameras }: GatewayStatus, hands: readonly Hand[], language: Now["language"]): Html {
  const [first, ...others] = hands;
  if (first === undefined) {
    const kit = language.list([
      language.say("status.kit-devices", { count: devices.length }),
      language.say("status.kit-cameras", { count: cameras.length }),
    ]);
    return html`<div class="verdict good">${icon("ok")}<div><p class="sentence">${language.say("verdict.all-well")}</p><p>${language.say("verdict.kit", { kit })}</p></div></div>`;
  }
  return html`<div class="verdict ${first.level === "act" ? "bad" : "late"}">${icon("warning")}<div>
<p class="sentence">${first.what}</p><p><b>${language.say("verdict.next-step")}</b> ${nextStep(first, language)}</p>
${others.length === 0 ? null : moreHands(others, language)}
</div></div>`;
}

function moreHands(others: readonly Hand[], language: Now["language"]): Html {
  const shown = others.slice(0, STATUS_LIMITS.handsShown);
  const left = others.length - shown.length;
  return html`<details id="others"><summary>${language.say("verdict.others", { count: others.length })}</summary><ul>${shown.map((hand) => html`<li><b>${hand.what}</b> ${nextStep(hand, language)}</li>`)}${left === 0 ? null : html`<li>${language.say("verdict.more", { count: left })}</li>`}</ul></details>`;
}

function nextStep({ next, page }: Hand, language: Now["language"]): Html {
  return page === undefined ? html`${next}` : html`${next} <a href="${page}">${language.say("verdict.open")}</a>`;
}

/** By the names of the zones, each in the kit's order, so that everything stays in its place; there is no map to look at. */
function byZone(devices: readonly DeviceView[], { now, historyOf }: HistoryCommands & { readonly now: Now }): Html {
  const { language } = now;
  const { devicesShown } = STATUS_LIMITS;
  const isWell = ({ state, flags }: DeviceView) => state === "ok" && flags.length === 0;
  const shown =
    devices.length <= devicesShown
      ? devices
      : devices.toSorted((a, b) => Number(isWell(a)) - Number(isWell(b))).slice(0, devicesShown);
  const zones = [...Map.groupBy(shown, ({ zone }) => zone)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const drawn = (id: string): Html | null => {
    const history = historyOf("device", id);
    return history === null ? null : hoursStrip(history, { kind: "device", now });
  };
  const more = devices.length - shown.length;
  return html`${zones.map(
    ([zone, there]) => html`<h3 class="zone">${named(zone)}</h3>
<ul class="card rows">${there.map((device) => deviceRow(device, { now, beside: null, history: drawn(device.id) }))}</ul>`,
  )}${more === 0 ? null : html`<p><a href="/devices">${language.say("status.devices-more", { count: more })}</a></p>`}`;
}
