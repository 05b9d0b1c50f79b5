// All devices by zone, the bridges apart from them, what waits for approval; and where there is none yet, how to begin.
import type { DeviceView, ProposalView } from "../core/commands.ts";
import type { DeviceState } from "../core/reading.ts";
import { bridgeList, type ShownBridge } from "./bridge-pages.ts";
import { type DeviceFilter, isFiltered, matching, pathOf, STATES } from "./device-filter.ts";
import { doneNote } from "./form-parts.ts";
import { type Html, html, named } from "./html.ts";
import { deviceRow } from "./parts.ts";
import { proposalList } from "./proposal-pages.ts";
import { thenLink } from "./then.ts";
import type { Now } from "./words.ts";

export type ShownKit = {
  readonly devices: readonly DeviceView[];
  readonly bridges: readonly ShownBridge[];
  readonly proposals: readonly ProposalView[];
  readonly filter: DeviceFilter;
  /** What stands beside a device's name: what it speaks. */
  readonly speaks: (device: DeviceView) => string;
  /** Families to begin with, where there is no device yet. */
  readonly usual: readonly { readonly id: string; readonly title: string }[];
  readonly isSteward: boolean;
  readonly done: string | undefined;
  readonly onward: string;
};

/** Fewer are seen at a glance. */
const FILTER_FROM = 9;

export function devicesPage(shown: ShownKit, now: Now): Html {
  const { devices, bridges, proposals, filter, isSteward, done, onward } = shown;
  const { language } = now;
  const { say } = language;
  const isEmpty = devices.length === 0 && bridges.length === 0;
  return html`<h1>${say("device.title")}</h1>
${doneNote(done, language)}
${thenLink(onward, language)}
${isSteward && !isEmpty ? html`<p><a class="button" href="/devices/new">${say("device.add")}</a></p>` : null}
<section id="waiting" data-live class="reading">${proposalList(proposals, { now, isSteward, onward })}</section>
<section id="bridges" data-live class="reading">${bridges.length === 0 ? null : html`<h2>${say("bridge.title")}</h2>${bridgeList(bridges, now)}`}</section>
${devices.length < FILTER_FROM && !isFiltered(filter) ? null : filterPart(devices, filter, now)}
<section id="list" data-live class="reading">
${devices.length === 0 ? noDevices(shown, now) : byZone(shown, now)}
</section>`;
}

function noDevices({ bridges, usual, isSteward }: ShownKit, { language: { say } }: Now): Html {
  if (!isSteward) return html`<p class="card card-text">${say("device.none-volunteer")}</p>`;
  if (bridges.length > 0) return html`<p class="card card-text">${say("device.none-bridge")}</p>`;
  return html`<div class="card card-text first-device"><h2>${say("device.none-title")}</h2>
<p>${say("device.none-lead")}</p>
<div class="actions">${usual.map(({ id, title }) => html`<a class="button" href="/devices/new/${encodeURIComponent(id)}">${named(title)}</a>`)}<a class="button quiet" href="/devices/new">${say("device.none-other")}</a></div></div>`;
}

function byZone({ devices, filter, speaks }: ShownKit, now: Now): Html {
  const { say } = now.language;
  const found = matching(devices, filter);
  if (found.length === 0)
    return html`<p class="card card-text">${say("device.none-found")} <a href="/devices">${say("device.show-all")}</a></p>`;
  const zones = [...new Set(found.map(({ zone }) => zone))].toSorted();
  return html`${isFiltered(filter) ? html`<p class="muted">${say("device.found", { count: found.length, all: devices.length })} <a href="/devices">${say("device.show-all")}</a></p>` : null}${zones.map(
    (zone) => html`<h2>${named(zone)}</h2>
<ul class="card rows">${found.filter((device) => device.zone === zone).map((device) => deviceRow(device, { now, beside: speaks(device) }))}</ul>`,
  )}`;
}

/** Links and one field: a filter that works without script, and can be kept as a bookmark. */
function filterPart(devices: readonly DeviceView[], filter: DeviceFilter, { language }: Now): Html {
  const { say } = language;
  const zones = [...new Set(devices.map(({ zone }) => zone))].toSorted();
  const states = STATES.filter((state) => devices.some((device) => device.state === state));
  const count = (change: DeviceFilter) => language.number(matching(devices, change).length);
  const choice = (change: DeviceFilter, isHere: boolean, word: Html | string) =>
    html`<li><a href="${pathOf(change)}"${isHere ? html` aria-current="true"` : null}>${word} <span class="count">${count(change)}</span></a></li>`;
  const zoneChoice = (zone: string) => choice({ ...filter, zone }, filter.zone === zone, named(zone));
  const stateChoice = (state: DeviceState) =>
    choice({ ...filter, state }, filter.state === state, say(`parts.state-${state}`));
  return html`<section class="filter reading" aria-label="${say("device.filter")}">
<form method="get" action="/devices" role="search" class="search">
<label for="q">${say("device.search")}</label>
<span class="field"><input id="q" name="q" type="search" value="${filter.q}" dir="auto" maxlength="80" autocomplete="off"><button class="quiet">${say("device.search-do")}</button></span>
${filter.zone === "" ? null : html`<input type="hidden" name="zone" value="${filter.zone}">`}${filter.state === "" ? null : html`<input type="hidden" name="state" value="${filter.state}">`}
</form>
<nav aria-label="${say("device.filter-state")}"><ul>${choice({ ...filter, state: "" }, filter.state === "", say("device.filter-all"))}${states.map(stateChoice)}</ul></nav>
${zones.length < 2 ? null : html`<nav aria-label="${say("device.filter-zone")}"><ul>${choice({ ...filter, zone: "" }, filter.zone === "", say("device.filter-zones"))}${zones.map(zoneChoice)}</ul></nav>`}
</section>`;
}
