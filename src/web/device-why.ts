// Why a sensor may not be seen: the one next step, and what became of its last messages.
import type { DeviceView, HeardView } from "../core/commands.ts";
import type { MessageKey } from "../languages/say.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import { readingsInWords, reasonOf } from "./reason-words.ts";
import { sentence } from "./sentence.ts";
import type { Speaker } from "./speakers.ts";
import type { Now } from "./words.ts";

type Asked = { readonly device: DeviceView; readonly speaker: Speaker; readonly messages: readonly HeardView[] };

export function whySection({ device, speaker, messages }: Asked, now: Now): Html {
  const title = now.language.say("device.messages");
  return html`<div class="card card-text">${advice({ device, speaker, messages }, now)}</div>
${messages.length === 0 ? null : html`<h3 class="list-title">${title}</h3><ol class="card rows messages">${messages.map((message, index) => messageRow({ message, isFirst: isFirstOfItsReason(messages, index) }, now))}</ol>`}`;
}

/** To the page of who speaks for it. */
export function speakerLink(speaker: Extract<Speaker, { kind: "bridge" | "device" }>): Html {
  return speaker.kind === "bridge"
    ? html`<a href="/bridges/${encodeURIComponent(speaker.bridge.id)}">${named(speaker.bridge.id)}</a>`
    : html`<a href="/devices/${encodeURIComponent(speaker.id)}">${named(speaker.name)}</a>`;
}

/** The one next step for a device that is not seen, or that all is well. */
function advice({ device, speaker, messages }: Asked, { language }: Now): Html {
  const { say } = language;
  const next = (words: Html | string) => html`<p><b>${say("device.next-step")}</b> ${words}</p>`;
  if (!device.isPaired)
    return speaker.kind === "bridge" || speaker.kind === "device"
      ? next(sentence(language, "device.next-speaker-not-paired", { speaker: { html: speakerLink(speaker) } }))
      : next(say("device.next-not-paired"));
  if (speaker.kind === "bridge" && speaker.bridge.state === "offline") return next(say("device.next-bridge-offline"));
  if (device.state === "paused") return next(say("device.next-paused"));
  // What it said last may have been that it goes, and that was used too.
  if (device.state === "offline") {
    const command = { html: html`<code>sudo systemd/install gpio</code>` };
    return next(sentence(language, `device.next-offline-${speaker.kind}`, speaker.kind === "wire" ? { command } : {}));
  }
  if (device.state === "stale")
    return next(say(speaker.kind === "wire" ? "device.next-stale-wire" : "device.next-stale"));
  const [newest] = messages;
  if (newest === undefined) {
    return html`${next(say("device.next-checks"))}
<ol>${CHECKS[speaker.kind].map((check) => html`<li>${say(check)}</li>`)}</ol>`;
  }
  const good = messages.find(({ outcome }) => outcome === "readings");
  if (good === undefined && newest.reason !== null) return next(reasonOf(newest.reason, language).remedy);
  return html`<p>${say("device.works")}</p>`;
}

/** By who speaks for it: what to look at, in this order, when nothing was heard. */
const CHECKS: Readonly<Record<Speaker["kind"], readonly MessageKey[]>> = {
  itself: ["device.check-awake", "device.check-lines", "device.check-network"],
  bridge: ["device.check-awake", "device.check-bridge-shows", "device.check-bridge-near"],
  device: ["device.check-awake", "device.check-speaker-shows", "device.check-speaker-near"],
  wire: ["device.check-wire"],
};

function isFirstOfItsReason(messages: readonly HeardView[], index: number): boolean {
  return messages.findIndex(({ reason }) => reason === messages[index]?.reason) === index;
}

/** Names shown without unfolding. */
const REMOVED_SHOWN = 6;

const OUTCOMES = {
  readings: { look: "good", shape: "ok", word: "device.used" },
  ignored: { look: "calm", shape: "unknown", word: "device.ignored" },
  dropped: { look: "late", shape: "warning", word: "device.dropped" },
} as const;

/** `isFirst`: the newest with its reason, which carries the remedy; twenty times the same advice would hide the rest. */
function messageRow({ message, isFirst }: { message: HeardView; isFirst: boolean }, now: Now): Html {
  const { at, outcome, reason, readings, removed } = message;
  const { language } = now;
  const words = reason === null ? null : reasonOf(reason, language);
  const said = readingsInWords(readings, language);
  const { word, ...looks } = OUTCOMES[outcome];
  return html`<li class="row">
<span class="what">${said !== "" ? html`<b>${said}</b>` : (words?.sentence ?? language.say("reason.nothing-new"))}</span>
<span class="how">${badge({ ...looks, word: language.say(word) })}</span>
<span class="when muted">${timeAgo(at, now)}${said !== "" && words !== null ? ` · ${words.sentence}` : null}${isFirst && words !== null ? html` · ${words.remedy}` : null}</span>
${removed.length === 0 ? null : html`<div class="when muted">${removedFields(message, now)}</div>`}
</li>`;
}

/** Names of fields alone: what they held is gone. */
function removedFields({ at, removed }: HeardView, { language: { say } }: Now): Html {
  const names = (fields: readonly string[]) =>
    html`${fields.map((field, index) => html`${index === 0 ? null : ", "}<code>${plainName(field)}</code>`)}`;
  const label = say("device.not-kept");
  if (removed.length <= REMOVED_SHOWN) return html`${label} ${names(removed)}`;
  const more = say("device.not-kept-more", { count: removed.length - REMOVED_SHOWN });
  return html`<details id="removed-${Date.parse(at)}"><summary>${label} ${names(removed.slice(0, REMOVED_SHOWN))} ${more}</summary>${names(removed.slice(REMOVED_SHOWN))}</details>`;
}
