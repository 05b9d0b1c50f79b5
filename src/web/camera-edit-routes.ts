// A camera set up or changed step by step, for stewards: where it is, a test picture, masks, what it is for, and saving. Each step
// has an address of its own, so that one can leave, come back and go on.
import type { Hono } from "hono";
import type { FoundCamera } from "../settings/camera-trials.ts";
import { type AppDeps, framed, nowOf, sayNo, type WebContext, type WebEnv, whileAsking } from "./answers.ts";
import { NO_CAMERA, NO_PICTURE } from "./camera-asked.ts";
import { rulesBy, savedMeaning, shownRules } from "./camera-edit-rules.ts";
import { beginDraft, type Editing, editingOf, emptyDraft } from "./camera-editing.ts";
import { savePart, stepsHead, tryPart } from "./camera-edit-page.ts";
import { rulesForm } from "./camera-rules-part.ts";
import { withRules } from "./camera-rules.ts";
import { sourcePart } from "./camera-source-part.ts";
import { sourceOf } from "./camera-source.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Fields, formOf } from "./forms.ts";
import { type Html, html } from "./html.ts";
import { maskPage } from "./mask-page.ts";
import { masksAfter } from "./mask-routes.ts";
import { draftOf } from "./masks.ts";
import type { Mistake } from "./refusal-page.ts";
import { type Refused, refusalOf } from "./refusals.ts";

export function addCameraEditing(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  // `new` before ids: it is none.
  for (const prefix of ["/cameras/new", "/cameras/:id/edit"] as const) {
    addSource(app, deps, { prefix, stop });
    addTry(app, deps, { prefix, stop });
    addDraftMasks(app, deps, prefix);
    addRules(app, deps, prefix);
    addSave(app, deps, prefix);
  }
}

type Place = { readonly prefix: "/cameras/new" | "/cameras/:id/edit"; readonly stop: AbortSignal };

function addSource(app: Hono<WebEnv>, deps: AppDeps, { prefix, stop }: Place): void {
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
      return await showSource(c, deps, editing, { found: await deps.trials.findCameras(whileAsking(c, stop)) });
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
    deps.heldTests.forget(editing.holder);
    deps.drafts.hold(editing.holder, { ...draft, camera: { ...draft.camera, source }, credentials, hasSource: true });
    return c.redirect(`${editing.at}/picture`, 303);
  });
}

function addTry(app: Hono<WebEnv>, deps: AppDeps, { prefix, stop }: Place): void {
  app.get(`${prefix}/picture`, (c) => withDraft(c, deps, (editing) => showPicture(c, deps, editing)));
  app.post(`${prefix}/test`, (c) =>
    withDraft(c, deps, async (editing) => {
      const { camera, policy, credentials } = editing.draft;
      const isBackToMasks = (await formOf(c))("back") === "masks";
      try {
        const ask = { camera, policy, ...(credentials !== undefined && { credentials }) };
        deps.heldTests.hold(editing.holder, await deps.trials.tryCamera(ask, whileAsking(c, stop)));
      } catch (thrown) {
        whileAsking(c, stop).throwIfAborted();
        return showPicture(c, deps, editing, refusalOf(thrown, nowOf(c, deps).language));
      }
      return c.redirect(`${editing.at}/${isBackToMasks ? "masks" : "picture#test"}`, 303);
    }),
  );
  app.post(`${prefix}/forget`, (c) =>
    withDraft(c, deps, ({ at, holder }) => {
      deps.heldTests.forget(holder);
      return c.redirect(`${at}/picture`, 303);
    }),
  );
  app.get(`${prefix}/test.jpg`, (c) => {
    const holder = editingOf(c, deps)?.holder;
    const test = holder === undefined ? undefined : deps.heldTests.find(holder)?.test;
    if (test === undefined || !("jpeg" in test)) return sayNo(c, deps, NO_PICTURE);
    return c.body(new Uint8Array(test.jpeg), 200, { "content-type": "image/jpeg" });
  });
}

function addDraftMasks(app: Hono<WebEnv>, deps: AppDeps, prefix: Place["prefix"]): void {
  const show = (c: WebContext, editing: Drafted, asked?: URLSearchParams): Response | Promise<Response> => {
    const { at, draft, holder } = editing;
    const { language } = nowOf(c, deps);
    const body = maskPage(
      {
        at,
        name: draft.camera.name ?? "",
        masks: draft.policy.masks,
        draft: draftOf(asked ?? new URL(c.req.url).searchParams),
        held: deps.heldTests.find(holder),
        last: null,
        isSteward: true,
        before: stepsHead({ at, draft, now: "masks" }, language),
        after: html`<p class="actions"><a class="button" href="${at}/rules">${language.say("camera.new-on")}</a></p>`,
      },
      language,
    );
    return c.html(frame(c, deps, { body, script: "masks" }), asked === undefined ? 200 : 400);
  };
  app.get(`${prefix}/masks`, (c) => withDraft(c, deps, (editing) => show(c, editing)));
  app.post(`${prefix}/masks`, (c) =>
    withDraft(c, deps, async (editing) => {
      const { at, draft, holder } = editing;
      const asked = new URLSearchParams(await c.req.text());
      const masks = masksAfter(asked, draft.policy.masks, nowOf(c, deps).language);
      if (masks === null) return show(c, editing, asked);
      deps.drafts.hold(holder, { ...draft, policy: { ...draft.policy, masks: [...masks] } });
      return c.redirect(`${at}/masks`, 303);
    }),
  );
}

