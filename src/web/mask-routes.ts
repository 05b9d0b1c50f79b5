// The masks of a camera that there is: drawn, kept and taken away, by what policy.yaml says of it now.
import type { Hono } from "hono";
import type { CameraView } from "../core/commands.ts";
import { GatewayError } from "../core/errors.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { cameraOf as entryOf } from "../policy/compare-cameras.ts";
import type { CameraPolicyEntry } from "../settings/schema.ts";
import { type AppDeps, framed, nowOf, type Refusal, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { cameraOf, holderOf, NO_CAMERA, pathOf } from "./camera-asked.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";
import { html, named, plainName } from "./html.ts";
import { maskPage } from "./mask-page.ts";
import { draftOf, findingsOf, type Mask, maskOf } from "./masks.ts";
import { openingAnew } from "./opening-page.ts";
import { type Refused, refusalOf } from "./refusals.ts";

const NO_POLICY: Refusal = { status: 409, title: "mask.not-agreed-title", key: "mask.not-agreed" };

const DONE: ReadonlyMap<string, MessageKey> = new Map([
  ["kept", "mask.said-kept"],
  ["removed", "mask.said-removed"],
]);

export function addMasks(app: Hono<WebEnv>, deps: AppDeps): void {
  app.get("/cameras/:id/masks", async (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
    const entry = await entryFor(deps, camera);
    return entry === undefined ? await sayNo(c, deps, NO_POLICY) : show(c, deps, { camera, entry });
  });
  app.post("/cameras/:id/masks", async (c) => {
    const camera = cameraOf(deps, c);
    if (camera === undefined) return await sayNo(c, deps, NO_CAMERA);
    const [entry, settings] = [await entryFor(deps, camera), deps.trials.settingsOf(camera.id)];
    if (entry === undefined || settings === undefined) return await sayNo(c, deps, NO_POLICY);
    const asked = new URLSearchParams(await c.req.text());
    const { language } = nowOf(c, deps);
    if (masksAfter(asked, entry.masks, language) === null) return show(c, deps, { camera, entry, asked });
    const policy = (now: CameraPolicyEntry = entry): CameraPolicyEntry => {
      const masks = masksAfter(asked, now.masks, language);
      // Somebody else has kept one of this name in this moment: nobody may believe that theirs is kept too.
      if (masks === null) throw new GatewayError("ALREADY_EXISTS", "somebody else has changed the masks meanwhile");
      return { ...now, masks: [...masks] };
    };
    try {
      await deps.site.saveCamera({ camera: settings, policy });
    } catch (thrown) {
      return show(c, deps, { camera, entry, asked, refused: refusalOf(thrown, nowOf(c, deps).language) });
    }
    return openingAnew(c, deps, `${pathOf(camera.id)}/masks?done=${asked.has("remove") ? "removed" : "kept"}`);
  });
}

/** The masks with one more, or without the one named by `remove`; null: the drawn one cannot be kept like this. */
export function masksAfter(asked: URLSearchParams, masks: readonly Mask[], language: Language): readonly Mask[] | null {
  const removed = asked.get("remove");
  if (removed !== null) return masks.filter(({ name }) => name !== removed);
  const draft = draftOf(asked);
  if (asked.getAll("x").length < CAMERA_PAGE_LIMITS.cornersMin) return null;
  return findingsOf(draft, masks, language).isFatal ? null : [...masks, maskOf(draft, masks, language)];
}

/** As policy.yaml has it, where it may be announced only; else as it holds. */
async function entryFor({ site, policy }: AppDeps, { id }: CameraView): Promise<CameraPolicyEntry | undefined> {
  return entryOf((await site.site()).policy.cameras, id) ?? entryOf(policy.cameras, id);
}

type Shown = {
  readonly camera: CameraView;
  readonly entry: CameraPolicyEntry;
  readonly asked?: URLSearchParams;
  readonly refused?: Refused;
};

function show(c: WebContext, deps: AppDeps, { camera, entry, asked, refused }: Shown): Response | Promise<Response> {
  const { language } = nowOf(c, deps);
  const title = language.say("mask.title", { camera: plainName(camera.name) });
  const done = DONE.get(c.req.query("done") ?? "");
  const body = maskPage(
    {
      at: pathOf(camera.id),
      name: camera.name,
      masks: entry.masks,
      draft: draftOf(asked ?? new URL(c.req.url).searchParams),
      held: deps.heldTests.find(holderOf(c, camera)),
      last: camera.lastImageSha256,
      isSteward: c.get("session")?.role === "steward",
      said: done === undefined ? null : language.say(done),
      mistake: refused,
      before: html`<p><a href="${pathOf(camera.id)}">${named(camera.name)}</a></p><h1>${title}</h1>`,
    },
    language,
  );
  const status = refused?.status ?? (asked === undefined ? 200 : 400);
  return c.html(framed(c, deps, { title, body, script: "masks" }), status);
}
