// The ways to the status page and to how everything was, and the latter as JSON.
import type { Hono } from "hono";
import type { HistoryKind, ThingHistory } from "../core/history-commands.ts";
import { type AppDeps, framed, nowOf, type WebEnv } from "./answers.ts";
import { historyPage } from "./history-page.ts";
import { setupCard } from "./setup-steps.ts";
import { speakersOf } from "./speakers.ts";
import { statusPage } from "./status-page.ts";

export function addStatus(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  const historyOf: typeof commands.historyOf = (kind, id) => commands.historyOf(kind, id);
  app.get("/", (c) => {
    const now = nowOf(c, deps);
    const status = commands.status();
    const days = deps.transparency.days(status.counters);
    const standing = deps.policyStanding();
    const isSteward = c.get("session")?.role === "steward";
    const facts = { ...deps.settings, policy: standing.policy, status };
    const setup = isSteward ? setupCard(facts, now.language) : null;
    const body = statusPage({ status, speakerOf: speakersOf(commands), days, standing, historyOf, setup }, now);
    return c.html(framed(c, deps, { title: now.language.say("status.title"), body, isLive: true }));
  });
  app.get("/history", (c) => {
    const now = nowOf(c, deps);
    const body = historyPage(commands.status(), { historyOf, now });
    return c.html(framed(c, deps, { title: now.language.say("history.title"), body, isLive: true }));
  });
  app.get("/api/v1/history", (c) => {
    const { devices, cameras, sinks } = commands.status();
    const all = (kind: HistoryKind, things: readonly { readonly id: string }[]) =>
      things.flatMap(({ id }) => {
        const history = commands.historyOf(kind, id);
        return history === null ? [] : [{ id, ...told(history) }];
      });
    const gateway = commands.historyOf("gateway", "gateway");
    return c.json({
      gateway: gateway === null ? null : told(gateway),
      devices: all("device", devices),
      cameras: all("camera", cameras),
      sinks: all("platform", sinks),
    });
  });
}

/** Times in ISO 8601 UTC, as everywhere in the API. `state` null: not known. */
function told({ fromMs, toMs, changes, lows }: ThingHistory) {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    from: iso(fromMs),
    to: iso(toMs),
    changes: changes.map(({ atMs, state }) => ({ at: iso(atMs), state })),
    lows,
  };
}
