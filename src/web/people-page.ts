// Who may come in: everybody who has an account, the open invitations, and one account with what a steward may do about it.
import type { InvitationView } from "../core/people-commands.ts";
import type { UserView } from "../core/user-commands.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html } from "./html.ts";
import { peopleDone, peopleTabs, roleKey, sessionList } from "./people-parts.ts";
import type { Mistake } from "./refusal-page.ts";
import type { Session, SessionView } from "./sessions.ts";
import { ago, exactTime, type Now } from "./words.ts";

type Said = { readonly done?: string | undefined; readonly mistake?: Mistake | undefined };

/** `lastLogins`: ms since 1970 by user. A volunteer sees who there is, and no more. */
export type ShownPeople = Said & {
  readonly session: Session;
  readonly users: readonly UserView[];
  readonly lastLogins: ReadonlyMap<string, number>;
  readonly invitations: readonly InvitationView[];
};

export function peoplePage(shown: ShownPeople, now: Now): Html {
  const { session, users, invitations, done, mistake } = shown;
  const { say } = now.language;
  const isSteward = session.role === "steward";
  return html`<div class="narrow wide">${peopleTabs("/people", session, now)}<h1>${say("people.title")}</h1>
${mistakeNote(mistake)}${peopleDone(done, now)}
<p class="lead">${say("people.lead")}</p>
<section aria-labelledby="who"><h2 id="who">${say("people.who")}</h2>
<ul class="card rows">${users.map((user) => userRow(user, shown, now))}</ul></section>
${isSteward && invitations.length > 0 ? invitationList(invitations, now) : null}
${isSteward ? inviteForm(now) : null}</div>`;
}

function userRow({ user, role, createdAt }: UserView, { session, lastLogins }: ShownPeople, now: Now): Html {
  const { say, day } = now.language;
  const isSelf = user === session.user;
  const lastMs = lastLogins.get(user);
  const last =
    lastMs === undefined
      ? say("people.never")
      : say("people.last-login", { ago: ago(new Date(lastMs).toISOString(), now) });
  const more = html`<span class="when muted">${last} · ${say("people.since", { day: day(createdAt.slice(0, 10)) })}</span>
<a class="button quiet" href="${isSelf ? "/people/you" : `/people/user/${user}`}">${say("people.change", { user })}</a>`;
  return html`<li class="row with-do"><span class="what"><b><bdi>${user}</bdi></b>${isSelf ? html` <span class="mark">${say("people.you")}</span>` : null}</span>
<span class="when">${say(roleKey(role))}</span>${session.role === "steward" ? more : null}</li>`;
}

function invitationList(invitations: readonly InvitationView[], now: Now): Html {
  const { say } = now.language;
  return html`<section aria-labelledby="open"><h2 id="open">${say("people.invitations")}</h2>
<ul class="card rows">${invitations.map(
    ({ id, role, user, by, expiresAt }) =>
      html`<li class="row with-do"><span class="what"><b>${user === null ? say("people.invitation-new", { role: say(roleKey(role)) }) : say("people.invitation-back", { user })}</b></span>
<span class="when">${say("people.invitation-by", { user: by, moment: exactTime(expiresAt, now) })}</span>
<form method="post" action="/people/invitations/${id}/revoke"><button class="quiet">${say("people.invitation-revoke")}</button></form></li>`,
  )}</ul></section>`;
}

function inviteForm({ language: { say } }: Now): Html {
  return html`<section aria-labelledby="invite"><h2 id="invite">${say("people.invite")}</h2>
<form method="post" action="/people/invitations" class="card card-text">
<p>${say("people.invite-lead")}</p>
<fieldset><legend>${say("people.invite-as")}</legend>
<label class="radio"><input type="radio" name="role" value="volunteer" required checked><span>${say("people.role-volunteer-what")}</span></label>
<label class="radio"><input type="radio" name="role" value="steward" required><span>${say("people.role-steward-what")}</span></label>
</fieldset>
<button>${say("people.invite-do")}</button>
</form></section>`;
}

export type ShownUser = Said & {
  readonly session: Session;
  readonly user: UserView;
  readonly sessions: readonly SessionView[];
};

/** One account of somebody else, for a steward. */
export function userPage({ session, user: { user, role }, sessions, done, mistake }: ShownUser, now: Now): Html {
  const { say } = now.language;
  const other = role === "steward" ? "volunteer" : "steward";
  return html`<div class="narrow wide">${peopleTabs("/people", session, now)}<h1>${say("people.user-title", { user })}</h1>
${mistakeNote(mistake)}${peopleDone(done, now)}
<section aria-labelledby="role"><h2 id="role">${say("people.role")}</h2>
<form method="post" action="/people/user/${user}/role" class="card card-text">
<input type="hidden" name="role" value="${other}">
<p><b>${say(roleKey(role))}.</b> ${say(role === "steward" ? "people.role-what-steward" : "people.role-what-volunteer")}</p>
<button class="quiet">${say(other === "steward" ? "people.make-steward" : "people.make-volunteer")}</button>
</form></section>
<section aria-labelledby="renew"><h2 id="renew">${say("people.new-passphrase")}</h2>
<form method="post" action="/people/user/${user}/link" class="card card-text">
<p>${say("people.new-passphrase-what", { user })}</p>
<button class="quiet">${say("people.new-passphrase-do")}</button>
</form></section>
<section aria-labelledby="sessions"><h2 id="sessions">${say("people.sessions", { user })}</h2>
${sessionList(sessions, { own: session.id, action: (id) => `/people/sessions/${id}/end`, now })}</section>
<p><a class="button quiet" href="/people/user/${user}/remove">${say("people.remove")}</a></p></div>`;
}
