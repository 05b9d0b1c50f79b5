// What waits on the disk for the platforms and for how long it may go on, how they are, and what became of everything.
import type { Commands, GatewayStatus } from "../core/commands.ts";
import type { Policy } from "../settings/schema.ts";
import { whatWaits } from "./buffer-parts.ts";
import { rejectedList } from "./dead-letters.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html } from "./html.ts";
import type { LossDay } from "./losses.ts";
import { type PlatformDetails, platformList } from "./platform-rows.ts";
import type { Refused } from "./refusals.ts";
import { sumsTables } from "./sums-table.ts";
import type { Now } from "./words.ts";

/** `said`: what came of a form; `mistake`: why it was refused. `countedSince`: the first day of which losses are known, YYYY-MM-DD. */
export type ShownBuffer = PlatformDetails & {
  readonly status: GatewayStatus;
  readonly deadLetters: ReturnType<Commands["deadLetters"]>;
  readonly evictFirst: Policy["events"]["evictFirst"];
  readonly losses: readonly LossDay[];
  readonly countedSince: string | undefined;
  readonly said?: string | undefined;
  readonly mistake?: Refused | undefined;
};

export function bufferPage(shown: ShownBuffer, now: Now): Html {
  const { status, deadLetters, evictFirst, isSteward, said, mistake } = shown;
  const { say } = now.language;
  const rejected = rejectedList(deadLetters, { total: status.buffer.deadLetters, isSteward, now });
  return html`<h1>${say("buffer.title")}</h1>
<p class="lead">${say("buffer.lead")}</p>
${isSteward ? html`<p><a href="/erase">${say("buffer.erase")}</a></p>` : null}
${mistakeNote(mistake)}${said === undefined ? null : html`<p class="done" role="status">${said}</p>`}
<div class="columns">
<div>
<section id="buffer" data-live aria-labelledby="buffer-title">${whatWaits(status, evictFirst, now)}</section>
<section id="platforms" data-live aria-labelledby="platforms-title"><h2 id="platforms-title">${say("buffer.platforms")}</h2>${platformList(status, now, shown)}</section>
<section id="rejected" data-live aria-label="${say("buffer.rejected")}">${rejected === null ? null : html`<h2>${say("buffer.rejected")}</h2>${rejected}`}</section>
</div>
<div>
<section id="sums" data-live aria-labelledby="sums-title"><h2 id="sums-title">${say("sums.title")}</h2>${sumsTables(status.conservation, now.language)}</section>
<section id="lost" data-live aria-labelledby="lost-title"><h2 id="lost-title">${say("buffer.lost")}</h2>${lostList(shown, now)}</section>
</div>
</div>`;
}

function lostList({ losses, countedSince }: ShownBuffer, { language }: Now): Html {
  if (losses.length === 0) {
    const nothing =
      countedSince === undefined
        ? language.say("buffer.lost-nothing")
        : language.say("buffer.lost-nothing-since", { day: language.day(countedSince) });
    return html`<p class="card card-text">${nothing}</p>`;
  }
  return html`<ul class="card rows">${losses.map(
    ({ day, losses: ofDay }) =>
      html`<li class="row"><span class="what"><b>${language.day(day)}</b></span>${ofDay.map(({ sentence, next }) => html`<span class="when">${sentence}${next === null ? null : html` <span class="muted">${next}</span>`}</span>`)}</li>`,
  )}</ul>`;
}
