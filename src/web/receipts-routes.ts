// The page of receipts, for anybody; its JSON is in camera-api.ts.
import type { Hono } from "hono";
import { type AppDeps, framed, type WebEnv } from "./answers.ts";
import { spokenFor } from "./chosen-language.ts";
import { receiptsPage } from "./receipts-page.ts";

const SHA256 = /^[0-9a-f]{64}$/;

export function addReceipts(app: Hono<WebEnv>, deps: AppDeps): void {
  const { transparency, settings } = deps;
  app.get("/transparency/receipts", (c) => {
    const typed = c.req.query("sha256")?.trim().toLowerCase().slice(0, 64);
    const isWrong = typed === undefined || !SHA256.test(typed);
    const asked =
      typed === undefined || typed === ""
        ? null
        : { sha256: typed, isWrong, found: isWrong ? [] : transparency.receiptsOf(typed) };
    const spoken = spokenFor(c, deps, asked === null ? {} : { sha256: asked.sha256 });
    const { language } = spoken;
    const { timezone } = settings.gateway;
    const body = receiptsPage({ view: transparency.view(), timezone, language, asked });
    return c.html(framed(c, deps, { title: language.say("receipts.title"), body, script: "receipts", spoken }));
  });
}
