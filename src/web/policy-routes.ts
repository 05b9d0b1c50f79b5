// The page of what was agreed, its approval by two stewards, and the same as JSON.
import type { Hono } from "hono";
import { z } from "zod";
import { type AppDeps, framed, nowOf, type WebContext, type WebEnv } from "./answers.ts";
import { change } from "./device-api.ts";
import { formOf } from "./forms.ts";
import { policyPage } from "./policy-page.ts";
import { type Refused, refusalOf } from "./refusals.ts";

export const ApproveAsk = z.strictObject({ sha256: z.string().max(64) });

const SAID = {
  approved: "You have approved it. One more steward has to, for it to hold early.",
  enough: "Two stewards have approved it: it holds now. The gateway opens anew in a moment.",
} as const;

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
      return show(c, deps, refusalOf(thrown));
    }
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
  const said = key === "approved" || key === "enough" ? SAID[key] : undefined;
  const session = c.get("session");
  const shown = { standing: deps.policyStanding(), session, said, mistake: refused?.sentence };
  const body = policyPage(shown, nowOf(c, deps));
  return c.html(
    framed(c, deps, { title: "What was agreed", body, isLive: refused === undefined }),
    refused?.status ?? 200,
  );
}
