// Where a camera that is set up or changed is: found, plugged in, typed. The first of its steps.
import type { Hono } from "hono";
import type { FoundCamera } from "../settings/camera-trials.ts";
import { type AppDeps, nowOf, sayNo, type WebContext, type WebEnv, whileAsking } from "./answers.ts";
import { NO_CAMERA } from "./camera-asked.ts";
import { stepsHead } from "./camera-edit-page.ts";
import { beginDraft, type Editing, editFrame, editingOf, type EditPlace, emptyDraft } from "./camera-editing.ts";
import { sourcePart } from "./camera-source-part.ts";
import { sourceOf } from "./camera-source.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Fields, formOf } from "./forms.ts";
import { html } from "./html.ts";
import type { Mistake } from "./refusal-page.ts";
import { refusalOf } from "./refusals.ts";
import { thenOf } from "./then.ts";

export function addSource(app: Hono<WebEnv>, deps: AppDeps, { prefix, stop }: EditPlace): void {
  app.get(prefix, async (c) => {
    const editing = editingOf(c, deps);
    if (editing === null) return await sayNo(c, deps, NO_CAMERA);
    if (editing.isNew) return await showSource(c, deps, editing);
    await beginDraft(deps, editing);
    return c.redirect(`${editing.at}/rules`, 303);
  });
  app.get(`${prefix}/source`, async (c) => {
    const editing = editingOf(c, deps);
    return editing === null ? await sayNo(c, deps, NO_CAMERA) : await showSource(c, deps, editing);
  });
  app.post(`${prefix}/find`, async (c) => {
    const editing = editingOf(c, deps);
    if (editing === null) return await sayNo(c, deps, NO_CAMERA);
    try {
      const found = await deps.trials.findCameras(whileAsking(c, stop));
      return await showSource(c, deps, editing, { found, form: await formOf(c) });
    } catch (thrown) {
      whileAsking(c, stop).throwIfAborted();
      const refused = refusalOf(thrown, nowOf(c, deps).language);
      return await showSource(c, deps, editing, { mistake: refused, status: refused.status });
    }
  });
  app.post(`${prefix}/source`, async (c) => {
    const editing = editingOf(c, deps);
    if (editing === null) return await sayNo(c, deps, NO_CAMERA);
    const form = await formOf(c);
    const draft = editing.draft ?? (await emptyDraft(deps));
    const before = draft.hasSource ? draft.camera.source : undefined;
    const typed = sourceOf(form, { mayReach: (host) => deps.trials.mayReach(host), before });
    if (typed.kind === "mistake") {
      const mistake = nowOf(c, deps).language.say(typed.key);
      return await showSource(c, deps, editing, { form, mistake, status: 400 });
    }
    const { source, credentials } = typed;
    const after = thenOf(form("then"));
    deps.heldTests.forget(editing.holder);
    const camera = { ...draft.camera, source };
    deps.drafts.hold(editing.holder, { ...draft, camera, credentials, hasSource: true, after });
    return c.redirect(`${editing.at}/picture`, 303);
  });
}

type SourceShown = {
  readonly found?: readonly FoundCamera[];
  readonly form?: Fields;
  readonly mistake?: Mistake;
  readonly status?: 200 | 400 | 404 | 409 | 429 | 503;
};

async function showSource(
  c: WebContext,
  deps: AppDeps,
  { at, draft }: Editing,
  { found, form, mistake, status = 200 }: SourceShown = {},
): Promise<Response> {
  const { language } = nowOf(c, deps);
  const now = draft?.hasSource === true ? draft.camera.source : undefined;
  const asked = (field: string): string => form?.(field) ?? c.req.query(field)?.slice(0, 256) ?? "";
  const known = now !== undefined && "url" in now ? now.url : "";
  const typed = { address: asked("address") || known, maker: asked("maker"), user: form?.("user") ?? typedUser(draft) };
  const after = thenOf(asked("then")) || (draft?.after ?? "");
  const plugged = await deps.trials.plugged();
  const part = sourcePart({ at, found: found ?? null, plugged, now, typed, after }, language);
  const body = html`${stepsHead({ at, draft, now: "source" }, language)}${mistakeNote(mistake)}${part}`;
  return await c.html(editFrame(c, deps, { body }), status);
}

/** As it was typed before; what stands in a file already is not read for it. */
function typedUser(draft: Editing["draft"]): string {
  return draft?.credentials?.split(":")[0] ?? "";
}
