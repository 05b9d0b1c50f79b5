// Is the device there, and is it well? Gathers what readings say of the device itself into device-status facts, told on change.
import type { HouseFact } from "../core/house-fact.ts";
import type { DeviceFlag, DeviceState, Reading, ReadingKind } from "../core/reading.ts";
import type { DeviceMemory } from "./normalise.ts";

type StatusFact = Extract<HouseFact, { kind: "device-status" }>;

/** A battery is low below the first and well again from the second on, so that it does not flicker between them. */
const BATTERY_LOW_BELOW_PCT = 15;
const BATTERY_WELL_FROM_PCT = 20;
/** Changes worth an event; smaller ones would tell how often the device speaks. */
const BATTERY_STEP_PCT = 5;
const LINK_STEP_PCT = 20;

/** Kinds that speak of the device, not of the street. */
const STATUS_KINDS: ReadonlySet<ReadingKind> = new Set(["battery", "battery-low", "link", "tamper", "online"] as const);

/**
 * Takes up what an arrival's news say of the device; called after `normalise`, whose memory it gets.
 * `status`: the fact to tell, or null when nothing worth telling changed. `absorbed`: readings of status kinds among the
 * news that are in no fact (0 when there is one: it holds them all).
 */
export function afterArrival({
  memory,
  deviceId,
  news,
  atMs,
}: {
  readonly memory: DeviceMemory;
  readonly deviceId: string;
  readonly news: readonly Reading[];
  readonly atMs: number;
}): { readonly memory: DeviceMemory; readonly status: StatusFact | null; readonly absorbed: number } {
  const told = tell({ memory: news.reduce(takeUp, memory), deviceId, atMs });
  const absorbed = told.status === null ? news.filter(({ kind }) => STATUS_KINDS.has(kind)).length : 0;
  return { ...told, absorbed };
}

/** A device that was fine and is now late becomes stale; null when it is not late, or already known to be away. */
export function overdue({
  memory,
  deviceId,
  nowMs,
  staleAfterMs,
}: {
  readonly memory: DeviceMemory;
  readonly deviceId: string;
  readonly nowMs: number;
  readonly staleAfterMs: number;
}): { readonly memory: DeviceMemory; readonly status: StatusFact } | null {
  const { heardAtMs, absence } = memory;
  if (absence !== null || heardAtMs === null || nowMs - heardAtMs <= staleAfterMs) return null;
  return changed({ memory: { ...memory, absence: "stale" }, deviceId, atMs: nowMs });
}

/** A device whose bridge went away: nobody knows how it is. Null when it was not known before either. */
export function bridgeLost({
  memory,
  deviceId,
  atMs,
}: {
  readonly memory: DeviceMemory;
  readonly deviceId: string;
  readonly atMs: number;
}): { readonly memory: DeviceMemory; readonly status: StatusFact } | null {
  if (stateOf(memory) === "unknown") return null;
  return changed({ memory: { ...memory, absence: "unknown" }, deviceId, atMs });
}

/** A person pauses a device or lets it go on; null when it is so already. */
export function pause({
  memory,
  deviceId,
  isPaused,
  atMs,
}: {
  readonly memory: DeviceMemory;
  readonly deviceId: string;
  readonly isPaused: boolean;
  readonly atMs: number;
}): { readonly memory: DeviceMemory; readonly status: StatusFact } | null {
  return changed({ memory: { ...memory, isPaused }, deviceId, atMs });
}

/** What a person is shown of a device. With `staleAfterMs` a late device is stale at once, before `overdue` has said so. */
export function view(
  memory: DeviceMemory,
  nowMs: number,
  { staleAfterMs, isPaused = memory.isPaused }: { readonly staleAfterMs?: number; readonly isPaused?: boolean } = {},
): {
  readonly state: DeviceState;
  readonly flags: readonly DeviceFlag[];
  readonly heardAtMs: number | null;
  readonly batteryPct: number | null;
  readonly linkPct: number | null;
} {
  const { heardAtMs, batteryPct, linkPct } = memory;
  const state = stateOf({ ...memory, isPaused });
  const isLate = state === "ok" && staleAfterMs !== undefined && nowMs - (heardAtMs ?? nowMs) > staleAfterMs;
  return { state: isLate ? "stale" : state, flags: flagsOf(memory), heardAtMs, batteryPct, linkPct };
}

function takeUp(memory: DeviceMemory, reading: Reading): DeviceMemory {
  if (reading.kind === "link") return { ...memory, linkPct: reading.value };
  if (reading.kind !== "battery") return memory;
  const isBatteryPctLow = reading.value < (memory.isBatteryPctLow ? BATTERY_WELL_FROM_PCT : BATTERY_LOW_BELOW_PCT);
  return { ...memory, batteryPct: reading.value, isBatteryPctLow };
}

type Telling = { readonly memory: DeviceMemory; readonly deviceId: string; readonly atMs: number };

function changed(telling: Telling): { memory: DeviceMemory; status: StatusFact } | null {
  const { memory, status } = tell(telling);
  return status === null ? null : { memory, status };
}

/** Makes the fact if it differs from what was said last by enough to be worth an event, and remembers it as said. */
function tell({ memory, deviceId, atMs }: Telling): { memory: DeviceMemory; status: StatusFact | null } {
  const { batteryPct, linkPct, said } = memory;
  const state = stateOf(memory);
  const flags = flagsOf(memory);
  const isWorthIt =
    state !== said.state ||
    flags.join() !== said.flags.join() ||
    isStep({ from: said.batteryPct, to: batteryPct, step: BATTERY_STEP_PCT }) ||
    isStep({ from: said.linkPct, to: linkPct, step: LINK_STEP_PCT });
  if (!isWorthIt) return { memory, status: null };
  return {
    memory: { ...memory, said: { state, flags, batteryPct, linkPct } },
    status: {
      kind: "device-status",
      deviceId,
      state,
      flags,
      ...(batteryPct !== null && { batteryPct }),
      ...(linkPct !== null && { linkPct }),
      atMs,
    },
  };
}

function isStep({ from, to, step }: { from: number | null; to: number | null; step: number }): boolean {
  if (to === null) return false;
  return from === null || Math.abs(to - from) >= step;
}

function stateOf({ heardAtMs, absence, isPaused }: DeviceMemory): DeviceState {
  if (isPaused) return "paused";
  if (absence !== null) return absence;
  return heardAtMs === null ? "unknown" : "ok";
}

function flagsOf({ edges, isBatteryPctLow }: DeviceMemory): readonly DeviceFlag[] {
  return [
    ...(isBatteryPctLow || edges["battery-low"]?.value === true ? ["low-battery" as const] : []),
    ...(edges.tamper?.value === true ? ["tamper" as const] : []),
  ];
}
