// What waits on the disk for the platforms and for how long it may go on, how they are, and what became of everything.
import type { Commands, GatewayStatus } from "../core/commands.ts";
import type { Policy } from "../settings/schema.ts";
import { rejectedList } from "./dead-letters.ts";
import { diskWords } from "./disk-words.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html } from "./html.ts";
import type { LossDay } from "./losses.ts";
import { badge, timeAgo } from "./parts.ts";
import { type PlatformDetails, platformList } from "./platform-rows.ts";
import { sumsTables } from "./sums-table.ts";
import { countOf, dayOf, durationOf, type Now, sizeOf } from "./words.ts";

/** `said`: what came of a form; `mistake`: why it was refused. `countedSince`: the first day of which losses are known, YYYY-MM-DD. */
export type ShownBuffer = PlatformDetails & {
  readonly status: GatewayStatus;
  readonly deadLetters: ReturnType<Commands["deadLetters"]>;
  readonly evictFirst: Policy["events"]["evictFirst"];
  readonly losses: readonly LossDay[];
  readonly countedSince: string | undefined;
  readonly said?: string | undefined;
  readonly mistake?: string | undefined;
};

export function bufferPage(shown: ShownBuffer, now: Now): Html {
  const { status, deadLetters, isSteward, said, mistake } = shown;
  const rejected = rejectedList(deadLetters, { total: status.buffer.deadLetters, isSteward, now });
  return html`<h1>Buffer</h1>
<p class="lead">Events wait here, on the disk, until the platform has taken them. They survive a power cut.</p>
${isSteward ? html`<p><a href="/erase">Erase what is held of a device, a camera or a period</a></p>` : null}
${mistakeNote(mistake)}${said === undefined ? null : html`<p class="done" role="status">${said}</p>`}
<div class="columns">
<div>
<section id="buffer" data-live aria-labelledby="buffer-title">${whatWaits(shown, now)}</section>
<section id="platforms" data-live aria-labelledby="platforms-title"><h2 id="platforms-title">Platforms</h2>${platformList(status, now, shown)}</section>
<section id="rejected" data-live aria-label="Rejected">${rejected === null ? null : html`<h2>Rejected</h2>${rejected}`}</section>
</div>
<div>
<section id="sums" data-live aria-labelledby="sums-title"><h2 id="sums-title">What became of everything</h2>${sumsTables(status.conservation)}</section>
<section id="lost" data-live aria-labelledby="lost-title"><h2 id="lost-title">What was lost</h2>${lostList(shown)}</section>
</div>
</div>`;
}

function whatWaits({ status, evictFirst }: ShownBuffer, now: Now): Html {
  const { buffer } = status;
  const { look, shape, word, fact, sentence, next } = diskWords(buffer, evictFirst);
  return html`<h2 id="buffer-title">What waits</h2>
<div class="card card-text">${bufferSummary(status, now)}
${fullness(buffer)}
<dl>
<dt>Waiting</dt><dd>${countOf(buffer.entries, "event")}${buffer.pictures === 0 ? null : `, ${buffer.pictures} of them with a picture`}</dd>
<dt>Oldest</dt><dd>${buffer.oldestAt === null ? "nothing waits" : timeAgo(buffer.oldestAt, now)}</dd>
<dt>Room left</dt><dd>${roomLeft(status) ?? "not known yet: it is told after ten minutes of running"}</dd>
<dt>Disk</dt><dd>${badge({ look, shape, word })}</dd>
</dl>
<p>${fact === null ? null : html`<b>${fact}</b> `}${sentence}</p>
${next === null ? null : html`<p><b>Next step:</b> ${next}</p>`}</div>`;
}

/** The bar is for the eye; the line says the same. */
function fullness({ bytes, bytesMax }: GatewayStatus["buffer"]): Html {
  const pct = Math.min(100, Math.round((bytes / bytesMax) * 100));
  return html`<div class="fullness"><svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect width="${Math.max(bytes > 0 ? 1 : 0, pct)}" height="4"/></svg>
<p>${sizeOf(bytes)} of ${sizeOf(bytesMax)} used (${pct === 0 && bytes > 0 ? "less than 1" : pct} %)</p></div>`;
}

/** "Holds 12 events, oldest 5 minutes. Room for about 61 hours at today's rate." */
export function bufferSummary(status: GatewayStatus, now: Now): Html {
  const room = roomLeft(status);
  return html`<p><b>${holds(status, now)}</b>${room === null ? null : room === NO_ROOM ? " There is no room left." : ` Room for ${room} at today's rate.`}</p>`;
}

function holds({ buffer: { entries, oldestAt }, sinks }: GatewayStatus, { nowMs }: Now): string {
  if (entries === 0) return sinks.length === 0 ? "Holds nothing." : "Holds nothing: all has been sent.";
  const age = oldestAt === null ? "" : `, oldest ${durationOf(nowMs - Date.parse(oldestAt))}`;
  return `Holds ${countOf(entries, "event")}${age}.`;
}

const NO_ROOM = "none";

/** In hours up to four days: "about 3 days" is too coarse for who decides whether to come by on Sunday. */
function roomLeft({ buffer: { disk, hoursLeft } }: GatewayStatus): string | null {
  if (disk !== "ok") return NO_ROOM;
  if (hoursLeft === null) return null;
  return hoursLeft >= 1 && hoursLeft < 96
    ? `about ${countOf(Math.round(hoursLeft), "hour")}`
    : `about ${durationOf(hoursLeft * 3_600_000)}`;
}

function lostList({ losses, countedSince }: ShownBuffer): Html {
  if (losses.length === 0)
    return html`<p class="card card-text">${countedSince === undefined ? "Nothing." : `Nothing since ${dayOf(countedSince)}.`}</p>`;
  return html`<ul class="card rows">${losses.map(
    ({ day, losses: ofDay }) =>
      html`<li class="row"><span class="what"><b>${dayOf(day)}</b></span>${ofDay.map(({ sentence, next }) => html`<span class="when">${sentence}${next === null ? null : html` <span class="muted">${next}</span>`}</span>`)}</li>`,
  )}</ul>`;
}
