// The pages of people, their forms, and what becomes of them: accounts, invitations, one's own account.
import type { Hono } from "hono";
import type { JournalWord } from "../core/change-journal.ts";
import type { MadeInvitation } from "../core/people-commands.ts";
import { REFUSALS, refusalIn } from "./accounts.ts";
import { type AppDeps, framed, letIn, nowOf, sayNo, type WebContext, type WebEnv, whileAsking } from "./answers.ts";
import { confirmPage } from "./form-parts.ts";
import { formOf } from "./forms.ts";
import type { Html } from "./html.ts";
import { originOf } from "./page-origin.ts";
import { peoplePage, userPage } from "./people-page.ts";
import { youPage } from "./people-you-page.ts";
import { type Refused, refusalOf } from "./refusals.ts";
import { browserWordOf } from "./session-cookie.ts";
import type { Session } from "./sessions.ts";

type Show = (refused?: Refused) => Response | Promise<Response>;

export function addPeople(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { commands } = deps;
  app.get("/people", (c) => showPeople(c, deps));
  // Where a login ended in between, one comes back to the address of a form.
  for (const form of ["/people/invitations", "/people/you/passphrase", "/people/you/leave"])
    app.get(form, (c) => c.redirect(form.startsWith("/people/you") ? "/people/you" : "/people", 303));
  app.post("/people/invitations", async (c) => {
    const role = (await formOf(c))("role") === "steward" ? "steward" : "volunteer";
    const make = () => commands.invite({ role, by: sessionOf(c).user });
    return await made(c, deps, { make, what: "invitation-made", about: role, show: (no) => showPeople(c, deps, no) });
  });
  app.post("/people/invitations/:id/revoke", (c) =>
    changed(c, deps, {
      act: () => commands.revokeInvitation({ id: c.req.param("id") }),
      what: "invitation-revoked",
      to: "/people?done=revoked",
      show: (no) => showPeople(c, deps, no),
    }),
  );
  app.get("/people/user/:user", (c) => showUser(c, deps));
  app.post("/people/user/:user/role", async (c) => {
    const user = c.req.param("user");
    const role = (await formOf(c))("role") === "steward" ? "steward" : "volunteer";
    return await changed(c, deps, {
      act: () => commands.setRole({ user, role }),
      what: "account-role",
      about: `${user}: ${role}`,
      to: `/people/user/${encodeURIComponent(user)}?done=role`,
      show: (no) => showUser(c, deps, no),
    });
  });
  app.post("/people/user/:user/link", (c) => {
    const user = c.req.param("user");
    const make = () => commands.inviteBack({ user, by: sessionOf(c).user });
    return made(c, deps, { make, what: "passphrase-link", about: user, show: (no) => showUser(c, deps, no) });
  });
  app.get("/people/user/:user/remove", (c) => askRemove(c, deps));
  app.post("/people/user/:user/remove", (c) => {
    const user = c.req.param("user");
    return changed(c, deps, {
      act: () => commands.removeUser({ user }),
      what: "account-removed",
      about: user,
      to: "/people?done=removed",
      show: (no) => askRemove(c, deps, no),
    });
  });
  app.post("/people/sessions/:id/end", (c) => endSession(c, deps, { of: null, to: "/people?done=session" }));
  addYou(app, deps, stop);
}

function addYou(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { sessions, accounts, journal } = deps;
  const show = (c: WebContext, mistake?: { readonly status: 400 | 401 | 409 | 429; readonly sentence: string }) => {
    const session = sessionOf(c);
    const own = sessions.list().filter(({ user }) => user === session.user);
    const shown = { session, sessions: own, done: c.req.query("done"), mistake: mistake?.sentence };
    return answer(c, deps, {
      title: "people.you-title",
      body: youPage(shown, nowOf(c, deps)),
      status: mistake?.status,
    });
  };
  app.get("/people/you", (c) => show(c));
  app.post("/people/you/passphrase", async (c) => {
    const form = await formOf(c);
    const { user } = sessionOf(c);
    const from = { address: c.env.address, browserWord: browserWordOf(c) };
    const words = { old: form("old"), passphrase: form("passphrase") };
    const admission = await accounts.change({ user, ...words, ...from }, whileAsking(c, stop));
    if (admission.kind === "refused") {
      const { status } = REFUSALS[admission.why];
      return await show(c, { status, sentence: refusalIn(nowOf(c, deps).language, admission.why) });
    }
    journal.note({ what: "passphrase-changed", by: user, address: c.env.address });
    letIn(c, deps, admission);
    return c.redirect("/people/you?done=passphrase", 303);
  });
  app.post("/people/you/sessions/:id/end", (c) =>
    endSession(c, deps, { of: sessionOf(c).user, to: "/people/you?done=session" }),
  );
  app.post("/people/you/leave", (c) => {
    const { user } = sessionOf(c);
    sessions.endAll(user);
    journal.note({ what: "logout", by: user, address: c.env.address });
    return c.redirect("/login", 303);
  });
}

