// Watches the lamps: takes what lamps and light sensors say, and tells which lamp is dark at night, burns by day or flickers.
// Nothing is judged without the site's place (where is the sun?) or while the clock cannot be believed.
import type { HouseFact } from "../core/house-fact.ts";
import type { DecodedReading, ReadingKind } from "../core/reading.ts";
import { LAMP_LIMITS } from "./lamp-limits.ts";
import {
  emptyLamp,
  type LampFault,
  type LampMemory,
  type OwnWord,
  parseLamp,
  serialiseLamp,
  withChange,
} from "./lamp-memory.ts";
import { look } from "./lamp-sight.ts";
import { judge, type LitWhen, type Sky, type Verdict } from "./lamp-verdict.ts";
import { type Place, sunAltitudeDeg } from "./sun.ts";

/** A lamp to watch. `sensors`: the light sensors that its light falls on. */
export type WatchedLamp = { readonly id: string; readonly litWhen: LitWhen; readonly sensors: readonly string[] };

export type LampFact = Extract<HouseFact, { kind: "lamp-fault" }>;

/** Of all readings these matter here: switch, brightness and online of lamps, illuminance of sensors. */
export type LampReading = {
  readonly deviceId: string;
  readonly kind: ReadingKind;
  readonly value: boolean | number | string;
  readonly atMs: number;
};

export type LampFaults = {
  /** Takes up a reading, also one that repeats the last; what began or ended by it. */
  onReading(reading: LampReading): readonly LampFact[];
  /** All readings of one message; what the device saw long before it said so is no news of now. */
  onReadings(message: {
    readonly deviceId: string;
    readonly readings: readonly DecodedReading[];
    readonly atMs: number;
  }): readonly LampFact[];
  /** What time alone brings about; called about once a second. */
  onTick(nowMs: number): readonly LampFact[];
  /** The fault that stands; with several the one that needs a person most. */
  fault(lampId: string): LampFault | null;
  /** Goes on with what was written in its place, by key `lamp:<id>`; null: nothing is known of that lamp. Nothing is told of it. */
  goOnWith(written: Readonly<Record<string, string | null>>): void;
  /**
   * What is to be kept, by key `lamp:<id>`; null for a lamp that is watched no more. Empty until something was told, or was
   * learned for LAMP_LIMITS.writeMs; at Infinity all that changed.
   */
  unsaved(monotonicMs: number): Readonly<Record<string, string | null>>;
};

type Deps = {
  /** Null: nobody knows when it is night, and nothing is told. */
  readonly place: Place | null;
  /** The lamps of the kit as it is now; a new array when the kit has changed. */
  readonly lamps: () => readonly WatchedLamp[];
  readonly isSynced: () => boolean;
};

const KEY = "lamp:";

/** `kept`: what `unsaved` gave, as it was written last. */
export function createLampFaults({ place, lamps, isSynced }: Deps, kept: ReadonlyMap<string, string>): LampFaults {
  const memories = new Map([...kept].map(([key, text]) => [key.slice(KEY.length), parseLamp(text)]));
  let changed = new Set<string>();
  let isUrgent = false;
  let savedMs = 0;
  const kit = followKit(lamps);

  const keep = (lampId: string, memory: LampMemory | null): void => {
    if (memory === null) memories.delete(lampId);
    else memories.set(lampId, memory);
    changed.add(lampId);
  };

  const decide = (lamp: WatchedLamp, { memory, sky, nowMs }: Moment): readonly LampFact[] => {
    const judged = judge({ memory, litWhen: lamp.litWhen, sky, nowMs });
    if (judged.memory !== memories.get(lamp.id)) keep(lamp.id, judged.memory);
    if (judged.verdicts.length > 0) isUrgent = true;
    return judged.verdicts.map((verdict) => factOf(lamp.id, verdict, nowMs));
  };

  /** A lamp that is watched no more has no fault. */
  const forget = (lampId: string, memory: LampMemory, nowMs: number): LampFact[] => {
    keep(lampId, null);
    isUrgent = true;
    return FAULTS.filter((fault) => memory.faults[fault] !== null).map((fault) =>
      factOf(lampId, { fault, isPresent: false }, nowMs),
    );
  };

  const onReading = (reading: LampReading): readonly LampFact[] => {
    if (place === null || !isSynced()) return [];
    const { deviceId, atMs: nowMs } = reading;
    const concerned = kit().byDevice.get(deviceId) ?? [];
    if (concerned.length === 0) return [];
    const sky = skyAt(place, nowMs);
    return concerned.flatMap((lamp) => {
      const before = memories.get(lamp.id) ?? emptyLamp;
      const memory = lamp.id === deviceId ? hearLamp(before, reading) : hearSensor(before, reading, sky);
      return memory === before ? [] : decide(lamp, { memory, sky, nowMs });
    });
  };

  return {
    onReading,
    goOnWith(written) {
      for (const [key, text] of Object.entries(written)) {
        if (!key.startsWith(KEY)) continue;
        const lampId = key.slice(KEY.length);
        if (text === null) memories.delete(lampId);
        else memories.set(lampId, parseLamp(text));
        changed.delete(lampId);
      }
    },
    onReadings: ({ deviceId, readings, atMs }) =>
      readings
        .filter(({ saidAtMs = atMs }) => atMs - saidAtMs < LAMP_LIMITS.freshMs)
        .flatMap(({ kind, value }) => onReading({ deviceId, kind, value, atMs })),
    onTick(nowMs) {
      if (!isSynced()) return [];
      const watched = place === null ? new Map<string, WatchedLamp>() : kit().byId;
      const sky = place === null ? null : skyAt(place, nowMs);
      return [...memories].flatMap(([lampId, memory]) => {
        const lamp = watched.get(lampId);
        if (lamp === undefined || sky === null) return forget(lampId, memory, nowMs);
        return decide(lamp, { memory: withSensorsOf(lamp, memory), sky, nowMs });
      });
    },
    fault: (lampId) => FAULTS.find((fault) => memories.get(lampId)?.faults[fault]) ?? null,
    unsaved(monotonicMs) {
      if (!isUrgent && monotonicMs - savedMs < LAMP_LIMITS.writeMs) return {};
      const texts = [...changed].map((lampId) => {
        const memory = memories.get(lampId);
        return [`${KEY}${lampId}`, memory === undefined ? null : serialiseLamp(memory)] as const;
      });
      changed = new Set();
      isUrgent = false;
      savedMs = Number.isFinite(monotonicMs) ? monotonicMs : savedMs;
      return Object.fromEntries(texts);
    },
  };
}

