// How the agreement changed, from the ledger: which policy began to hold, what was announced, approved and withdrawn.
import { z } from "zod";
import type { Language } from "../languages/say.ts";
import type { LedgerRow } from "../ledger/ledger-book.ts";
import { type Html, html } from "./html.ts";
import { POLICY_PAGE_LIMITS } from "./policy-page-limits.ts";

const count = z.number().default(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** As policy-in-force.ts and the ledger's notePolicy write them. */
const Body = z.union([
  z.object({
    after: sha256,
    before: z.string().nullable(),
    tighter: z.number().optional(),
    looser: z.number().optional(),
  }),
  z.object({ change: z.literal("announced"), policy: sha256, tighter: count, looser: count }),
  z.object({ change: z.literal("approved"), policy: sha256, approvals: count }),
  z.object({ change: z.literal("withdrawn"), policy: sha256 }),
]);
type Body = z.infer<typeof Body>;

/** `newest`: the ledger's lines of policies, the newest first. */
export type PolicyLines = (limit: number) => readonly Pick<LedgerRow, "line" | "body">[];

export function policyHistory(newest: PolicyLines, language: Language): Html {
  const { say } = language;
  const rows = newest(POLICY_PAGE_LIMITS.lines).flatMap(({ line, body }) => {
    const said = Body.safeParse(body === null ? null : parsed(body)).data;
    if (said === undefined) return [];
    const when = line.day === null ? say("policy-page.history-no-day") : language.day(line.day);
    return html`<li class="row"><span class="what">${sentenceOf(said, language)}</span><span class="when muted">${when}</span>
<code class="long">${"after" in said ? said.after : said.policy}</code></li>`;
  });
  return html`<section aria-labelledby="history-title"><h2 id="history-title">${say("policy-page.history")}</h2>
<p class="muted">${say("policy-page.history-lead")}</p>
${rows.length === 0 ? html`<p class="card card-text muted">${say("policy-page.history-none")}</p>` : html`<ol class="card rows">${rows}</ol>`}</section>`;
}

function sentenceOf(body: Body, { say }: Language): string {
  if ("after" in body) {
    const { tighter, looser } = body;
    if (tighter === undefined || looser === undefined) return say("policy-page.history-holds");
    return say("policy-page.history-moved", { tighter, looser });
  }
  switch (body.change) {
    case "announced":
      return say("policy-page.history-announced", { tighter: body.tighter, looser: body.looser });
    case "approved":
      return say("policy-page.history-approved", { approvals: body.approvals });
    case "withdrawn":
      return say("policy-page.history-withdrawn");
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // no line of ours, and not shown
  }
}
