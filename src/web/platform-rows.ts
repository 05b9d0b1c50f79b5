// The platforms in a list: how each is, why and since when, what waits for it, and the button by which a steward sends now.
import type { GatewayStatus } from "../core/commands.ts";
import type { GatewaySettings } from "../settings/schema.ts";
import type { Language } from "../languages/say.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import { sentence } from "./sentence.ts";
import { exactTime, type Now, soon } from "./words.ts";

type Sink = GatewayStatus["sinks"][number];

/** What the page Buffer shows beside: how a platform is set up, and for stewards the button. */
export type PlatformDetails = { readonly platforms: GatewaySettings["platform"]; readonly isSteward: boolean };

const SINK_LOOKS = {
  connected: { look: "good", shape: "ok" },
  idle: { look: "good", shape: "ok" },
  waiting: { look: "late", shape: "stale" },
  resting: { look: "calm", shape: "paused" },
  paused: { look: "bad", shape: "warning" },
  unknown: { look: "calm", shape: "unknown" },
} as const;
type Known = keyof typeof SINK_LOOKS;

export function platformList({ sinks, conservation }: GatewayStatus, now: Now, details?: PlatformDetails): Html {
  if (sinks.length === 0) return html`<p class="card card-text muted">${now.language.say("parts.platform-none")}</p>`;
  const waitingFor = (id: string) => conservation.sinks.find((sum) => sum.id === id)?.waiting ?? 0;
  return html`<ul class="card rows">${sinks.map((sink) => platformRow(sink, { now, waiting: waitingFor(sink.id), details }))}</ul>`;
}

type Shown = { readonly now: Now; readonly waiting: number; readonly details: PlatformDetails | undefined };

function platformRow(sink: Sink, { now, waiting, details }: Shown): Html {
  const { id, lastAcceptedAt } = sink;
  const { language } = now;
  const name = { html: html`<b>${named(id)}</b>` };
  const accepted =
    lastAcceptedAt === null
      ? html`${language.say("parts.platform-nothing-accepted")}`
      : sentence(language, "parts.platform-accepted", { ago: { html: timeAgo(lastAcceptedAt, now) } });
  const waits = waiting === 0 ? [] : [language.say("parts.platform-waits", { count: waiting })];
  const facts = [...waits, ...because(sink, now)].map((fact) => html` · <bdi>${fact}</bdi>`);
  return html`<li class="row"><span class="what">${sentence(language, "parts.platform", { name })}</span><span class="how">${badge(lookOf(sink, now))}</span>
<span class="when muted"><bdi>${accepted}</bdi>${facts}</span>
${details === undefined ? null : more(sink, details, language)}</li>`;
}

/** A state that a later sink may have, and that nobody has words for yet, is not known. */
function known(state: string): Known {
  const names: readonly Known[] = ["connected", "idle", "waiting", "resting", "paused"];
  return names.find((name) => name === state) ?? "unknown";
}

/** Its word with its look; of one that rests, until when. */
function lookOf({ state, until }: Sink, now: Now) {
  const { language } = now;
  const name = known(state);
  if (name === "resting" && until != null)
    return { ...SINK_LOOKS[name], word: language.say("parts.platform-resting-until", { time: soon(until, now) }) };
  return { ...SINK_LOOKS[name], word: language.say(`parts.platform-${name}`) };
}

/** Since when it is so, and why, where that is not simply good. */
function because({ state, since, why }: Sink, now: Now): readonly string[] {
  const isGood = state === "connected" || state === "idle";
  const time = isGood || since == null ? null : exactTime(since, now);
  return [
    ...(time === null ? [] : [now.language.say("parts.platform-since", { time })]),
    ...(why === null ? [] : [plainName(why)]),
  ];
}

function more({ id, state }: Sink, { platforms, isSteward }: PlatformDetails, language: Language): Html {
  const settings = platforms.find((each) => each.id === id);
  const name = known(state);
  const means =
    name === "waiting" || name === "resting" || name === "paused" ? language.say(`parts.platform-means-${name}`) : null;
  return html`<span class="when">${settings === undefined ? null : html`<span class="muted">${setUp(settings, language)}</span>`}${means === null ? null : html`<span class="means">${means}</span>`}</span>
${isSteward && means !== null ? html`<form method="post" action="/buffer/send/${encodeURIComponent(id)}"><button id="send-${id}" class="quiet" aria-label="${language.say("parts.platform-send-now-to", { platform: id })}">${language.say("parts.platform-send-now")}</button></form>` : null}`;
}

/** "by HTTPS to platform.example · from 01:00 to 05:00 · at most 20 kB a second" */
function setUp(
  { kind, url, connect, bytesPerSecond }: GatewaySettings["platform"][number],
  language: Language,
): string {
  const [from, to] = connect?.between ?? [];
  const hours = connect?.urgent === true ? "parts.platform-hours-urgent" : "parts.platform-hours";
  return [
    language.say("parts.platform-by", { kind: kind.toUpperCase(), host: new URL(url).host }),
    ...(from === undefined || to === undefined ? [] : [language.say(hours, { from, to })]),
    ...(bytesPerSecond === undefined
      ? []
      : [language.say("parts.platform-rate", { size: language.size(bytesPerSecond) })]),
  ].join(" · ");
}