/** In the order in which they need a person. */
const FAULTS = ["dark-at-night", "flicker", "burning-by-day"] as const;

type Moment = { readonly memory: LampMemory; readonly sky: Sky; readonly nowMs: number };

/** The lamps by their id and by each device that speaks of them, made anew when the kit changes. */
function followKit(lamps: () => readonly WatchedLamp[]) {
  let of: readonly WatchedLamp[] | null = null;
  let byId = new Map<string, WatchedLamp>();
  let byDevice = new Map<string, WatchedLamp[]>();
  return () => {
    const now = lamps();
    if (now === of) return { byId, byDevice };
    of = now;
    byId = new Map(now.map((lamp) => [lamp.id, lamp]));
    byDevice = new Map();
    for (const lamp of now) {
      for (const deviceId of new Set([lamp.id, ...lamp.sensors.slice(0, LAMP_LIMITS.sensorsPerLamp)])) {
        byDevice.set(deviceId, [...(byDevice.get(deviceId) ?? []), lamp]);
      }
    }
    return { byId, byDevice };
  };
}

/** Without what sensors said that watch it no more. */
function withSensorsOf({ sensors }: WatchedLamp, memory: LampMemory): LampMemory {
  const known = Object.entries(memory.sights);
  const left = known.filter(([sensorId]) => sensors.includes(sensorId));
  return left.length === known.length ? memory : { ...memory, sights: Object.fromEntries(left) };
}

function skyAt(place: Place, nowMs: number): Sky {
  const { nightBelowDeg, dayAboveDeg, darkForMs, burningForMs } = LAMP_LIMITS;
  const altitudeDeg = sunAltitudeDeg(place, nowMs);
  const isNight = altitudeDeg < nightBelowDeg;
  const isDay = altitudeDeg > dayAboveDeg;
  return {
    phase: isNight ? "night" : isDay ? "day" : "twilight",
    isNightLong: isNight && sunAltitudeDeg(place, nowMs - darkForMs) < nightBelowDeg,
    isDayLong: isDay && sunAltitudeDeg(place, nowMs - burningForMs) > dayAboveDeg,
  };
}

function hearSensor(memory: LampMemory, { deviceId, kind, value, atMs }: LampReading, { phase }: Sky): LampMemory {
  if (kind !== "illuminance" || typeof value !== "number") return memory;
  const isLampOff = memory.own.isLit === false;
  const sight = look(memory.sights[deviceId], { lux: value, atMs, phase, isLampOff });
  return sight === memory.sights[deviceId] ? memory : { ...memory, sights: { ...memory.sights, [deviceId]: sight } };
}

/** A lamp is lit when it is on and not dimmed to nothing; one that is away says nothing. */
function hearLamp(memory: LampMemory, { kind, value, atMs }: LampReading): LampMemory {
  const { own } = memory;
  if (kind === "switch" && typeof value === "boolean") return { ...memory, own: said({ ...own, isOn: value }, atMs) };
  if (kind === "brightness" && typeof value === "number")
    return { ...memory, own: said({ ...own, isDimmedOut: value === 0 }, atMs) };
  if (kind === "online" && value === false)
    return { ...memory, own: said({ ...own, isOn: null, isDimmedOut: false }, atMs) };
  return memory;
}

function said(own: OwnWord, atMs: number): OwnWord {
  const isLit = own.isDimmedOut ? false : own.isOn;
  const heard = { ...own, isLit, heardAtMs: atMs };
  // The clock was set back: what lies ahead would never have lasted.
  if (own.sinceMs > atMs) return { ...heard, sinceMs: atMs, changes: [] };
  if (isLit === own.isLit) return heard;
  return { ...heard, sinceMs: atMs, changes: isLit === null ? own.changes : withChange(own.changes, { atMs, isLit }) };
}

function factOf(deviceId: string, { fault, isPresent }: Verdict, atMs: number): LampFact {
  return { kind: "lamp-fault", deviceId, fault, isPresent, atMs };
}
