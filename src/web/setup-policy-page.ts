// The page of step 3: the questions on one side, the sign as it will look on the other.
import { type Language, languageOf, languageTags } from "../languages/say.ts";
import { CELL_KM } from "../policy/compare-events.ts";
import { timeOfDay } from "../policy/time-words.ts";
import type { Policy } from "../settings/schema.ts";
import { type Html, html } from "./html.ts";
import { backToSteps, choices } from "./setup-parts.ts";
import { SETUP_LIMITS } from "./setup-limits.ts";
import { CELL_LETTERS, KEPT_HOURS, type TypedPolicy } from "./setup-policy.ts";

type Shown = {
  readonly policy: Policy;
  readonly typed: TypedPolicy;
  readonly zones: readonly string[];
  readonly preview: Html;
  readonly mistakes: readonly string[];
};

export function setupPolicyPage({ policy, typed, zones, preview, mistakes }: Shown, language: Language): Html {
  const { say } = language;
  return html`${backToSteps(language)}<h1>${say("setup.policy-title")}</h1>
<p class="lead">${say(policy.draft ? "setup.policy-lead" : "setup.policy-in-force")}</p>
${mistakes.length === 0 ? null : html`<div class="mistake" role="alert">${mistakes.map((said) => html`<p>${said}</p>`)}</div>`}
<div class="columns agreed"><section aria-label="${say("setup.policy-title")}">
<form method="post" action="/setup/policy" class="card card-text" data-preview="/setup/policy/show">
${whoFields(typed, language)}
${motionField(policy, typed, language)}
${yesNo({ name: "light", chosen: typed.light, legend: "setup.policy-light" }, language)}
${keptField(typed, language)}
${placeFields(typed, language)}
${quietFields(typed, zones, language)}
<p class="muted">${say("setup.policy-cameras")}</p>
<div class="actions"><button>${say("setup.save")}</button><button formaction="/setup/policy/show" class="quiet" formnovalidate>${say("setup.policy-show")}</button></div>
</form></section>
<section class="beside" aria-labelledby="sign-title"><h2 id="sign-title" class="first">${say("setup.policy-sign")}</h2>
<div id="preview">${preview}</div><p class="muted">${say("setup.policy-sign-paper")}</p></section></div>`;
}

function whoFields(typed: TypedPolicy, { say }: Language): Html {
  const field = (name: "name" | "contact") =>
    html`<label for="${name}">${say(`setup.policy-${name}`)}</label>
<input id="${name}" name="${name}" value="${typed[name]}" dir="auto" required maxlength="${SETUP_LIMITS.controllerChars}" autocomplete="off" aria-describedby="${name}-help">
<p id="${name}-help" class="muted">${say(`setup.policy-${name}-help`)}</p>`;
  return html`<fieldset><legend>${say("setup.policy-who")}</legend>${field("name")}${field("contact")}</fieldset>
<fieldset><legend>${say("setup.policy-languages")}</legend><div class="ticks">${languageTags().map((tag) => {
    const { name, direction } = languageOf(tag);
    return html`<label class="tick"><input type="checkbox" name="language-${tag}" value="yes"${typed.languages.includes(tag) ? html` checked` : null}><span lang="${tag}" dir="${direction}">${name}</span></label>`;
  })}</div></fieldset>`;
}

function motionField({ events: { motion } }: Policy, typed: TypedPolicy, language: Language): Html {
  const { say } = language;
  const { windowS, atLeast } = motion.mode === "counts" ? motion : { windowS: 900, atLeast: 3 };
  const window = language.seconds(windowS);
  return choices({ name: "motion", legend: say("setup.policy-motion"), chosen: typed.motion }, [
    { value: "none", words: say("setup.policy-motion-none"), help: say("setup.policy-motion-none-help") },
    {
      value: "counts",
      words: say("setup.policy-motion-counts"),
      help: say("setup.policy-motion-counts-help", { window, least: atLeast }),
    },
    { value: "each", words: say("setup.policy-motion-each"), help: say("setup.policy-motion-each-help") },
  ]);
}

type YesNo = {
  readonly name: "light" | "zones";
  readonly chosen: string;
  readonly legend: "setup.policy-light" | "setup.policy-zones";
};

function yesNo({ name, chosen, legend }: YesNo, { say }: Language): Html {
  return choices({ name, legend: say(legend), chosen }, [
    { value: "yes", words: say("setup.yes"), help: say(`setup.policy-${name}-yes-help`) },
    { value: "no", words: say("setup.no"), help: say(`setup.policy-${name}-no-help`) },
  ]);
}

function keptField({ keptHours }: TypedPolicy, language: Language): Html {
  const { say } = language;
  // One that somebody wrote into the file by hand stays on offer.
  const hours = [...new Set([...KEPT_HOURS, Number(keptHours) || KEPT_HOURS[3]])].toSorted((one, other) => one - other);
  return html`<label for="kept">${say("setup.policy-kept")}</label>
<select id="kept" name="kept" aria-describedby="kept-help">${hours.map((each) => html`<option value="${each}"${String(each) === keptHours ? html` selected` : null}>${language.hours(each)}</option>`)}</select>
<p id="kept-help" class="muted">${say("setup.policy-kept-help")}</p>`;
}

function placeFields(typed: TypedPolicy, language: Language): Html {
  const { say } = language;
  const letters = [...new Set<number>([...CELL_LETTERS, Number(typed.cellLetters) || 0])].toSorted(
    (one, other) => one - other,
  );
  const words = (count: number): string => {
    const km = CELL_KM[count] ?? 0;
    return count === 0 ? say("setup.policy-place-none") : say("setup.policy-place-km", { km });
  };
  return html`${yesNo({ name: "zones", chosen: typed.zones, legend: "setup.policy-zones" }, language)}
<label for="cell">${say("setup.policy-place")}</label>
<select id="cell" name="cell">${letters.map((count) => html`<option value="${count}"${String(count) === typed.cellLetters ? html` selected` : null}>${words(count)}</option>`)}</select>`;
}

function quietFields(typed: TypedPolicy, zones: readonly string[], language: Language): Html {
  const { say } = language;
  const time = (name: "from" | "to") =>
    html`<span><label for="${name}">${say(`setup.policy-quiet-${name}`)}</label><input id="${name}" name="${name}" type="time" value="${typed[name]}"></span>`;
  return html`<fieldset><legend>${say("setup.policy-quiet")}</legend>
<label for="quiet-zones">${say("setup.policy-quiet-zones")}</label>
<input id="quiet-zones" name="quiet-zones" value="${typed.quietZones}" list="zones" autocomplete="off" autocapitalize="none" maxlength="2000" aria-describedby="quiet-zones-help">
<datalist id="zones">${zones.map((zone) => html`<option value="${zone}"></option>`)}</datalist>
<p id="quiet-zones-help" class="muted">${say("setup.policy-quiet-zones-help")}</p>
<p class="label">${say("setup.policy-quiet-hours")}</p>
${typed.hours.map(([from, to], at) => html`<label class="tick"><input type="checkbox" name="keep-${at}" value="${from}/${to}" checked><span>${say("setup.policy-quiet-keep", { from: timeOfDay(from, language), to: timeOfDay(to, language) })}</span></label>`)}
<div class="times">${time("from")}${time("to")}</div>
<p class="muted">${say("setup.policy-quiet-help")}</p></fieldset>`;
}
