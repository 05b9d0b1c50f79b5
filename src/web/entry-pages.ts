// The way in: first set-up, and log-in.
import { LIMITS } from "../core/limits.ts";
import type { Language } from "../languages/say.ts";
import { FIRST_USER } from "./accounts.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html } from "./html.ts";
import { sentence } from "./sentence.ts";

type First = { readonly mistake?: string; readonly code?: string; readonly language: Language };

/** `mistake`: the sentence of the refusal, announced; `code`: what was typed, so that one letter can be mended. */
export function setupPage({ mistake, code = "", language }: First): Html {
  const { say } = language;
  return html`<div class="narrow"><h1>${say("setup.code-title")}</h1>
<p class="lead">${say("setup.code-lead")}</p>
${mistakeNote(mistake)}
<form method="post" action="/setup" class="card card-text">
<input type="hidden" name="user" autocomplete="username" value="${FIRST_USER}">
<label for="code">${say("setup.code")}</label>
<input id="code" name="code" value="${code}" dir="ltr" required maxlength="20" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" class="code" aria-describedby="code-help">
<p id="code-help" class="muted">${sentence(language, "setup.code-help", { file: { html: html`<code>hedgerow-setup-code.txt</code>` } })}</p>
<label for="passphrase">${say("setup.passphrase")}</label>
<input id="passphrase" name="passphrase" type="password" required minlength="${LIMITS.passphraseMin}" maxlength="${LIMITS.passphraseMax}" autocomplete="new-password" aria-describedby="passphrase-help">
<p id="passphrase-help" class="muted">${say("setup.passphrase-help", { least: LIMITS.passphraseMin })}</p>
<button>${say("setup.enter")}</button>
<p class="muted">${sentence(language, "setup.enter-help", { user: { html: html`<b>${FIRST_USER}</b>` } })}</p>
</form></div>`;
}

/** `user`: what was typed, kept so that only the passphrase is typed anew. `next`: where to go on to. */
export function loginPage({
  mistake,
  user = FIRST_USER,
  next,
  language,
}: {
  readonly mistake?: string;
  readonly user?: string;
  readonly next: string;
  readonly language: Language;
}): Html {
  const { say } = language;
  return html`<div class="narrow"><h1>${say("login.title")}</h1>
${mistakeNote(mistake)}
<form method="post" action="/login" class="card card-text">
<input type="hidden" name="next" value="${next}">
<label for="user">${say("login.user")}</label>
<input id="user" name="user" required maxlength="80" autocomplete="username" autocapitalize="none" spellcheck="false" dir="ltr" value="${user}">
<label for="passphrase">${say("login.passphrase")}</label>
<input id="passphrase" name="passphrase" type="password" required maxlength="${LIMITS.passphraseMax}" autocomplete="current-password">
<button>${say("login.button")}</button>
</form>
<p class="muted">${sentence(language, "login.lost", { command: { html: html`<code>hedgerow user reset</code>` } })}</p></div>`;
}
