// Step 3 of adding a sensor: the lines to type, on the steward's page and behind a one-time link, and whether it was heard.
import type { Credentials } from "../core/commands.ts";
import { isWireTopic } from "../core/topics.ts";
import { copyWords } from "./copy-words.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { icon } from "./icons.ts";
import type { OpenLink } from "./pairing-links.ts";
import { lastStep } from "./pairing-pages.ts";
import { timeAgo } from "./parts.ts";
import { qrCode } from "./qr-code.ts";
import type { ReasonWords } from "./reason-words.ts";
import { sentence } from "./sentence.ts";
import { type SetUpPart, setUpParts } from "./set-up-lines.ts";
import { saidAs } from "./set-up-words.ts";
import { thenLink, withThen } from "./then.ts";
import type { Now } from "./words.ts";

export type ShownLines = {
  readonly kind: "device" | "bridge";
  /** What people call it. */
  readonly name: string;
  readonly credentials: Credentials;
  readonly heardAt: string | null;
  /** What its first message said, in words; empty where that is not told. */
  readonly said: string;
  /** Why what it said with this login could not be used; null when nothing came yet, or something was used. */
  readonly unused: ReasonWords | null;
  /** Where its own page is; null for who has no login. */
  readonly page: string | null;
  /** The one-time link, and whether it was used; null where none is offered. */
  readonly link: { readonly url: string; readonly isUsed: boolean } | null;
  readonly onward: string;
};

export function linesPage(shown: ShownLines, now: Now): Html {
  const { kind, name, credentials, link, page, onward } = shown;
  const { username, password, topic, setup } = credentials;
  const { language } = now;
  const { say } = language;
  const hasLogin = username !== null && password !== null;
  // Twice the same password makes one ask which is meant.
  const isTold = hasLogin && setup.some((line) => line.includes(password));
  const values = isWireTopic(topic)
    ? null
    : html`<dl class="values">
${hasLogin ? html`<dt>${say("pairing.user-name")}</dt><dd><code data-copy>${username}</code></dd><dt>${say("pairing.password")}</dt><dd><code data-copy>${password}</code></dd>` : null}
<dt>${say("pairing.topic")}</dt><dd><code data-copy>${topic}</code></dd>
</dl>`;
  const note = hasLogin ? "pairing.password-once" : isWireTopic(topic) ? "pairing.wire" : "pairing.no-login";
  return html`${page === null ? null : html`<p><a href="/devices">${say("device.all")}</a></p>${lastStep(now)}`}
<h1>${sentence(language, "pairing.set-up", { name: { html: named(name) } })}</h1>
${heardSection(shown, now)}
<div class="columns"${copyWords(language)}><section class="lines" aria-labelledby="lines-title">
<h2 id="lines-title">${say(hasLogin ? "pairing.lines" : "pairing.what-to-do")}</h2>
<div class="card card-text">
<p>${say(note)}</p>
${isTold ? null : values}
${setUpParts(setup).map((part) => setUpPart(part, now))}
${isTold ? html`<details><summary>${say("pairing.values")}</summary>${values}</details>` : null}
</div></section>
${link === null ? null : linkSection(link, now)}</div>
${page === null ? null : ending({ kind, page, onward }, now)}`;
}

function ending({ kind, page, onward }: { kind: ShownLines["kind"]; page: string; onward: string }, now: Now): Html {
  const { say } = now.language;
  // A bridge is not the end: its sensors wait for approval, and from there leads the way on.
  if (kind === "bridge")
    return html`<p>${say("pairing.bridge-next")}</p><div class="actions"><a class="button" href="${withThen("/devices", onward)}">${say("pairing.announce-look")}</a><a class="button quiet" href="${page}">${say("pairing.done")}</a></div>`;
  const back = thenLink(onward, now.language);
  return html`${back}<p><a class="button${back === null ? "" : " quiet"}" href="${page}">${say("pairing.done")}</a></p>`;
}

