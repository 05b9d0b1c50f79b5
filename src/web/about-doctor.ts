// How the machine is, on the page About: doctor's findings with their remedies, what needs a hand first. The sentences of doctor
// are English in every language, and marked so.
import type { DoctorView, Finding } from "../core/doctor-commands.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { type Html, html, plainText } from "./html.ts";
import { badge } from "./parts.ts";
import { sentence } from "./sentence.ts";
import { timeAgo } from "./parts.ts";
import type { Now } from "./words.ts";

const LOOKS = {
  ok: { look: "good", shape: "ok" },
  note: { look: "calm", shape: "unknown" },
  warning: { look: "late", shape: "warning" },
  trouble: { look: "bad", shape: "warning" },
} as const;

/** What needs a hand comes first. */
const ORDER: readonly Finding["state"][] = ["trouble", "warning", "note", "ok"];

const GROUPS: Readonly<Record<string, MessageKey>> = {
  programs: "about.group-programs",
  clock: "about.group-clock",
  disk: "about.group-disk",
  "pictures' key": "about.group-key",
  memory: "about.group-memory",
  power: "about.group-power",
  "wired sensors": "about.group-wires",
  ports: "about.group-ports",
  https: "about.group-https",
  platform: "about.group-platform",
  cameras: "about.group-cameras",
  redaction: "about.group-redaction",
};

export function doctorPart({ at, left, groups }: DoctorView, now: Now): Html {
  const { language } = now;
  const { say } = language;
  const found = groups.flatMap(({ group, findings }) => findings.map((finding) => ({ group, ...finding })));
  const of = (states: readonly Finding["state"][]) =>
    states.flatMap((state) => found.filter((each) => each.state === state));
  const hands = of(["trouble", "warning"]).length;
  const well = of(["ok"]);
  const isLooking = left.length > 0;
  return html`<section id="machine" aria-labelledby="machine-title"><h2 id="machine-title">${say("about.doctor")}</h2>
<p>${say("about.doctor-lead")}</p>
${isLooking ? html`<p class="note" role="status">${say("about.looking", { groups: language.list(left.map((group) => groupWords(group, language))) })}</p>` : null}
${
  at === null
    ? null
    : html`<p>${sentence(language, "about.doctor-at", { ago: { html: timeAgo(at, now) } })} <b>${hands === 0 ? say("about.doctor-good") : say("about.doctor-hands", { count: hands })}</b>${language.tag === "en" ? null : html` ${say("about.doctor-english")}`}</p>
<ul class="card rows findings">${of(ORDER.slice(0, 3)).map((each) => row(each, language))}</ul>
${well.length === 0 ? null : html`<details><summary>${say("about.doctor-well", { count: well.length })}</summary><ul class="card rows findings">${well.map((each) => row(each, language))}</ul></details>`}`
}
${isLooking ? null : html`<form method="get" action="/about" class="actions"><button name="look" value="now">${say(at === null ? "about.doctor-button" : "about.doctor-again")}</button></form>`}
</section>`;
}

function row({ group, state, text, remedy }: Finding & { readonly group: string }, language: Language): Html {
  const { look, shape } = LOOKS[state];
  return html`<li><div class="row"><span class="what"><b>${groupWords(group, language)}</b></span><span class="how">${badge({ look, shape, word: language.say(`about.state-${state}`) })}</span>
<p class="when" lang="en" dir="ltr">${plainText(sentenceOf(text))}</p>
${remedy === null ? null : html`<p class="when remedy">${sentence(language, "about.doctor-remedy", { remedy: { html: html`<span lang="en" dir="ltr">${plainText(remedy)}</span>` } })}</p>`}</div></li>`;
}

/** A group that nobody has written words for is shown as doctor calls it. */
function groupWords(group: string, { say }: Language): string {
  const key = Object.hasOwn(GROUPS, group) ? GROUPS[group] : undefined;
  return key === undefined ? group : say(key);
}

/** Doctor's findings begin small, after the group's name. */
function sentenceOf(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
