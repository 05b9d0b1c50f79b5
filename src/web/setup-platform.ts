// Step 2: the platform that receives what was agreed, and the key by which it knows this box.
import type { SinkView } from "../core/spool-commands.ts";
import type { Language } from "../languages/say.ts";
import { id as idForm } from "../settings/forms.ts";
import type { PlatformAsk, SiteView } from "../settings/site-commands.ts";
import { copyWords } from "./copy-words.ts";
import type { Fields } from "./forms.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, named, plainText } from "./html.ts";
import { qrCode } from "./qr-code.ts";
import { backToSteps, choices } from "./setup-parts.ts";
import { SETUP_LIMITS } from "./setup-limits.ts";
import { type Look, urlMistake } from "./setup-look.ts";

type Typed = Readonly<Record<"id" | "kind" | "url" | "prefix" | "secret" | "username" | "password", string>>;

export function typedPlatform(form: Fields): Typed {
  const [id, kind, url, prefix] = ["id", "kind", "url", "prefix"].map((name) => form(name).trim());
  const [secret, username, password] = ["secret", "username", "password"].map(form);
  return {
    id: id ?? "",
    kind: kind ?? "",
    url: url ?? "",
    prefix: prefix ?? "",
    secret: secret ?? "",
    username: username ?? "",
    password: password ?? "",
  };
}

/** The platform of that id as it is; else a new one, or the first one there is where none is asked for. */
export function platformAsIs({ platform }: Pick<SiteView, "platform">, asked: string | undefined): Typed {
  const known = asked === undefined ? platform[0] : platform.find(({ id }) => id === asked);
  const nothing = { secret: "", username: "", password: "" };
  if (known === undefined) return { id: "", kind: "https", url: "", prefix: "", ...nothing };
  const { id, kind, url } = known;
  return { id, kind, url, prefix: known.kind === "mqtt" ? known.prefix : "", ...nothing };
}

/** What to ask of the site; a sentence where something cannot be. What stays empty of the secrets is not changed. */
export function platformAsked(typed: Typed, view: Pick<SiteView, "platform">, { say }: Language): PlatformAsk | string {
  const { kind, url, prefix, secret, username, password } = typed;
  if (kind !== "https" && kind !== "mqtt") return say("setup.bad-choice");
  if (urlMistake(kind, url) !== null)
    return say("setup.bad-url", { start: kind === "https" ? "https://" : "mqtts://" });
  const id = view.platform.some((each) => each.id === typed.id) ? typed.id : freshId(url, view);
  if (kind === "https") return { kind, id, url, ...(secret !== "" && { sharedSecret: secret }) };
  if (!/^[a-z0-9-]{0,63}$/.test(prefix)) return say("setup.bad-prefix");
  return {
    kind,
    id,
    url,
    ...(prefix !== "" && { prefix }),
    ...(username !== "" && { username }),
    ...(password !== "" && { password }),
  };
}

/** The first one is called main; another by its host, which must not be one that there was: a new id starts with an empty queue. */
function freshId(url: string, { platform }: Pick<SiteView, "platform">): string {
  const host = new URL(url).hostname.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase();
  const names = ["main", host.replaceAll(/^-+|-+$/g, "").slice(0, 50)];
  const numbered = platform.map((_, at) => `platform-${at + 2}`);
  const isFree = (name: string) => idForm.safeParse(name).success && platform.every(({ id }) => id !== name);
  return [...names, ...numbered].find(isFree) ?? "main";
}

export type KeyShown = { readonly gateway: string; readonly publicKey: string; readonly keyId: string };
type Shown = {
  readonly view: SiteView;
  readonly typed: Typed;
  readonly sinks: readonly SinkView[];
  readonly key: KeyShown;
  readonly mistake?: string | undefined;
  readonly look?: Look | undefined;
};

