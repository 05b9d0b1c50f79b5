// What the house remembers of one watched lamp: what it says of itself, what each light sensor has learned, what was told.
import { z } from "zod";
import { LAMP_LIMITS } from "./lamp-limits.ts";

/** When something became lit or dark; alternating, the newest last. */
const Changes = z.array(z.strictObject({ atMs: z.number(), isLit: z.boolean() })).max(LAMP_LIMITS.flickerChanges);

const SightSchema = z.strictObject({
  /** The last reading. */
  atMs: z.number(),
  lux: z.number(),
  phase: z.enum(["day", "twilight", "night"]),
  /** This night so far: milliseconds by step of brightness. */
  night: z.record(z.string().regex(/^-?\d{1,3}$/), z.number()),
  /** The usual brightness of the last nights, lx, the newest last. */
  nights: z.array(z.number()).max(LAMP_LIMITS.nights),
  /** This day so far: its brightest reading, and its last ones, lx. */
  day: z.strictObject({ mostLux: z.number(), last: z.array(z.number()).max(LAMP_LIMITS.dayReadings) }).nullable(),
  /** Whether the last day was seen, to its end; null before the first. */
  seesDay: z.boolean().nullable(),
  /** Days without daylight although the lamp was seen lit the night before. */
  shelteredDays: z.number(),
  /** When the lamp was last seen lit at night. */
  litAtMs: z.number().nullable(),
  /** What it shows, short peaks aside; null where it cannot be told. */
  shows: z.strictObject({ is: z.enum(["dark", "lit"]), sinceMs: z.number() }).nullable(),
  /** Since when its readings say the opposite, and for how much longer in all than what it shows. */
  doubt: z.strictObject({ sinceMs: z.number(), ms: z.number() }).nullable(),
  changes: Changes,
});

/** By whose word a fault stands: the lamp's own, or its light sensors'. */
const Told = z.strictObject({ by: z.enum(["lamp", "sensors"]), atMs: z.number() }).nullable();

const MemorySchema = z.strictObject({
  version: z.literal(1),
  /** What the lamp says of itself. `isLit` is made of `isOn` and `isDimmedOut`; null is unknown. */
  own: z.strictObject({
    isOn: z.boolean().nullable(),
    isDimmedOut: z.boolean(),
    isLit: z.boolean().nullable(),
    sinceMs: z.number(),
    heardAtMs: z.number(),
    changes: Changes,
  }),
  sights: z.record(z.string(), SightSchema),
  faults: z.strictObject({ "dark-at-night": Told, "burning-by-day": Told, flicker: Told }),
});

/** What a light sensor has learned of one lamp. A value, like all here. */
export type Sight = Readonly<z.infer<typeof SightSchema>>;
export type LampMemory = Readonly<z.infer<typeof MemorySchema>>;
export type OwnWord = LampMemory["own"];
export type LampFault = keyof LampMemory["faults"];
export type LightChanges = Sight["changes"];

/** A lamp of which nothing is known yet. */
export const emptyLamp: LampMemory = {
  version: 1,
  own: { isOn: null, isDimmedOut: false, isLit: null, sinceMs: 0, heardAtMs: 0, changes: [] },
  sights: {},
  faults: { "dark-at-night": null, "burning-by-day": null, flicker: null },
};

/** Reads what `serialiseLamp` wrote. A text that is none is an empty memory: the cost is a fault told again, after two nights. */
export function parseLamp(text: string): LampMemory {
  try {
    return MemorySchema.safeParse(JSON.parse(text)).data ?? emptyLamp;
  } catch {
    return emptyLamp;
  }
}

/** One line of JSON, some 500 bytes and as many for each sensor. */
export function serialiseLamp(memory: LampMemory): string {
  return JSON.stringify(memory);
}

/** Without what these light sensors have learned; the same memory where they have learned nothing. */
export function withoutSensors(memory: LampMemory, isForgotten: (sensorId: string) => boolean): LampMemory {
  const kept = Object.entries(memory.sights).filter(([sensorId]) => !isForgotten(sensorId));
  return kept.length === Object.keys(memory.sights).length ? memory : { ...memory, sights: Object.fromEntries(kept) };
}

/** Adds a change where `isLit` is one. */
export function withChange(changes: LightChanges, { atMs, isLit }: LightChanges[number]): LightChanges {
  if (changes.at(-1)?.isLit === isLit) return changes;
  return [...changes, { atMs, isLit }].slice(-LAMP_LIMITS.flickerChanges);
}

/** Many changes in a short time, and lit for a fair part of it: headlights come as often, but pass. */
export function isFlicker(changes: LightChanges): boolean {
  const [first] = changes;
  const last = changes.at(-1);
  if (first === undefined || last === undefined || changes.length < LAMP_LIMITS.flickerChanges) return false;
  const spanMs = last.atMs - first.atMs;
  const litMs = changes.reduce(
    (sum, { atMs, isLit }, n) => sum + (isLit ? (changes[n + 1]?.atMs ?? atMs) - atMs : 0),
    0,
  );
  return spanMs <= LAMP_LIMITS.flickerWithinMs && litMs >= spanMs * LAMP_LIMITS.flickerLitShare;
}
