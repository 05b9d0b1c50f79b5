// One device: what it is and how it is, why it may not be seen, and what a steward can do with it.
import type { Commands, DeviceView, HeardView } from "../core/commands.ts";
import { doneNote } from "./form-parts.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { badge, battery, deviceFlags, deviceState, heard, timeAgo } from "./parts.ts";
import { LAMP_FAULTS, readingWords, reasonOf } from "./reason-words.ts";
import type { Speaker } from "./speakers.ts";
import type { Now } from "./words.ts";

/** `listed`: what the registry knows beside the view, undefined when it is gone. `speaker`: through whom it is heard. */
export type ShownDevice = {
  readonly device: DeviceView;
  readonly listed: ReturnType<Commands["listDevices"]>[number] | undefined;
  readonly speaker: Speaker;
  readonly messages: readonly HeardView[];
  readonly isSteward: boolean;
  readonly done: string | undefined;
};

export function devicePage(shown: ShownDevice, now: Now): Html {
  const { device, listed, speaker, isSteward, done } = shown;
  return html`<p><a href="/devices">All devices</a></p>
<h1>${named(device.name)}</h1>
${doneNote(done)}
<section id="device" data-live class="card card-text reading" aria-label="State">
<p>${deviceState(device.state)} ${deviceFlags(device.flags)} <span class="muted">${heard(device, now)}</span></p>
<dl>
<dt>Zone</dt><dd>${named(device.zone)}</dd>
<dt>Battery</dt><dd>${battery(device)}</dd>
<dt>Profile</dt><dd><code>${device.profile}</code></dd>
${listed === undefined ? null : html`<dt>Topic</dt><dd><code>${named(listed.topic)}</code></dd>`}
<dt>Login</dt><dd>${loginWords(device, speaker)}</dd>
<dt>Id</dt><dd><code>${device.id}</code></dd>
${listed?.outside === undefined || !isSteward ? null : html`<dt>Outside it is called</dt><dd>${nameOutside(listed.outside)}</dd>`}
</dl></section>
${device.lamp === null ? null : lampSection(device, device.lamp, isSteward)}
<h2 id="why-title">Why don't I see my sensor?</h2>
<section id="why" data-live class="reading" aria-labelledby="why-title">${whySection(shown, now)}</section>
${isSteward ? actions(device, speaker) : null}`;
}

/** The map from here to outside; only a steward sees it. */
function nameOutside({ name, until }: { readonly name: string; readonly until: string | null }): Html {
  return html`<code>${name}</code>${until === null ? null : ` until ${until.slice(0, 10)}`}`;
}

function loginWords({ isPaired }: DeviceView, speaker: Speaker): Html {
  switch (speaker.kind) {
    case "itself":
      return html`${isPaired ? "has a login of its own" : "not paired yet"}`;
    case "wire":
      return html`none: it is wired to the gateway`;
    case "bridge":
      return isPaired
        ? html`none of its own: the bridge ${linkTo(speaker)} speaks for it`
        : html`its bridge ${linkTo(speaker)} is not paired yet`;
    case "device":
      return html`none of its own: ${linkTo(speaker)} speaks for it`;
  }
}

function linkTo(speaker: Extract<Speaker, { kind: "bridge" | "device" }>): Html {
  return speaker.kind === "bridge"
    ? html`<a href="/bridges/${encodeURIComponent(speaker.bridge.id)}">${named(speaker.bridge.id)}</a>`
    : html`<a href="/devices/${encodeURIComponent(speaker.id)}">${named(speaker.name)}</a>`;
}