export function platformPage({ view, typed, sinks, key, mistake, look }: Shown, language: Language): Html {
  const { say } = language;
  const secret = (name: "secret" | "username" | "password", words: string, type: "password" | "text") =>
    html`<label for="${name}">${words}</label><input id="${name}" name="${name}" type="${type}" value="${typed[name]}" maxlength="${SETUP_LIMITS.secretChars}" autocomplete="off" autocapitalize="none" spellcheck="false" dir="ltr">`;
  return html`${backToSteps(language)}<h1>${say("setup.platform-title")}</h1>
<p class="lead">${say("setup.platform-lead")}</p>
<div class="columns"><section aria-label="${say("setup.platform-title")}">
${mistakeNote(mistake)}${look === undefined ? null : lookNote(look, language)}
<form method="post" action="/setup/platform" class="card card-text">
<input type="hidden" name="id" value="${typed.id}">
${choices({ name: "kind", legend: say("setup.platform-kind"), chosen: typed.kind }, [
  { value: "https", words: say("setup.platform-https"), help: say("setup.platform-https-help") },
  { value: "mqtt", words: say("setup.platform-mqtt"), help: say("setup.platform-mqtt-help") },
])}
<label for="url">${say("setup.platform-url")}</label>
<input id="url" name="url" value="${typed.url}" dir="ltr" inputmode="url" required maxlength="${SETUP_LIMITS.urlChars}" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="url-help">
<p id="url-help" class="muted">${say("setup.platform-url-help")}</p>
<details id="more"${typed.kind === "mqtt" ? html` open` : null}><summary>${say("setup.platform-more")}</summary>
<p class="muted">${say("setup.platform-secret-help")}</p>
${secret("secret", say("setup.platform-secret"), "password")}
<label for="prefix">${say("setup.platform-prefix")}</label><input id="prefix" name="prefix" value="${typed.prefix}" placeholder="hedgerow" maxlength="63" autocomplete="off" autocapitalize="none" spellcheck="false" dir="ltr">
${secret("username", say("setup.platform-username"), "text")}${secret("password", say("setup.platform-password"), "password")}</details>
<div class="actions"><button>${say("setup.save")}</button><button formaction="/setup/platform/look" class="quiet">${say("setup.platform-look")}</button><a class="button quiet" href="/setup/steps">${say("setup.later")}</a></div>
</form>
${known({ view, sinks }, language)}</section>
${keySection(key, language)}</div>`;
}

function lookNote({ isGood, key, why, next }: Look, { say }: Language): Html {
  return html`<div class="${isGood ? "done" : "mistake"}" role="status"><p>${say(key)}</p>${why === undefined ? null : html`<p class="facts" lang="en" dir="ltr">${plainText(why)}</p>`}${next === undefined ? null : html`<p>${say(next)}</p>`}</div>`;
}

/** Where events go already, and how that is. */
function known({ view, sinks }: Pick<Shown, "view" | "sinks">, { say }: Language): Html | null {
  if (view.platform.length === 0) return null;
  return html`<h2>${say("setup.platform-now")}</h2><ul class="card rows">${view.platform.map(({ id, url }) => {
    const why = sinks.find((sink) => sink.id === id)?.why ?? null;
    return html`<li><div class="row"><span class="what"><a href="/setup/platform?id=${id}"><b dir="ltr">${named(new URL(url).host)}</b></a></span><a href="/setup/platform/remove?id=${id}">${say("setup.platform-remove")}</a>${why === null ? null : html`<span class="when" lang="en" dir="ltr">${plainText(why)}</span>`}</div></li>`;
  })}</ul><p><a href="/setup/platform?id=new">${say("setup.platform-another")}</a></p>`;
}

/** The key by which platforms know this box, also as a QR code. */
export function keySection({ gateway, publicKey, keyId }: KeyShown, language: Language): Html {
  const { say } = language;
  const code = JSON.stringify({ gateway, keyId, publicKey });
  return html`<section aria-labelledby="key-title"><h2 id="key-title" class="first">${say("setup.platform-key")}</h2><div class="card card-text">
<p>${say("setup.platform-key-what")}</p>
<dl class="values"${copyWords(language)}><dt>${say("setup.platform-key-gateway")}</dt><dd><code data-copy>${gateway}</code></dd>
<dt>${say("setup.platform-key-public")}</dt><dd><code data-copy>${publicKey}</code></dd>
<dt>${say("setup.platform-key-id")}</dt><dd><code data-copy>${keyId}</code></dd></dl>
${qrCode(code, say("setup.platform-key-qr"))}</div></section>`;
}

export function removePlatformPage(id: string, { say }: Language): Html {
  return html`<div class="narrow"><h1>${say("setup.platform-remove-sure", { platform: id })}</h1>
<p class="lead">${say("setup.platform-remove-what")}</p>
<form method="post" action="/setup/platform/remove" class="actions"><input type="hidden" name="id" value="${id}"><button class="danger">${say("setup.platform-remove")}</button><a class="button quiet" href="/setup/platform">${say("setup.finish-cancel")}</a></form></div>`;
}
