// The page of what was agreed, its approval by two stewards, its withdrawal, and the same as JSON.
import type { Hono } from "hono";
import { z } from "zod";
import { type AppDeps, framed, nowOf, type WebContext, type WebEnv } from "./answers.ts";
import { change } from "./device-api.ts";
import { formOf } from "./forms.ts";
import { openingAnew } from "./opening-page.ts";
import { policyPage, withdrawPage } from "./policy-page.ts";
import { type Refused, refusalOf } from "./refusals.ts";

export const ApproveAsk = z.strictObject({ sha256: z.string().max(64) });

export function addPolicy(app: Hono<WebEnv>, deps: AppDeps): void {
  app.get("/policy", (c) => show(c, deps));
  // Where a login ended in between, one comes back to the address of a form.
  app.get("/policy/approve", (c) => c.redirect("/policy", 303));
  app.post("/policy/approve", async (c) => {
    const form = await formOf(c);
    try {
      const { missing } = await deps.commands.approvePolicy({ sha256: form("sha256"), by: userOf(c) });
      return c.redirect(`/policy?said=${missing === 0 ? "enough" : "approved"}`, 303);
    } catch (thrown) {
      return show(c, deps, refusalOf(thrown, nowOf(c, deps).language));
    }
  });
  app.get("/policy/withdraw", (c) => {
    if (deps.policyStanding().announced === null) return c.redirect("/policy", 303);
    const { language } = nowOf(c, deps);
    return c.html(framed(c, deps, { title: language.say("policy-page.withdraw"), body: withdrawPage(language) }));
  });
  app.post("/policy/withdraw", async (c) => {
    const { announced, policy } = deps.policyStanding();
    if (announced === null) return c.redirect("/policy", 303);
    try {
      // What holds is nowhere looser than what held before it: written back, nothing has to be announced.
      await deps.site.changePolicy({ policy });
    } catch (thrown) {
      return show(c, deps, refusalOf(thrown, nowOf(c, deps).language));
    }
    return openingAnew(c, deps, "/policy");
  });
}

export function addPolicyApi(app: Hono<WebEnv>, { commands, policyStanding }: AppDeps): void {
  app.get("/api/v1/policy", (c) => c.json(policyStanding()));
  app.post("/api/v1/policy/approve", (c) =>
    change(c, ApproveAsk, (ask) => commands.approvePolicy({ ...ask, by: userOf(c) })),
  );
}

/** Behind the login there is always one. */
function userOf(c: WebContext): string {
  return c.get("session")?.user ?? "";
}

function show(c: WebContext, deps: AppDeps, refused?: Refused): Response | Promise<Response> {
  const key = c.req.query("said");
  const shown = {
    standing: deps.policyStanding(),
    session: c.get("session"),
    newest: (limit: number) => deps.ledger.newest("policy-change", limit),
    said: key === "approved" || key === "enough" ? key : undefined,
    mistake: refused,
  } as const;
  const now = nowOf(c, deps);
  const body = policyPage(shown, now);
  return c.html(
    framed(c, deps, { title: now.language.say("policy-page.title"), body, isLive: refused === undefined }),
    refused?.status ?? 200,
  );
}
