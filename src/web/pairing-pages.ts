// Adding a sensor, step by step: choose a family, say what and where it is, read the lines and see that it is heard.
import type { Commands, Credentials } from "../core/commands.ts";
import { isWireTopic } from "../core/topics.ts";
import { FIELD_CHARS, PIN_MAX } from "./forms.ts";
import { mistakeNote, nameField, zoneField } from "./form-parts.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { icon } from "./icons.ts";
import type { OpenLink } from "./pairing-links.ts";
import { timeAgo } from "./parts.ts";
import { kindsInWords } from "./proposal-pages.ts";
import { qrCode } from "./qr-code.ts";
import type { ReasonWords } from "./reason-words.ts";
import { type SetUpPart, setUpParts } from "./set-up-lines.ts";
import type { Now } from "./words.ts";

export type ShownFamily = ReturnType<Commands["listFamilies"]>[number];

/** Step 1. */
export function familiesPage(families: readonly ShownFamily[]): Html {
  return html`<p><a href="/devices">All devices</a></p>
<h1>What do you want to add?</h1>
<p class="lead">Choose what the device speaks. Its box, or the page in its settings, says so.</p>
<ul class="cards wide families">${families.map(
    ({
      id,
      title,
      about,
      bridgeBase,
    }) => html`<li class="card"><a class="choice" href="/devices/new/${encodeURIComponent(id)}">
<b>${named(title)}</b>${bridgeBase === null ? null : html` <span class="muted">through its bridge</span>`}
${about === null ? null : html`<span class="muted about">${about}</span>`}
</a></li>`,
  )}</ul>`;
}

/** What was typed, as it was typed. `pin`, `wiring`: for wired sensors; `wiring` is "ground" for one between the pin and GND. */
export type Typed = Readonly<Record<"profile" | "name" | "zone" | "pin" | "wiring", string>>;

/** The family of sensors on a wire: they need a pin, and no login. */
export function isWired({ id }: Pick<ShownFamily, "id">): boolean {
  return id === "gpio";
}

type Step<T> = {
  readonly family: ShownFamily;
  readonly typed: T;
  /** A random word of this form: sent twice, by two presses, it makes one login. */
  readonly once: string;
  readonly mistake: string | undefined;
};

/** Step 2. `hasBridge`: the family's bridge is there; null where the family needs none. */
export function newDevicePage({
  family,
  typed,
  once,
  mistake,
  zones,
  hasBridge,
}: Step<Typed> & { readonly zones: readonly string[]; readonly hasBridge: boolean | null }): Html {
  const { profiles, title } = family;
  const at = `/devices/new/${encodeURIComponent(family.id)}`;
  return html`<p><a href="/devices/new">Back to what can be added</a></p>
<div class="narrow"><h1>${named(title)}</h1>
${mistakeNote(mistake)}
${hasBridge === null ? null : html`<p class="lead">Its devices announce themselves once the bridge hears them; then they wait under <a href="/devices">Devices</a> for your approval. Here you add one by hand.</p>`}
<form method="post" action="${at}" class="card card-text">
<input type="hidden" name="once" value="${once}">
<fieldset><legend>What is it?</legend>
${profiles.map(
  ({ id, title: words, kinds }) =>
    html`<label class="radio"><input type="radio" name="profile" value="${id}" required${id === typed.profile || profiles.length === 1 ? html` checked` : null}><span>${plainName(words)}${kinds.length === 0 ? null : html` <span class="muted">reads ${kindsInWords(kinds)}</span>`}</span></label>`,
)}
</fieldset>
${nameField({ value: typed.name })}
${zoneField({ zones, value: typed.zone })}
${isWired(family) ? wireFields(typed) : null}
<button>Add it</button>
</form>
${hasBridge === null ? null : html`<p><a href="${at}/bridge">Add another bridge of this kind</a></p>`}
</div>`;
}

function wireFields({ pin, wiring }: Typed): Html {
  const choice = (value: string, isChosen: boolean, words: string, help: string) =>
    html`<label class="radio"><input type="radio" name="wiring" value="${value}"${isChosen ? html` checked` : null}><span>${words} <span class="muted">${help}</span></span></label>`;
  return html`<label for="pin">Pin</label>
<input id="pin" name="pin" value="${pin}" type="number" inputmode="numeric" required min="0" max="${PIN_MAX}" aria-describedby="pin-help">
<p id="pin-help" class="muted">The BCM number of the pin it is wired to, such as 17, which is not the number of the place on the header.</p>
<fieldset><legend>How is it wired?</legend>
${choice("power", wiring !== "ground", "It gives the pin 3.3 V", "as motion sensors do when they see somebody, and as a contact between the pin and 3.3 V does when it closes")}
${choice("ground", wiring === "ground", "It lies between the pin and GND", "then the gateway pulls the pin up, and reads it the other way round")}
</fieldset>`;
}

