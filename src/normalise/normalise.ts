// normalise: readings → news. An edge is news when it changes, a level each time, a replay never; everything else is counted.
import { z } from "zod";
import {
  type Decoded,
  EDGE_KINDS,
  type Reading,
  type ReadingKind,
  type ReadingValue,
  type Reason,
} from "../core/reading.ts";
import { believed, type Echo, heardTwice, isEcho, isHistory } from "./echoes.ts";
import { Heartbeat } from "./heartbeat.ts";

/** What an edge kind last was, and when a sign of it last came; `saidAtMs`: by the device's own clock, where it has one. */
const Edge = z.strictObject({
  value: z.union([z.boolean(), z.enum(["dark", "dim", "bright"])]),
  atMs: z.number(),
  saidAtMs: z.number().exactOptional(),
});
const percent = z.number().nullable();

const Memory = z.strictObject({
  version: z.literal(1),
  edges: z.partialRecord(
    z.enum(["motion", "presence", "light-category", "switch", "contact", "tamper", "battery-low", "online"]),
    Edge,
  ),
  /** When the device itself last spoke; its last will or its bridge speaking of its absence does not count. */
  heardAtMs: z.number().nullable(),
  /** Why it counts as absent although it was heard: it said so, it is late, or its bridge went away. */
  absence: z.enum(["offline", "stale", "unknown"]).nullable(),
  isPaused: z.boolean(),
  batteryPct: percent,
  linkPct: percent,
  isBatteryPctLow: z.boolean(),
  /** What the last device-status fact said. */
  said: z.strictObject({
    state: z.enum(["unknown", "ok", "stale", "offline", "paused"]),
    flags: z.array(z.enum(["low-battery", "tamper"])).readonly(),
    batteryPct: percent,
    linkPct: percent,
  }),
  /** When it last spoke by listening time (listening-time.ts), and how often it does. */
  heardListeningMs: z.number().exactOptional(),
  heartbeat: Heartbeat.exactOptional(),
  /** Until when, by listening time, the device-status events are paid for that were told (presence.ts). */
  paidUntil: z.strictObject({ stateMs: z.number(), flagsMs: z.number() }).exactOptional(),
});

/** What the house remembers of one device. A value: functions return a new one. `echo` is for seconds and is not kept on disk. */
export type DeviceMemory = Readonly<z.infer<typeof Memory>> & { readonly echo?: Echo };

/** A device of which nothing is known yet. */
export const emptyMemory: DeviceMemory = {
  version: 1,
  edges: {},
  heardAtMs: null,
  absence: null,
  isPaused: false,
  batteryPct: null,
  linkPct: null,
  isBatteryPctLow: false,
  said: { state: "unknown", flags: [], batteryPct: null, linkPct: null },
};

/** Reads what `serialiseMemory` wrote. A text that is none is an empty memory: the cost is one edge told again. */
export function parseMemory(text: string | null): DeviceMemory {
  if (text === null) return emptyMemory;
  try {
    return Memory.safeParse(JSON.parse(text)).data ?? emptyMemory;
  } catch {
    return emptyMemory;
  }
}

/** One line of JSON, some 600 bytes. */
export function serialiseMemory(memory: DeviceMemory): string {
  return JSON.stringify({ ...memory, echo: undefined });
}

/** `ignored` and `news` together are as many as the readings given (I9). */
export type Normalised = {
  readonly memory: DeviceMemory;
  readonly news: readonly Reading[];
  readonly ignored: Readonly<Partial<Record<Reason, number>>>;
};

/** What came: `topic` and `once` tell a second copy of the same words (normalise/echoes.ts). */
export type Heard = {
  readonly memory: DeviceMemory;
  readonly readings: Extract<Decoded, { outcome: "readings" }>["readings"];
  readonly deviceId: string;
  readonly atMs: number;
  readonly holdMs?: number | undefined;
  readonly isReplay: boolean;
  readonly topic?: string;
  readonly once?: { readonly key: string; readonly withinMs: number } | undefined;
  /** How old a device's own time may be to be believed; by default it never is. */
  readonly lateMsMax?: number;
};

