// The page Buffer with its forms, and the same as JSON: sending now, and what was rejected once more.
import type { Hono } from "hono";
import { z } from "zod";
import { LIMITS } from "../core/limits.ts";
import { type AppDeps, framed, nowOf, type WebContext, type WebEnv } from "./answers.ts";
import { bufferPage } from "./buffer-page.ts";
import { spokenFor } from "./chosen-language.ts";
import { requeuedQuery, requeuedWords } from "./dead-letters.ts";
import { change } from "./device-api.ts";
import { ASKS, FIELD_CHARS, formOf } from "./forms.ts";
import { lossesOf } from "./losses.ts";
import { type Refused, refusalOf } from "./refusals.ts";

const id = z.string().min(1).max(FIELD_CHARS.id);
export const RequeueAsk = z.strictObject({
  ids: z.array(id).min(1).max(LIMITS.deadLettersShown).exactOptional(),
  sinkId: id.exactOptional(),
});

export function addBuffer(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  app.get("/buffer", (c) => show(c, deps));
  // Where a login ended in between, one comes back to the address of a form.
  for (const form of ["/buffer/requeue", "/buffer/send/:id"]) app.get(form, (c) => c.redirect("/buffer", 303));
  app.post("/buffer/send/:id", async (c) => {
    try {
      await commands.sendNow({ id: c.req.param("id") });
    } catch (thrown) {
      return show(c, deps, refusalOf(thrown, spokenFor(c, deps).language));
    }
    return c.redirect("/buffer?sent=now", 303);
  });
  app.post("/buffer/requeue", async (c) => {
    const form = await formOf(c);
    const fields = {
      ...(form("id") !== "" && { ids: [form("id")] }),
      ...(form("sink") !== "" && { sinkId: form("sink") }),
    };
    const ask = RequeueAsk.safeParse(fields);
    if (!ask.success || Object.keys(fields).length === 0)
      return show(c, deps, { status: 400, sentence: spokenFor(c, deps).language.say("buffer.nothing-named") });
    try {
      return c.redirect(`/buffer?${requeuedQuery(await commands.requeue(ask.data))}`, 303);
    } catch (thrown) {
      return show(c, deps, refusalOf(thrown, spokenFor(c, deps).language));
    }
  });
}

export function addBufferApi(app: Hono<WebEnv>, { commands }: AppDeps): void {
  app.get("/api/v1/dead-letters", (c) => c.json({ deadLetters: commands.deadLetters() }));
  app.post("/api/v1/dead-letters/requeue", (c) => change(c, RequeueAsk, (ask) => commands.requeue(ask)));
  app.post("/api/v1/sinks/:id/send", (c) => change(c, ASKS.nothing, () => commands.sendNow({ id: c.req.param("id") })));
}

function show(c: WebContext, deps: AppDeps, refused?: Refused): Response | Promise<Response> {
  const { commands, policy, settings, transparency } = deps;
  const now = nowOf(c, deps);
  const { language } = now;
  const status = commands.status();
  const days = transparency.days(status.counters);
  const wasSent = c.req.query("sent") === "now";
  const said = wasSent ? language.say("buffer.sent-now") : requeuedWords((name) => c.req.query(name), language);
  const body = bufferPage(
    {
      status,
      deadLetters: commands.deadLetters(),
      platforms: settings.platform,
      evictFirst: policy.events.evictFirst,
      losses: lossesOf(days, language),
      countedSince: days.at(-1)?.day,
      isSteward: c.get("session")?.role === "steward",
      said: refused === undefined ? said : undefined,
      mistake: refused,
    },
    now,
  );
  // Under a form's address nothing may renew itself: a reload there would send the form again.
  const isLive = refused === undefined;
  return c.html(framed(c, deps, { title: language.say("buffer.title"), body, isLive }), refused?.status ?? 200);
}
