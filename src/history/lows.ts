// The lowest battery and radio link of each day, of one device: what tells in time that a battery wants changing. Pure.
import type { DayLow } from "../core/history-commands.ts";
import { HISTORY_LIMITS } from "./history-limits.ts";

/** Takes up what a device shows on a day; the same list where nothing of it is lower. */
export function withLow(lows: readonly DayLow[], { day, batteryPct, linkPct }: DayLow): readonly DayLow[] {
  if (batteryPct === null && linkPct === null) return lows;
  const known = lows.find((low) => low.day === day) ?? { day, batteryPct: null, linkPct: null };
  const low = { day, batteryPct: lower(known.batteryPct, batteryPct), linkPct: lower(known.linkPct, linkPct) };
  if (lows.includes(known) && low.batteryPct === known.batteryPct && low.linkPct === known.linkPct) return lows;
  return [...lows.filter((each) => each.day !== day), low]
    .toSorted((a, b) => (a.day < b.day ? -1 : 1))
    .slice(-HISTORY_LIMITS.days);
}

function lower(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? roundedOf(other);
  return Math.min(one, Math.round(other));
}

function roundedOf(pct: number | null): number | null {
  return pct === null ? null : Math.round(pct);
}

/** "2026-11-21:87,64": a day, its battery and its link. */
export function lowsText(lows: readonly DayLow[]): string {
  return lows.map(({ day, batteryPct, linkPct }) => `${day}:${batteryPct ?? ""},${linkPct ?? ""}`).join(" ");
}

/** Reads what `lowsText` wrote; what is none is passed over. */
export function lowsOf(text: string): readonly DayLow[] {
  return text.split(" ").flatMap((word): DayLow[] => {
    const [, day, battery = "", link = ""] = /^(\d{4}-\d{2}-\d{2}):(\d{0,3}),(\d{0,3})$/.exec(word) ?? [];
    return day === undefined ? [] : [{ day, batteryPct: pctOf(battery), linkPct: pctOf(link) }];
  });
}

function pctOf(digits: string): number | null {
  return digits === "" ? null : Number(digits);
}
