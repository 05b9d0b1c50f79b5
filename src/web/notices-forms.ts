// The forms of messages: the mail server, the push addresses, the rhythm; filled with what holds, or with what was typed and refused.
import { type Language, languageOf, languageTags } from "../languages/say.ts";
import type { SiteView } from "../settings/site-commands.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { HOST_EXAMPLE, NOTICES_FORM_LIMITS } from "./notices-form-limits.ts";
import { choices } from "./setup-parts.ts";

type Notices = SiteView["notices"];

export type TypedEmail = Readonly<
  Record<"host" | "port" | "security" | "from" | "to" | "username" | "password", string>
>;
export type TypedPush = Readonly<Record<"kind" | "url" | "token", string>>;
export type TypedRhythm = Readonly<Record<"language" | "afterMinutes" | "atMostPerDay", string>>;
export type TypedNotices = { readonly email: TypedEmail; readonly push: TypedPush; readonly rhythm: TypedRhythm };

/** As it holds: secrets are never shown. */
export function noticesAsTheyAre({ email, language, afterMinutes, atMostPerDay }: Notices): TypedNotices {
  const { host = "", port = 587, security = "starttls", from = "", to = [] } = email ?? {};
  return {
    email: { host, port: String(port), security, from, to: to.join(", "), username: "", password: "" },
    push: { kind: "ntfy", url: "", token: "" },
    rhythm: {
      language,
      afterMinutes: String(afterMinutes),
      atMostPerDay: String(atMostPerDay),
    },
  };
}

type Field = {
  readonly id: string;
  readonly words: string;
  readonly value: string;
  readonly help?: string;
  readonly type?: "text" | "email" | "password" | "url" | "number";
  readonly isRequired?: boolean;
  readonly chars?: number;
};

/** What machines read is written from left to right in every language. */
function field({
  id,
  words,
  value,
  help,
  type = "text",
  isRequired = false,
  chars = NOTICES_FORM_LIMITS.textChars,
}: Field): Html {
  const told = help === undefined ? null : html`<p id="${id}-help" class="muted">${help}</p>`;
  return html`<label for="${id}">${words}</label>
<input id="${id}" name="${id}" type="${type}" value="${value}" dir="ltr" maxlength="${chars}"${isRequired ? html` required` : null} autocomplete="off" autocapitalize="none" spellcheck="false"${told === null ? null : html` aria-describedby="${id}-help"`}>
${told}`;
}

export function emailForm(
  { site, typed }: { readonly site: { readonly notices: Notices }; readonly typed: TypedEmail },
  { say }: Language,
): Html {
  const { email } = site.notices;
  const isSet = email !== undefined;
  const kept = isSet && email.passwordFile !== undefined ? say("notices.password-stays") : say("notices.password-help");
  const remove = html`<button class="quiet" formaction="/notices/email/remove" formnovalidate>${say("notices.email-remove")}</button>`;
  return html`<section aria-labelledby="email-title"><h2 id="email-title">${say("notices.way-email")}</h2>
<form method="post" action="/notices/email" class="card card-text">
<p>${say("notices.email-lead")}</p>
${field({ id: "to", words: say("notices.email-to"), value: typed.to, help: say("notices.email-to-help"), isRequired: true, chars: NOTICES_FORM_LIMITS.listChars })}
${field({ id: "from", words: say("notices.email-from"), value: typed.from, help: say("notices.email-from-help"), type: "email", isRequired: true })}
${field({ id: "host", words: say("notices.email-host"), value: typed.host, help: say("notices.email-host-help", { example: HOST_EXAMPLE }), isRequired: true })}
${choices({ name: "security", legend: say("notices.email-security"), chosen: typed.security }, [
  { value: "starttls", words: say("notices.email-starttls"), help: say("notices.email-starttls-help") },
  { value: "tls", words: say("notices.email-tls"), help: say("notices.email-tls-help") },
  { value: "none", words: say("notices.email-none"), help: say("notices.email-none-help") },
])}
${field({ id: "port", words: say("notices.email-port"), value: typed.port, type: "number", isRequired: true })}
${field({ id: "username", words: say("notices.email-username"), value: typed.username, ...(isSet && { help: say("notices.username-stays") }) })}
${field({ id: "password", words: say("notices.email-password"), value: "", type: "password", help: kept })}
<div class="actions"><button>${say("notices.save")}</button>${isSet ? remove : null}</div>
</form></section>`;
}

export function pushForms(
  { site, typed }: { readonly site: { readonly notices: Notices }; readonly typed: TypedPush },
  { say }: Language,
): Html {
  const { push } = site.notices;
  const rows = push.map(({ kind, url }, nth) => {
    const label = say("notices.push-remove-of", { host: plainName(new URL(url).host) });
    return html`<li class="row"><span class="what"><b>${say(`notices.way-${kind}`)}</b> <span class="muted">${named(new URL(url).host)}</span></span>
<form method="post" action="/notices/push/remove"><input type="hidden" name="nth" value="${nth}"><input type="hidden" name="url" value="${url}"><button class="quiet" aria-label="${label}">${say("notices.push-remove")}</button></form></li>`;
  });
  const form = html`<form method="post" action="/notices/push" class="card card-text">
<p>${say("notices.push-lead")}</p>
${choices({ name: "kind", legend: say("notices.push-kind"), chosen: typed.kind }, [
  { value: "ntfy", words: say("notices.push-ntfy"), help: say("notices.push-ntfy-help") },
  { value: "webhook", words: say("notices.push-webhook"), help: say("notices.push-webhook-help") },
])}
${field({ id: "url", words: say("notices.push-url"), value: typed.url, type: "url", help: say("notices.push-url-help"), isRequired: true, chars: NOTICES_FORM_LIMITS.urlChars })}
${field({ id: "token", words: say("notices.push-token"), value: "", type: "password", help: say("notices.push-token-help") })}
<div class="actions"><button>${say("notices.push-add")}</button></div></form>`;
  return html`<section aria-labelledby="push-title"><h2 id="push-title">${say("notices.push")}</h2>
${rows.length === 0 ? null : html`<ul class="card rows">${rows}</ul>`}
${push.length < NOTICES_FORM_LIMITS.pushes ? form : html`<p class="muted">${say("notices.push-enough", { count: push.length })}</p>`}</section>`;
}

export function rhythmForm(typed: TypedRhythm, { say }: Language): Html {
  return html`<section aria-labelledby="rhythm-title"><h2 id="rhythm-title">${say("notices.rhythm")}</h2>
<form method="post" action="/notices/rhythm" class="card card-text">
<label for="language">${say("notices.language")}</label>
<select id="language" name="language">${languageTags()
    .map(languageOf)
    .map(
      ({ tag, name, direction }) =>
        html`<option value="${tag}" lang="${tag}" dir="${direction}"${tag === typed.language ? html` selected` : null}>${name}</option>`,
    )}</select>
${field({ id: "afterMinutes", words: say("notices.after"), value: typed.afterMinutes, type: "number", help: say("notices.after-help"), isRequired: true })}
${field({ id: "atMostPerDay", words: say("notices.per-day"), value: typed.atMostPerDay, type: "number", help: say("notices.per-day-help"), isRequired: true })}
<div class="actions"><button>${say("notices.save")}</button></div>
</form></section>`;
}
