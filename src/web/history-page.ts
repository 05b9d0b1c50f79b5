// How everything was in the last month, drawn; and the same of one thing, for its own page.
import type { GatewayStatus } from "../core/commands.ts";
import type { HistoryCommands, HistoryKind } from "../core/history-commands.ts";
import { dayEdges, daysStrip, hoursStrip } from "./history-chart.ts";
import { HISTORY_PAGE_LIMITS } from "./history-page-limits.ts";
import { daysSentence, hoursSentence } from "./history-words.ts";
import { type Html, html, named } from "./html.ts";
import { icon } from "./icons.ts";
import type { Now } from "./words.ts";

type Asked = HistoryCommands & { readonly now: Now };
type Thing = { readonly kind: HistoryKind; readonly id: string; readonly name: string; readonly page: string | null };

export function historyPage(status: GatewayStatus, { historyOf, now }: Asked): Html {
  const { language } = now;
  const edges = dayEdges(now);
  const shown = status.devices.slice(0, HISTORY_PAGE_LIMITS.devicesShown);
  const more = status.devices.length - shown.length;
  const part = (title: string, things: readonly Thing[]): Html | null =>
    things.length === 0
      ? null
      : html`<h2>${title}</h2><ul class="card rows">${things.map((thing) => row(thing, { historyOf, now, edges }))}</ul>`;
  const box: Thing = { kind: "gateway", id: "gateway", name: status.gateway.name, page: null };
  return html`<h1>${language.say("history.title")}</h1>
<p class="lead">${language.say("history.lead")}</p>
${legend(now)}
<section id="history" data-live class="reading">
${part(language.say("history.box"), [box])}
${part(
  language.say("history.platforms"),
  status.sinks.map(({ id }) => ({ kind: "platform", id, name: id, page: "/buffer" })),
)}
${part(
  language.say("history.cameras"),
  status.cameras.map(({ id, name }) => ({ kind: "camera", id, name, page: `/cameras/${id}` })),
)}
${part(
  language.say("history.devices"),
  shown.map(({ id, name }) => ({ kind: "device", id, name, page: `/devices/${id}` })),
)}
${more === 0 ? null : html`<p>${language.say("history.device-more", { count: more })}</p>`}
</section>`;
}

type Drawing = Asked & { readonly edges: readonly number[] };

function row({ kind, id, name, page }: Thing, drawing: Drawing): Html {
  const title = page === null ? named(name) : html`<a href="${page}">${named(name)}</a>`;
  return html`<li class="card-text"><h3>${title}</h3>${drawn({ kind, id }, drawing)}</li>`;
}

/** Both drawings of one thing with their sentences, for its own page. */
export function historyOfThing(thing: Pick<Thing, "kind" | "id">, asked: Asked): Html {
  return drawn(thing, { ...asked, edges: dayEdges(asked.now) });
}

function drawn({ kind, id }: Pick<Thing, "kind" | "id">, { historyOf, now, edges }: Drawing): Html {
  const { language } = now;
  const history = historyOf(kind, id);
  if (history === null || history.changes.every(({ state }) => state === null))
    return html`<p class="muted">${language.say("history.nothing")}</p>`;
  const hours = { fromMs: now.nowMs - HISTORY_PAGE_LIMITS.hoursMs, toMs: now.nowMs };
  const days = { fromMs: edges[0] ?? now.nowMs, toMs: now.nowMs };
  const lows = history.lows.filter(({ batteryPct }) => batteryPct !== null).map(({ batteryPct }) => batteryPct ?? 100);
  return html`<div class="histories">
<div>${hoursStrip(history, { kind, now })}<p class="muted" aria-hidden="true">${hoursSentence(history, { kind, span: hours, now })}</p></div>
<div>${daysStrip(history, { kind, now, edges })}<p class="muted" aria-hidden="true">${daysSentence(history, { kind, span: days, now })}</p></div>
</div>${lows.length === 0 ? null : html`<p class="muted">${icon("battery")} ${language.say("history.lowest", { battery: language.percent(Math.min(...lows) / 100) })}</p>`}`;
}

function legend({ language }: Now): Html {
  const states = ["ok", "stale", "offline", "paused"] as const;
  const heights = { ok: 20, stale: 12, offline: 6, paused: 2 };
  return html`<details id="legend" class="reading"><summary>${language.say("history.legend")}</summary><ul class="legend">${states.map(
    (state) =>
      html`<li><svg class="strip key" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><rect class="${state}" x="0" y="${20 - heights[state]}" width="20" height="${heights[state]}"/></svg> ${language.say(`history.legend-${state}`)}</li>`,
  )}<li><svg class="strip key" viewBox="0 0 20 20" aria-hidden="true" focusable="false"></svg> ${language.say("history.legend-none")}</li></ul></details>`;
}
