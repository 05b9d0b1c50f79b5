// The form of what a camera is for and when it looks: the policy in plain words, and what triggers it.
import type { Language, MessageKey } from "../languages/say.ts";
import { isRightToLeft } from "../languages/isolate.ts";
import { languageName } from "../policy/time-words.ts";
import type { CameraDraft } from "./camera-drafts.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";
import { FIELD_CHARS } from "./forms.ts";
import { type Html, html, named, plainName } from "./html.ts";

/** `triggers`: devices that could make it look. `hasSun`: gateway.yaml says where the site is. `today`: YYYY-MM-DD. */
export type ShownRules = {
  readonly draft: CameraDraft;
  readonly action: string;
  readonly languages: readonly string[];
  readonly triggers: readonly { readonly id: string; readonly name: string; readonly zone: string }[];
  readonly zones: readonly string[];
  readonly hasSun: boolean;
  readonly today: string;
};

export function rulesForm(shown: ShownRules, language: Language): Html {
  const { say } = language;
  const { draft, action, zones, today } = shown;
  const { camera, policy } = draft;
  const { perDayMax, hoursMax } = CAMERA_PAGE_LIMITS;
  return html`<form method="post" action="${action}" class="card card-text">
<h2 class="first">${say("camera.rules-about")}</h2>
<label for="name">${say("camera.name")}</label>
<input id="name" name="name" value="${camera.name ?? (draft.isNew ? "" : camera.id)}" required maxlength="${FIELD_CHARS.name}" autocomplete="off" aria-describedby="name-help">
<p id="name-help" class="muted">${say("camera.name-help")}</p>
<label for="zone">${say("camera.zone")}</label>
<input id="zone" name="zone" value="${camera.zone}" list="zones" required maxlength="${FIELD_CHARS.zone}" autocapitalize="none" autocomplete="off" aria-describedby="zone-help">
<datalist id="zones">${zones.map((zone) => html`<option value="${zone}"></option>`)}</datalist>
<p id="zone-help" class="muted">${say("camera.zone-help")}</p>
<h2>${say("camera.new-step-rules")}</h2>
${purposes(shown, language)}
<p id="purpose-help" class="muted">${say("camera.purpose-help")}</p>
<label for="until">${say("camera.until")}</label>
<input id="until" name="until" type="date" value="${policy.until}" min="${today}" required aria-describedby="until-help">
<p id="until-help" class="muted">${say("camera.until-help")}</p>
<label for="perDay">${say("camera.per-day")}</label>
<input id="perDay" name="perDay" type="number" inputmode="numeric" min="0" max="${perDayMax}" value="${policy.snapshotsPerDay}" required>
<label for="hours">${say("camera.hours")}</label>
<input id="hours" name="hours" type="number" inputmode="numeric" min="1" max="${hoursMax}" value="${policy.retentionHours}" required>
${choices({ name: "level", label: say("camera.level"), now: policy.redact.level, of: LEVELS }, language)}
${choices({ name: "unsure", label: say("camera.unsure"), now: policy.redact.whenUnsure, of: UNSURE }, language)}
${when(shown, language)}
<button>${say("camera.new-on")}</button></form>`;
}

const LEVELS: Choices = [
  ["normal", "camera.level-normal"],
  ["thorough", "camera.level-thorough"],
  ["strict", "camera.level-strict"],
];
const UNSURE: Choices = [
  ["withhold", "camera.unsure-withhold"],
  ["mosaic", "camera.unsure-mosaic"],
];

type Choices = readonly (readonly [value: string, key: MessageKey])[];
type Choice = { readonly name: string; readonly label: string; readonly now: string; readonly of: Choices };

function choices({ name, label, now, of }: Choice, { say }: Language): Html {
  return html`<fieldset><legend>${label}</legend>${of.map(
    ([value, key]) =>
      html`<label class="radio"><input type="radio" name="${name}" value="${value}"${value === now ? html` checked` : null}> ${say(key)}</label>`,
  )}</fieldset>`;
}

function purposes({ draft, languages }: ShownRules, language: Language): Html {
  return html`${languages.map((tag, nth) => {
    const label = language.say("camera.purpose", { language: languageName(tag, language) });
    const words = Object.hasOwn(draft.policy.purpose, tag) ? (draft.policy.purpose[tag] ?? "") : "";
    return html`<label for="purpose-${tag}">${label}</label>
<textarea id="purpose-${tag}" name="purpose-${tag}" lang="${tag}" dir="${isRightToLeft(tag) ? "rtl" : "ltr"}" rows="2" maxlength="${CAMERA_PAGE_LIMITS.purposeChars}"${nth === 0 ? html` required` : null} aria-describedby="purpose-help">${words}</textarea>`;
  })}`;
}

/** Cameras that send by themselves are triggered by that; sensors, times and hours hold for all. */
function when({ draft: { camera }, triggers, hasSun }: ShownRules, language: Language): Html {
  const { say } = language;
  const { cooldownS, schedule } = camera;
  const [from = "", to = ""] = schedule?.between ?? [];
  const isDark = from === "sunset" && to === "sunrise";
  const now = from === "" ? "any" : isDark ? "dark" : "own";
  const zones = [...new Set(triggers.map(({ zone }) => zone))].toSorted();
  const hours: Choices = [
    ["any", "camera.hours-any"],
    ...(hasSun || isDark ? [["dark", "camera.hours-dark"] as const] : []),
    ["own", "camera.hours-own"],
  ];
  return html`<h2>${say("camera.triggers")}</h2>
${triggers.length === 0 ? html`<p class="muted">${say("camera.triggers-none")}</p>` : html`<p class="muted">${say("camera.triggers-help")}</p>`}
${zones.map(
  (zone) =>
    html`<fieldset><legend>${named(zone)}</legend>${triggers
      .filter((each) => each.zone === zone)
      .map(
        ({ id, name }) =>
          html`<label class="tick"><input type="checkbox" name="trigger" value="${id}"${camera.triggers.includes(id) ? html` checked` : null}> ${plainName(name)}</label>`,
      )}</fieldset>`,
)}
<label for="cooldown">${say("camera.cooldown")}</label>
<input id="cooldown" name="cooldown" type="number" inputmode="numeric" min="0" max="${CAMERA_PAGE_LIMITS.cooldownMax}" value="${Math.round(cooldownS)}" required>
<label for="at">${say("camera.times")}</label>
<input id="at" name="at" value="${(schedule?.at ?? []).join(", ")}" maxlength="700" autocomplete="off" aria-describedby="at-help" dir="ltr">
<p id="at-help" class="muted">${say("camera.times-help")}</p>
${choices({ name: "look", label: say("camera.hours-title"), now, of: hours }, language)}
<div class="from-to"><label for="from">${say("camera.hours-from")}</label><input id="from" name="from" value="${now === "own" ? from : ""}" maxlength="12" list="times" autocomplete="off" dir="ltr">
<label for="to">${say("camera.hours-to")}</label><input id="to" name="to" value="${now === "own" ? to : ""}" maxlength="12" list="times" autocomplete="off" dir="ltr"></div>
<datalist id="times"><option value="22:00"></option><option value="06:00"></option>${hasSun ? html`<option value="sunset"></option><option value="sunrise"></option>` : null}</datalist>`;
}