/** Step 2 where the family speaks through a bridge that is not there yet. */
export function newBridgePage({ family, typed, once, mistake }: Step<{ readonly base: string }>): Html {
  return html`<p><a href="/devices/new">Back to what can be added</a></p>
<div class="narrow"><h1>Add the ${named(family.title)} bridge</h1>
${mistakeNote(mistake)}
<p class="lead">${named(family.title)} devices speak through a bridge: one program with one login for all of them. It comes first; then its devices announce themselves.</p>
<form method="post" action="/devices/new/${encodeURIComponent(family.id)}/bridge" class="card card-text">
<input type="hidden" name="once" value="${once}">
<label for="base">Topic</label>
<input id="base" name="base" value="${typed.base}" required maxlength="${FIELD_CHARS.topic}" autocapitalize="none" autocomplete="off" spellcheck="false" aria-describedby="base-help">
<p id="base-help" class="muted">All that it says begins with this. Leave it as it is unless the bridge was set up differently.</p>
<button>Make its login</button>
</form></div>`;
}

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
};

/** Step 3: the lines, and whether it was heard. */
export function linesPage(shown: ShownLines, now: Now): Html {
  const { name, credentials, link, page } = shown;
  const { username, password, topic, setup } = credentials;
  return html`${page === null ? null : html`<p><a href="/devices">All devices</a></p>`}
<h1>Set up ${named(name)}</h1>
${heardSection(shown, now)}
<div class="columns"><section class="lines" aria-labelledby="lines-title">
<h2 id="lines-title">${username === null ? "What to do" : "Lines to type"}</h2>
<div class="card card-text">
${
  username === null || password === null
    ? html`<p>${isWireTopic(topic) ? "It is wired to the gateway, and needs no login." : "It has no login of its own: another speaks for it."}</p>`
    : html`<p>The password is shown now, and never again: only its hash is kept. If it gets lost, make a new login.</p>`
}
<dl class="values">
${username === null || password === null ? null : html`<dt>User name</dt><dd><code data-copy>${username}</code></dd><dt>Password</dt><dd><code data-copy>${password}</code></dd>`}
<dt>Topic</dt><dd><code data-copy>${topic}</code></dd>
</dl>
${setUpParts(setup).map(setUpPart)}
</div></section>
${link === null ? null : linkSection(link)}</div>
${page === null ? null : html`<p><a class="button" href="${page}">Done</a></p>`}`;
}

function setUpPart(part: SetUpPart): Html {
  switch (part.kind) {
    case "read":
      return html`<p>${part.text}</p>`;
    case "type":
      return html`<pre data-copy>${part.text}</pre>`;
    case "fill":
      return html`<dl class="values">${part.fields.map(({ label, value }) => html`<dt>${label}</dt><dd><code data-copy>${value}</code></dd>`)}</dl>`;
  }
}

function linkSection({ url, isUsed }: NonNullable<ShownLines["link"]>): Html {
  return html`<section id="link" data-live aria-labelledby="link-title">
<h2 id="link-title">On a phone</h2>
<div class="card card-text">
${
  isUsed
    ? html`<p>The link was opened, and its lines were shown there. It does not work again.</p>`
    : html`<p>Whoever stands at the device can read the lines there, without a login. The link works once, and for ten minutes.</p>
${qrCode(url)}
<p class="link-line"><code data-copy>${url}</code></p>`
}
</div></section>`;
}

/** What the live part of a page says: waiting, or heard. */
export function heardSection(
  { kind, name, heardAt, said, unused }: Pick<ShownLines, "kind" | "name" | "heardAt" | "said" | "unused">,
  now: Now,
): Html {
  const waits =
    kind === "bridge"
      ? "Waiting for the bridge's first message"
      : `Waiting for the first message of ${plainName(name)}`;
  return html`<section id="heard" data-live role="status" aria-live="polite">${
    heardAt === null
      ? html`<div class="verdict calm waiting">${icon("stale")}<div><p class="sentence">${unused === null ? `${waits}…` : "Something came, and could not be used."}</p>
<p>${unused === null ? null : `${unused.sentence} ${unused.remedy} `}This changes by itself when it is heard.</p>
<details id="not-heard"><summary>Not heard after a minute?</summary><ul><li>Is it switched on, and has it restarted since the lines were typed?</li><li>Are the user name, the password and the topic exactly these?</li><li>Is it in the same network as the gateway?</li></ul></details><noscript><p>Without scripts: <a href="" target="_blank" rel="noopener">look again in a new tab</a>.</p></noscript></div></div>`
      : html`<div class="verdict good">${icon("ok")}<div><p class="sentence">Heard it!</p><p>${timeAgo(heardAt, now)}${said === "" ? null : ` · ${said}`}</p></div></div>`
  }</section>`;
}

/** A one-time link before its button is pressed: phones and messengers fetch links ahead, and that must cost nothing. */
export function linkPage(token: string): Html {
  return html`<div class="narrow"><h1>Set-up lines for a sensor</h1>
<p class="lead">They hold its password, and they are shown once. Press the button when you stand at the device, or at its settings.</p>
<form method="post" action="/pair/${token}" class="actions"><button>Show the set-up lines</button></form></div>`;
}

/** The same link afterwards: no lines, but whether the device was heard. */
export function usedLinkPage(link: OpenLink, now: Now): Html {
  return html`<div class="narrow"><h1>Set up ${named(link.name)}</h1>
${heardSection({ ...link, kind: "device", said: "", unused: null }, now)}
<p>Its lines have been shown already, and are not shown again. If they got lost, ask a steward for a new login.</p></div>`;
}