/** Behind the login there is always one. */
export function sessionOf(c: WebContext): Session {
  return c.get("session") ?? { user: "", role: "volunteer", id: "" };
}

type Page = {
  readonly title: "people.title" | "people.you-title" | "people.user-title" | "people.remove-ask";
  readonly user?: string;
  readonly body: Html;
  readonly status: 200 | 400 | 401 | 404 | 409 | 429 | 503 | undefined;
};

function answer(
  c: WebContext,
  deps: AppDeps,
  { title, user = "", body, status = 200 }: Page,
): Response | Promise<Response> {
  const { language } = nowOf(c, deps);
  return c.html(framed(c, deps, { title: language.say(title, { user }), body }), status);
}

function showPeople(c: WebContext, deps: AppDeps, refused?: Refused): Response | Promise<Response> {
  const { commands, journal } = deps;
  const shown = {
    session: sessionOf(c),
    users: commands.listUsers(),
    lastLogins: journal.lastLogins(),
    invitations: commands.listInvitations(),
    done: c.req.query("done"),
    mistake: refused,
  };
  return answer(c, deps, { title: "people.title", body: peoplePage(shown, nowOf(c, deps)), status: refused?.status });
}

function showUser(c: WebContext, deps: AppDeps, refused?: Refused): Response | Promise<Response> {
  const user = deps.commands.listUsers().find((each) => each.user === c.req.param("user"));
  if (user === undefined) return sayNo(c, deps, { status: 404, title: "page.no-such-title", key: "page.no-such" });
  const sessions = deps.sessions.list().filter((each) => each.user === user.user);
  const shown = { session: sessionOf(c), user, sessions, done: c.req.query("done"), mistake: refused };
  const body = userPage(shown, nowOf(c, deps));
  return answer(c, deps, { title: "people.user-title", user: user.user, body, status: refused?.status });
}

function askRemove(c: WebContext, deps: AppDeps, refused?: Refused): Response | Promise<Response> {
  const { language } = nowOf(c, deps);
  const user = deps.commands.listUsers().find((each) => each.user === c.req.param("user"))?.user;
  if (user === undefined) return sayNo(c, deps, { status: 404, title: "page.no-such-title", key: "page.no-such" });
  const count = deps.commands.listTokens().filter(({ by }) => by === user).length;
  const tokens = count === 0 ? "" : ` ${language.say("people.remove-tokens", { count, user })}`;
  const body = confirmPage({
    language,
    title: language.say("people.remove-ask", { user }),
    sentence: `${language.say("people.remove-what", { user })}${tokens}`,
    action: `/people/user/${user}/remove`,
    back: `/people/user/${user}`,
    button: language.say("people.remove-do"),
    mistake: refused,
  });
  return answer(c, deps, { title: "people.remove-ask", user, body, status: refused?.status });
}

type Change = {
  readonly act: () => Promise<void>;
  readonly what: JournalWord;
  readonly about?: string;
  readonly to: string;
  readonly show: Show;
};

/** Does it, notes it and goes on; or shows the page with why it was refused. */
export async function changed(c: WebContext, deps: AppDeps, { act, what, about, to, show }: Change): Promise<Response> {
  try {
    await act();
  } catch (thrown) {
    return await show(refusalOf(thrown, nowOf(c, deps).language));
  }
  const by = sessionOf(c).user;
  deps.journal.note({ what, by, address: c.env.address, ...(about !== undefined && { about }) });
  return c.redirect(to, 303);
}

type Making = Omit<Change, "act" | "to"> & { readonly make: () => Promise<MadeInvitation> };

/** Makes a link and leads to the page that shows it, to nobody else and for ten minutes. */
async function made(c: WebContext, deps: AppDeps, { make, what, about, show }: Making): Promise<Response> {
  let ref = "";
  const act = async (): Promise<void> => {
    const { secret, user, expiresAt } = await make();
    const link = `${originOf(c, deps.settings.status)}/invite/${secret}`;
    ref = deps.shownOnce.keep({ kind: "invitation", link, user, expiresAt }, sessionOf(c).id);
  };
  const answered = await changed(c, deps, { act, what, ...(about !== undefined && { about }), to: "/people", show });
  return ref === "" ? answered : c.redirect(`/people/made/${ref}`, 303);
}

/** `of`: the user whose it must be; null: anybody's. Of one that is over already nothing is said: it is what was wanted. */
function endSession(
  c: WebContext,
  { sessions, journal }: AppDeps,
  { of, to }: { readonly of: string | null; readonly to: string },
): Response {
  const id = c.req.param("id") ?? "";
  const whose = sessions.list().find((each) => each.id === id)?.user;
  if (sessions.endOne({ id, user: of }) && whose !== undefined)
    journal.note({ what: "session-ended", by: sessionOf(c).user, about: whose, address: c.env.address });
  return c.redirect(to, 303);
}
