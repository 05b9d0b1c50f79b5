// Where a new camera is: found in the network, on a cable, by its address, or sending by itself. Each way is a form of its own.
import type { Language } from "../languages/say.ts";
import type { FoundCamera } from "../settings/camera-trials.ts";
import type { CameraSettings } from "../settings/schema.ts";
import { type Maker, MAKERS, makerOf } from "./camera-makers.ts";
import { FIELD_CHARS } from "./forms.ts";
import { type Html, html, named } from "./html.ts";
import { thenField, withThen } from "./then.ts";

type Source = CameraSettings["source"];

/** `found`: null before anybody looked. `typed`: what fills the form of the address. `at`: the address of the new camera's pages. `after`: where one goes on to at the end, see then.ts. */
export type ShownSource = {
  readonly at: string;
  readonly found: readonly FoundCamera[] | null;
  readonly plugged: readonly Source[];
  readonly now: Source | undefined;
  readonly typed: { readonly address: string; readonly maker: string; readonly user: string };
  readonly after: string;
};

export function sourcePart(shown: ShownSource, language: Language): Html {
  const { say } = language;
  return html`<p class="lead">${say("camera.new-lead")}</p>
<div class="columns"><div>
${finding(shown, language)}
${plugged(shown, language)}
</div><div>
${byAddress(shown, language)}
${sending(shown, language)}
</div></div>`;
}

function finding({ at, found, after }: ShownSource, { say }: Language): Html {
  const list =
    found === null
      ? null
      : found.length === 0
        ? html`<p role="status">${say("camera.find-none")}</p>`
        : html`<p role="status">${say("camera.find-count", { count: found.length })}</p>
<ul class="rows">${found.map(({ address, name, model }) => {
            const maker = makerOf(`${name} ${model}`)?.id ?? "";
            const query = new URLSearchParams({ address, maker }).toString();
            return html`<li class="row"><span class="what"><b dir="ltr">${address}</b> <span class="muted">${named([name, model].filter((each) => each !== "").join(" · "))}</span></span>
<span class="how"><a class="button quiet" href="${withThen(`${at}?${query}`, after)}#address-form" aria-label="${say("camera.find-use", { address })}">${say("camera.plugged-use")}</a></span></li>`;
          })}</ul>`;
  return html`<section class="card card-text" aria-labelledby="find-title"><h2 id="find-title" class="first">${say("camera.find-title")}</h2>
<p class="muted">${say("camera.find-what")}</p>
${list}
<form method="post" action="${at}/find" data-slow="${say("camera.find-slow")}">${thenField(after)}<button${found === null ? null : html` class="quiet"`}>${say(found === null ? "camera.find-button" : "camera.find-again")}</button></form>
<p id="progress" class="progress" role="status"></p></section>`;
}

function plugged({ at, plugged: cameras, after }: ShownSource, { say }: Language): Html | null {
  if (cameras.length === 0) return null;
  return html`<section class="card card-text" aria-labelledby="plugged-title"><h2 id="plugged-title" class="first">${say("camera.plugged-title")}</h2>
<ul class="rows">${cameras.map((source) => {
    const device = source.kind === "v4l2" ? source.device : "";
    const words = source.kind === "v4l2" ? say("camera.plugged-usb", { device }) : say("camera.plugged-pi");
    return html`<li class="row"><span class="what">${words}</span><span class="how"><form method="post" action="${at}/source">${thenField(after)}<input type="hidden" name="from" value="${source.kind}"><input type="hidden" name="device" value="${device}"><button class="quiet" aria-label="${say("camera.plugged-use-which", { device: words })}">${say("camera.plugged-use")}</button></form></span></li>`;
  })}</ul></section>`;
}

function byAddress({ at, now, typed, after }: ShownSource, { say }: Language): Html {
  const hasPassword = now !== undefined && "credentialsFile" in now && now.credentialsFile !== undefined;
  const isMjpeg = now?.kind === "mjpeg";
  return html`<form id="address-form" method="post" action="${at}/source" class="card card-text">
<h2 class="first">${say("camera.address-title")}</h2>
${thenField(after)}<input type="hidden" name="from" value="address">
<label for="address">${say("camera.address")}</label>
<input id="address" name="address" value="${typed.address}" required maxlength="${FIELD_CHARS.topic}" autocapitalize="none" autocomplete="off" spellcheck="false" dir="ltr" aria-describedby="address-help">
<p id="address-help" class="muted">${say("camera.address-help")}</p>
<label for="maker">${say("camera.maker")}</label>
<select id="maker" name="maker" aria-describedby="maker-help"><option value="">${say("camera.maker-whole")}</option>${MAKERS.map((maker) => html`<option value="${maker.id}"${maker.id === typed.maker ? html` selected` : null}>${makerWords(maker, { say })}</option>`)}</select>
<p id="maker-help" class="muted">${say("camera.maker-help")}</p>
<label class="tick"><input type="checkbox" name="mjpeg" value="yes"${isMjpeg ? html` checked` : null}> ${say("camera.is-mjpeg")}</label>
<label for="user">${say("camera.user")}</label>
<input id="user" name="user" value="${typed.user}" maxlength="${FIELD_CHARS.name}" autocapitalize="none" autocomplete="off" spellcheck="false" dir="ltr">
<label for="password">${say("camera.password")}</label>
<input id="password" name="password" type="password" maxlength="256" autocomplete="new-password" aria-describedby="password-help" dir="ltr">
<p id="password-help" class="muted">${say("camera.password-help")}${hasPassword ? html` ${say("camera.password-kept")}` : null}</p>
<button>${say("camera.new-on")}</button></form>`;
}

function makerWords({ name, kind, path }: Maker, { say }: Pick<Language, "say">): string {
  const what = {
    rtsp: "camera.kind-stream",
    "http-snapshot": "camera.kind-snapshot",
    mjpeg: "camera.kind-pictures",
  } as const;
  return say("camera.maker-path", { maker: name, ending: `${say(what[kind])}: ${path}` });
}

function sending({ at, now, after }: ShownSource, { say }: Language): Html {
  const topic = now?.kind === "mqtt" ? now.topic : "";
  const path = now?.kind === "folder" ? now.path : "/srv/camera";
  return html`<details class="card card-text"${now?.kind === "mqtt" || now?.kind === "folder" ? html` open` : null}><summary>${say("camera.sends-title")}</summary>
<form method="post" action="${at}/source">${thenField(after)}<input type="hidden" name="from" value="mqtt">
<p>${say("camera.sends-mqtt-what")}</p>
<label for="topic">${say("camera.sends-topic")}</label><input id="topic" name="topic" value="${topic}" required maxlength="${FIELD_CHARS.topic}" autocapitalize="none" autocomplete="off" spellcheck="false" dir="ltr">
<button class="quiet">${say("camera.sends-use")}</button></form>
<form method="post" action="${at}/source">${thenField(after)}<input type="hidden" name="from" value="folder">
<p>${say("camera.sends-folder-what")}</p>
<label for="path">${say("camera.sends-path")}</label><input id="path" name="path" value="${path}" required maxlength="${FIELD_CHARS.topic}" autocapitalize="none" autocomplete="off" spellcheck="false" dir="ltr">
<button class="quiet">${say("camera.sends-use")}</button></form></details>`;
}
