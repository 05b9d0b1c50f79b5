// A camera set up or changed step by step, for stewards: where it is, a test picture, masks, what it is for, and saving. Each step
// has an address of its own, so that one can leave, come back and go on.
import type { Hono } from "hono";
import { type AppDeps, nowOf, sayNo, type WebContext, type WebEnv, whileAsking } from "./answers.ts";
import { NO_CAMERA, NO_PICTURE } from "./camera-asked.ts";
import { rulesBy, savedMeaning, shownRules } from "./camera-edit-rules.ts";
import { beginDraft, type Editing, editFrame, editingOf, type EditPlace } from "./camera-editing.ts";
import { savePart, stepsHead, tryPart } from "./camera-edit-page.ts";
import { addSource } from "./camera-source-routes.ts";
import { rulesForm } from "./camera-rules-part.ts";
import { withRules } from "./camera-rules.ts";
import { mistakeNote } from "./form-parts.ts";
import { formOf } from "./forms.ts";
import { html } from "./html.ts";
import { maskPage } from "./mask-page.ts";
import { masksAfter } from "./mask-routes.ts";
import { draftOf } from "./masks.ts";
import { openingAnew } from "./opening-page.ts";
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

function addTry(app: Hono<WebEnv>, deps: AppDeps, { prefix, stop }: EditPlace): void {
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

function addDraftMasks(app: Hono<WebEnv>, deps: AppDeps, prefix: EditPlace["prefix"]): void {
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
    return c.html(editFrame(c, deps, { body, script: "masks" }), asked === undefined ? 200 : 400);
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

function addRules(app: Hono<WebEnv>, deps: AppDeps, prefix: EditPlace["prefix"]): void {
  const show = async (c: WebContext, { at, draft }: Drafted, mistakes: readonly string[] = []): Promise<Response> => {
    const { language } = nowOf(c, deps);
    const { say } = language;
    const shown = await shownRules(deps, { draft, action: `${at}/rules` });
    const body = html`${stepsHead({ at, draft, now: "rules" }, language)}
<div class="narrow"><p class="lead">${say("camera.rules-lead")}</p>
${mistakes.map((mistake) => mistakeNote(mistake))}${rulesForm(shown, language)}</div>`;
    return c.html(editFrame(c, deps, { body }), mistakes.length === 0 ? 200 : 400);
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

function addSave(app: Hono<WebEnv>, deps: AppDeps, prefix: EditPlace["prefix"]): void {
  const show = async (c: WebContext, { at, draft, holder }: Drafted, refused?: Refused): Promise<Response> => {
    const { language } = nowOf(c, deps);
    const meaning = await savedMeaning(deps, draft, language);
    const part = savePart({ at, draft, held: deps.heldTests.find(holder), ...meaning }, language);
    const body = html`${stepsHead({ at, draft, now: "save" }, language)}${mistakeNote(refused)}${part}`;
    return c.html(editFrame(c, deps, { body }), refused?.status ?? 200);
  };
  app.get(`${prefix}/save`, (c) => withDraft(c, deps, (editing) => show(c, editing)));
  app.post(`${prefix}/save`, (c) =>
    withDraft(c, deps, async (editing) => {
      const { camera, policy, credentials, hasRules, hasSource, after } = editing.draft;
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
      return await openingAnew(c, deps, after || `/cameras/${encodeURIComponent(camera.id)}?done=${done}`);
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
  return c.html(editFrame(c, deps, { body }), refused?.status ?? 200);
}
