// The programs that come in with a token: what each may do, when it was used last, and the form for another one.
import { TOKEN_SCOPES, type TokenScope, type TokenView } from "../core/people-commands.ts";
import type { MessageKey } from "../languages/say.ts";
import { mistakeNote } from "./form-parts.ts";
import { FIELD_CHARS } from "./forms.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { peopleDone, peopleTabs } from "./people-parts.ts";
import type { Mistake } from "./refusal-page.ts";
import type { Session } from "./sessions.ts";
import { ago, type Now } from "./words.ts";

const SCOPES: Readonly<Record<TokenScope, MessageKey>> = {
  status: "people.token-may-status",
  metrics: "people.token-may-metrics",
  switch: "people.token-may-switch",
};

export type ShownTokens = {
  readonly session: Session;
  readonly tokens: readonly TokenView[];
  readonly typed: { readonly name: string; readonly may: readonly string[] };
  readonly done?: string | undefined;
  readonly mistake?: Mistake | undefined;
};

export function tokensPage({ session, tokens, typed, done, mistake }: ShownTokens, now: Now): Html {
  const { say } = now.language;
  return html`<div class="narrow wide">${peopleTabs("/people/tokens", session, now)}<h1>${say("people.tokens")}</h1>
${mistakeNote(mistake)}${peopleDone(done, now)}
<p class="lead">${say("people.tokens-lead")}</p>
${tokens.length === 0 ? html`<p class="card card-text">${say("people.tokens-none")}</p>` : html`<ul class="card rows">${tokens.map((token) => tokenRow(token, now))}</ul>`}
<p><a href="/api">${say("people.api-link")}</a></p>
<section aria-labelledby="another"><h2 id="another">${say("people.token-new")}</h2>
<form method="post" action="/people/tokens" class="card card-text">
<label for="name">${say("people.token-name")}</label>
<input id="name" name="name" value="${typed.name}" required maxlength="${FIELD_CHARS.name}" autocomplete="off" dir="auto">
<fieldset><legend>${say("people.token-scopes")}</legend>
${TOKEN_SCOPES.map(
  (scope) =>
    html`<label class="radio"><input type="checkbox" name="${scope}" value="yes"${typed.may.includes(scope) ? html` checked` : null}><span>${say(SCOPES[scope])}</span></label>`,
)}
</fieldset>
<button>${say("people.token-do")}</button>
</form></section></div>`;
}

function tokenRow({ id, name, may, by, createdAt, usedAt }: TokenView, now: Now): Html {
  const { say, day, list } = now.language;
  const used = usedAt === null ? say("people.token-unused") : say("people.token-used", { ago: ago(usedAt, now) });
  return html`<li class="row with-do"><span class="what"><b>${named(name)}</b></span>
<span class="when">${say("people.token-may", { what: list(may.map((scope) => say(SCOPES[scope]))) })}</span>
<span class="when muted">${used} · ${say("people.token-made", { user: by, day: day(createdAt.slice(0, 10)) })}</span>
<form method="post" action="/people/tokens/${id}/remove"><button class="quiet" aria-label="${say("people.token-remove-label", { name: plainName(name) })}">${say("people.token-remove")}</button></form></li>`;
}
