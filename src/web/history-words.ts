// How a thing was, in a sentence: for who does not see the drawing, and for who wants the hours of it.
import type { HistoryKind, ThingHistory } from "../core/history-commands.ts";
import type { DeviceState } from "../core/reading.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { HISTORY_PAGE_LIMITS } from "./history-page-limits.ts";
import type { Now } from "./words.ts";

/** Of one state, from a moment to a moment, epoch milliseconds. */
export type Spell = { readonly fromMs: number; readonly toMs: number; readonly state: DeviceState | null };
export type Span = { readonly fromMs: number; readonly toMs: number };

/** What of a history lies within a span, the oldest first; without a hole. */
export function spellsIn({ changes, toMs: endMs }: ThingHistory, { fromMs, toMs }: Span): readonly Spell[] {
  const until = Math.min(toMs, endMs);
  return changes.flatMap(({ atMs, state }, index): Spell[] => {
    const spell = { fromMs: Math.max(atMs, fromMs), toMs: Math.min(changes[index + 1]?.atMs ?? until, until), state };
    return spell.fromMs < spell.toMs ? [spell] : [];
  });
}

type Asked = { readonly kind: HistoryKind; readonly span: Span; readonly now: Now };

/** "In the last 24 hours: late from 03:00 to 05:15, else well." */
export function hoursSentence(history: ThingHistory, { kind, span, now }: Asked): string {
  const { language, timezone } = now;
  const spells = spellsIn(history, span);
  const others = spells.filter(({ state }) => state !== "ok");
  if (others.length === 0) return language.say("history.hours-well");
  const shown = others.slice(-HISTORY_PAGE_LIMITS.spellsTold);
  const said = shown.map(({ state: which, ...spell }) => {
    const state = wordOf(which, { kind, language });
    const [from, to] = [language.time(spell.fromMs, timezone), language.time(spell.toMs, timezone)];
    const [isBegun, isEnded] = [spell.fromMs > span.fromMs, spell.toMs < Math.min(span.toMs, history.toMs)];
    if (!isBegun) return language.say(isEnded ? "history.until" : "history.all-the-time", { state, to });
    return language.say(isEnded ? "history.from-to" : "history.since", { state, from, to });
  });
  const left = others.length - shown.length;
  const all = left === 0 ? said : [...said, language.say("history.more", { count: left })];
  const isElseWell = spells.length > others.length;
  return language.say(isElseWell ? "history.hours-else" : "history.hours-some", { spells: language.list(all) });
}

/** "In the last 30 days: late for 5 hours, else well." What was before anything was known of it is no news. */
export function daysSentence(history: ThingHistory, { kind, span, now: { language } }: Asked): string {
  const sums = new Map<string, number>();
  let isWell = false;
  const spells = spellsIn(history, span);
  const known = spells.slice(
    Math.max(
      0,
      spells.findIndex(({ state }) => state !== null),
    ),
  );
  for (const { state, fromMs, toMs } of known) {
    if (state === "ok") isWell = true;
    else {
      const word = wordOf(state, { kind, language });
      sums.set(word, (sums.get(word) ?? 0) + toMs - fromMs);
    }
  }
  if (sums.size === 0) return language.say("history.days-well");
  const told = language.list(
    [...sums].map(([state, ms]) => language.say("history.in-all", { state, time: language.span(ms) })),
  );
  return language.say(isWell ? "history.days-else" : "history.days-some", { spells: told });
}

const WORDS: Readonly<
  Record<Exclude<HistoryKind, "gateway">, Readonly<Record<Exclude<DeviceState, "ok">, MessageKey>>>
> = {
  device: {
    stale: "history.late",
    offline: "history.offline",
    unknown: "history.unknown",
    paused: "history.paused",
  },
  camera: {
    stale: "history.late",
    offline: "history.no-picture",
    unknown: "history.unknown",
    paused: "history.off",
  },
  platform: {
    stale: "history.away",
    offline: "history.refused",
    unknown: "history.not-known",
    paused: "history.resting",
  },
};

function wordOf(
  state: DeviceState | null,
  { kind, language }: { readonly kind: HistoryKind; readonly language: Language },
): string {
  if (state === null || state === "ok" || kind === "gateway") return language.say("history.not-known");
  return language.say(WORDS[kind][state]);
}
