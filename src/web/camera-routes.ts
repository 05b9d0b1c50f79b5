// The page of one camera and its forms: a test picture for the session that asks, and a picture by hand.
import type { Hono } from "hono";
import type { CameraView } from "../core/commands.ts";
import {
  type AppDeps,
  framed,
  nowOf,
  type Sentence,
  sayNo,
  tokenOf,
  type WebContext,
  type WebEnv,
  whileAsking,
} from "./answers.ts";
import { cameraPage, type ShownCamera } from "./camera-page.ts";
import { lookWords } from "./camera-words.ts";
import { formOf } from "./forms.ts";
import { plainName } from "./html.ts";
import { maskPage } from "./mask-page.ts";
import { draftOf, findingsOf } from "./masks.ts";
import { type Refused, refusalOf } from "./refusals.ts";

export const NO_CAMERA: Sentence = { status: 404, title: "Not here", sentence: "There is no such camera." };
const NO_TEST: Sentence = { status: 404, title: "No picture", sentence: "There is no test picture, or not any more." };
const NO_POLICY: Sentence = {
  status: 409,
  title: "Not allowed yet",
  sentence: "The policy does not name this camera. Masks stand in its entry, so agree on that first.",
};

export function addCameras(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { commands, heldTests } = deps;
  const holderOf = (c: WebContext, camera: CameraView) => ({ token: tokenOf(c), camera: camera.id });
  const show = (c: WebContext, camera: CameraView, refused?: Refused) => {
    const shown = shownOf(c, deps, camera);
    const body = cameraPage({ ...shown, mistake: refused?.sentence }, nowOf(c, deps));
    const title = plainName(camera.name);
    // Under a form's address nothing may renew itself: a reload there would send the form again.
    const isLive = refused === undefined;
    return c.html(framed(c, deps, { title, body, isLive, script: "camera" }), refused?.status ?? 200);
  };
  app.get("/cameras/:id", (c) => {
    const camera = cameraOf(deps, c);
    return camera === undefined ? sayNo(c, deps, NO_CAMERA) : show(c, camera);
  });
  // Where a login ended in between, one comes back to the address of a form.
  for (const form of ["test", "look", "forget"])
    app.get(`/cameras/:id/${form}`, (c) => c.redirect(`/cameras/${encodeURIComponent(c.req.param("id") ?? "")}`, 303));
  app.post("/cameras/:id/test", async (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
    const form = await formOf(c);
    try {
      heldTests.hold(holderOf(c, camera), await commands.testCamera({ id: camera.id }, whileAsking(c, stop)));
    } catch (thrown) {
      return show(c, camera, refusalUnlessGone(thrown, whileAsking(c, stop)));
    }
    const at = `/cameras/${encodeURIComponent(camera.id)}`;
    return c.redirect(form("back") === "masks" ? `${at}/masks` : `${at}#test`, 303);
  });
  app.post("/cameras/:id/look", async (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
    try {
      const { outcome, why } = await commands.lookNow({ id: camera.id, by: c.get("session")?.user ?? "" });
      const said = new URLSearchParams({ look: outcome, ...(why !== null && { why }) });
      return c.redirect(`/cameras/${encodeURIComponent(camera.id)}?${said.toString()}`, 303);
    } catch (thrown) {
      return show(c, camera, refusalOf(thrown));
    }
  });
  app.post("/cameras/:id/forget", (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return sayNo(c, deps, NO_CAMERA);
    heldTests.forget(holderOf(c, camera));
    return c.redirect(`/cameras/${encodeURIComponent(camera.id)}`, 303);
  });
  app.get("/cameras/:id/test.jpg", (c) => {
    const camera = cameraOf(deps, c);
    const test = camera === undefined ? undefined : heldTests.find(holderOf(c, camera))?.test;
    if (test === undefined || !("jpeg" in test)) return sayNo(c, deps, NO_TEST);
    return c.body(new Uint8Array(test.jpeg), 200, { "content-type": "image/jpeg" });
  });
  app.get("/cameras/:id/masks", (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return sayNo(c, deps, NO_CAMERA);
    const entry = policyOf(deps, camera.id);
    if (entry === undefined) return sayNo(c, deps, NO_POLICY);
    const draft = draftOf(new URL(c.req.url).searchParams);
    const held = heldTests.find(holderOf(c, camera));
    const isSteward = c.get("session")?.role === "steward";
    const findings = findingsOf(draft, { id: camera.id, entry }, deps.clock);
    const body = maskPage({ camera, entry, draft, findings, held, isSteward });
    return c.html(framed(c, deps, { title: `Masks of ${plainName(camera.name)}`, body, script: "masks" }));
  });
}

/** The camera that the address names, or undefined. */
export function cameraOf({ commands }: AppDeps, c: WebContext): CameraView | undefined {
  return commands.status().cameras.find(({ id }) => id === c.req.param("id"));
}

export function policyOf({ policy }: AppDeps, id: string): AppDeps["policy"]["cameras"][string] | undefined {
  return Object.hasOwn(policy.cameras, id) ? policy.cameras[id] : undefined;
}

/** Throws on when nobody waits for the answer any more: that is no refusal. */
function refusalUnlessGone(thrown: unknown, isGone: AbortSignal): Refused {
  isGone.throwIfAborted();
  return refusalOf(thrown);
}

function shownOf(c: WebContext, deps: AppDeps, camera: CameraView): ShownCamera {
  const { id, lastImageSha256 } = camera;
  const { cameras, languages } = deps.transparency.view();
  return {
    camera,
    languages,
    allowed: cameras.find((each) => each.id === id),
    masks: policyOf(deps, id)?.masks ?? [],
    receipt: lastImageSha256 === null ? undefined : deps.receiptsOf(lastImageSha256)[0]?.receipt,
    held: deps.heldTests.find({ token: tokenOf(c), camera: id }),
    looked: lookWords(c.req.query("look"), c.req.query("why")),
    isSteward: c.get("session")?.role === "steward",
  };
}
