// Adding a sensor, step by step: choose a family, then say what and where it is. The lines to type are in pairing-lines.ts.
import { aboutFamily, type ShownFamily, usualFirst } from "./families.ts";
import { FIELD_CHARS } from "./forms.ts";
import { mistakeNote, nameField, zoneField } from "./form-parts.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { pinPicker } from "./pin-picker.ts";
import { kindsInWords } from "./reason-words.ts";
import type { Mistake } from "./refusal-page.ts";
import { sentence } from "./sentence.ts";
import { thenField, withThen } from "./then.ts";
import type { Now } from "./words.ts";

type Choosing = {
  /** All of them, or those that were found. */
  readonly families: readonly ShownFamily[];
  /** What was searched for; empty: nothing. */
  readonly q: string;
  readonly onward: string;
};

/** Step 1. */
export function familiesPage({ families, q, onward }: Choosing, now: Now): Html {
  const { say } = now.language;
  const { usual, others } = usualFirst(families);
  const list = (shown: readonly ShownFamily[]) =>
    html`<ul class="cards wide families">${shown.map((family) => familyCard(family, onward, now))}</ul>`;
  const found =
    families.length === 0
      ? html`<p class="card card-text">${say("pairing.search-none")}</p>`
      : q === ""
        ? html`${usual.length === 0 ? null : html`<h2>${say("pairing.usual")}</h2>${list(usual)}`}<h2>${say("pairing.others")}</h2>${list(others)}`
        : list([...usual, ...others]);
  return html`<p><a href="/devices">${say("device.all")}</a></p>
${step(1, now)}
<h1>${say("pairing.what")}</h1>
<form method="get" action="/devices/new" role="search" class="search reading">
<label for="q">${say("pairing.search")}</label>
<span class="field"><input id="q" name="q" type="search" value="${q}" dir="auto" maxlength="80" autocomplete="off" aria-describedby="q-help"><button class="quiet">${say("pairing.search-do")}</button></span>
<p id="q-help" class="muted">${say("pairing.search-help")}</p>
${thenField(onward)}</form>
${q === "" ? null : html`<p><a href="${withThen("/devices/new", onward)}">${say("pairing.show-all")}</a></p>`}
${found}`;
}

function familyCard(family: ShownFamily, onward: string, { language }: Now): Html {
  const { id, title, about, bridgeBase, brands = [] } = family;
  const words = aboutFamily(family, language);
  return html`<li class="card"><a class="choice" href="${withThen(`/devices/new/${encodeURIComponent(id)}`, onward)}">
<b>${named(title)}</b>${bridgeBase === null ? null : html` <span class="muted">${language.say("pairing.through-bridge")}</span>`}
${words === null && about !== null ? html`<span class="muted about" lang="en" dir="ltr">${about}</span>` : null}${words === null ? null : html`<span class="muted about">${words}</span>`}
${brands.length === 0 ? null : html`<span class="muted about">${language.say("pairing.brands", { brands: language.list(brands) })}</span>`}
</a></li>`;
}

function step(number: 1 | 2 | 3, { language: { say } }: Now): Html {
  return html`<p class="muted step">${say("pairing.step", { step: number })}</p>`;
}

/** Kinds of one family that stand open; the others are folded. */
const KINDS_SHOWN = 5;

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
  readonly mistake: Mistake | undefined;
  readonly onward: string;
};

type NewDevice = Step<Typed> & {
  readonly zones: readonly string[];
  /** The family's bridge is there; null where the family needs none. */
  readonly hasBridge: boolean | null;
  /** Pins that have a sensor, by BCM number. */
  readonly taken: ReadonlyMap<number, string>;
};

/** Step 2. */
export function newDevicePage(shown: NewDevice, now: Now): Html {
  const { family, mistake, hasBridge, onward } = shown;
  const { say } = now.language;
  const at = `/devices/new/${encodeURIComponent(family.id)}`;
  const form = deviceForm(shown, now);
  return html`<p><a href="${withThen("/devices/new", onward)}">${say("pairing.back")}</a></p>
<div class="narrow">${step(2, now)}
<h1>${named(family.title)}</h1>
${mistakeNote(mistake)}
${
  hasBridge === null
    ? form
    : html`<div class="card card-text"><h2>${say("pairing.announce-title")}</h2><p>${say("pairing.announce-how")}</p>
<p><a class="button" href="${withThen("/devices", onward)}">${say("pairing.announce-look")}</a></p></div>
<details class="by-hand"${mistake === undefined ? null : html` open`}><summary>${say("pairing.by-hand")}</summary>${form}</details>
<p><a href="${withThen(`${at}/bridge`, onward)}">${say("pairing.another-bridge")}</a></p>`
}
</div>`;
}

function deviceForm({ family, typed, once, zones, taken, onward }: NewDevice, { language }: Now): Html {
  const { say } = language;
  const { profiles } = family;
  const [first, rest] = [profiles.slice(0, KINDS_SHOWN), profiles.slice(KINDS_SHOWN)];
  const choice = ({ id, title: words, kinds }: ShownFamily["profiles"][number]) =>
    html`<label class="radio"><input type="radio" name="profile" value="${id}" required${id === typed.profile || profiles.length === 1 ? html` checked` : null}><span><bdi lang="en">${plainName(words)}</bdi>${kinds.length === 0 ? null : html` <span class="muted">${say("pairing.reads", { kinds: kindsInWords(kinds, language) })}</span>`}</span></label>`;
  return html`<form method="post" action="/devices/new/${encodeURIComponent(family.id)}" class="card card-text">
<input type="hidden" name="once" value="${once}">
${thenField(onward)}
<fieldset><legend>${say("pairing.what-is-it")}</legend>
${first.map(choice)}
${rest.length === 0 ? null : html`<details${rest.some(({ id }) => id === typed.profile) ? html` open` : null}><summary>${say("pairing.more-kinds", { count: rest.length })}</summary>${rest.map(choice)}</details>`}
</fieldset>
${nameField({ value: typed.name, language })}
${zoneField({ zones, value: typed.zone, language })}
${isWired(family) ? pinPicker({ typed, taken }, language) : null}
<button>${say("pairing.add-it")}</button>
</form>`;
}

/** Step 2 where the family speaks through a bridge that is not there yet. */
export function newBridgePage(
  { family, typed, once, mistake, onward }: Step<{ readonly base: string }>,
  now: Now,
): Html {
  const { language } = now;
  const { say } = language;
  const name = { family: { html: named(family.title) } };
  return html`<p><a href="${withThen("/devices/new", onward)}">${say("pairing.back")}</a></p>
<div class="narrow">${step(2, now)}
<h1>${sentence(language, "pairing.add-bridge", name)}</h1>
${mistakeNote(mistake)}
<p class="lead">${sentence(language, "pairing.bridge-lead", name)}</p>
<form method="post" action="/devices/new/${encodeURIComponent(family.id)}/bridge" class="card card-text">
<input type="hidden" name="once" value="${once}">
${thenField(onward)}
<label for="base">${say("pairing.topic")}</label>
<input id="base" name="base" value="${typed.base}" required maxlength="${FIELD_CHARS.topic}" autocapitalize="none" autocomplete="off" spellcheck="false" dir="ltr" aria-describedby="base-help">
<p id="base-help" class="muted">${say("pairing.base-help")}</p>
<button>${say("pairing.make-login")}</button>
</form></div>`;
}

/** Step 3 is under way. */
export function lastStep(now: Now): Html {
  return step(3, now);
}
