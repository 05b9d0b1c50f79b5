// The page of the disclosure log with its form, and the same as JSON; for stewards alone.
import type { Hono } from "hono";
import { z } from "zod";
import { type AppDeps, framed, nowOf, type WebContext, type WebEnv } from "./answers.ts";
import { change } from "./device-api.ts";
import { disclosuresPage, type TypedDisclosure } from "./disclosures-page.ts";
import { formOf } from "./forms.ts";
import { DISCLOSURE_ASK } from "./local-erasure.ts";
import { type Refused, refusalOf } from "./refusals.ts";

export const DisclosureAsk = z.strictObject(DISCLOSURE_ASK);
const EMPTY: TypedDisclosure = { to: "", what: "", ground: "", detail: "", requestedAt: "" };

export function addDisclosures(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  app.get("/disclosures", (c) => show(c, deps, { typed: EMPTY }));
  app.post("/disclosures", async (c) => {
    const form = await formOf(c);
    const [to, what, ground, detail, requestedAt] = [
      form("to"),
      form("what"),
      form("ground"),
      form("detail"),
      form("requestedAt"),
    ];
    const typed = { to, what, ground, detail, requestedAt };
    const ask = DisclosureAsk.safeParse({ to, what, ground, detail, ...(requestedAt !== "" && { requestedAt }) });
    const { language } = nowOf(c, deps);
    if (!ask.success)
      return show(c, deps, { typed, refused: { status: 400, sentence: language.say("disclosures.missing") } });
    try {
      await commands.addDisclosure({ ...ask.data, by: c.get("session")?.user ?? null });
    } catch (thrown) {
      return show(c, deps, { typed, refused: refusalOf(thrown, language) });
    }
    return c.redirect("/disclosures?done=added", 303);
  });
}

export function addDisclosuresApi(app: Hono<WebEnv>, { commands }: AppDeps): void {
  app.get("/api/v1/disclosures", (c) => c.json({ disclosures: commands.listDisclosures() }));
  app.post("/api/v1/disclosures", (c) =>
    change(c, DisclosureAsk, (ask) => commands.addDisclosure({ ...ask, by: c.get("session")?.user ?? null })),
  );
}

function show(
  c: WebContext,
  deps: AppDeps,
  { typed, refused }: { readonly typed: TypedDisclosure; readonly refused?: Refused },
): Response | Promise<Response> {
  const isAdded = c.req.query("done") === "added" && refused === undefined;
  const shown = { entries: deps.commands.listDisclosures(), typed, isAdded, mistake: refused };
  const now = nowOf(c, deps);
  const body = disclosuresPage(shown, now);
  return c.html(framed(c, deps, { title: now.language.say("disclosures.title"), body }), refused?.status ?? 200);
}
