// Parts that several pages show: states, flags, times.
import type { DeviceView } from "../core/commands.ts";
import type { DeviceFlag, DeviceState } from "../core/reading.ts";
import type { Language } from "../languages/say.ts";
import { type Html, html, named } from "./html.ts";
import { type Icon, icon } from "./icons.ts";
import { sentence } from "./sentence.ts";
import { ago, exactTime, type Now } from "./words.ts";

/** A word with its shape and colour; none of the three is needed to understand the other two. */
export function badge({
  look,
  shape,
  word,
}: {
  look: "good" | "late" | "bad" | "calm";
  shape: Icon;
  word: string;
}): Html {
  return html`<span class="badge ${look}">${icon(shape)}<span>${word}</span></span>`;
}

const DEVICE_LOOKS: Record<DeviceState, "good" | "late" | "bad" | "calm"> = {
  ok: "good",
  stale: "late",
  offline: "bad",
  unknown: "calm",
  paused: "calm",
};

/** One of the five words (product.md). */
export function deviceState(state: DeviceState, language: Language): Html {
  return badge({ look: DEVICE_LOOKS[state], shape: state, word: language.say(`parts.state-${state}`) });
}

export function deviceFlags(flags: readonly DeviceFlag[], language: Language): Html | null {
  if (flags.length === 0) return null;
  const shapes = { "low-battery": "battery", tamper: "warning" } as const;
  return html`${flags.map((flag) => badge({ look: "late", shape: shapes[flag], word: language.say(`parts.${flag}`) }))}`;
}

function lampFault({ lamp }: DeviceView, language: Language): Html | null {
  if (lamp === null || lamp.fault === null) return null;
  return badge({ look: "bad", shape: "warning", word: language.say("parts.lamp-fault") });
}

/** "heard 3 minutes ago", or why nothing was heard. */
export function heard({ heardAt, isPaired }: DeviceView, now: Now): Html {
  if (heardAt === null) return html`${now.language.say(isPaired ? "parts.never-heard" : "parts.not-paired")}`;
  return sentence(now.language, "parts.heard", { ago: { html: timeAgo(heardAt, now) } });
}

/** A device in a list, the whole row a link to its page. `beside`: what stands beside its name, if anything. `history`: drawn below. */
export function deviceRow(
  device: DeviceView,
  { now, beside, history = null }: { now: Now; beside: string | null; history?: Html | null },
): Html {
  const { id, name, state, flags, batteryPct, linkPct = null } = device;
  const { language } = now;
  // Each for itself, so that in Arabic none turns its neighbours.
  const facts = [
    heard(device, now),
    ...(batteryPct === null ? [] : [language.say("parts.battery", { percent: battery(device, language) })]),
    ...(linkPct === null ? [] : [language.say("parts.signal", { percent: language.percent(linkPct / 100) })]),
  ].map((fact, index) => html`${index === 0 ? "" : " · "}<bdi>${fact}</bdi>`);
  return html`<li><a class="row" href="/devices/${id}">
<span class="what"><b>${named(name)}</b>${beside === null ? null : html` <span class="muted">${named(beside)}</span>`}</span>
<span class="how">${lampFault(device, language)}${deviceFlags(flags, language)}${deviceState(state, language)}</span>
<span class="when muted">${facts}</span>
</a>${history}</li>`;
}

export function battery({ batteryPct, flags }: DeviceView, language: Language): string {
  if (batteryPct !== null) return language.percent(batteryPct / 100);
  return language.say(flags.includes("low-battery") ? "parts.battery-low" : "parts.battery-not-told");
}

/** "3 minutes ago", with the exact time for who wants it. */
export function timeAgo(iso: string, now: Now): Html {
  return html`<time datetime="${iso}" title="${exactTime(iso, now)}">${ago(iso, now)}</time>`;
}
