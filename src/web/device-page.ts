// One device: what it is and how it is, why it may not be seen, and what a steward can do with it.
import type { Commands, DeviceView, HeardView } from "../core/commands.ts";
import { speakerLink, whySection } from "./device-why.ts";
import { doneNote } from "./form-parts.ts";
import { type Html, html, named } from "./html.ts";
import { badge, battery, deviceFlags, deviceState, heard } from "./parts.ts";
import { lampFaultWords } from "./reason-words.ts";
import { sentence } from "./sentence.ts";
import type { Speaker } from "./speakers.ts";
import { thenLink } from "./then.ts";
import type { Now } from "./words.ts";

/** `listed`: what the registry knows beside the view, undefined when it is gone. `speaker`: through whom it is heard. `kind`: its profile in words. */
export type ShownDevice = {
  readonly device: DeviceView;
  readonly listed: ReturnType<Commands["listDevices"]>[number] | undefined;
  readonly speaker: Speaker;
  readonly messages: readonly HeardView[];
  readonly kind?: string;
  /** How it was in the last month, drawn. */
  readonly history?: Html;
  readonly isSteward: boolean;
  readonly done: string | undefined;
  /** Where one goes on to, if one came from a way through several pages. */
  readonly onward?: string;
};

export function devicePage(shown: ShownDevice, now: Now): Html {
  const { device, listed, speaker, isSteward, done, kind, history } = shown;
  const { language } = now;
  const { say } = language;
  return html`<p><a href="/devices">${say("device.all")}</a></p>
<h1>${named(device.name)}</h1>
${doneNote(done, language)}${thenLink(shown.onward ?? "", language)}
<section id="device" data-live class="card card-text reading" aria-label="${say("device.state")}">
<p>${deviceState(device.state, language)} ${deviceFlags(device.flags, language)} <span class="muted">${heard(device, now)}</span></p>
<dl>
<dt>${say("device.zone")}</dt><dd>${named(device.zone)}</dd>
<dt>${say("device.battery")}</dt><dd>${battery(device, language)}</dd>
<dt>${say("device.signal")}</dt><dd>${signal(shown, now)}</dd>
<dt>${say("device.kind")}</dt><dd>${kind === undefined ? null : html`<bdi lang="en">${kind}</bdi> `}<code>${device.profile}</code></dd>
${listed === undefined ? null : html`<dt>${say("device.topic")}</dt><dd><code>${named(listed.topic)}</code></dd>`}
<dt>${say("device.login")}</dt><dd>${loginWords(device, speaker, now)}</dd>
<dt>${say("device.id")}</dt><dd><code>${device.id}</code></dd>
${listed?.outside === undefined || !isSteward ? null : html`<dt>${say("device.outside")}</dt><dd>${nameOutside(listed.outside, now)}</dd>`}
</dl></section>
${device.lamp === null ? null : lampSection(device, { lamp: device.lamp, isSteward, now })}
${history === undefined ? null : html`<h2 id="history-title">${say("history.title")}</h2><section id="history" data-live class="card card-text reading" aria-labelledby="history-title">${history}</section>`}
<h2 id="why-title">${say("device.why")}</h2>
<section id="why" data-live class="reading" aria-labelledby="why-title">${whySection(shown, now)}</section>
${isSteward ? actions(device, speaker, now) : null}`;
}

function signal({ device: { linkPct = null } }: ShownDevice, { language }: Now): string {
  return linkPct === null ? language.say("device.not-told") : language.percent(linkPct / 100);
}

/** The map from here to outside; only a steward sees it. */
function nameOutside(outside: { readonly name: string; readonly until: string | null }, { language }: Now): Html {
  const name = html`<code>${outside.name}</code>`;
  if (outside.until === null) return name;
  const day = language.day(outside.until.slice(0, 10));
  return sentence(language, "device.outside-until", { name: { html: name }, day });
}

function loginWords({ isPaired }: DeviceView, speaker: Speaker, { language }: Now): Html {
  switch (speaker.kind) {
    case "itself":
      return html`${language.say(isPaired ? "device.login-own" : "device.login-none")}`;
    case "wire":
      return html`${language.say("device.login-wire")}`;
    case "bridge": {
      const bridge = { html: speakerLink(speaker) };
      return sentence(language, isPaired ? "device.login-bridge" : "device.login-bridge-none", { bridge });
    }
    case "device":
      return sentence(language, "device.login-behind", { device: { html: speakerLink(speaker) } });
  }
}

type ShownLamp = {
  readonly lamp: NonNullable<DeviceView["lamp"]>;
  readonly isSteward: boolean;
  readonly now: Now;
};

function lampSection({ id }: DeviceView, { lamp, isSteward, now: { language } }: ShownLamp): Html {
  const { say } = language;
  const state =
    lamp.isOn === null
      ? badge({ look: "calm", shape: "unknown", word: say("device.lamp-unknown") })
      : badge({
          look: lamp.isOn ? "good" : "calm",
          shape: lamp.isOn ? "ok" : "paused",
          word: say(lamp.isOn ? "device.lamp-on" : "device.lamp-off"),
        });
  const button = (isOn: boolean) =>
    html`<form method="post" action="/devices/${encodeURIComponent(id)}/switch"><input type="hidden" name="isOn" value="${String(isOn)}"><button id="lamp-${isOn ? "on" : "off"}"${isOn ? null : html` class="quiet"`}>${say(isOn ? "device.switch-on" : "device.switch-off")}</button></form>`;
  return html`<h2 id="lamp-title">${say("device.lamp")}</h2>
<section id="lamp" data-live class="card card-text reading" aria-labelledby="lamp-title">
<p>${state}</p>
${lamp.fault === null ? null : html`<p>${badge({ look: "bad", shape: "warning", word: say("device.lamp-fault") })} ${lampFaultWords(lamp.fault, language)}</p>`}
${isSteward && lamp.isSwitchable ? html`<div class="actions">${button(true)}${button(false)}</div><p class="muted">${say("device.switch-noted")}</p>` : null}
</section>`;
}

/** What is done now and then, and apart from it what is done when it is broken or gone. */
function actions({ id, state, isPaired }: DeviceView, speaker: Speaker, { language: { say } }: Now): Html {
  const at = `/devices/${encodeURIComponent(id)}`;
  const change = state === "paused" ? "resume" : "pause";
  const isNew = speaker.kind === "itself" && !isPaired;
  return html`<h2>${say("device.change")}</h2>
<div id="actions" data-live class="reading">
<div class="actions">
${isNew ? html`<a class="button" href="${at}/credentials">${say("device.credentials-first")}</a>` : null}
<a class="button${isNew ? " quiet" : ""}" href="${at}/edit">${say("device.edit")}</a>
<form method="post" action="${at}/${change}"><button id="pause" class="quiet">${say(`device.${change}`)}</button></form>
${speaker.kind === "itself" && isPaired ? html`<a class="button quiet" href="${at}/credentials">${say("device.credentials-new")}</a>` : null}
</div>
<h3>${say("device.change-gone")}</h3>
<div class="actions">
<a class="button quiet" href="${at}/replace">${say("device.replace")}</a>
${speaker.kind === "itself" && isPaired ? html`<a class="button quiet" href="${at}/revoke">${say("device.revoke")}</a>` : null}
<a class="button quiet" href="/erase?device=${encodeURIComponent(id)}">${say("device.erase")}</a>
<a class="button quiet" href="${at}/remove">${say("device.remove")}</a>
</div>
</div>`;
}
