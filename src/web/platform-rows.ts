// The platforms in a list: how each is, why and since when, what waits for it, and the button by which a steward sends now.
import type { GatewayStatus } from "../core/commands.ts";
import type { GatewaySettings } from "../settings/schema.ts";
import { type Html, html, plainName } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import { countOf, exactTime, type Now, sizeOf, soon } from "./words.ts";

type Sink = GatewayStatus["sinks"][number];

/** What the page Buffer shows beside: how a platform is set up, and for stewards the button. */
export type PlatformDetails = { readonly platforms: GatewaySettings["platform"]; readonly isSteward: boolean };

const SINK_LOOKS = {
  connected: { look: "good", shape: "ok", word: "connected" },
  idle: { look: "good", shape: "ok", word: "nothing to send" },
  waiting: { look: "late", shape: "stale", word: "away, trying again" },
  resting: { look: "calm", shape: "paused", word: "resting" },
  paused: { look: "bad", shape: "warning", word: "paused: needs a person" },
} as const;
const UNKNOWN_LOOK = { look: "calm", shape: "unknown", word: "not known" } as const;

export function platformList({ sinks, conservation }: GatewayStatus, now: Now, details?: PlatformDetails): Html {
  if (sinks.length === 0) {
    return html`<p class="card card-text muted">No platform is configured: events stay in this house.</p>`;
  }
  const waitingFor = (id: string) => conservation.sinks.find((sum) => sum.id === id)?.waiting ?? 0;
  return html`<ul class="card rows">${sinks.map((sink) => platformRow(sink, { now, waiting: waitingFor(sink.id), details }))}</ul>`;
}

type Shown = { readonly now: Now; readonly waiting: number; readonly details: PlatformDetails | undefined };

function platformRow(sink: Sink, { now, waiting, details }: Shown): Html {
  const { id, lastAcceptedAt } = sink;
  return html`<li class="row"><span class="what">Platform <b>${id}</b></span><span class="how">${badge(lookOf(sink, now))}</span>
<span class="when muted">${lastAcceptedAt === null ? "nothing accepted since the start" : html`last accepted ${timeAgo(lastAcceptedAt, now)}`}${waiting === 0 ? null : ` · ${countOf(waiting, "event waits", "events wait")}`}${because(sink, now)}</span>
${details === undefined ? null : more(sink, details)}</li>`;
}

/** Its word with its look; of one that rests, until when. */
function lookOf({ state, until }: Sink, now: Now) {
  const look = Object.entries(SINK_LOOKS).find(([each]) => each === state)?.[1] ?? UNKNOWN_LOOK;
  return state === "resting" && until != null ? { ...look, word: `resting until ${soon(until, now)}` } : look;
}

/** Since when it is so, and why, where that is not simply good. */
function because({ state, since, why }: Sink, now: Now): Html | null {
  const isGood = state === "connected" || state === "idle";
  const from = isGood || since == null ? null : html` · since ${exactTime(since, now)}`;
  return html`${from}${why === null ? null : ` · ${plainName(why)}`}`;
}

const MEANS: Readonly<Record<string, string>> = {
  waiting: "It is tried again by itself, at longer and longer intervals. What is for it waits here meanwhile.",
  resting: "It is outside the hours in which gateway.yaml lets it send.",
  paused:
    "It refuses this gateway, and only a person can change that: ask its operator whether this gateway's key is registered.",
};

function more({ id, state }: Sink, { platforms, isSteward }: PlatformDetails): Html {
  const settings = platforms.find((each) => each.id === id);
  const means = MEANS[state];
  return html`<span class="when">${settings === undefined ? null : html`<span class="muted">${setUp(settings)}</span>`}${means === undefined ? null : html`<span class="means">${means}</span>`}</span>
${isSteward && means !== undefined ? html`<form method="post" action="/buffer/send/${encodeURIComponent(id)}"><button id="send-${id}" class="quiet" aria-label="Send now: ${id}">Send now</button></form>` : null}`;
}

/** "by HTTPS to platform.example, from 01:00 to 05:00, at most 20 kB a second" */
function setUp({ kind, url, connect, bytesPerSecond }: GatewaySettings["platform"][number]): string {
  const hours = connect === undefined ? "" : `, from ${connect.between[0]} to ${connect.between[1]}`;
  const urgent = connect?.urgent === true ? " (what is urgent, at any hour)" : "";
  const rate = bytesPerSecond === undefined ? "" : `, at most ${sizeOf(bytesPerSecond)} a second`;
  return `by ${kind.toUpperCase()} to ${new URL(url).host}${hours}${urgent}${rate}`;
}
