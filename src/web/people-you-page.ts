// One's own account: where one is logged in, the end of it everywhere, another passphrase.
import { LIMITS } from "../core/limits.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html } from "./html.ts";
import { newPassphraseField, peopleDone, peopleTabs, roleKey, sessionList } from "./people-parts.ts";
import type { Session, SessionView } from "./sessions.ts";
import type { Now } from "./words.ts";

export type ShownSelf = {
  readonly session: Session;
  readonly sessions: readonly SessionView[];
  readonly done?: string | undefined;
  readonly mistake?: string | undefined;
};

export function youPage({ session, sessions, done, mistake }: ShownSelf, now: Now): Html {
  const { say } = now.language;
  const { user, role } = session;
  return html`<div class="narrow wide">${peopleTabs("/people/you", session, now)}<h1>${say("people.you-title")}</h1>
${mistakeNote(mistake)}${peopleDone(done, now)}
<p class="lead">${say("people.you-lead", { user, role: say(roleKey(role)) })}</p>
<section aria-labelledby="sessions"><h2 id="sessions">${say("people.your-sessions")}</h2>
${sessionList(sessions, { own: session.id, action: (id) => `/people/you/sessions/${id}/end`, now })}
<form method="post" action="/people/you/leave" class="card card-text">
<p>${say("people.leave-what")}</p>
<button class="quiet">${say("people.leave")}</button>
</form></section>
<section aria-labelledby="change"><h2 id="change">${say("people.your-passphrase")}</h2>
<form method="post" action="/people/you/passphrase" class="card card-text">
<input type="hidden" name="user" autocomplete="username" value="${user}">
<label for="old">${say("people.old")}</label>
<input id="old" name="old" type="password" required maxlength="${LIMITS.passphraseMax}" autocomplete="current-password">
${newPassphraseField({ label: "people.new" }, now)}
<p class="muted">${say("people.change-note")}</p>
<button>${say("people.change-do")}</button>
</form></section></div>`;
}
