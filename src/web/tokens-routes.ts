// Tokens of programs and the journal, for stewards; and what is shown once after it was made.
import type { Hono } from "hono";
import { JOURNAL_WORDS } from "../core/change-journal.ts";
import { TOKEN_SCOPES } from "../core/people-commands.ts";
import { type AppDeps, framed, nowOf, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { formOf } from "./forms.ts";
import { madePage } from "./invite-pages.ts";
import { journalPage } from "./journal-page.ts";
import type { JournalWish } from "./journal-store.ts";
import { originOf } from "./page-origin.ts";
import { changed, sessionOf } from "./people-routes.ts";
import type { Refused } from "./refusals.ts";
import { tokensPage } from "./tokens-page.ts";

export function addTokens(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands, shownOnce, journal } = deps;
  app.get("/people/tokens", (c) => show(c, deps));
  app.post("/people/tokens", async (c) => {
    const form = await formOf(c);
    const typed = { name: form("name"), may: TOKEN_SCOPES.filter((scope) => form(scope) !== "") };
    const { user: by, id: session } = sessionOf(c);
    let ref = "";
    const act = async (): Promise<void> => {
      const { token, name } = await commands.addToken({ ...typed, by });
      ref = shownOnce.keep({ kind: "token", token, name }, session);
    };
    const answered = await changed(c, deps, {
      act,
      what: "token-made",
      about: typed.name,
      to: "/people/tokens",
      show: (refused) => show(c, deps, { refused, typed }),
    });
    return ref === "" ? answered : c.redirect(`/people/made/${ref}`, 303);
  });
  app.post("/people/tokens/:id/remove", (c) => {
    const id = c.req.param("id");
    const name = commands.listTokens().find((each) => each.id === id)?.name;
    return changed(c, deps, {
      act: () => commands.removeToken({ id }),
      what: "token-removed",
      ...(name !== undefined && { about: name }),
      to: "/people/tokens?done=token",
      show: (refused) => show(c, deps, { refused }),
    });
  });
  app.get("/people/made/:ref", (c) => {
    const session = sessionOf(c);
    const shown = shownOnce.find(c.req.param("ref"), session.id);
    if (shown === undefined)
      return sayNo(c, deps, { status: 404, title: "people.made-gone-title", key: "people.made-gone" });
    const now = nowOf(c, deps);
    const title = now.language.say(shown.kind === "token" ? "people.tokens" : "people.made-title");
    const body = madePage({ shown, session, origin: originOf(c, deps.settings.status) }, now);
    return c.html(framed(c, deps, { title, body }));
  });
  app.get("/people/journal", (c) => {
    const wish = wishOf(c);
    const now = nowOf(c, deps);
    const users = commands.listUsers().map(({ user }) => user);
    const shown = { session: sessionOf(c), entries: journal.list(wish), wish, users, tokens: commands.listTokens() };
    return c.html(framed(c, deps, { title: now.language.say("people.journal"), body: journalPage(shown, now) }));
  });
}

/** What the address asks for; what makes no sense is not asked. */
function wishOf(c: WebContext): JournalWish {
  const by = c.req.query("by") ?? "";
  const what = JOURNAL_WORDS.find((word) => word === c.req.query("what"));
  const before = Number(c.req.query("before"));
  return {
    ...(by !== "" && { by }),
    ...(what !== undefined && { what }),
    ...(Number.isSafeInteger(before) && before > 0 && { before }),
  };
}

type Said = { readonly refused?: Refused | undefined; readonly typed?: { name: string; may: readonly string[] } };

function show(
  c: WebContext,
  deps: AppDeps,
  { refused, typed = { name: "", may: ["status"] } }: Said = {},
): Response | Promise<Response> {
  const now = nowOf(c, deps);
  const tokens = deps.commands.listTokens();
  const shown = { session: sessionOf(c), tokens, typed, done: c.req.query("done"), mistake: refused };
  const body = tokensPage(shown, now);
  return c.html(framed(c, deps, { title: now.language.say("people.tokens"), body }), refused?.status ?? 200);
}
