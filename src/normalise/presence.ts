// Is the device there, and is it well? What its words and its silence make of it, and what of that is worth an event: pure
// functions on its memory. What concerns several devices at once is in kit-presence.ts.
import type { HouseFact } from "../core/house-fact.ts";
import { PRESENCE_LIMITS } from "./presence-limits.ts";
import type { DeviceFlag, DeviceState, Reading, ReadingKind, ReadingValue } from "../core/reading.ts";
import { graceMs, learnGap, silenceMsMax } from "./heartbeat.ts";
import type { DeviceMemory } from "./normalise.ts";

export type StatusFact = Extract<HouseFact, { kind: "device-status" }>;

/** A battery is low below the first and well again from the second on, so that it does not flicker between them. */
const BATTERY_LOW_BELOW_PCT = 15;
const BATTERY_WELL_FROM_PCT = 20;
/** Changes worth an event, where the policy tells the value; others would tell when the device speaks: a PIR does when somebody passes (I4). */
const BATTERY_STEP_PCT = 5;
const LINK_STEP_PCT = 20;

/** Kinds that speak of the device, not of the street. */
export const STATUS_KINDS: ReadonlySet<ReadingKind> = new Set([
  "battery",
  "battery-low",
  "link",
  "tamper",
  "online",
] as const);

/** What the policy lets a status say beside its state. */
export type ToldFields = { readonly batteryPct: boolean; readonly linkPct: boolean };

/** By listening time (listening-time.ts): what it is now, and when this run began. */
type Listening = { readonly listeningMs: number; readonly startedMs: number };

/** What `normalise` took for a word of the device itself: its heartbeat is learned from it. */
export function afterWord(memory: DeviceMemory, { listeningMs, startedMs }: Listening): DeviceMemory {
  const { heardListeningMs: lastMs, heartbeat } = memory;
  const gapMs = listeningMs - (lastMs ?? listeningMs);
  // Until it has connected again after our own restart it could not speak: that is no habit.
  const isReturn = lastMs === undefined || (lastMs <= startedMs && gapMs < PRESENCE_LIMITS.silenceMsMin);
  if (isReturn) return { ...memory, heardListeningMs: listeningMs };
  return { ...memory, heardListeningMs: listeningMs, heartbeat: learnGap(heartbeat, { gapMs, atMs: listeningMs }) };
}

/**
 * A broker replays what was said of the device before we listened: it is no word, but until the device has spoken in this
 * run it tells whether it went, or came back, while the gateway was away. `atMs`: wall time.
 */
export function afterReplay(
  memory: DeviceMemory,
  replay: readonly ReadingValue[],
  { atMs, startedMs }: { readonly atMs: number; readonly startedMs: number },
): DeviceMemory {
  const online = replay.find(({ kind }) => kind === "online");
  if (online === undefined) return memory;
  const isOnline = online.value === true;
  const { heardAtMs, heardListeningMs = startedMs, absence } = memory;
  if (heardAtMs === null || heardListeningMs > startedMs || absence !== (isOnline ? "offline" : null)) return memory;
  const edges = { ...memory.edges, online: { value: isOnline, atMs } };
  return { ...memory, edges, absence: isOnline ? null : "offline" };
}

/** Takes up what an arrival's news say of the device. */
export function afterNews(memory: DeviceMemory, news: readonly Reading[]): DeviceMemory {
  return news.reduce(takeUp, memory);
}

/** Whether a device that was fine has been silent for too long; false for one that is known to be away, or is paused. */
export function isLate(
  memory: DeviceMemory,
  { listeningMs, startedMs, staleAfterMs }: Listening & { readonly staleAfterMs: number },
): boolean {
  if (stateOf(memory) !== "ok") return false;
  const silentMs = listeningMs - (memory.heardListeningMs ?? startedMs);
  return (
    silentMs > silenceMsMax(memory.heartbeat, staleAfterMs) &&
    listeningMs - startedMs >= graceMs(memory.heartbeat, staleAfterMs)
  );
}

/** What the device is now, told or not. */
export function stateOf({ heardAtMs, absence, isPaused }: DeviceMemory): DeviceState {
  if (isPaused) return "paused";
  if (absence !== null) return absence;
  return heardAtMs === null ? "unknown" : "ok";
}