function lampSection({ id }: DeviceView, lamp: NonNullable<DeviceView["lamp"]>, isSteward: boolean): Html {
  const state =
    lamp.isOn === null
      ? badge({ look: "calm", shape: "unknown", word: "not known" })
      : badge({
          look: lamp.isOn ? "good" : "calm",
          shape: lamp.isOn ? "ok" : "paused",
          word: lamp.isOn ? "on" : "off",
        });
  const button = (isOn: boolean) =>
    html`<form method="post" action="/devices/${encodeURIComponent(id)}/switch"><input type="hidden" name="isOn" value="${String(isOn)}"><button id="lamp-${isOn ? "on" : "off"}"${isOn ? null : html` class="quiet"`}>Switch ${isOn ? "on" : "off"}</button></form>`;
  return html`<h2 id="lamp-title">Lamp</h2>
<section id="lamp" data-live class="card card-text reading" aria-labelledby="lamp-title">
<p>${state}</p>
${faultOf(lamp)}
${isSteward && lamp.isSwitchable ? html`<div class="actions">${button(true)}${button(false)}</div><p class="muted">Who switches it is written into the gateway's ledger.</p>` : null}
</section>`;
}

function faultOf({ fault }: NonNullable<DeviceView["lamp"]>): Html | null {
  if (fault === null) return null;
  return html`<p>${badge({ look: "bad", shape: "warning", word: "fault" })} ${LAMP_FAULTS[fault]}</p>`;
}

function whySection({ device, speaker, messages }: ShownDevice, now: Now): Html {
  return html`<div class="card card-text">${advice(device, speaker, messages)}</div>
${messages.length === 0 ? null : html`<h3 class="list-title">Its last messages</h3><ol class="card rows messages">${messages.map((message, index) => messageRow({ message, isFirst: isFirstOfItsReason(messages, index) }, now))}</ol>`}`;
}

/** The one next step for a device that is not seen, or that all is well. */
function advice(device: DeviceView, speaker: Speaker, messages: readonly HeardView[]): Html {
  const next = (words: Html | string) => html`<p><b>Next step:</b> ${words}</p>`;
  if (!device.isPaired)
    return speaker.kind === "bridge" || speaker.kind === "device"
      ? next(
          html`${linkTo(speaker)} speaks for it and is not paired, so it cannot be heard. Open that, and make its login.`,
        )
      : next("it has no login yet, so it cannot be heard. Make one below, and type the lines into the device.");
  if (speaker.kind === "bridge" && speaker.bridge.state === "offline")
    return next("its bridge is offline. Is the bridge's program running, and its machine on?");
  if (device.state === "paused")
    return next("it is paused: it is heard, and its readings are not used. Resume it below.");
  // What it said last may have been that it goes, and that was used too.
  if (device.state === "offline") return next(OFFLINE[speaker.kind]);
  if (device.state === "stale")
    return next(`it has been silent for longer than usual. ${speaker.kind === "wire" ? WIRED : AWAKE}`);
  const [newest] = messages;
  if (newest === undefined) {
    return html`${next("no message came since it was added, or since the gateway started. Check these, in this order:")}
<ol>${CHECKS[speaker.kind].map((check) => html`<li>${check}</li>`)}</ol>`;
  }
  const good = messages.find(({ outcome }) => outcome === "readings");
  if (good === undefined && newest.reason !== null) return next(reasonOf(newest.reason).remedy);
  return html`<p>It is heard, and its readings are used.</p>`;
}

/** By who speaks for it: the next step when it said that it goes, or somebody said so for it. */
const OFFLINE: Readonly<Record<Speaker["kind"], string>> = {
  itself: "it said that it goes, or its connection broke. Has it power, and is it in reach of the network?",
  bridge: "its bridge says that it is away. Has it power, and is it near enough to the bridge?",
  device: "it is said to be away. Has it power, and is it near enough to what speaks for it?",
  wire: "its pin cannot be read; it is tried again every minute. Is the number right, and may the gateway use GPIO? On a Pi: sudo systemd/install gpio",
};

const AWAKE = "Is it switched on, and are its batteries fresh? Wake it with its button, or walk past it.";

const WIRED = "Is the wire on the right pin, at both ends?";

/** What to look at, in this order, when nothing was heard. */
const CHECKS: Readonly<Record<Speaker["kind"], readonly string[]>> = {
  itself: [
    AWAKE,
    "Were the lines typed exactly, the password and the topic too? A new login shows them again.",
    "Is it in the same network, and near enough to its access point?",
  ],
  bridge: [
    AWAKE,
    "Does the bridge's own page show it, under the name that stands in its topic here?",
    "Is it near enough to the bridge?",
  ],
  device: [
    AWAKE,
    "Does what speaks for it show it, under the name that stands in its topic here?",
    "Is it near enough to that?",
  ],
  wire: [WIRED],
};

function isFirstOfItsReason(messages: readonly HeardView[], index: number): boolean {
  return messages.findIndex(({ reason }) => reason === messages[index]?.reason) === index;
}

/** Names shown without unfolding. */
const REMOVED_SHOWN = 6;

const OUTCOMES = {
  readings: { look: "good", shape: "ok", word: "used" },
  ignored: { look: "calm", shape: "unknown", word: "nothing new" },
  dropped: { look: "late", shape: "warning", word: "not used" },
} as const;

/** `isFirst`: the newest with its reason, which carries the remedy; twenty times the same advice would hide the rest. */
function messageRow({ message, isFirst }: { message: HeardView; isFirst: boolean }, now: Now): Html {
  const { at, outcome, reason, readings, removed } = message;
  const words = reason === null ? null : reasonOf(reason);
  const said = readings.map(readingWords).join(", ");
  return html`<li class="row">
<span class="what">${said !== "" ? html`<b>${said}</b>` : (words?.sentence ?? "Nothing in it was new.")}</span>
<span class="how">${badge(OUTCOMES[outcome])}</span>
<span class="when muted">${timeAgo(at, now)}${said !== "" && words !== null ? ` · ${words.sentence}` : null}${isFirst && words !== null ? html` · ${words.remedy}` : null}</span>
${removed.length === 0 ? null : html`<div class="when muted">${removedFields(message)}</div>`}
</li>`;
}

/** Names of fields alone: what they held is gone. */
function removedFields({ at, removed }: HeardView): Html {
  const names = (fields: readonly string[]) =>
    html`${fields.map((field, index) => html`${index === 0 ? null : ", "}<code>${plainName(field)}</code>`)}`;
  if (removed.length <= REMOVED_SHOWN) return html`Not kept: ${names(removed)}`;
  return html`<details id="removed-${Date.parse(at)}"><summary>Not kept: ${names(removed.slice(0, REMOVED_SHOWN))} and ${removed.length - REMOVED_SHOWN} more</summary>${names(removed.slice(REMOVED_SHOWN))}</details>`;
}

function actions({ id, state, isPaired }: DeviceView, speaker: Speaker): Html {
  const at = `/devices/${encodeURIComponent(id)}`;
  const change = state === "paused" ? "resume" : "pause";
  return html`<h2>Change</h2>
<div id="actions" data-live class="actions reading">
${speaker.kind === "itself" ? html`<a class="button" href="${at}/credentials">${isPaired ? "New login" : "Make its login"}</a>` : null}
<form method="post" action="${at}/${change}"><button id="pause" class="quiet">${change === "pause" ? "Pause" : "Resume"}</button></form>
${speaker.kind === "itself" && isPaired ? html`<a class="button quiet" href="${at}/revoke">Revoke its login</a>` : null}
<a class="button quiet" href="/erase?device=${encodeURIComponent(id)}">Erase what it said</a>
<a class="button quiet" href="${at}/remove">Remove</a>
</div>`;
}
