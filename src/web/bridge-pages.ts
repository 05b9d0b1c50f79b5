// The bridges: shown apart from the devices they speak for, with their own state, and one of them with what can be changed.
import type { BridgeView } from "../core/commands.ts";
import { doneNote } from "./form-parts.ts";
import { type Html, html, named } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import { sentence } from "./sentence.ts";
import type { Now } from "./words.ts";

/** A bridge beside the title of its family and how many devices it speaks for. */
export type ShownBridge = { readonly bridge: BridgeView; readonly title: string; readonly devices: number };

/** "Zigbee2MQTT bridge: online, heard 1 minute ago." */
export function bridgeList(bridges: readonly ShownBridge[], now: Now): Html {
  return html`<ul class="card rows">${bridges.map((shown) => bridgeRow(shown, now))}</ul>`;
}

function bridgeRow({ bridge, title, devices }: ShownBridge, now: Now): Html {
  const { language } = now;
  const speaks = language.say("bridge.speaks-for", { count: devices });
  return html`<li><a class="row" href="/bridges/${encodeURIComponent(bridge.id)}">
<span class="what"><b>${bridgeName(title, now)}</b> <span class="muted">${named(bridge.id)}</span></span>
<span class="how">${bridgeState(bridge, now)}</span>
<span class="when muted">${bridgeHeard(bridge, now)} · ${speaks}</span>
</a></li>`;
}

export function bridgePage(
  { bridge, title, devices }: ShownBridge,
  { now, isSteward, done }: { now: Now; isSteward: boolean; done: string | undefined },
): Html {
  const { language } = now;
  return html`<p><a href="/devices">${language.say("device.all")}</a></p>
<h1>${bridgeName(title, now)}</h1>
${doneNote(done, language)}
<section id="bridge" data-live class="card card-text reading" aria-label="${language.say("device.state")}">
<p>${bridgeState(bridge, now)} <span class="muted">${bridgeHeard(bridge, now)}</span></p>
${bridgeAdvice(bridge, now)}
<dl>
<dt>${language.say("bridge.speaks")}</dt><dd>${language.say("bridge.devices", { count: devices })}</dd>
<dt>${language.say("device.topic")}</dt><dd><code>${named(bridge.base)}</code></dd>
<dt>${language.say("device.login")}</dt><dd>${language.say(bridge.isPaired ? "bridge.paired" : "bridge.not-paired")}</dd>
<dt>${language.say("device.id")}</dt><dd><code>${bridge.id}</code></dd>
</dl></section>
${isSteward ? bridgeActions(bridge, now) : null}`;
}

/** "Zigbee2MQTT bridge", of a family's title. */
export function bridgeName(title: string, { language }: Pick<Now, "language">): Html {
  return sentence(language, "bridge.name", { family: { html: named(title) } });
}

function bridgeActions({ id, isPaired }: BridgeView, { language }: Now): Html {
  const at = `/bridges/${encodeURIComponent(id)}`;
  return html`<h2>${language.say("device.change")}</h2>
<div id="actions" data-live class="actions reading">
<a class="button" href="${at}/credentials">${language.say(isPaired ? "device.credentials-new" : "device.credentials-first")}</a>
${isPaired ? html`<a class="button quiet" href="${at}/revoke">${language.say("device.revoke")}</a>` : null}
<a class="button quiet" href="${at}/remove">${language.say("device.remove")}</a>
</div>`;
}

function bridgeState({ isPaired, state }: BridgeView, { language }: Now): Html {
  if (!isPaired) return badge({ look: "late", shape: "warning", word: language.say("bridge.not-paired") });
  const looks = { online: "good", offline: "bad", unknown: "calm" } as const;
  return badge({
    look: looks[state],
    shape: state === "online" ? "ok" : state,
    word: language.say(`bridge.${state}`),
  });
}

function bridgeHeard({ heardAt }: BridgeView, now: Now): Html {
  if (heardAt === null) return html`${now.language.say("bridge.never-heard")}`;
  return sentence(now.language, "bridge.heard-ago", { ago: { html: timeAgo(heardAt, now) } });
}

function bridgeAdvice({ isPaired, state }: BridgeView, { language }: Now): Html | null {
  if (isPaired && state !== "offline") return null;
  const next = language.say(isPaired ? "bridge.next-offline" : "bridge.next-not-paired");
  return html`<p><b>${language.say("device.next-step")}</b> ${next}</p>`;
}
