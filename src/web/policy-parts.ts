// What was agreed, and what will change, in a reader's language: the policy's words (policy/words.ts) as HTML. How an area that is
// painted over is called stays here, as where it lies does: a name such as a neighbour's window is nobody's to read.
import { dayIn } from "../core/day-times.ts";
import type { Language } from "../languages/say.ts";
import type { CameraWords } from "../policy/camera-words.ts";
import { type PolicyChange, sayChange } from "../policy/change.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import type { WordsOn } from "../policy/words.ts";
import { type Html, html, named, plainText, withoutControls } from "./html.ts";
import { publicChanges, publicWords } from "./public-policy.ts";
import type { Transparency } from "./transparency.ts";

/** `standing`: the policy that holds, with what is announced. `timezone`, `cell`: of the site; null where it has no cell. */
export type ShownPolicy = {
  readonly view: Transparency;
  readonly standing: PolicyStanding;
  readonly timezone: string;
  readonly cell: string | null;
  readonly language: Language;
};

/** What is announced, how long it waits and how to object; nothing where nothing is. */
export function announcedPart({ standing, language, view }: ShownPolicy): Html | null {
  const { announced, policy } = standing;
  if (policy.draft) return html`<p class="note late">${language.say("page.draft")}</p>`;
  if (announced === null) return null;
  const changes = publicChanges(policy, announced.policy);
  const looser = changes.filter(({ effect }) => effect === "looser");
  const others = changes.filter(({ effect }) => effect !== "looser");
  const notice = language.hours(Math.max(1, Math.ceil(announced.hoursLeft)));
  return html`<section class="card card-text announced" aria-labelledby="announced-title"><h2 id="announced-title">${language.say("page.change")}</h2>
<p><b>${language.say("page.change-hours", { notice })}</b> ${language.say("page.change-hours-how")}</p>
${changeList("page.change-looser", looser, language)}${changeList("page.change-other", others, language)}
<p>${language.say("page.change-object", { contact: plainText(view.controller.contact) })}</p>
<p>${language.say("page.change-approvals", { count: announced.approvedBy.length })}</p>
<p class="muted">${language.say("page.change-digest")} <code>${announced.sha256}</code></p></section>`;
}

function changeList(
  title: "page.change-looser" | "page.change-other",
  changes: readonly PolicyChange[],
  language: Language,
): Html | null {
  if (changes.length === 0) return null;
  return html`<p>${language.say(title)}</p>${list(changes.map((change) => sayChange(change, language)))}`;
}

/** The whole policy, one subject after the other; at last how it changes, since when it holds and its fingerprint. */
export function policyParts(shown: ShownPolicy): Html {
  const { standing, timezone, language, view, cell } = shown;
  const { sinceMs, sha256, policy } = standing;
  const today = dayIn(timezone, Date.parse(view.asOf));
  const words = publicWords(policy, language, { today, cell });
  const { noticed, cameras, quiet, kept, outside, never, changes } = words;
  const limits = cameras.each.length === 0 ? [] : [language.say("page.pictures-show")];
  const since =
    sinceMs === null ? [] : [language.say("page.policy-since", { moment: language.moment(sinceMs, timezone) })];
  return html`${part("noticed", noticed)}
<section aria-labelledby="cameras-title"><h2 id="cameras-title">${cameras.title}</h2>${cameras.sentences.map((said) => html`<p class="card card-text">${said}</p>`)}${cameras.each.map((camera) => cameraCard(camera, shown))}${limits.map((said) => html`<p class="muted">${said}</p>`)}</section>
${quiet === null ? null : part("quiet", quiet)}${part("kept", kept)}${part("outside", outside)}
${part("never", never)}
${part("changes", { ...changes, sentences: [...changes.sentences, ...since] }, html`<p class="muted">${language.say("page.policy-digest")} <code>${sha256}</code></p>`)}`;
}

function part(name: string, { title, sentences }: WordsOn, more: Html | null = null): Html {
  return html`<section aria-labelledby="${name}-title"><h2 id="${name}-title">${title}</h2><div class="card card-text">${list(sentences)}${more}</div></section>
`;
}

/** Sentences that may hold anybody's words. */
function list(sentences: readonly string[]): Html {
  return html`<ul>${sentences.map((said) => html`<li>${withoutControls(said)}</li>`)}</ul>`;
}

function cameraCard({ id, purpose, sentences }: CameraWords, { view, language }: ShownPolicy): Html {
  const camera = view.cameras.find((each) => each.id === id);
  return html`<div class="card card-text"><h3>${named(id)}</h3>
<p lang="${purpose.language}" dir="auto" class="purpose">${plainText(purpose.text)}</p>
${camera === undefined ? null : used(camera, language)}
${list(sentences)}</div>`;
}

/** "7 of 24 used", of the newest day that may be told; as a bar too. */
function used({ used: day, snapshotsPerDay }: Transparency["cameras"][number], language: Language): Html | null {
  if (day === null) return null;
  const [count, most] = [language.number(day.count), language.number(snapshotsPerDay)];
  const said = language.say("page.camera-used", { day: language.day(day.day), used: count, perDay: most });
  return html`<p class="used">${said} <meter min="0" max="${Math.max(1, snapshotsPerDay)}" value="${day.count}" aria-label="${said}"></meter></p>`;
}
