// The counts by day in a reader's language: a chart to see them at a glance, and the numbers in a table.
import type { WithheldReason } from "../core/house-fact.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import type { Counters } from "./day-counts.ts";
import { type Html, html } from "./html.ts";
import type { PublicDay } from "./public-days.ts";
import { PUBLIC_LIMITS } from "./public-limits.ts";
import type { Transparency } from "./transparency.ts";

/** The section's inside, below its heading `counts-title`. */
export function countsByDay({ counts, renewed }: Pick<Transparency, "counts" | "renewed">, language: Language): Html {
  if (counts.length === 0)
    return html`<p class="card card-text">${language.say(renewed === "daily" ? "page.counts-none-daily" : "page.counts-none")}</p>`;
  const [newest, earlier] = [counts.slice(0, PUBLIC_LIMITS.daysOpen), counts.slice(PUBLIC_LIMITS.daysOpen)];
  const step = Math.max(...counts.map(({ readings }) => readings.step));
  const hasSeveral = counts.some(({ sent }) => Object.keys(sent).length > 1);
  return html`${chart(counts, language)}<h3 id="newest-title" class="list-title">${language.say("page.days-newest")}</h3>${table(newest, language, "newest-title")}
${earlier.length === 0 ? null : html`<details><summary id="earlier-title">${language.say("page.days-earlier")}</summary>${table(earlier, language, "earlier-title")}</details>`}
${hasSeveral ? html`<p class="muted">${language.say("page.sent-several")}</p>` : null}${step === 1 ? null : html`<p class="muted">${language.say("page.readings-steps", { step: language.number(step) })}</p>`}`;
}

/** Bars of each day, the oldest first: what was taken, and what was sent to the platform that got most. */
function chart(counts: readonly PublicDay[], language: Language): Html | null {
  const days = counts.toReversed();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined || days.length < 2) return null;
  const bars = days.map(({ readings, sent }) => ({ taken: readings.taken, sent: Math.max(0, ...Object.values(sent)) }));
  const most = Math.max(1, ...bars.flatMap(({ taken, sent }) => [taken, sent]));
  const bar = (count: number, x: number, look: string): Html | null => {
    const height = Math.max(count > 0 ? 1 : 0, Math.round((count / most) * 100));
    return height === 0
      ? null
      : html`<rect class="${look}" x="${x}" y="${100 - height}" width="4" height="${height}"/>`;
  };
  const [from, to] = [language.day(first.day), language.day(last.day)];
  return html`<figure class="card card-text chart"><svg viewBox="0 0 ${days.length * 10} 100" preserveAspectRatio="none" role="img" aria-label="${language.say("page.chart-all", { from, to })}">${bars.map(
    ({ taken, sent }, index) => html`${bar(taken, index * 10 + 1, "taken")}${bar(sent, index * 10 + 5, "sent")}`,
  )}</svg>
<p class="ends muted"><span>${from}</span><span>${to}</span></p>
<figcaption><span class="key taken">${language.say("page.chart-taken")}</span> <span class="key sent">${language.say("page.chart-sent")}</span>
<span class="muted">${language.say("page.chart-most", { count: language.number(most) })}</span></figcaption></figure>`;
}

function table(days: readonly PublicDay[], language: Language, title: string): Html {
  return html`<div class="card scroll" tabindex="0" role="region" aria-labelledby="${title}"><table class="counts"><thead><tr><th scope="col">${language.say("page.day")}</th><th scope="col" class="number">${language.say("page.readings")}</th><th scope="col" class="number">${language.say("page.pictures")}</th><th scope="col" class="number">${language.say("page.sent")}</th><th scope="col">${language.say("page.withheld")}</th><th scope="col">${language.say("page.erased")}</th></tr></thead>
<tbody>${days.map(
    (day) =>
      html`<tr><th scope="row" class="day">${language.day(day.day)}</th><td class="number">${taken(day, language)}</td><td class="number">${language.number(day.pictures.taken)}</td><td class="number">${sent(day, language)}</td><td>${lines(withheldIn(day, language))}</td><td>${lines(erasedIn(day, language))}</td></tr>
`,
  )}</tbody></table></div>`;
}

function lines(sentences: readonly string[], look = ""): Html | string {
  return sentences.length === 0
    ? "–"
    : html`${sentences.map((sentence) => html`<div class="${look}">${sentence}</div>`)}`;
}

/** In steps, at least so many; a number reads from the left in each language. */
function taken({ readings: { taken: count, step } }: PublicDay, language: Language): Html | string {
  if (step === 1) return language.number(count);
  const least = count === 0 ? `< ${language.number(step)}` : `≥ ${language.number(count)}`;
  return html`<span dir="ltr">${least}</span>`;
}

/** With one platform its number, with several each behind its name. */
function sent({ sent: byPlatform }: PublicDay, language: Language): Html | string {
  const each = Object.entries(byPlatform);
  if (each.length < 2) return language.number(each[0]?.[1] ?? 0);
  return lines(
    each.map(([platform, count]) => language.say("page.sent-each", { platform, count: language.number(count) })),
    "one-line",
  );
}

function withheldIn({ readings, pictures }: PublicDay, language: Language): string[] {
  return [
    ...reasons(readings.withheld).map(([why, count]) =>
      language.say("page.withheld-readings", { count, why: language.say(why) }),
    ),
    ...reasons(pictures.withheld).map(([why, count]) =>
      language.say("page.withheld-pictures", { count, why: language.say(why) }),
    ),
  ];
}

/** Reasons that a resident reads as one are added up. */
function reasons(withheld: Counters): readonly (readonly [MessageKey, number])[] {
  const sums = new Map<MessageKey, number>();
  for (const [why, count] of Object.entries(withheld)) {
    const words = Object.hasOwn(WHY, why) ? (WHY[why] ?? "page.why-other") : "page.why-other";
    sums.set(words, (sums.get(words) ?? 0) + count);
  }
  return [...sums];
}

/** Of the platform that lost most: an event that waited for two of them is one event. */
function erasedIn({ erased }: PublicDay, language: Language): string[] {
  const most = (counts: Counters): number => Math.max(0, ...Object.values(counts));
  const rows: readonly (readonly [MessageKey, number])[] = [
    ["page.erased-expired", most(erased.expired)],
    ["page.erased-evicted", most(erased.evicted)],
    ["page.erased-erased", most(erased.erased)],
  ];
  return rows.flatMap(([key, count]) => (count > 0 ? [language.say(key, { count })] : []));
}

const PICTURES_WHY: Readonly<Record<WithheldReason, MessageKey>> = {
  "no-detector": "page.why-detector",
  "detector-failed": "page.why-detector",
  "detector-timeout": "page.why-detector",
  "canary-missed": "page.why-detector",
  "model-changed": "page.why-detector",
  "too-many-waiting": "page.why-many",
  unsure: "page.why-unsure",
  "picture-refused": "page.why-picture",
  "camera-unreachable": "page.why-camera",
  "camera-timeout": "page.why-camera",
  policy: "page.why-policy",
  quiet: "page.why-quiet",
  "daily-budget": "page.why-budget",
  "disk-full": "page.why-disk",
};

const WHY: Readonly<Record<string, MessageKey>> = {
  ...PICTURES_WHY,
  "motion-cleared": "page.why-end",
  "presence-cleared": "page.why-end",
  "device-status": "page.why-status",
  "no-event-type": "page.why-type",
};
