// The way in: first set-up, and log-in.
import { LIMITS } from "../core/limits.ts";
import type { Language } from "../languages/say.ts";
import { FIRST_USER } from "./accounts.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html } from "./html.ts";
import { sentence } from "./sentence.ts";

/** `mistake`: the sentence of the refusal, announced; `code`: what was typed, so that one letter can be mended. */
export function setupPage({ mistake, code = "" }: { mistake?: string; code?: string } = {}): Html {
  return html`<div class="narrow"><h1>Set up this gateway</h1>
<p class="lead">Two things are needed: the one-time code of this box, and a passphrase that you choose.</p>
${mistakeNote(mistake)}
<form method="post" action="/setup" class="card card-text">
<input type="hidden" name="user" autocomplete="username" value="${FIRST_USER}">
<label for="code">Set-up code</label>
<input id="code" name="code" value="${code}" required maxlength="20" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" class="code" aria-describedby="code-help">
<p id="code-help" class="muted">8 characters, shown on the gateway's console and in the file <code>setup-code.txt</code> on its disk. Capitals do not matter.</p>
<label for="passphrase">Your passphrase</label>
<input id="passphrase" name="passphrase" type="password" required minlength="${LIMITS.passphraseMin}" maxlength="${LIMITS.passphraseMax}" autocomplete="new-password" aria-describedby="passphrase-help">
<p id="passphrase-help" class="muted">At least ${LIMITS.passphraseMin} characters, five of them different. Three or four words in a row are strong and easy to keep.</p>
<button>Set up and log in</button>
<p class="muted">You will log in as <b>${FIRST_USER}</b>. The code is void afterwards.</p>
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
