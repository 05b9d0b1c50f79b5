// The page of an invitation for whoever has the link, and the page that shows what is made once: a link, a token.
import { mistakeNote } from "./form-parts.ts";
import type { InvitationView } from "../core/people-commands.ts";
import { type Html, html, plainName } from "./html.ts";
import { newPassphraseField, peopleTabs } from "./people-parts.ts";
import { qrCode } from "./qr-code.ts";
import type { Mistake } from "./refusal-page.ts";
import type { Session } from "./sessions.ts";
import type { Shown } from "./shown-once.ts";
import { exactTime, type Now } from "./words.ts";

/** `typed`: the name that was chosen, kept when something was refused. */
export type ShownInvitation = {
  readonly invitation: InvitationView;
  readonly site: string;
  readonly typed?: string;
  readonly mistake?: Mistake | undefined;
};

/** Sent to the address it is shown under. */
export function invitationPage(
  { invitation: { role, user }, site, typed = "", mistake }: ShownInvitation,
  now: Now,
): Html {
  const { say } = now.language;
  const lead =
    user === null
      ? say("people.invite-open", { site: plainName(site), role })
      : say("people.invite-open-back", { user });
  const name =
    user === null
      ? html`<label for="user">${say("people.invite-name")}</label>
<input id="user" name="user" value="${typed}" required maxlength="63" pattern="[a-z0-9][a-z0-9\\-]*" autocomplete="username" autocapitalize="none" spellcheck="false" dir="ltr" aria-describedby="user-help">
<p id="user-help" class="muted">${say("people.invite-name-help")}</p>`
      : html`<input type="hidden" name="user" autocomplete="username" value="${user}">`;
  return html`<div class="narrow"><h1>${say(user === null ? "people.invite-title" : "people.invite-back-title")}</h1>
${mistakeNote(mistake)}
<p class="lead">${lead}</p>
<form method="post" class="card card-text">
${name}
${newPassphraseField({ label: "people.invite-passphrase" }, now)}
<button>${say("people.invite-accept")}</button>
</form></div>`;
}

/** `origin`: the page's own address, for the example of a token. */
export function madePage(
  { shown, session, origin }: { readonly shown: Shown; readonly session: Session; readonly origin: string },
  now: Now,
): Html {
  const { say } = now.language;
  if (shown.kind === "token") {
    return html`<div class="narrow wide">${peopleTabs("/people/tokens", session, now)}<h1>${say("people.token-title", { name: plainName(shown.name) })}</h1>
<p class="lead">${say("people.token-lead")}</p>
<pre class="card card-text once"><code>${shown.token}</code></pre>
<p>${say("people.token-how")}</p>
<pre class="card card-text once"><code>curl -H 'authorization: Bearer ${shown.token}' ${origin}/api/v1/status</code></pre>
<p><a href="/people/tokens">${say("people.tokens")}</a></p></div>`;
  }
  const title = shown.user === null ? say("people.made-title") : say("people.made-back-title", { user: shown.user });
  return html`<div class="narrow wide">${peopleTabs("/people", session, now)}<h1>${title}</h1>
<p class="lead">${say("people.made-lead")}</p>
<div class="card card-text">${qrCode(shown.link, say("people.made-qr"))}
<p>${say("people.made-link")}</p>
<pre class="once"><code>${shown.link}</code></pre>
<p>${say("people.made-until", { moment: exactTime(shown.expiresAt, now) })}</p></div>
<p><a href="/people">${say("people.made-back")}</a></p></div>`;
}
