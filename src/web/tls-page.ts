// The page by which phones and computers come to trust this box: the certificate of its own authority, what it means to install
// it, how to see that it is the right one, and how to install it, in words.
import type { Language, MessageKey } from "../languages/say.ts";
import { type Html, html } from "./html.ts";
import type { AuthorityView } from "./tls-files.ts";

type Shown = {
  /** Null where there is none: https is off, or the association has a certificate that phones know. */
  readonly authority: AuthorityView | null;
  /** This box by https, such as `https://hedgerow.local:8443`; null while https is off. */
  readonly address: string | null;
  /** Whether the reader came by https. */
  readonly isSecure: boolean;
  readonly language: Language;
};

type System = { readonly id: string; readonly title: MessageKey; readonly steps: readonly MessageKey[] };

const SYSTEMS: readonly System[] = [
  { id: "android", title: "tls.android", steps: ["tls.step-fetch", "tls.android-menu", "tls.android-install"] },
  { id: "ios", title: "tls.ios", steps: ["tls.ios-fetch", "tls.ios-install", "tls.ios-trust"] },
  { id: "windows", title: "tls.windows", steps: ["tls.step-fetch", "tls.windows-open", "tls.windows-store"] },
  { id: "macos", title: "tls.macos", steps: ["tls.step-fetch", "tls.macos-open", "tls.macos-trust"] },
  { id: "firefox", title: "tls.firefox", steps: ["tls.step-fetch", "tls.firefox-menu", "tls.firefox-trust"] },
];

const LINUX = "sudo cp hedgerow-authority.crt /usr/local/share/ca-certificates/\nsudo update-ca-certificates";

export function tlsPage(shown: Shown): Html {
  const { language, authority, address } = shown;
  const { say } = language;
  return html`<div class="reading"><h1>${say("tls.title")}</h1>
<p class="lead">${say("tls.lead")}</p>
${address === null ? html`<p class="card card-text">${say("tls.off")}</p>` : way(address, shown)}
${authority === null || address === null ? null : installing(authority, shown)}</div>`;
}

function way(address: string, { isSecure, authority, language: { say } }: Shown): Html {
  if (isSecure) return html`<p class="done">${say("tls.is-secure")}</p>`;
  return html`<section class="card card-text" aria-labelledby="way-title"><h2 id="way-title">${say("tls.address")}</h2>
<p><a href="${address}" dir="ltr">${address}</a></p>
<p>${say(authority === null ? "tls.known" : "tls.unknown")}</p></section>`;
}

function installing({ fingerprint, endsMs }: AuthorityView, { language }: Shown): Html {
  const { say } = language;
  return html`<section class="card card-text" aria-labelledby="means-title"><h2 id="means-title">${say("tls.means")}</h2>
<ul><li>${say("tls.means-trust")}</li><li>${say("tls.means-limit")}</li><li>${say("tls.means-stolen")}</li></ul></section>
<section class="card card-text" aria-labelledby="fetch-title"><h2 id="fetch-title">${say("tls.fetch")}</h2>
<p>${say("tls.compare")} ${say("tls.compare-command")} <code dir="ltr">hedgerow key show</code></p>
<p class="fingerprint"><code dir="ltr">${pieces(fingerprint)}</code></p>
<div class="actions"><a class="button" href="/tls/authority.crt">${say("tls.fetch-button")}</a>
<a class="button quiet" href="/tls/authority.pem">${say("tls.fetch-text")}</a></div>
<p class="muted">${say("tls.ends", { day: language.day(new Date(endsMs).toISOString().slice(0, 10)) })}</p></section>
<section aria-labelledby="how-title"><h2 id="how-title">${say("tls.how")}</h2>
${SYSTEMS.map(
  ({ id, title, steps }) => html`<details class="card card-text" id="${id}"><summary>${say(title)}</summary>
<ol>${steps.map((step) => html`<li>${say(step)}</li>`)}</ol></details>`,
)}
<details class="card card-text" id="linux"><summary>${say("tls.linux")}</summary>
<p>${say("tls.linux-how")}</p><pre class="scroll" tabindex="0" dir="ltr">${LINUX}</pre></details>
<p>${say("tls.remove")}</p></section>`;
}

/** With places at which a narrow screen may break it, four bytes a piece. */
function pieces(fingerprint: string): Html {
  const found = fingerprint.match(/.{1,12}/g) ?? [];
  return html`${found.map((piece) => html`${piece}<wbr>`)}`;
}
