// Step 1: what people call the place, its time zone, and roughly where it is.
import type { Language } from "../languages/say.ts";
import type { SiteCommands, SiteView } from "../settings/site-commands.ts";
import { type Fields, FIELD_CHARS } from "./forms.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html } from "./html.ts";
import { SETUP_LIMITS } from "./setup-limits.ts";
import { COARSENESS, cellOf, fieldOf } from "./setup-place.ts";
import { backToSteps } from "./setup-parts.ts";

/** As typed. */
export type TypedSite = Readonly<Record<"name" | "timezone" | "place" | "letters", string>>;

export function typedSite(form: Fields): TypedSite {
  return {
    name: form("name").trim(),
    timezone: form("timezone"),
    place: form("place").trim(),
    letters: form("letters"),
  };
}

/** As the files say. A cell that is there is offered as it is: it says no more than it did. */
export function siteAsIs({ gateway }: Pick<SiteView, "gateway">): TypedSite {
  const { name = "", timezone, cell = "" } = gateway;
  return { name, timezone, place: cell, letters: cell.length === 5 ? "5" : "6" };
}

/** What to change; a sentence where something cannot be. */
export function siteAsked(
  { name, timezone, place, letters }: TypedSite,
  { gateway }: Pick<SiteView, "gateway">,
  { say }: Language,
): Parameters<SiteCommands["changeSite"]>[0] | string {
  if (!/^\P{C}{1,80}$/u.test(name)) return say("setup.bad-name", { most: FIELD_CHARS.name });
  if (!timezones(timezone).includes(timezone)) return say("setup.bad-timezone");
  if (place === "") return { name, timezone, cell: null };
  const most = letters === "5" ? 5 : 6;
  const isAsBefore = place === gateway.cell;
  const cell = isAsBefore ? place.slice(0, most) : cellOf(place.slice(0, SETUP_LIMITS.placeChars), most);
  return cell === null ? say("setup.bad-place") : { name, timezone, cell };
}

type Shown = { readonly view: SiteView; readonly typed: TypedSite; readonly mistake?: string | undefined };

export function sitePage({ view, typed, mistake }: Shown, language: Language): Html {
  const { say } = language;
  const isNew = view.gateway.name === undefined;
  const zones = timezones(view.gateway.timezone);
  return html`<div class="narrow">${backToSteps(language)}<h1>${say("setup.site-title")}</h1>
${mistakeNote(mistake)}
<form method="post" action="/setup/site" class="card card-text">
<label for="name">${say("setup.site-name")}</label>
<input id="name" name="name" value="${typed.name}" dir="auto" required maxlength="${FIELD_CHARS.name}" autocomplete="off" aria-describedby="name-help">
<p id="name-help" class="muted">${say("setup.site-name-help")}</p>
<label for="timezone">${say("setup.site-timezone")}</label>
<select id="timezone" name="timezone" dir="ltr"${isNew && mistake === undefined ? html` data-guess` : null} aria-describedby="timezone-help">${zones.map((zone) => html`<option${zone === typed.timezone ? html` selected` : null}>${zone}</option>`)}</select>
<p id="timezone-help" class="muted">${say("setup.site-timezone-help")}</p>
<label for="place">${say("setup.site-place")}</label>
<input id="place" name="place" value="${typed.place}" dir="ltr" maxlength="${SETUP_LIMITS.placeChars}" autocomplete="off" autocapitalize="none" spellcheck="false" inputmode="text" aria-describedby="place-help place-now">
<p id="place-help" class="muted">${say("setup.site-place-help")}</p>
<button type="button" class="quiet" hidden data-position="place" data-refused="${say("setup.site-position-refused")}">${say("setup.site-position")}</button>
<p id="place-now" class="muted">${placeNow(view, language)}</p>
<fieldset><legend>${say("setup.site-coarse")}</legend>${COARSENESS.map(
    ({ letters, km }) =>
      html`<label class="radio"><input type="radio" name="letters" value="${letters}"${typed.letters === String(letters) ? html` checked` : null}><span>${say(`setup.site-coarse-${letters}`, { km })} <span class="muted">${say(`setup.site-coarse-${letters}-help`)}</span></span></label>`,
  )}</fieldset>
<button>${say("setup.save")}</button></form></div>`;
}

function placeNow({ gateway: { cell } }: SiteView, { say, number }: Language): string {
  if (cell === undefined) return say("setup.site-none");
  const { latitude, longitude, widthKm, heightKm } = fieldOf(cell);
  const [width, height] = [widthKm, heightKm].map((km) => Math.round(km * 10) / 10);
  return say("setup.site-now", {
    width: width ?? 0,
    height: height ?? 0,
    latitude: number(Math.round(latitude * 100) / 100),
    longitude: number(Math.round(longitude * 100) / 100),
    cell,
  });
}

/** All of the IANA database that this Node knows by their first name, and the one in use where it has another. */
function timezones(now: string): readonly string[] {
  return [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), ...(isTimezone(now) ? [now] : [])])].toSorted();
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