/** What there is in English alone is marked so, for screen readers and for right-to-left pages. */
function setUpPart(part: SetUpPart, { language }: Now): Html {
  switch (part.kind) {
    case "read": {
      const said = saidAs(part.text, language);
      return said === null ? html`<p lang="en" dir="ltr">${part.text}</p>` : html`<p>${said}</p>`;
    }
    case "type":
      return html`<pre data-copy>${part.text}</pre>`;
    case "fill":
      return html`<dl class="values" dir="ltr" lang="en">${part.fields.map(({ label, value }) => html`<dt>${label}</dt><dd><code data-copy>${value}</code></dd>`)}</dl>`;
  }
}

function linkSection({ url, isUsed }: NonNullable<ShownLines["link"]>, { language: { say } }: Now): Html {
  return html`<section id="link" data-live aria-labelledby="link-title">
<h2 id="link-title">${say("pairing.phone")}</h2>
<div class="card card-text">
${
  isUsed
    ? html`<p>${say("pairing.phone-used")}</p>`
    : html`<p>${say("pairing.phone-lead")}</p>
${qrCode(url, say("pairing.qr"))}
<p class="link-line"><code data-copy>${url}</code></p>`
}
</div></section>`;
}

type Heard = Pick<ShownLines, "kind" | "name" | "heardAt" | "said" | "unused"> & {
  /** Absent where the lines are not shown. */
  readonly credentials?: Pick<Credentials, "topic" | "username">;
};

/** What the live part of a page says: waiting, or heard. */
export function heardSection(heard: Heard, now: Now): Html {
  const { heardAt, said, unused } = heard;
  const { language } = now;
  const { say } = language;
  return html`<section id="heard" data-live role="status" aria-live="polite">${
    heardAt === null
      ? html`<div class="verdict calm waiting">${icon("stale")}<div><p class="sentence">${unused === null ? waits(heard, now) : say("pairing.not-used")}</p>
<p>${unused === null ? null : `${unused.sentence} ${unused.remedy} `}${say("pairing.by-itself")}</p>
<details id="not-heard"><summary>${say("pairing.not-heard")}</summary><ul>${checks(heard).map((key) => html`<li>${say(key)}</li>`)}</ul></details><noscript><p>${sentence(language, "pairing.look-again", { link: { html: html`<a href="" target="_blank" rel="noopener">${say("pairing.look-again-link")}</a>` } })}</p></noscript></div></div>`
      : html`<div class="verdict good">${icon("ok")}<div><p class="sentence">${say("pairing.heard")}</p><p>${timeAgo(heardAt, now)}${said === "" ? null : ` · ${said}`}</p></div></div>`
  }</section>`;
}

function waits({ kind, name }: Heard, { language }: Now): Html {
  if (kind === "bridge") return html`${language.say("pairing.waiting-bridge")}`;
  return sentence(language, "pairing.waiting", { name: plainName(name) });
}

function checks({ credentials }: Heard) {
  if (credentials !== undefined && isWireTopic(credentials.topic)) return ["pairing.not-heard-wire"] as const;
  return ["pairing.not-heard-power", "pairing.not-heard-lines", "pairing.not-heard-network"] as const;
}

/** A one-time link before its button is pressed: phones and messengers fetch links ahead, and that must cost nothing. */
export function linkPage(token: string, { language: { say } }: Now): Html {
  return html`<div class="narrow"><h1>${say("pairing.link-for")}</h1>
<p class="lead">${say("pairing.link-lead")}</p>
<form method="post" action="/pair/${token}" class="actions"><button>${say("pairing.link-show")}</button></form></div>`;
}

/** The same link afterwards: no lines, but whether the device was heard. */
export function usedLinkPage(link: OpenLink, now: Now): Html {
  const { language } = now;
  return html`<div class="narrow"><h1>${sentence(language, "pairing.set-up", { name: { html: named(link.name) } })}</h1>
${heardSection({ ...link, kind: "device", said: "", unused: null }, now)}
<p>${language.say("pairing.link-used")}</p></div>`;
}