/**
 * Separates news from repeats. Also for no readings at all: then the device was merely heard.
 * `holdMs`: for sensors that never say "off", motion is over after this long without a sign, and the next sign is news.
 * A replay (`isReplay`) is old news and changes nothing; an edge older than the one known is history, and changes nothing.
 */
export function normalise(heard: Heard): Normalised {
  const { memory, readings, deviceId, atMs, holdMs, topic = "", lateMsMax = 0 } = heard;
  if (heard.isReplay)
    return { memory, news: [], ignored: readings.length === 0 ? {} : { "retained-replay": readings.length } };
  if (heardTwice(memory.echo, heard)) {
    const ignored = readings.length === 0 ? {} : { repeat: readings.length };
    return { memory: wordFrom(memory, [], atMs), news: [], ignored };
  }
  const edges: EditableEdges = { ...memory.edges };
  const echo: Echo = { ...memory.echo, levels: { ...memory.echo?.levels } };
  if (heard.once !== undefined) echo.once = [{ key: heard.once.key, atMs }, ...(echo.once ?? [])].slice(0, 8);
  const news: Reading[] = [];
  const ignored = { repeat: 0, history: 0 };
  for (const { saidAtMs: said, ...reading } of readings) {
    const saidAtMs = believed(said, { atMs, lateMsMax });
    const last = isEdge(reading.kind) ? edges[reading.kind] : undefined;
    if (saidAtMs !== null && last !== undefined && isHistory({ saidAtMs, atMs }, last)) {
      ignored.history += 1;
      continue;
    }
    const isNews = isEdge(reading.kind)
      ? isEdgeNews(last, reading, { atMs, holdMs })
      : !isEcho(echo, reading, { topic, atMs });
    if (isEdge(reading.kind) && typeof reading.value !== "number")
      edges[reading.kind] = { value: reading.value, atMs, ...(saidAtMs !== null && { saidAtMs }) };
    else if (typeof reading.value === "number") echo.levels[reading.kind] = { value: reading.value, topic, atMs };
    if (isNews) news.push({ ...reading, deviceId, atMs: saidAtMs ?? atMs });
    else ignored.repeat += 1;
  }
  return {
    memory: wordFrom({ ...memory, edges, echo }, readings, atMs),
    news,
    ignored: Object.fromEntries(Object.entries(ignored).filter(([, n]) => n > 0)),
  };
}

type Edges = DeviceMemory["edges"];
type EditableEdges = { -readonly [Kind in keyof Edges]: Edges[Kind] };
type EdgeKind = keyof Edges;

function isEdge(kind: ReadingKind): kind is EdgeKind {
  return EDGE_KINDS.has(kind);
}

/** Nobody there is how the world begins: the first "no motion" is no change. The first word on anything else is news. */
const RESTING: ReadonlySet<ReadingKind> = new Set(["motion", "presence"] as const);

function isEdgeNews(
  last: Edges[EdgeKind],
  { kind, value }: ReadingValue,
  { atMs, holdMs }: { readonly atMs: number; readonly holdMs: number | undefined },
): boolean {
  if (last === undefined) return value !== false || !RESTING.has(kind);
  if (last.value !== value) return true;
  return RESTING.has(kind) && value === true && holdMs !== undefined && atMs - last.atMs >= holdMs;
}

/** Any word from the device ends its absence, but for the word that it is away. */
function wordFrom(memory: DeviceMemory, readings: readonly ReadingValue[], atMs: number): DeviceMemory {
  const isGone = readings.some(({ kind, value }) => kind === "online" && !value);
  if (isGone) return { ...memory, absence: "offline" };
  const { online } = memory.edges;
  // It speaks, so it is there, also if nobody said so: otherwise its next "offline" would look like a repeat.
  const edges = online?.value === false ? { ...memory.edges, online: { value: true, atMs } } : memory.edges;
  return { ...memory, edges, heardAtMs: atMs, absence: null };
}
