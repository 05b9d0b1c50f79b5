// A simulated street: the sun of any latitude, one lamp, one light sensor, cars and fog; what the watch over its lamp tells.
import { createLampFaults, type LampFact, type WatchedLamp } from "../../src/normalise/lamp-faults.ts";
import { type Place, sunAltitudeDeg } from "../../src/normalise/sun.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** `lamp`: whether it gives light. `sees`: what the sensor makes of the true light, null for silence. `says`: the relay's word. */
export type Street = {
  readonly place: Place;
  readonly fromMs: number;
  readonly days: number;
  readonly everyMs?: number;
  readonly litWhen?: WatchedLamp["litWhen"];
  readonly lamp?: (atMs: number, altitudeDeg: number) => boolean;
  readonly sees?: ((lux: number, atMs: number) => number | null) | null;
  readonly says?: (atMs: number, isLit: boolean) => boolean | null;
  readonly isSynced?: (atMs: number) => boolean;
  /** The gateway is started anew at each of these. */
  readonly restartsAt?: readonly number[];
};

/** The lamp's light at the sensor, lx. */
export const LAMP_LUX = 40;

/** Burns when it should: from shortly after sunset until shortly before sunrise. */
export const healthy = (_: number, altitudeDeg: number): boolean => altitudeDeg < -3;

/** Lives through the days and answers the facts in order. */
export function live(street: Street): readonly LampFact[] {
  const {
    place,
    fromMs,
    days,
    everyMs = 2 * MINUTE,
    litWhen = "night",
    lamp = healthy,
    says,
    restartsAt = [],
  } = street;
  const sees = street.sees === undefined ? (lux: number) => lux : street.sees;
  const lamps = [{ id: "lamp", litWhen, sensors: sees === null ? [] : ["lux"] }];
  let nowMs = fromMs;
  const open = (kept: ReadonlyMap<string, string>) =>
    createLampFaults({ place, lamps: () => lamps, isSynced: () => street.isSynced?.(nowMs) ?? true }, kept);
  const disk = new Map<string, string>();
  let watch = open(disk);
  const told: LampFact[] = [];
  const restarts = [...restartsAt];
  for (; nowMs < fromMs + days * DAY; nowMs += everyMs) {
    if (nowMs >= (restarts[0] ?? Number.POSITIVE_INFINITY)) {
      restarts.shift();
      for (const [key, text] of Object.entries(watch.unsaved(Number.POSITIVE_INFINITY))) disk.set(key, text ?? "");
      watch = open(disk);
    }
    const altitudeDeg = sunAltitudeDeg(place, nowMs);
    const isLit = lamp(nowMs, altitudeDeg);
    const seen = sees?.(daylightLux(altitudeDeg) + (isLit ? LAMP_LUX : 0), nowMs) ?? null;
    const said = says?.(nowMs, isLit) ?? null;
    if (seen !== null)
      told.push(...watch.onReading({ deviceId: "lux", kind: "illuminance", value: seen, atMs: nowMs }));
    if (said !== null) told.push(...watch.onReading({ deviceId: "lamp", kind: "switch", value: said, atMs: nowMs }));
    told.push(...watch.onTick(nowMs));
  }
  return told;
}

/** "dark-at-night" when it begins, "dark-at-night over" when it ends. */
export function words(facts: readonly LampFact[]): readonly string[] {
  return facts.map(({ fault, isPresent }) => (isPresent ? fault : `${fault} over`));
}

/** Clear-sky light on a flat sensor, lx, by the sun's height: between measured points, evenly on a logarithmic scale. */
export function daylightLux(altitudeDeg: number): number {
  const after = DAYLIGHT.findIndex(([deg]) => deg >= altitudeDeg);
  const [hiDeg, hi] = DAYLIGHT[after] ?? [90, 120_000];
  const [loDeg, lo] = DAYLIGHT[after - 1] ?? [-90, 0.001];
  const share = hiDeg === loDeg ? 0 : (altitudeDeg - loDeg) / (hiDeg - loDeg);
  return Math.exp(Math.log(lo) + share * (Math.log(hi) - Math.log(lo)));
}

const DAYLIGHT = [
  [-90, 0.001],
  [-18, 0.001],
  [-12, 0.01],
  [-8, 0.3],
  [-6, 3.4],
  [-3, 50],
  [0, 400],
  [6, 6000],
  [15, 25_000],
  [30, 60_000],
  [90, 120_000],
] as const;
