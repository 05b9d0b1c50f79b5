// The page of one camera and its forms: a test picture for the session that asks, a picture by hand, its pause and its removal.
import type { Hono } from "hono";
import type { CameraView } from "../core/commands.ts";
import { dayIn } from "../core/day-times.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { cameraOf as entryOf } from "../policy/compare-cameras.ts";
import { comparePolicies } from "../policy/compare.ts";
import { cameraWords } from "../policy/camera-words.ts";
import { type AppDeps, framed, nowOf, sayNo, type WebContext, type WebEnv, whileAsking } from "./answers.ts";
import { cameraOf, holderOf, NO_CAMERA, NO_PICTURE, pathOf, userOf } from "./camera-asked.ts";
import { addCameraEditing } from "./camera-edit-routes.ts";
import { addCameraLogin } from "./camera-login-routes.ts";
import { cameraPage, type ShownCamera } from "./camera-page.ts";
import { lookWords } from "./camera-words.ts";
import { historyOfThing } from "./history-page.ts";
import { confirmPage } from "./form-parts.ts";
import { formOf } from "./forms.ts";
import { plainName } from "./html.ts";
import { addMasks } from "./mask-routes.ts";
import { openingAnew } from "./opening-page.ts";
import { type Refused, refusalOf } from "./refusals.ts";

/** What was done, by the word in the address. */
const DONE: ReadonlyMap<string, MessageKey> = new Map([
  ["paused", "camera.said-paused"],
  ["resumed", "camera.said-resumed"],
  ["saved", "camera.said-saved"],
  ["announced", "camera.said-announced"],
]);

export function addCameras(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  // Before the cameras themselves: /cameras/new is none.
  addCameraEditing(app, deps, stop);
  addMasks(app, deps);
  addLooks(app, deps, stop);
  addPause(app, deps);
  addRemoval(app, deps);
  addCameraLogin(app, deps);
}

function addLooks(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { commands, heldTests } = deps;
  app.get("/cameras/:id", (c) => {
    const camera = cameraOf(deps, c);
    return camera === undefined ? sayNo(c, deps, NO_CAMERA) : show(c, deps, { camera });
  });
  // Where a login ended in between, one comes back to the address of a form.
  for (const form of ["test", "look", "forget", "pause"])
    app.get(`/cameras/:id/${form}`, (c) => c.redirect(pathOf(c.req.param("id")), 303));
  app.post("/cameras/:id/test", async (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
    const form = await formOf(c);
    try {
      heldTests.hold(holderOf(c, camera), await commands.testCamera({ id: camera.id }, whileAsking(c, stop)));
    } catch (thrown) {
      whileAsking(c, stop).throwIfAborted();
      return show(c, deps, { camera, refused: refusalOf(thrown, nowOf(c, deps).language) });
    }
    const at = pathOf(camera.id);
    return c.redirect(form("back") === "masks" ? `${at}/masks` : `${at}#test`, 303);
  });
  app.post("/cameras/:id/look", async (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
    try {
      const { outcome, why } = await commands.lookNow({ id: camera.id, by: userOf(c) });
      const said = new URLSearchParams({ look: outcome, ...(why !== null && { why }) });
      return c.redirect(`${pathOf(camera.id)}?${said.toString()}`, 303);
    } catch (thrown) {
      return show(c, deps, { camera, refused: refusalOf(thrown, nowOf(c, deps).language) });
    }
  });
  app.post("/cameras/:id/forget", (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return sayNo(c, deps, NO_CAMERA);
    heldTests.forget(holderOf(c, camera));
    return c.redirect(pathOf(camera.id), 303);
  });
  app.get("/cameras/:id/test.jpg", (c) => {
    const camera = cameraOf(deps, c);
    const test = camera === undefined ? undefined : heldTests.find(holderOf(c, camera))?.test;
    if (test === undefined || !("jpeg" in test)) return sayNo(c, deps, NO_PICTURE);
    return c.body(new Uint8Array(test.jpeg), 200, { "content-type": "image/jpeg" });
  });
  app.get("/cameras/:id/pictures/:file{[0-9a-f]{64}\\.jpg}", async (c) => {
    const camera = cameraOf(deps, c);
    const sha256 = c.req.param("file").slice(0, 64);
    const jpeg = camera === undefined ? null : await commands.cameraPicture({ id: camera.id, sha256 });
    if (jpeg === null) return await sayNo(c, deps, NO_PICTURE);
    return c.body(new Uint8Array(jpeg), 200, { "content-type": "image/jpeg" });
  });
}

