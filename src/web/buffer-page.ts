// What waits on the disk for the platform, how long it may go on, and how the platforms are.
import type { GatewayStatus } from "../core/commands.ts";
import { type Html, html, plainName } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import { countOf, durationOf, type Now, sizeOf } from "./words.ts";

export function bufferPage(status: GatewayStatus, now: Now): Html {
  const { buffer } = status;
  return html`<h1>Buffer</h1>
<p class="lead">Events wait here, on the disk, until the platform has taken them. They survive a power cut.</p>
<section id="buffer" data-live class="card card-text" aria-label="What waits">
${bufferSummary(status, now)}
<dl>
<dt>Waiting</dt><dd>${countOf(buffer.entries, "event")}</dd>
<dt>On disk</dt><dd>${sizeOf(buffer.bytes)}</dd>
<dt>Oldest</dt><dd>${buffer.oldestAt === null ? "nothing waits" : timeAgo(buffer.oldestAt, now)}</dd>
<dt>Room left</dt><dd>${roomLeft(status) ?? "not known yet"}</dd>
<dt>Rejected, kept aside</dt><dd>${countOf(buffer.deadLetters, "event")}${buffer.deadLetters === 0 ? null : html`; see <code>hedgerow spool list</code>`}</dd>
</dl>
</section>
<h2>Platforms</h2>
<section id="platforms" data-live class="card card-text" aria-label="Platforms">${platformList(status, now)}</section>`;
}

/** "Holds 12 events, the oldest from 5 minutes ago. Room for about 61 hours at today's rate." */
export function bufferSummary(status: GatewayStatus, { nowMs }: Now): Html {
  const { entries, oldestAt } = status.buffer;
  const holds =
    entries === 0 || oldestAt === null
      ? "Holds nothing: all has been sent."
      : `Holds ${countOf(entries, "event")}, oldest ${durationOf(nowMs - Date.parse(oldestAt))}.`;
  const room = roomLeft(status);
  return html`<p><b>${holds}</b>${room === null ? null : ` Room for ${room} at today's rate.`}</p>`;
}

function roomLeft({ buffer: { hoursLeft } }: GatewayStatus): string | null {
  return hoursLeft === null ? null : `about ${durationOf(hoursLeft * 3_600_000)}`;
}

const SINK_LOOKS = {
  connected: { look: "good", shape: "ok", word: "connected" },
  idle: { look: "good", shape: "ok", word: "nothing to send" },
  waiting: { look: "late", shape: "stale", word: "away, trying again" },
  paused: { look: "bad", shape: "paused", word: "paused: needs a person" },
} as const;
const UNKNOWN_LOOK = { look: "calm", shape: "unknown", word: "not known" } as const;

export function platformList({ sinks }: GatewayStatus, now: Now): Html {
  if (sinks.length === 0) return html`<p class="muted">No platform is configured: events stay in this house.</p>`;
  return html`<ul class="plain">${sinks.map((sink) => {
    const look = Object.entries(SINK_LOOKS).find(([state]) => state === sink.state)?.[1] ?? UNKNOWN_LOOK;
    const last =
      sink.lastAcceptedAt === null
        ? html`nothing accepted yet`
        : html`last accepted ${timeAgo(sink.lastAcceptedAt, now)}`;
    return html`<li><span class="what">Platform <b>${sink.id}</b></span> ${badge(look)} <span class="muted">${last}</span>${sink.why === null ? null : html`<br><span class="muted">${plainName(sink.why)}</span>`}</li>`;
  })}</ul>`;
}
