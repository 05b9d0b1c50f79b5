// The pages for people, and the forms by which they come in and go out.
import type { Hono } from "hono";
import { type AppDeps, framed, letIn, letOut, nowOf, type WebContext, type WebEnv, whileAsking } from "./answers.ts";
import { type Admission, REFUSALS, refusalIn } from "./accounts.ts";
import { addAbout } from "./about-routes.ts";
import { addBuffer } from "./buffer-routes.ts";
import { camerasPage } from "./camera-list.ts";
import { addCameras } from "./camera-routes.ts";
import { rememberLanguage, spokenFor } from "./chosen-language.ts";
import { addDevices } from "./device-routes.ts";
import { addDisclosures } from "./disclosures-routes.ts";
import { loginPage, setupPage } from "./entry-pages.ts";
import { addErase } from "./erase-routes.ts";
import { formOf } from "./forms.ts";
import type { Html } from "./html.ts";
import { addInvite } from "./invite-routes.ts";
import { addLedger } from "./ledger-routes.ts";
import { addLinks } from "./link-routes.ts";
import { addNotices } from "./notices-routes.ts";
import { addPairing } from "./pairing-routes.ts";
import { addPapers } from "./papers-routes.ts";
import { addPeople } from "./people-routes.ts";
import { addPolicy } from "./policy-routes.ts";
import { addReceipts } from "./receipts-routes.ts";
import { browserWordOf } from "./session-cookie.ts";
import { addSetup } from "./setup-routes.ts";
import { addStatus } from "./status-routes.ts";
import { addTokens } from "./tokens-routes.ts";
import { transparencyPage } from "./transparency-page.ts";

export function addPages(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  addStatus(app, deps);
  addLooking(app, deps);
  // Before the devices: /devices/new is no device.
  addPairing(app, deps);
  addDevices(app, deps);
  addCameras(app, deps, stop);
  addAbout(app, deps);
  addBuffer(app, deps);
  addErase(app, deps);
  addDisclosures(app, deps);
  addPolicy(app, deps);
  addNotices(app, deps, stop);
  addPapers(app, deps);
  addReceipts(app, deps);
  addLedger(app, deps);
  addLinks(app, deps, stop);
  addPeople(app, deps, stop);
  addTokens(app, deps);
  addInvite(app, deps, stop);
  addEntry(app, deps, stop);
  addSetup(app, deps, stop);
  app.get("/transparency", (c) => {
    const { transparency, settings } = deps;
    const spoken = spokenFor(c, deps);
    const { language } = spoken;
    const { timezone, cell = null } = settings.gateway;
    const shown = { view: transparency.view(), standing: transparency.standing(), timezone, cell, language };
    return c.html(
      framed(c, deps, { title: language.say("page.title"), body: transparencyPage(shown), script: "receipts", spoken }),
    );
  });
  for (const asset of Object.values(deps.assets)) {
    // The address changes with the bytes, so they may be kept for ever.
    const headers = {
      "content-type": asset.type,
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
    };
    app.get(asset.url.replace(/\?.*/, ""), (c) =>
      /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(c.req.header("accept-encoding") ?? "")
        ? c.body(asset.gzip, 200, { ...headers, "content-encoding": "gzip" })
        : c.body(asset.bytes, 200, headers),
    );
  }
}

function addLooking(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  app.get("/cameras", (c) => {
    const now = nowOf(c, deps);
    const isSteward = c.get("session")?.role === "steward";
    const body = camerasPage(commands.status(), now, { isSteward, isRemoved: c.req.query("done") === "removed" });
    return c.html(framed(c, deps, { title: now.language.say("camera.list-title"), body, isLive: true }));
  });
}

function addEntry(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { accounts } = deps;
  app.get("/setup", (c) =>
    accounts.isSetUp() ? c.redirect("/", 303) : c.html(framed(c, deps, firstPage(c, deps, {}))),
  );
  app.post("/setup", async (c) => {
    const form = await formOf(c);
    const ask = { code: form("code"), passphrase: form("passphrase"), address: c.env.address };
    const admission = await accounts.setUp(ask, whileAsking(c, stop));
    return enter(c, deps, {
      admission,
      next: deps.policyStanding().policy.draft ? "/setup/steps" : "/",
      again: (mistake) => firstPage(c, deps, { mistake, code: ask.code }),
    });
  });
  app.get("/login", (c) => {
    if (!accounts.isSetUp()) {
      rememberLanguage(c);
      return c.redirect("/setup", 303);
    }
    if (c.get("session") !== undefined) return c.redirect("/", 303);
    const { language } = nowOf(c, deps);
    const body = loginPage({ next: localPath(c.req.query("next")), language });
    return c.html(framed(c, deps, { title: language.say("login.title"), body }));
  });
  app.post("/login", async (c) => {
    const form = await formOf(c);
    const next = localPath(form("next"));
    const user = form("user");
    const from = { address: c.env.address, browserWord: browserWordOf(c) };
    const admission = await accounts.logIn({ user, passphrase: form("passphrase"), ...from }, whileAsking(c, stop));
    const { language } = nowOf(c, deps);
    return enter(c, deps, {
      admission,
      next,
      again: (mistake) => ({ title: language.say("login.title"), body: loginPage({ mistake, user, next, language }) }),
    });
  });
  app.post("/logout", (c) => {
    letOut(c, deps);
    return c.redirect("/login", 303);
  });
}

function firstPage(c: WebContext, deps: AppDeps, typed: { readonly mistake?: string; readonly code?: string }) {
  const { language } = nowOf(c, deps);
  return { title: language.say("setup.code-title"), body: setupPage({ ...typed, language }) };
}

type Entering = {
  readonly admission: Admission;
  readonly next: string;
  readonly again: (mistake: string) => { readonly title: string; readonly body: Html };
};

function enter(c: WebContext, deps: AppDeps, { admission, next, again }: Entering): Response | Promise<Response> {
  if (admission.kind === "admitted") {
    letIn(c, deps, admission);
    return c.redirect(next, 303);
  }
  const { language } = nowOf(c, deps);
  return c.html(framed(c, deps, again(refusalIn(language, admission.why))), REFUSALS[admission.why].status);
}

/** A page of ours to go on to: never an address of elsewhere. */
function localPath(next: string | undefined): string {
  return next !== undefined &&
    /^\/(devices|bridges|cameras|buffer|policy|people|about|notices|setup)(\/[a-z0-9-]*){0,2}$/.test(next)
    ? next
    : "/";
}