function addPause(app: Hono<WebEnv>, deps: AppDeps): void {
  app.post("/cameras/:id/pause", async (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
    const isPaused = (await formOf(c))("paused") === "yes";
    try {
      await deps.commands.pauseCamera({ id: camera.id, isPaused, by: userOf(c) });
    } catch (thrown) {
      return show(c, deps, { camera, refused: refusalOf(thrown, nowOf(c, deps).language) });
    }
    return c.redirect(`${pathOf(camera.id)}?done=${isPaused ? "paused" : "resumed"}`, 303);
  });
}

/** It asks once more: its pictures that wait are deleted, and its entry in the policy goes. */
function addRemoval(app: Hono<WebEnv>, deps: AppDeps): void {
  const ask = (c: WebContext, { id, name }: CameraView, refused?: Refused) => {
    const { language } = nowOf(c, deps);
    const title = language.say("camera.remove-title", { camera: plainName(name) });
    const sentence = language.say("camera.remove-what");
    const to = { action: `${pathOf(id)}/remove`, back: pathOf(id), button: language.say("camera.remove") };
    const body = confirmPage({ title, sentence, ...to, language, mistake: refused });
    return c.html(framed(c, deps, { title, body }), refused?.status ?? 200);
  };
  app.get("/cameras/:id/remove", (c) => {
    const camera = cameraOf(deps, c);
    return camera === undefined ? sayNo(c, deps, NO_CAMERA) : ask(c, camera);
  });
  app.post("/cameras/:id/remove", async (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
    try {
      await deps.site.removeCamera({ id: camera.id });
    } catch (thrown) {
      return ask(c, camera, refusalOf(thrown, nowOf(c, deps).language));
    }
    deps.heldTests.forget(holderOf(c, camera));
    return openingAnew(c, deps, "/cameras?done=removed");
  });
}

type Asked = { readonly camera: CameraView; readonly refused?: Refused };

function show(c: WebContext, deps: AppDeps, { camera, refused }: Asked): Response | Promise<Response> {
  const now = nowOf(c, deps);
  const { historyOf } = deps.commands;
  const history = historyOfThing({ kind: "camera", id: camera.id }, { historyOf, now });
  const body = cameraPage({ ...shownOf(c, deps, { camera, language: now.language }), history, mistake: refused }, now);
  const title = plainName(camera.name);
  // Under a form's address nothing may renew itself: a reload there would send the form again.
  const isLive = refused === undefined;
  return c.html(framed(c, deps, { title, body, isLive, script: "camera" }), refused?.status ?? 200);
}

function shownOf(
  c: WebContext,
  deps: AppDeps,
  { camera, language }: { readonly camera: CameraView; readonly language: Language },
): ShownCamera {
  const { id, lastImageSha256 } = camera;
  const { policy, settings, clock } = deps;
  const entry = entryOf(policy.cameras, id);
  const today = dayIn(settings.gateway.timezone, clock.nowMs());
  const { announced, policy: holds } = deps.policyStanding();
  const done = DONE.get(c.req.query("done") ?? "");
  const reader = { language, languages: policy.languages, today, motion: policy.events.motion.mode };
  return {
    camera,
    details: deps.commands.cameraDetails(id),
    allowed: entry && cameraWords(id, entry, reader),
    receipt: lastImageSha256 === null ? undefined : deps.receiptsOf(lastImageSha256)[0]?.receipt,
    held: deps.heldTests.find(holderOf(c, camera)),
    looked: lookWords({ look: c.req.query("look"), why: c.req.query("why") }, language),
    said: done === undefined ? null : language.say(done),
    waits: announced !== null && comparePolicies(holds, announced.policy).some(({ cameraId }) => cameraId === id),
    isSteward: c.get("session")?.role === "steward",
  };
}
