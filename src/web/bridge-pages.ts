// The bridges: shown apart from the devices they speak for, with their own state, and one of them with what can be changed.
import type { BridgeView } from "../core/commands.ts";
import { doneNote } from "./form-parts.ts";
import { type Html, html, named } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import { countOf, type Now } from "./words.ts";

/** A bridge beside the title of its family and how many devices it speaks for. */
export type ShownBridge = { readonly bridge: BridgeView; readonly title: string; readonly devices: number };

/** "Zigbee2MQTT bridge: online, heard 1 minute ago." */
export function bridgeList(bridges: readonly ShownBridge[], now: Now): Html {
  return html`<ul class="card rows">${bridges.map((shown) => bridgeRow(shown, now))}</ul>`;
}

function bridgeRow({ bridge, title, devices }: ShownBridge, now: Now): Html {
  return html`<li><a class="row" href="/bridges/${encodeURIComponent(bridge.id)}">
<span class="what"><b>${named(title)} bridge</b> <span class="muted">${named(bridge.id)}</span></span>
<span class="how">${bridgeState(bridge)}</span>
<span class="when muted">${bridgeHeard(bridge, now)} · speaks for ${speaksFor(devices)}</span>
</a></li>`;
}

export function bridgePage(
  { bridge, title, devices }: ShownBridge,
  { now, isSteward, done }: { now: Now; isSteward: boolean; done: string | undefined },
): Html {
  return html`<p><a href="/devices">All devices</a></p>
<h1>${named(title)} bridge</h1>
${doneNote(done)}
<section id="bridge" data-live class="card card-text reading" aria-label="State">
<p>${bridgeState(bridge)} <span class="muted">${bridgeHeard(bridge, now)}</span></p>
${bridgeAdvice(bridge)}
<dl>
<dt>Speaks for</dt><dd>${speaksFor(devices)}</dd>
<dt>Topic</dt><dd><code>${named(bridge.base)}</code></dd>
<dt>Login</dt><dd>${bridge.isPaired ? "has a login" : "not paired"}</dd>
<dt>Id</dt><dd><code>${bridge.id}</code></dd>
</dl></section>
${isSteward ? bridgeActions(bridge) : null}`;
}

function bridgeActions({ id, isPaired }: BridgeView): Html {
  const at = `/bridges/${encodeURIComponent(id)}`;
  return html`<h2>Change</h2>
<div id="actions" data-live class="actions reading">
<a class="button" href="${at}/credentials">${isPaired ? "New login" : "Make its login"}</a>
${isPaired ? html`<a class="button quiet" href="${at}/revoke">Revoke its login</a>` : null}
<a class="button quiet" href="${at}/remove">Remove</a>
</div>`;
}

function speaksFor(devices: number): string {
  return devices === 0 ? "no device yet" : countOf(devices, "device");
}

function bridgeState({ isPaired, state }: BridgeView): Html {
  if (!isPaired) return badge({ look: "late", shape: "warning", word: "not paired" });
  const looks = { online: "good", offline: "bad", unknown: "calm" } as const;
  return badge({ look: looks[state], shape: state === "online" ? "ok" : state, word: state });
}

function bridgeHeard({ heardAt }: BridgeView, now: Now): Html {
  return heardAt === null ? html`never heard` : html`heard ${timeAgo(heardAt, now)}`;
}

function bridgeAdvice({ isPaired, state }: BridgeView): Html | null {
  if (!isPaired)
    return html`<p><b>Next step:</b> make its login, and type the lines that are shown into its settings. Until then none of its devices is heard.</p>`;
  if (state === "offline")
    return html`<p><b>Next step:</b> is the bridge's program running, and its machine on? Until then none of its devices is heard.</p>`;
  return null;
}
