// The routes of the page of messages, for stewards: looking, trying them out, pausing, and changing how they are set up.
import type { Hono } from "hono";
import type { NoticesAsk } from "../settings/site-commands.ts";
import { type AppDeps, framed, nowOf, type WebContext, type WebEnv, whileAsking } from "./answers.ts";
import { change as changeByApi } from "./device-api.ts";
import { ASKS, formOf } from "./forms.ts";
import {
  emailAsked,
  isWrong,
  pushAsked,
  pushWithout,
  rhythmAsked,
  typedEmail,
  typedPush,
  typedRhythm,
  wrongWords,
} from "./notices-asks.ts";
import { noticesAsTheyAre, type TypedNotices } from "./notices-forms.ts";
import { noticesPage, type ShownNotices } from "./notices-page.ts";
import { openingAnew } from "./opening-page.ts";
import { type Refused, refusalOf } from "./refusals.ts";

export function addNotices(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { commands, site } = deps;
  app.get("/notices", (c) => show(c, deps));
  // Where a login ended in between, one comes back to the address of a form.
  app.get("/notices/*", (c) => c.redirect("/notices", 303));
  app.post("/notices/test", async (c) => {
    try {
      return await show(c, deps, { tests: await commands.testNotices(whileAsking(c, stop)) });
    } catch (thrown) {
      return await refuse(c, deps, thrown);
    }
  });
  for (const isPaused of [true, false])
    app.post(`/notices/${isPaused ? "pause" : "resume"}`, async (c) => {
      await commands.pauseNotices({ isPaused, by: c.get("session")?.user ?? "" });
      return c.redirect("/notices", 303);
    });
  app.post("/notices/email", async (c) => {
    const typed = { email: typedEmail(await formOf(c)) };
    const asked = emailAsked(typed.email);
    return isWrong(asked) ? await wrong(c, deps, asked, typed) : await change(c, deps, { email: asked }, typed);
  });
  app.post("/notices/email/remove", (c) => change(c, deps, { email: null }));
  app.post("/notices/push", async (c) => {
    const typed = { push: typedPush(await formOf(c)) };
    const asked = pushAsked(typed.push, (await site.site()).notices);
    return isWrong(asked) ? await wrong(c, deps, asked, typed) : await change(c, deps, { push: asked }, typed);
  });
  app.post("/notices/push/remove", async (c) => {
    const form = await formOf(c);
    const push = pushWithout({ nth: form("nth"), url: form("url") }, (await site.site()).notices);
    return push === null ? c.redirect("/notices", 303) : await change(c, deps, { push });
  });
  app.post("/notices/rhythm", async (c) => {
    const typed = { rhythm: typedRhythm(await formOf(c)) };
    const asked = rhythmAsked(typed.rhythm);
    return isWrong(asked) ? await wrong(c, deps, asked, typed) : await change(c, deps, asked, typed);
  });
}

/** The same for programs, but for setting up: that is gateway.yaml. */
export function addNoticesApi(app: Hono<WebEnv>, { commands }: AppDeps, stop: AbortSignal): void {
  app.get("/api/v1/notices", (c) => c.json(commands.notices()));
  app.post("/api/v1/notices/test", (c) =>
    changeByApi(c, ASKS.nothing, async () => ({ tests: await commands.testNotices(whileAsking(c, stop)) })),
  );
  for (const isPaused of [true, false])
    app.post(`/api/v1/notices/${isPaused ? "pause" : "resume"}`, (c) =>
      changeByApi(c, ASKS.nothing, () => commands.pauseNotices({ isPaused, by: c.get("session")?.user ?? "" })),
    );
}

async function change(
  c: WebContext,
  deps: AppDeps,
  ask: NoticesAsk,
  typed: Partial<TypedNotices> = {},
): Promise<Response> {
  try {
    await deps.site.changeNotices(ask);
  } catch (thrown) {
    return await refuse(c, deps, thrown, typed);
  }
  return await openingAnew(c, deps, "/notices");
}

function wrong(
  c: WebContext,
  deps: AppDeps,
  asked: Parameters<typeof wrongWords>[0],
  typed: Partial<TypedNotices>,
): Promise<Response> {
  const refused: Refused = { status: 400, sentence: wrongWords(asked, nowOf(c, deps).language) };
  return show(c, deps, { refused, typed });
}

function refuse(c: WebContext, deps: AppDeps, thrown: unknown, typed: Partial<TypedNotices> = {}): Promise<Response> {
  return show(c, deps, { refused: refusalOf(thrown, nowOf(c, deps).language), typed });
}

type Beside = {
  readonly tests?: ShownNotices["tests"];
  readonly refused?: Refused;
  readonly typed?: Partial<TypedNotices>;
};

async function show(
  c: WebContext,
  deps: AppDeps,
  { tests = null, refused, typed = {} }: Beside = {},
): Promise<Response> {
  const now = nowOf(c, deps);
  const site = await deps.site.site();
  const shown = {
    notices: deps.commands.notices(),
    site,
    typed: { ...noticesAsTheyAre(site.notices), ...typed },
    tests,
    mistake: refused,
  };
  const body = noticesPage(shown, now);
  return await c.html(framed(c, deps, { title: now.language.say("notices.title"), body }), refused?.status ?? 200);
}
