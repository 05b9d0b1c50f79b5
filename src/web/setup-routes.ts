// The set-up, step by step, for stewards: what each page shows, what its form changes, and where it leads on to.
import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { dayIn } from "../core/day-times.ts";
import { type AppDeps, framed, nowOf, type WebContext, type WebEnv, whileAsking } from "./answers.ts";
import { bridgesOf } from "./device-routes.ts";
import { type Fields, formOf } from "./forms.ts";
import type { Html } from "./html.ts";
import { openingAnew } from "./opening-page.ts";
import { zonesOf } from "./pairing-routes.ts";
import { type Refused, refusalOf } from "./refusals.ts";
import { beginPage, finishPage } from "./setup-finish.ts";
import { cameraPage, sensorPage } from "./setup-kit.ts";
import { type Look, lookAtPlatform } from "./setup-look.ts";
import { platformAsIs, platformAsked, platformPage, removePlatformPage, typedPlatform } from "./setup-platform.ts";
import { policyAsIs, policyAsked, type TypedPolicy, typedPolicy, withDots } from "./setup-policy.ts";
import { setupPolicyPage } from "./setup-policy-page.ts";
import { signCard } from "./setup-sign.ts";
import { siteAsIs, siteAsked, sitePage, type TypedSite, typedSite } from "./setup-site.ts";
import { type SetupFacts, setupSteps, stepsPage } from "./setup-steps.ts";

type Shown = {
  readonly title: string;
  readonly body: Html;
  readonly isLive?: boolean;
  readonly status?: Refused["status"];
};

export function addSetup(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { site, commands } = deps;
  app.get("/setup/steps", async (c) => {
    const { language } = nowOf(c, deps);
    const view = await site.site();
    const body = stepsPage({ ...view, facts: { ...view, status: commands.status() } }, language);
    return show(c, deps, { title: language.say("setup.steps-title"), body, isLive: true });
  });
  addSite(app, deps);
  addPlatform(app, deps, stop);
  addAgreed(app, deps);
  app.get("/setup/sensor", (c) => {
    const now = nowOf(c, deps);
    const title = now.language.say("setup.sensor-title");
    const { devices } = commands.status();
    const lists = { devices, bridges: bridgesOf(deps), proposals: commands.listProposals() };
    return show(c, deps, { title, body: sensorPage(lists, now), isLive: true });
  });
  app.get("/setup/camera", (c) => {
    const now = nowOf(c, deps);
    const isDraft = deps.policyStanding().policy.draft;
    const body = cameraPage({ ...commands.status(), isDraft }, now);
    return show(c, deps, { title: now.language.say("setup.camera-title"), body, isLive: true });
  });
  addFinish(app, deps);
}

function addSite(app: Hono<WebEnv>, deps: AppDeps): void {
  const { site } = deps;
  const answer = async (c: WebContext, typed: TypedSite | null, refused?: Refused) => {
    const { language } = nowOf(c, deps);
    const view = await site.site();
    const body = sitePage({ view, typed: typed ?? siteAsIs(view), mistake: refused?.sentence }, language);
    return show(c, deps, { title: language.say("setup.site-title"), body, ...refused });
  };
  app.get("/setup/site", (c) => answer(c, null));
  app.post("/setup/site", async (c) => {
    const { language } = nowOf(c, deps);
    const typed = typedSite(await formOf(c));
    const asked = siteAsked(typed, await site.site(), language);
    if (typeof asked === "string") return await answer(c, typed, { status: 400, sentence: asked });
    return await changed(
      c,
      deps,
      () => site.changeSite(asked),
      (refused) => answer(c, typed, refused),
    );
  });
}

function addPlatform(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { site, commands, settings, transparency } = deps;
  const answer = async (
    c: WebContext,
    form: Fields | null,
    { refused, look }: { refused?: Refused; look?: Look } = {},
  ) => {
    const { language } = nowOf(c, deps);
    const view = await site.site();
    const typed = form === null ? platformAsIs(view, c.req.query("id")) : typedPlatform(form);
    const { publicKey } = transparency.view();
    // As core/gateway-key.ts names it: the first 16 digits of the key's SHA-256.
    const keyId = createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("hex").slice(0, 16);
    const key = { gateway: settings.gateway.id, publicKey, keyId };
    const body = platformPage(
      { view, typed, sinks: commands.status().sinks, key, mistake: refused?.sentence, look },
      language,
    );
    return show(c, deps, { title: language.say("setup.platform-title"), body, ...refused });
  };
  app.get("/setup/platform", (c) => answer(c, null));
  app.get("/setup/platform/look", (c) => c.redirect("/setup/platform", 303));
  app.post("/setup/platform/look", async (c) => {
    const form = await formOf(c);
    const asked = platformAsked(typedPlatform(form), await site.site(), nowOf(c, deps).language);
    if (typeof asked === "string") return await answer(c, form, { refused: { status: 400, sentence: asked } });
    return await answer(c, form, { look: await lookAtPlatform(asked.kind, asked.url, whileAsking(c, stop)) });
  });
  app.post("/setup/platform", async (c) => {
    const form = await formOf(c);
    const asked = platformAsked(typedPlatform(form), await site.site(), nowOf(c, deps).language);
    if (typeof asked === "string") return await answer(c, form, { refused: { status: 400, sentence: asked } });
    return await changed(
      c,
      deps,
      () => site.setPlatform(asked),
      (refused) => answer(c, form, { refused }),
    );
  });
  app.get("/setup/platform/remove", async (c) => {
    const { language } = nowOf(c, deps);
    const known = (await site.site()).platform.find(({ id }) => id === c.req.query("id"));
    if (known === undefined) return c.redirect("/setup/platform", 303);
    return show(c, deps, {
      title: language.say("setup.platform-remove"),
      body: removePlatformPage(known.id, language),
    });
  });
  app.post("/setup/platform/remove", async (c) => {
    const id = (await formOf(c))("id");
    return await changed(
      c,
      deps,
      () => site.removePlatform({ id }),
      (refused) => answer(c, null, { refused }),
    );
  });
}

