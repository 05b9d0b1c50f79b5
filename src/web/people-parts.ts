// Parts of the pages of people: where one is among them, sessions, the fields of a passphrase.
import { LIMITS } from "../core/limits.ts";
import type { MessageKey } from "../languages/say.ts";
import { browserName } from "./browser-name.ts";
import { type Html, html } from "./html.ts";
import type { Session, SessionView } from "./sessions.ts";
import { exactTime, ago, type Now } from "./words.ts";

const TABS = [
  { path: "/people", key: "people.tab-people", isForStewards: false },
  { path: "/people/you", key: "people.tab-you", isForStewards: false },
  { path: "/people/tokens", key: "people.tab-tokens", isForStewards: true },
  { path: "/people/journal", key: "people.tab-journal", isForStewards: true },
] as const;

/** `here`: the path of the page, or of the one it belongs to. */
export function peopleTabs(here: (typeof TABS)[number]["path"], { role }: Session, { language }: Now): Html {
  const shown = TABS.filter(({ isForStewards }) => !isForStewards || role === "steward");
  return html`<nav class="tabs" aria-label="${language.say("people.tabs")}"><ul>${shown.map(
    ({ path, key }) =>
      html`<li><a href="${path}"${path === here ? html` aria-current="page"` : null}>${language.say(key)}</a></li>`,
  )}</ul></nav>`;
}

/** The word for a role. */
export function roleKey(role: Session["role"]): MessageKey {
  return role === "steward" ? "people.role-steward" : "people.role-volunteer";
}

/** `action`: where a session of an id is ended. `own`: the id of the reader's. */
export function sessionList(
  sessions: readonly SessionView[],
  { own, action, now }: { readonly own: string; readonly action: (id: string) => string; readonly now: Now },
): Html {
  const { say } = now.language;
  if (sessions.length === 0) return html`<p class="card card-text">${say("people.sessions-none")}</p>`;
  return html`<ul class="card rows">${sessions.map((each) => {
    const name = browserName(each.browser, now.language);
    const used = ago(new Date(each.usedAtMs).toISOString(), now);
    const moment = exactTime(new Date(each.startedAtMs).toISOString(), now);
    return html`<li class="row with-do"><span class="what"><b>${name}</b>${each.id === own ? html` <span class="mark">${say("people.session-here")}</span>` : null}</span>
<span class="when">${say("people.session-from", { address: each.address, ago: used, moment })}</span>
<form method="post" action="${action(each.id)}"><button class="quiet" aria-label="${say("people.session-end-label", { session: name })}">${say("people.session-end")}</button></form></li>`;
  })}</ul>`;
}

/** A field for a passphrase that is chosen now. */
export function newPassphraseField({ label }: { readonly label: MessageKey }, { language }: Now): Html {
  const { say } = language;
  return html`<label for="passphrase">${say(label)}</label>
<input id="passphrase" name="passphrase" type="password" required minlength="${LIMITS.passphraseMin}" maxlength="${LIMITS.passphraseMax}" autocomplete="new-password" aria-describedby="passphrase-help">
<p id="passphrase-help" class="muted">${say("people.new-help", { least: LIMITS.passphraseMin })}</p>`;
}

const DONE: Readonly<Record<string, MessageKey>> = {
  revoked: "people.done-revoked",
  removed: "people.done-removed",
  role: "people.done-role",
  session: "people.done-session",
  passphrase: "people.done-passphrase",
  token: "people.done-token",
};

/** What was done, said once after the change. `done`: the word in the address; any other says nothing. */
export function peopleDone(done: string | undefined, { language }: Now): Html | null {
  const key = done !== undefined && Object.hasOwn(DONE, done) ? DONE[done] : undefined;
  return key === undefined ? null : html`<p class="done" role="status">${language.say(key)}</p>`;
}
