// Parts that several pages show: states, flags, times, camera cards.
import type { CameraView, DeviceView } from "../core/commands.ts";
import type { DeviceFlag, DeviceState } from "../core/reading.ts";
import { type Html, html, named, plainName, plainText } from "./html.ts";
import { type Icon, icon } from "./icons.ts";
import { ago, countOf, exactTime, type Now } from "./words.ts";

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
export function deviceState(state: DeviceState): Html {
  return badge({ look: DEVICE_LOOKS[state], shape: state, word: state });
}

const FLAG_WORDS: Record<DeviceFlag, string> = { "low-battery": "low battery", tamper: "opened or moved" };

export function deviceFlags(flags: readonly DeviceFlag[]): Html | null {
  if (flags.length === 0) return null;
  return html`${flags.map((flag) => badge({ look: "late", shape: flag === "low-battery" ? "battery" : "warning", word: FLAG_WORDS[flag] }))}`;
}

function lampFault({ lamp }: DeviceView): Html | null {
  return lamp === null || lamp.fault === null ? null : badge({ look: "bad", shape: "warning", word: "lamp fault" });
}

/** "heard 3 minutes ago", or why nothing was heard. */
export function heard({ heardAt, isPaired }: DeviceView, now: Now): Html {
  if (heardAt === null) return html`${isPaired ? "never heard" : "not paired"}`;
  return html`heard ${timeAgo(heardAt, now)}`;
}

/** A device in a list, the whole row a link to its page. `beside`: what stands beside its name. */
export function deviceRow(device: DeviceView, { now, beside }: { now: Now; beside: string }): Html {
  const { id, name, state, flags, batteryPct } = device;
  return html`<li><a class="row" href="/devices/${id}">
<span class="what"><b>${named(name)}</b> <span class="muted">${named(beside)}</span></span>
<span class="how">${lampFault(device)}${deviceFlags(flags)}${deviceState(state)}</span>
<span class="when muted">${heard(device, now)}${batteryPct === null ? null : html` · battery ${battery(device)}`}</span>
</a></li>`;
}

export function battery({ batteryPct, flags }: DeviceView): string {
  if (batteryPct !== null) return `${Math.round(batteryPct)} %`;
  return flags.includes("low-battery") ? "low" : "not told";
}

/** "3 minutes ago", with the exact time for who wants it. */
export function timeAgo(iso: string, now: Now): Html {
  return html`<time datetime="${iso}" title="${exactTime(iso, now)}">${ago(iso, now)}</time>`;
}

const CAMERA_LOOKS: Record<CameraView["state"], { look: "good" | "late" | "bad" | "calm"; shape: Icon; word: string }> =
  {
    ok: { look: "good", shape: "ok", word: "ok" },
    "no-policy": { look: "calm", shape: "paused", word: "off: no policy" },
    ended: { look: "calm", shape: "paused", word: "off: the policy's time is over" },
    unreachable: { look: "bad", shape: "offline", word: "no picture" },
    withheld: { look: "late", shape: "warning", word: "last picture withheld" },
    "cannot-see": { look: "bad", shape: "warning", word: "face finder failed" },
  };

export function cameraState({ state }: CameraView): Html {
  return badge(CAMERA_LOOKS[state]);
}

/** A camera with its last redacted picture. The address changes with the picture, so that a browser never shows an old one. */
export function cameraCard(camera: CameraView, now: Now): Html {
  const { id, name, zone, lastImageSha256, takenToday, perDay, why, caution } = camera;
  const picture =
    lastImageSha256 === null
      ? html`<div class="no-picture">${icon("camera")}<p>No picture yet</p></div>`
      : html`<img class="picture" src="/cameras/${id}/last.jpg?v=${lastImageSha256.slice(0, 16)}" alt="Last redacted picture of ${plainName(name)}" width="640" height="360">`;
  return html`<li class="card camera">
${picture}
<div class="card-text">
<h3><a href="/cameras/${id}">${named(name)}</a> ${cameraState(camera)}</h3>
<p class="muted">${named(zone)} · ${lastSnapshot(camera, now)}</p>
<p>${found(camera)}</p>
<p>${takenToday} of ${perDay} used today</p>
${why === null ? null : html`<p class="muted">${plainName(why)}</p>`}
${caution === null ? null : html`<p class="note late">${icon("warning")} ${plainText(caution)}</p>`}
</div></li>`;
}

function lastSnapshot({ lastSnapshotAt }: CameraView, now: Now): Html {
  return lastSnapshotAt === null ? html`no snapshot yet` : html`snapshot ${timeAgo(lastSnapshotAt, now)}`;
}

/** What was found in its last picture. */
export function found({ lastImageSha256, lastRegions }: CameraView): string {
  if (lastImageSha256 === null || lastRegions === null) return "Nothing looked at yet.";
  if (lastRegions === 0) return "No face found; nothing painted over.";
  return `Painted over in ${countOf(lastRegions, "place")}.`;
}
