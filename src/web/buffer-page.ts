// What waits on the disk for the platform, how long it may go on, and how the platforms are.
import type { Commands, GatewayStatus } from "../core/commands.ts";
import { type Html, html, plainName } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import { countOf, durationOf, type Now, sizeOf } from "./words.ts";

export function bufferPage(status: GatewayStatus, now: Now, deadLetters: ReturnType<Commands["deadLetters"]>): Html {
  const { buffer } = status;
  return html`<h1>Buffer</h1>
<p class="lead">Events wait here, on the disk, until the platform has taken them. They survive a power cut.</p>
<section id="buffer" data-live class="card card-text reading" aria-label="What waits">
${bufferSummary(status, now)}
<dl>
<dt>Waiting</dt><dd>${countOf(buffer.entries, "event")}</dd>
<dt>On disk</dt><dd>${sizeOf(buffer.bytes)}</dd>
<dt>Oldest</dt><dd>${buffer.oldestAt === null ? "nothing waits" : timeAgo(buffer.oldestAt, now)}</dd>
<dt>Room left</dt><dd>${roomLeft(status) ?? "not known yet"}</dd>
<dt>Rejected, kept aside</dt><dd>${countOf(buffer.deadLetters, "event")}</dd>
</dl>
</section>
${rejectedList(deadLetters)}
<h2>Platforms</h2>
<section id="platforms" data-live class="reading" aria-label="Platforms">${platformList(status, now)}</section>`;
}

/** What a platform said of the events it will never take: for whoever talks to the platform. */
function rejectedList(deadLetters: ReturnType<Commands["deadLetters"]>): Html | null {
  if (deadLetters.length === 0) return null;
  const row = ({ sinkId, type, id, why }: (typeof deadLetters)[number]) =>
    html`<li class="row"><span class="what">${type}</span><span class="how">${sinkId}</span>
<span class="when muted">${plainName(why)} · <code>${id}</code></span></li>`;
  return html`<h2>Rejected</h2>
<p>The platform will not take these. Ask it why; nothing is needed from you meanwhile.</p>
<ul class="card rows reading">${deadLetters.map(row)}</ul>`;
}

/** "Holds 12 events, oldest 5 minutes. Room for about 61 hours at today's rate." */
export function bufferSummary(status: GatewayStatus, now: Now): Html {
  const room = roomLeft(status);
  return html`<p><b>${holds(status, now)}</b>${room === null ? null : ` Room for ${room} at today's rate.`}</p>`;
}

function holds({ buffer: { entries, oldestAt }, sinks }: GatewayStatus, { nowMs }: Now): string {
  if (entries === 0) return sinks.length === 0 ? "Holds nothing." : "Holds nothing: all has been sent.";
  const age = oldestAt === null ? "" : `, oldest ${durationOf(nowMs - Date.parse(oldestAt))}`;
  return `Holds ${countOf(entries, "event")}${age}.`;
}

/** In hours up to four days: "about 3 days" is too coarse for who decides whether to come by on Sunday. */
function roomLeft({ buffer: { hoursLeft } }: GatewayStatus): string | null {
  if (hoursLeft === null) return null;
  return hoursLeft >= 1 && hoursLeft < 96
    ? `about ${countOf(Math.round(hoursLeft), "hour")}`
    : `about ${durationOf(hoursLeft * 3_600_000)}`;
}

const SINK_LOOKS = {
  connected: { look: "good", shape: "ok", word: "connected" },
  idle: { look: "good", shape: "ok", word: "nothing to send" },
  waiting: { look: "late", shape: "stale", word: "away, trying again" },
  resting: { look: "calm", shape: "paused", word: "outside its hours" },
  paused: { look: "bad", shape: "paused", word: "paused: needs a person" },
} as const;
const UNKNOWN_LOOK = { look: "calm", shape: "unknown", word: "not known" } as const;

export function platformList({ sinks }: GatewayStatus, now: Now): Html {
  if (sinks.length === 0) {
    return html`<p class="card card-text muted">No platform is configured: events stay in this house.</p>`;
  }
  return html`<ul class="card rows">${sinks.map((sink) => platformRow(sink, now))}</ul>`;
}

function platformRow({ id, state, why, lastAcceptedAt }: GatewayStatus["sinks"][number], now: Now): Html {
  const look = Object.entries(SINK_LOOKS).find(([each]) => each === state)?.[1] ?? UNKNOWN_LOOK;
  return html`<li class="row"><span class="what">Platform <b>${id}</b></span><span class="how">${badge(look)}</span>
<span class="when muted">${lastAcceptedAt === null ? "nothing accepted yet" : html`last accepted ${timeAgo(lastAcceptedAt, now)}`}${why === null ? null : ` · ${plainName(why)}`}</span></li>`;
}
