// The link of an invitation, for whoever has it: no login, since what the link holds is the secret. Looking uses nothing up.
import type { Hono } from "hono";
import { passphraseMistake } from "../registry/passphrase.ts";
import { refusalIn } from "./accounts.ts";
import {
  type AppDeps,
  framed,
  letIn,
  nowOf,
  type Refusal,
  sayNo,
  type WebContext,
  type WebEnv,
  whileAsking,
} from "./answers.ts";
import { formOf } from "./forms.ts";
import { invitationPage, type ShownInvitation } from "./invite-pages.ts";
import { refusalOf } from "./refusals.ts";

/** Wrong, used, withdrawn and expired links answer alike. */
const NO_INVITATION: Refusal = { status: 404, title: "people.no-invitation-title", key: "people.no-invitation" };
const TOO_MANY: Refusal = { status: 429, title: "page.stopping-title", key: "login.too-many" };

export function addInvite(app: Hono<WebEnv>, deps: AppDeps, stop: AbortSignal): void {
  const { commands, linkAttempts, settings, registry, journal } = deps;
  const site = settings.gateway.name ?? settings.gateway.id;
  /** Guessing is slowed down like logins, in a line of its own. */
  const attempt = async (c: WebContext, secret: string) => {
    const look = async () => commands.invitationOf({ secret }) !== null;
    const outcome = await linkAttempts.run(c.env.address, look, whileAsking(c, stop));
    if (outcome === "failed") deps.board.count("web.refused.wrong-link");
    return outcome === "too-many" ? TOO_MANY : (commands.invitationOf({ secret }) ?? NO_INVITATION);
  };
  const show = (
    c: WebContext,
    shown: Omit<ShownInvitation, "site">,
    status: 200 | 400 | 409 | 503 | 404 | 429 = 200,
  ) => {
    const now = nowOf(c, deps);
    const title = now.language.say(shown.invitation.user === null ? "people.invite-title" : "people.invite-back-title");
    return c.html(framed(c, deps, { title, body: invitationPage({ ...shown, site }, now) }), status);
  };
  app.get("/invite/:secret", async (c) => {
    const invitation = await attempt(c, c.req.param("secret"));
    return "status" in invitation ? await sayNo(c, deps, invitation) : await show(c, { invitation });
  });
  app.post("/invite/:secret", async (c) => {
    const secret = c.req.param("secret");
    const invitation = await attempt(c, secret);
    if ("status" in invitation) return await sayNo(c, deps, invitation);
    const form = await formOf(c);
    const typed = form("user").trim();
    const weakness = passphraseMistake(form("passphrase"));
    if (weakness !== null) {
      const mistake = refusalIn(nowOf(c, deps).language, `passphrase-${weakness}`);
      return await show(c, { invitation, typed, mistake }, 400);
    }
    try {
      const { user } = await commands.acceptInvitation({ secret, user: typed, passphrase: form("passphrase") });
      const what = invitation.user === null ? "account-joined" : "passphrase-renewed";
      journal.note({ what, by: user, address: c.env.address });
      const account = registry.data().accounts.find((each) => each.user === user);
      if (account !== undefined) letIn(c, deps, { kind: "admitted", account });
      return c.redirect(account === undefined ? "/login" : "/", 303);
    } catch (thrown) {
      const refused = refusalOf(thrown, nowOf(c, deps).language);
      return await show(c, { invitation, typed, mistake: refused }, refused.status);
    }
  });
}
