// The page Buffer with its forms, and the same as JSON: sending now, and what was rejected once more.
import type { Hono } from "hono";
import { z } from "zod";
import { LIMITS } from "../core/limits.ts";
import { type AppDeps, framed, nowOf, type WebContext, type WebEnv } from "./answers.ts";
import { bufferPage } from "./buffer-page.ts";
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

const SENT_NOW = "It is tried now. What comes of it shows below.";

export function addBuffer(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  app.get("/buffer", (c) => show(c, deps));
  // Where a login ended in between, one comes back to the address of a form.
  for (const form of ["/buffer/requeue", "/buffer/send/:id"]) app.get(form, (c) => c.redirect("/buffer", 303));
  app.post("/buffer/send/:id", async (c) => {
    try {
      await commands.sendNow({ id: c.req.param("id") });
    } catch (thrown) {
      return show(c, deps, refusalOf(thrown));
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
      return show(c, deps, { status: 400, sentence: "Nothing was named that could be sent once more." });
    try {
      return c.redirect(`/buffer?${requeuedQuery(await commands.requeue(ask.data))}`, 303);
    } catch (thrown) {
      return show(c, deps, refusalOf(thrown));
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
  const status = commands.status();
  const days = transparency.days(status.counters);
  const said = c.req.query("sent") === "now" ? SENT_NOW : requeuedWords((name) => c.req.query(name));
  const body = bufferPage(
    {
      status,
      deadLetters: commands.deadLetters(),
      platforms: settings.platform,
      evictFirst: policy.events.evictFirst,
      losses: lossesOf(days),
      countedSince: days.at(-1)?.day,
      isSteward: c.get("session")?.role === "steward",
      said: refused === undefined ? said : undefined,
      mistake: refused?.sentence,
    },
    nowOf(c, deps),
  );
  // Under a form's address nothing may renew itself: a reload there would send the form again.
  return c.html(framed(c, deps, { title: "Buffer", body, isLive: refused === undefined }), refused?.status ?? 200);
}