function addRules(app: Hono<WebEnv>, deps: AppDeps, prefix: Place["prefix"]): void {
  const show = async (c: WebContext, { at, draft }: Drafted, mistakes: readonly string[] = []): Promise<Response> => {
    const { language } = nowOf(c, deps);
    const { say } = language;
    const shown = await shownRules(deps, { draft, action: `${at}/rules` });
    const body = html`${stepsHead({ at, draft, now: "rules" }, language)}
<div class="narrow"><p class="lead">${say("camera.rules-lead")}</p>
${mistakes.map((mistake) => mistakeNote(mistake))}${rulesForm(shown, language)}</div>`;
    return c.html(frame(c, deps, { body }), mistakes.length === 0 ? 200 : 400);
  };
  app.get(`${prefix}/rules`, (c) => withDraft(c, deps, (editing) => show(c, editing)));
  app.post(`${prefix}/rules`, (c) =>
    withDraft(c, deps, async (editing) => {
      const asked = new URLSearchParams(await c.req.text());
      const by = await rulesBy(deps, nowOf(c, deps).language);
      const { draft, mistakes } = withRules(editing.draft, asked, by);
      deps.drafts.hold(editing.holder, draft);
      if (mistakes.length > 0) return await show(c, { ...editing, draft }, mistakes);
      return c.redirect(`${editing.at}/save`, 303);
    }),
  );
}

function addSave(app: Hono<WebEnv>, deps: AppDeps, prefix: Place["prefix"]): void {
  const show = async (c: WebContext, { at, draft, holder }: Drafted, refused?: Refused): Promise<Response> => {
    const { language } = nowOf(c, deps);
    const meaning = await savedMeaning(deps, draft, language);
    const part = savePart({ at, draft, held: deps.heldTests.find(holder), ...meaning }, language);
    const body = html`${stepsHead({ at, draft, now: "save" }, language)}${mistakeNote(refused)}${part}`;
    return c.html(frame(c, deps, { body }), refused?.status ?? 200);
  };
  app.get(`${prefix}/save`, (c) => withDraft(c, deps, (editing) => show(c, editing)));
  app.post(`${prefix}/save`, (c) =>
    withDraft(c, deps, async (editing) => {
      const { camera, policy, credentials, hasRules, hasSource } = editing.draft;
      if (!hasRules || !hasSource) return await show(c, editing);
      const { looser, isDraft } = await savedMeaning(deps, editing.draft, nowOf(c, deps).language);
      try {
        await deps.site.saveCamera({ camera, policy, ...(credentials !== undefined && { credentials }) });
      } catch (thrown) {
        return await show(c, editing, refusalOf(thrown, nowOf(c, deps).language));
      }
      deps.drafts.forget(editing.holder);
      deps.heldTests.forget(editing.holder);
      const done = looser.length > 0 && !isDraft ? "announced" : "saved";
      return c.redirect(`/cameras/${encodeURIComponent(camera.id)}?done=${done}`, 303);
    }),
  );
  app.post(`${prefix}/stop`, (c) =>
    withDraft(c, deps, ({ holder, draft }) => {
      deps.drafts.forget(holder);
      if (draft.isNew) deps.heldTests.forget(holder);
      return c.redirect(draft.isNew ? "/cameras" : `/cameras/${encodeURIComponent(draft.camera.id)}`, 303);
    }),
  );
}

type Drafted = Editing & { readonly draft: NonNullable<Editing["draft"]> };

/** What was not finished in time is begun again: of a new camera from its first step. */
async function withDraft(
  c: WebContext,
  deps: AppDeps,
  show: (editing: Drafted) => Response | Promise<Response>,
): Promise<Response> {
  const editing = editingOf(c, deps);
  if (editing === null) return await sayNo(c, deps, NO_CAMERA);
  const draft = editing.draft ?? (editing.isNew ? undefined : await beginDraft(deps, editing));
  return draft === undefined ? c.redirect(editing.at, 303) : await show({ ...editing, draft });
}

function showPicture(c: WebContext, deps: AppDeps, editing: Drafted, refused?: Refused): Response | Promise<Response> {
  const { at, draft, holder } = editing;
  const now = nowOf(c, deps);
  const part = tryPart({ at, draft, held: deps.heldTests.find(holder) }, now);
  const head = stepsHead({ at, draft, now: "picture" }, now.language);
  const body = html`${head}<div class="narrow">${mistakeNote(refused)}${part}</div>`;
  return c.html(frame(c, deps, { body }), refused?.status ?? 200);
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
  const typed = { address: asked("address") || known, maker: asked("maker"), user: form?.("user") ?? "" };
  const part = sourcePart({ at, found: found ?? null, plugged: await deps.trials.plugged(), now, typed }, language);
  const body = html`${stepsHead({ at, draft, now: "source" }, language)}${mistakeNote(mistake)}${part}`;
  return await c.html(frame(c, deps, { body }), status);
}

function frame(
  c: WebContext,
  deps: AppDeps,
  { body, script = "camera" }: { readonly body: Html; readonly script?: "camera" | "masks" },
): Html {
  return framed(c, deps, { title: nowOf(c, deps).language.say("camera.new-title"), body, script });
}
