// Parts that show a camera: its state in a word, its card with the last redacted picture, what was found in it.
import type { CameraView } from "../core/commands.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { type Html, html, named, plainName, plainText } from "./html.ts";
import { type Icon, icon } from "./icons.ts";
import { badge, timeAgo } from "./parts.ts";
import { inEnglish } from "./refusal-page.ts";
import type { Now } from "./words.ts";

type Look = { readonly look: "good" | "late" | "bad" | "calm"; readonly shape: Icon; readonly key: MessageKey };

const LOOKS: Record<CameraView["state"], Look> = {
  ok: { look: "good", shape: "ok", key: "camera.state-ok" },
  paused: { look: "calm", shape: "paused", key: "camera.state-paused" },
  "no-policy": { look: "calm", shape: "paused", key: "camera.state-no-policy" },
  ended: { look: "calm", shape: "paused", key: "camera.state-ended" },
  unreachable: { look: "bad", shape: "offline", key: "camera.state-unreachable" },
  withheld: { look: "late", shape: "warning", key: "camera.state-withheld" },
  "cannot-see": { look: "bad", shape: "warning", key: "camera.state-cannot-see" },
};

export function cameraState({ state }: CameraView, language: Language): Html {
  const { look, shape, key } = LOOKS[state];
  return badge({ look, shape, word: language.say(key) });
}

/** A camera with its last redacted picture. The address changes with the picture, so that a browser never shows an old one. */
export function cameraCard(camera: CameraView, now: Now): Html {
  const { id, name, zone } = camera;
  return html`<li class="card camera">
${lastPicture(camera, now.language, { width: 640, height: 360 })}
<div class="card-text">
<h3><a href="/cameras/${id}">${named(name)}</a> ${cameraState(camera, now.language)}</h3>
<p class="muted">${named(zone)} · ${lastSnapshot(camera, now)}</p>
<p>${found(camera, now.language)}</p>
<p>${usedToday(camera, now.language)}</p>
${whyWords(camera, now.language)}
${cautionNote(camera)}
</div></li>`;
}

/** The newest picture that may leave, or that there is none. */
export function lastPicture(
  { id, name, lastImageSha256 }: CameraView,
  language: Language,
  { width, height }: { readonly width: number; readonly height: number },
): Html {
  if (lastImageSha256 === null)
    return html`<div class="no-picture">${icon("camera")}<p>${language.say("camera.picture-none")}</p></div>`;
  const alt = language.say("camera.picture-alt", { camera: plainName(name) });
  return html`<img class="picture" src="/cameras/${id}/last.jpg?v=${lastImageSha256.slice(0, 16)}" alt="${alt}" width="${width}" height="${height}">`;
}

export function lastSnapshot({ lastSnapshotAt }: CameraView, now: Now): Html {
  if (lastSnapshotAt === null) return html`${now.language.say("camera.snapshot-none")}`;
  return html`${now.language.pieces("camera.snapshot", { ago: timeAgo(lastSnapshotAt, now) })}`;
}

/** What was found in its last picture. */
export function found({ lastImageSha256, lastRegions }: CameraView, language: Language): string {
  if (lastImageSha256 === null || lastRegions === null) return language.say("camera.found-nothing-yet");
  return language.say("camera.found", { count: lastRegions });
}

export function usedToday({ takenToday, perDay }: CameraView, language: Language): string {
  return language.say("camera.used-today", { used: takenToday, perDay });
}

/** Why it is in this state: in the reader's language where it is known, else in the box's own words. */
export function whyWords({ state, why, pausedBy = null }: CameraView, { say }: Language): Html | null {
  if (state === "paused") {
    if (pausedBy !== null) return html`<p>${say("camera.paused-by", { user: plainName(pausedBy) })}</p>`;
    return html`<p>${say(why === null ? "camera.paused" : "camera.paused-draft")}</p>`;
  }
  if (why === null || state === "no-policy" || state === "ended") return null;
  return inEnglish(why);
}

/** What the house says of a camera that works and yet should be seen to; it holds lines to type, and is there in English. */
export function cautionNote({ caution }: CameraView): Html | null {
  return caution === null
    ? null
    : html`<p class="note late" lang="en" dir="ltr">${icon("warning")} ${plainText(caution)}</p>`;
}
