// The login of a camera that sends its pictures by MQTT: asked for once more, made, and shown once.
import type { Hono } from "hono";
import type { CameraView } from "../core/commands.ts";
import { type AppDeps, framed, nowOf, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { cameraOf, NO_CAMERA, pathOf } from "./camera-asked.ts";
import { copyWords } from "./copy-words.ts";
import { confirmPage } from "./form-parts.ts";
import { html, named, plainName } from "./html.ts";
import { type Refused, refusalOf } from "./refusals.ts";

export function addCameraLogin(app: Hono<WebEnv>, deps: AppDeps): void {
  const ask = (c: WebContext, { id, name }: CameraView, refused?: Refused) => {
    const { language } = nowOf(c, deps);
    const title = language.say("camera.login-ask", { camera: plainName(name) });
    const to = { action: `${pathOf(id)}/credentials`, back: pathOf(id), button: language.say("camera.login-button") };
    const sentence = language.say("camera.login-what");
    const body = confirmPage({ title, sentence, ...to, language, mistake: refused });
    return c.html(framed(c, deps, { title, body }), refused?.status ?? 200);
  };
  app.get("/cameras/:id/credentials", (c) => {
    const camera = cameraOf(deps, c);
    return camera === undefined ? sayNo(c, deps, NO_CAMERA) : ask(c, camera);
  });
  app.post("/cameras/:id/credentials", async (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
    const { language } = nowOf(c, deps);
    try {
      const { setup } = await deps.commands.renewCredentials({ kind: "camera", id: camera.id });
      const title = language.say("camera.login-title");
      const body = html`<p><a href="${pathOf(camera.id)}">${named(camera.name)}</a></p><h1>${title}</h1>
<p class="lead">${language.say("camera.login-once")}</p><div${copyWords(language)}><pre lang="en" dir="ltr" data-copy tabindex="0">${setup.join("\n")}</pre></div>`;
      return c.html(framed(c, deps, { title, body }));
    } catch (thrown) {
      return ask(c, camera, refusalOf(thrown, language));
    }
  });
}
