// What a volunteer asks after "does it work?": what left this house today, what did not, and for how long it could go on alone.
import type { GatewayStatus } from "../core/commands.ts";
import type { Policy } from "../settings/schema.ts";
import type { Language } from "../languages/say.ts";
import type { DayCounters } from "./day-counts.ts";
import { type Html, html, named } from "./html.ts";
import { timeAgo } from "./parts.ts";
import { sentence } from "./sentence.ts";
import { STATUS_LIMITS } from "./status-limits.ts";
import type { Now } from "./words.ts";

type Agreed = Pick<Policy, "draft"> & { readonly events: Pick<Policy["events"], "retentionHours"> };
type Counted = Omit<DayCounters, "isEach">;

/** `today`: what was counted since midnight; of an earlier day where the clock was set back since, and then that day is named. `policy`: it deletes what has waited too long, and while it is a draft nothing is sent. */
export function todayFacts(
  status: GatewayStatus,
  { today, policy, now }: { readonly today: Counted | undefined; readonly policy: Agreed; readonly now: Now },
): Html {
  const { language } = now;
  const counters = today?.counters ?? {};
  const isToday = today === undefined || today.day === dateOf(now);
  const title = isToday
    ? language.say("status.today")
    : language.say("status.since-day", { day: language.day(today.day) });
  return html`<h2 id="today-title">${title}</h2>
<dl class="facts card">
${fact(language.say("status.left"), left(counters, language))}
${fact(language.say("status.kept"), kept(counters, language))}
${fact(language.say("status.deleted"), deleted(counters, language))}
${fact(language.say("status.reached"), reached(status, policy, now))}
${fact(language.say("status.waits"), waits(status, policy.events.retentionHours, language))}
</dl>`;
}

function fact(name: string, value: Html | string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

/** To one platform as it is, to several each behind its name: an event for two of them leaves twice. */
function left(counters: Counted["counters"], language: Language): Html | string {
  const each = Object.entries(counters).flatMap(([name, count]) => {
    const platform = /^entry\.forwarded\.(.+)$/.exec(name)?.[1];
    return platform === undefined || count === 0 ? [] : [{ platform, count }];
  });
  const events = (count: number) => language.say("status.left-events", { count });
  const [first, ...others] = each;
  if (first === undefined) return language.say("status.left-nothing");
  if (others.length === 0) return events(first.count);
  return html`${each.map(({ platform, count }) => html`<span class="line">${sentence(language, "status.left-each", { platform: { html: named(platform) }, what: events(count) })}</span>`)}`;
}

function kept(counters: Counted["counters"], language: Language): string {
  const readings = sumOf(counters, /^reading\.withheld\./);
  const pictures = sumOf(counters, /^snapshot\.withheld\./);
  const things = [
    ...(readings === 0 ? [] : [language.say("status.kept-readings", { count: readings })]),
    ...(pictures === 0 ? [] : [language.say("status.kept-pictures", { count: pictures })]),
  ];
  return things.length === 0 ? language.say("status.kept-nothing") : language.list(things);
}

/** Of the platform that lost most: an event that waited for two of them is one event. */
function deleted(counters: Counted["counters"], language: Language): string {
  const byPlatform = new Map<string, number>();
  for (const [name, count] of Object.entries(counters)) {
    const platform = /^entry\.(?:expired|evicted|erased)\.(.+)$/.exec(name)?.[1];
    if (platform !== undefined) byPlatform.set(platform, (byPlatform.get(platform) ?? 0) + count);
  }
  const most = Math.max(0, ...byPlatform.values());
  return most === 0 ? language.say("status.deleted-nothing") : language.say("status.left-events", { count: most });
}

function sumOf(counters: Counted["counters"], pattern: RegExp): number {
  return Object.entries(counters).reduce((sum, [name, count]) => sum + (pattern.test(name) ? count : 0), 0);
}

/** The platform that was reached longest ago, since that is the one that may need a hand. */
function reached({ sinks }: GatewayStatus, { draft }: Agreed, now: Now): Html | string {
  const { language } = now;
  if (sinks.length === 0) return language.say(draft ? "status.reached-not-yet" : "status.reached-none");
  const times = sinks.map(({ lastAcceptedAt }) => lastAcceptedAt);
  const known = times.filter((time) => time !== null).toSorted();
  const [oldest] = known;
  return oldest === undefined || known.length < times.length
    ? language.say("status.reached-not-yet")
    : html`${timeAgo(oldest, now)}`;
}

/** Until the disk is full, or the policy deletes what waits: whichever comes first. */
function waits(
  { buffer: { disk, hoursLeft: roomHours } }: GatewayStatus,
  keptHours: number,
  language: Language,
): string {
  if (disk !== "ok") return language.say("status.waits-full");
  if (roomHours === null) return language.say("status.waits-unknown");
  const hoursLeft = Math.min(roomHours, keptHours);
  if (hoursLeft < STATUS_LIMITS.hoursToldMax)
    return language.say("status.waits-hours", { hours: Math.max(0, Math.floor(hoursLeft)) });
  return language.say("status.waits-days", { days: Math.floor(hoursLeft / 24) });
}

/** "2026-11-21" in the gateway's time zone. */
function dateOf({ nowMs, timezone }: Now): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short" }).format(nowMs);
}