function addAgreed(app: Hono<WebEnv>, deps: AppDeps): void {
  const { site } = deps;
  const answer = async (
    c: WebContext,
    typed: TypedPolicy | null,
    mistakes: readonly string[],
    status?: Refused["status"],
  ) => {
    const { language } = nowOf(c, deps);
    const { policy, platform } = await site.site();
    const asked = typed === null ? policy : policyAsked(typed, policy, language);
    // A sign of what cannot be is not drawn: then that of what there is. Who answers for the data may still be open.
    const open = policyAsked(withDots(typed ?? policyAsIs(policy)), policy, language);
    const drawn = "controller" in open ? open : policy;
    const preview = signCard({ policy: drawn, platform, today: todayOf(deps) }, language);
    // Hours that were added stay as a row of their own, with two empty fields for the next.
    const shown = typed === null || !("controller" in asked) ? (typed ?? policyAsIs(policy)) : policyAsIs(asked);
    const body = setupPolicyPage({ policy, typed: shown, zones: zonesOf(deps), preview, mistakes }, language);
    return show(c, deps, { title: language.say("setup.policy-title"), body, ...(status && { status }) });
  };
  app.get("/setup/policy", (c) => answer(c, null, []));
  const asked = async (c: WebContext) => {
    const typed = typedPolicy(await formOf(c));
    const seen = (await site.site()).policy;
    return { typed, seen, policy: policyAsked(typed, seen, nowOf(c, deps).language) };
  };
  // Draws the sign of what was typed, and keeps nothing.
  app.post("/setup/policy/show", async (c) => {
    const { typed, policy } = await asked(c);
    return await answer(c, typed, "controller" in policy ? [] : policy);
  });
  app.post("/setup/policy", async (c) => {
    const { typed, seen, policy } = await asked(c);
    if (!("controller" in policy)) return await answer(c, typed, policy, 400);
    const refuse = (refused: Refused) => answer(c, typed, [refused.sentence], refused.status);
    return await changed(c, deps, () => site.changePolicy({ policy, seen }), refuse);
  });
  // Where a page is loaded anew, or a login ended in between, one comes back to the address of a form.
  app.get("/setup/policy/show", (c) => c.redirect("/setup/policy", 303));
}

function addFinish(app: Hono<WebEnv>, deps: AppDeps): void {
  const { site, commands } = deps;
  const missing = (facts: Omit<SetupFacts, "status">, c: WebContext) =>
    setupSteps({ ...facts, status: commands.status() }, nowOf(c, deps).language).filter(
      ({ name, state }) => state === "open" && (name === "site" || name === "policy"),
    );
  const answer = async (c: WebContext, refused?: Refused) => {
    const { language } = nowOf(c, deps);
    const view = await site.site();
    const shown = { view, missing: missing(view, c), today: todayOf(deps), mistake: refused?.sentence };
    return show(c, deps, { title: language.say("setup.finish-title"), body: finishPage(shown, language), ...refused });
  };
  app.get("/setup/finish", (c) => answer(c));
  app.get("/setup/begin", async (c) => {
    const { language } = nowOf(c, deps);
    const view = await site.site();
    if (!view.policy.draft || missing(view, c).length > 0) return c.redirect("/setup/finish", 303);
    return show(c, deps, { title: language.say("setup.finish-sure-title"), body: beginPage(language) });
  });
  app.post("/setup/begin", async (c) => {
    const view = await site.site();
    if (!view.policy.draft || missing(view, c).length > 0) return c.redirect("/setup/finish", 303);
    const begin = () => site.changePolicy({ policy: { ...view.policy, draft: false }, seen: view.policy });
    return await changed(c, deps, begin, (refused) => answer(c, refused), "/setup/finish");
  });
  app.get("/setup/files/:name{(gateway|policy|kit)\\.yaml}", async (c) => {
    const texts = await site.files();
    const name = c.req.param("name");
    const text = name === "gateway.yaml" ? texts.gateway : name === "policy.yaml" ? texts.policy : texts.kit;
    const headers = {
      "content-type": "application/yaml; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
    };
    return c.body(text, 200, headers);
  });
}

/** Makes a change, and leads on once the house is open anew; else shows the form with why not. */
async function changed(
  c: WebContext,
  deps: AppDeps,
  change: () => Promise<void>,
  refuse: (refused: Refused) => Promise<Response>,
  next = "/setup/steps",
): Promise<Response> {
  try {
    await change();
  } catch (thrown) {
    return await refuse(refusalOf(thrown, nowOf(c, deps).language));
  }
  return await openingAnew(c, deps, next);
}

async function show(c: WebContext, deps: AppDeps, { title, body, isLive = false, status }: Shown): Promise<Response> {
  return await c.html(framed(c, deps, { title, body, isLive, script: "setup" }), status ?? 200);
}

function todayOf({ settings, clock }: AppDeps): string {
  return dayIn(settings.gateway.timezone, clock.nowMs());
}
