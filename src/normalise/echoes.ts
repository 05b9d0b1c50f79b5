// The same words a second time are no news: a radio repeats its packet, two gateways relay it, a device says one thing on
// two topics. And what a device says of the time of its words is believed only within bounds.
import type { ReadingKind } from "../core/reading.ts";

/** What was heard in the last moments. `once`: message keys, the newest first; `levels`: the last value by kind. */
export type Echo = {
  once?: readonly { readonly key: string; readonly atMs: number }[];
  levels: Partial<Record<ReadingKind, { readonly value: number; readonly topic: string; readonly atMs: number }>>;
};

/** Two topics of one device are written in one go; a slow Wi-Fi puts a second between them. */
const TWIN_MS = 3000;
/** A store of a week is sent within this after the device is back. */
const HISTORY_MS = 60 * 60_000;
/** Clocks of devices run ahead by some seconds. */
const AHEAD_MS = 60_000;

type Once = { readonly once?: { readonly key: string; readonly withinMs: number } | undefined; readonly atMs: number };

/** Whether a message with the same key came within its time. */
export function heardTwice(echo: Echo | undefined, { once, atMs }: Once): boolean {
  if (once === undefined) return false;
  return echo?.once?.some((last) => last.key === once.key && isWithin(atMs - last.atMs, once.withinMs)) ?? false;
}

/** Whether the device just said this level on another topic. On the same topic it is a new measurement. */
export function isEcho(
  { levels }: Echo,
  { kind, value }: { readonly kind: ReadingKind; readonly value: unknown },
  { topic, atMs }: { readonly topic: string; readonly atMs: number },
): boolean {
  const last = levels[kind];
  return last !== undefined && last.value === value && last.topic !== topic && isWithin(atMs - last.atMs, TWIN_MS);
}

/** The device's own time of a reading if it can be believed, otherwise null: not in the future, and not too long ago. */
export function believed(
  saidAtMs: number | undefined,
  { atMs, lateMsMax }: { readonly atMs: number; readonly lateMsMax: number },
): number | null {
  if (saidAtMs === undefined || saidAtMs > atMs + AHEAD_MS || atMs - saidAtMs > lateMsMax) return null;
  return Math.min(saidAtMs, atMs);
}

/**
 * Whether an edge is older than the last one, by the device's clock: a store that is sent after the newest word. Only for a
 * while after that word, and only if it was heard before this one: otherwise it is a clock that was set back, the device's or
 * ours, and it would be deaf until the old time is reached again.
 */
export function isHistory(
  edge: { readonly saidAtMs: number; readonly atMs: number },
  last: { readonly saidAtMs?: number; readonly atMs: number },
): boolean {
  return last.saidAtMs !== undefined && edge.saidAtMs < last.saidAtMs && isWithin(edge.atMs - last.atMs, HISTORY_MS);
}

/** A clock that was set back gives negative distances; they are no nearness. */
function isWithin(distanceMs: number, boundMs: number): boolean {
  return distanceMs >= 0 && distanceMs <= boundMs;
}