/** What a person is shown of a device: what is, also where the platform has not been told yet. */
export function view(
  memory: DeviceMemory,
  { isPaused = memory.isPaused }: { readonly isPaused?: boolean } = {},
): {
  readonly state: DeviceState;
  readonly flags: readonly DeviceFlag[];
  readonly heardAtMs: number | null;
  readonly batteryPct: number | null;
  readonly linkPct: number | null;
} {
  const { heardAtMs, batteryPct, linkPct } = memory;
  return { state: stateOf({ ...memory, isPaused }), flags: flagsOf(memory), heardAtMs, batteryPct, linkPct };
}

/**
 * Makes the fact if what is differs from what was said last by enough to be worth an event, and remembers it as said.
 * `heldBy`: why such a difference is not told yet: the site as a whole is away (`isSiteHeld`), or enough was said of this
 * device lately. It is told later by asking again. A first change of the flags is held by neither.
 */
export function tell({
  memory,
  deviceId,
  atMs,
  listeningMs,
  isSiteHeld,
  isDiscreet,
  fields,
}: {
  readonly memory: DeviceMemory;
  readonly deviceId: string;
  readonly atMs: number;
  readonly listeningMs: number;
  readonly isSiteHeld: boolean;
  readonly isDiscreet: boolean;
  readonly fields: ToldFields;
}): { readonly memory: DeviceMemory; readonly status: StatusFact | null; readonly heldBy: "site" | "rate" | null } {
  const { batteryPct, linkPct, said, paidUntil = { stateMs: 0, flagsMs: 0 } } = memory;
  const state = stateOf(memory);
  const flags = flagsOf(memory);
  const areFlagsNews = flags.join() !== said.flags.join();
  const isNews =
    areFlagsNews ||
    state !== said.state ||
    (fields.batteryPct && isStep({ from: said.batteryPct, to: batteryPct, step: BATTERY_STEP_PCT })) ||
    (fields.linkPct && isStep({ from: said.linkPct, to: linkPct, step: LINK_STEP_PCT }));
  if (!isNews) return { memory, status: null, heldBy: null };
  const { statusEveryMs, statusEveryMsDiscreet } = PRESENCE_LIMITS;
  const stateEveryMs = isDiscreet ? statusEveryMsDiscreet : statusEveryMs;
  const flagsMs = areFlagsNews ? pay(paidUntil.flagsMs, listeningMs, statusEveryMs) : null;
  const stateMs = flagsMs === null && !isSiteHeld ? pay(paidUntil.stateMs, listeningMs, stateEveryMs) : null;
  if (flagsMs === null && stateMs === null) return { memory, status: null, heldBy: isSiteHeld ? "site" : "rate" };
  const paid = { stateMs: stateMs ?? paidUntil.stateMs, flagsMs: flagsMs ?? paidUntil.flagsMs };
  return {
    memory: { ...memory, said: { state, flags, batteryPct, linkPct }, paidUntil: paid },
    status: factOf({ state, flags, batteryPct, linkPct }, { deviceId, atMs }),
    heldBy: null,
  };
}

/** What is said of a device, as a fact of a moment. */
export function factOf(
  { state, flags, batteryPct, linkPct }: DeviceMemory["said"],
  { deviceId, atMs }: { readonly deviceId: string; readonly atMs: number },
): StatusFact {
  return {
    kind: "device-status",
    deviceId,
    state,
    flags,
    ...(batteryPct !== null && { batteryPct }),
    ...(linkPct !== null && { linkPct }),
    atMs,
  };
}

/** Each fact costs a while; a few may be told in advance. Null when that is used up. Listening time, ms. */
function pay(paidUntilMs: number, nowMs: number, everyMs: number): number | null {
  if (paidUntilMs - nowMs > (PRESENCE_LIMITS.statusInARow - 1) * everyMs) return null;
  return Math.max(paidUntilMs, nowMs) + everyMs;
}

function takeUp(memory: DeviceMemory, reading: Reading): DeviceMemory {
  if (reading.kind === "link") return { ...memory, linkPct: reading.value };
  if (reading.kind !== "battery") return memory;
  const isBatteryPctLow = reading.value < (memory.isBatteryPctLow ? BATTERY_WELL_FROM_PCT : BATTERY_LOW_BELOW_PCT);
  return { ...memory, batteryPct: reading.value, isBatteryPctLow };
}

function isStep({ from, to, step }: { from: number | null; to: number | null; step: number }): boolean {
  if (to === null) return false;
  return from === null || Math.abs(to - from) >= step;
}

function flagsOf({ edges, isBatteryPctLow }: DeviceMemory): readonly DeviceFlag[] {
  return [
    ...(isBatteryPctLow || edges["battery-low"]?.value === true ? ["low-battery" as const] : []),
    ...(edges.tamper?.value === true ? ["tamper" as const] : []),
  ];
}
