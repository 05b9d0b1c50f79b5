// The way to the status page.
import type { Hono } from "hono";
import { type AppDeps, framed, nowOf, type WebEnv } from "./answers.ts";
import { speakersOf } from "./speakers.ts";
import { statusPage } from "./status-page.ts";

export function addStatus(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  app.get("/", (c) => {
    const now = nowOf(c, deps);
    const status = commands.status();
    const days = deps.transparency.days(status.counters);
    const body = statusPage({ status, speakerOf: speakersOf(commands), days, standing: deps.policyStanding() }, now);
    return c.html(framed(c, deps, { title: now.language.say("status.title"), body, isLive: true }));
  });
}
