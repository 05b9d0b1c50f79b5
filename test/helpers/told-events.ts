// Events of every kind as a policy lets them be told, of a small made-up site, for tests of what another policy makes of them.
import type { Sun } from "../../src/core/day-times.ts";
import type { HouseFact } from "../../src/core/house-fact.ts";
import type { Reading } from "../../src/core/reading.ts";
import { disclose, discloseFact, type Event, type ReadingDisclosure } from "../../src/privacy/disclose.ts";
import { createPseudonyms } from "../../src/privacy/pseudonyms.ts";
import { createQuiet } from "../../src/privacy/quiet.ts";
import { RHYTHMS } from "../../src/privacy/seasons.ts";
import type { Named } from "../../src/privacy/tighten.ts";
import type { Policy } from "../../src/settings/schema.ts";
import { breachesOf, type SentEvent } from "./allowed-by.ts";
import { testDisclosure } from "./disclosure.ts";
import { CAMERAS, ZONES } from "./policies.ts";

const DAY_MS = 86_400_000;

/** In each zone one that senses motion and one that does not; a camera in each of the first zones. */
export const DEVICES = ZONES.flatMap((zone) => [
  { id: `pir-${zone}`, zone, profile: "pir" },
  { id: `lux-${zone}`, zone, profile: "lux" },
]);
export const SITE_CAMERAS = CAMERAS.map((id, n) => ({ id, zone: ZONES[n] ?? "path" }));
export const PROFILES = {
  get: (id: string) => ({ kinds: id === "pir" ? (["motion"] as const) : (["illuminance"] as const) }),
};
/** Up from six to six. */
export const SUN: Sun = (noonMs) => {
  const day = Math.floor(noonMs / DAY_MS) * DAY_MS;
  return { riseMs: day + DAY_MS / 4, setMs: day + (DAY_MS * 3) / 4 };
};
export const WHEN = { timezone: "UTC", sun: SUN } as const;

/** Under the policy, at a moment of a clock that is believed. */
export function disclosureOf(policy: Policy, atMs: number): ReadingDisclosure {
  const clock = { nowMs: () => atMs, monotonicMs: () => atMs, isSynced: () => true };
  const zones = new Map([...DEVICES, ...SITE_CAMERAS].map(({ id, zone }) => [id, zone]));
  return testDisclosure({
    policy,
    clock,
    pseudonyms: namesBy(policy.events.pseudonyms),
    quiet: createQuiet({ rule: policy.quiet, ...WHEN, clock }),
    sensesMotion: (id) => id.startsWith("pir"),
    cell: "u09tun",
    zoneOf: (id) => zones.get(id) ?? "unknown",
  });
}

const namesBy = (rhythm: Policy["events"]["pseudonyms"]) =>
  createPseudonyms({ key: Buffer.alloc(32, 7), rhythm, rhythms: RHYTHMS, timezone: "UTC" });

/** Every name of the site's things in the three months before the moment and the day after it. */
export function namesUntil(nowMs: number): ReadonlyMap<string, Named> {
  const span = { fromMs: nowMs - 90 * DAY_MS, toMs: nowMs + DAY_MS };
  const names = namesBy("never");
  const things: Named[] = [
    ...DEVICES.map(({ id, zone, profile }) => ({ kind: "device" as const, id, zone, sensesMotion: profile === "pir" })),
    ...SITE_CAMERAS.map((camera) => ({ ...camera, kind: "camera" as const, sensesMotion: false })),
  ];
  return new Map(things.flatMap((each) => names.namesOf(each.kind, each.id, span).map((name) => [name, each])));
}

/** What the test knows of the thing behind a name. */
export function behind({ subject }: SentEvent, names: ReadonlyMap<string, Named>) {
  const thing = names.get(subject);
  const cameraId = thing?.kind === "camera" ? thing.id : undefined;
  return { ...WHEN, zone: thing?.zone, sensesMotion: thing?.sensesMotion, cameraId };
}

/** One of each kind at the moment, of the devices and cameras whose number it is, as far as the policy allows them. */
export function toldAt(
  atMs: number,
  { number, policy, names }: { number: number; policy: Policy; names: ReadonlyMap<string, Named> },
): Event[] {
  const by = disclosureOf(policy, atMs);
  const zone = ZONES[number % ZONES.length];
  const [pir, lux] = [`pir-${zone}`, `lux-${zone}`];
  const cameraId = SITE_CAMERAS[number % SITE_CAMERAS.length]?.id ?? "";
  const readings: Reading[] = [
    { kind: "motion", value: true, deviceId: pir, atMs },
    { kind: "illuminance", value: number, deviceId: pir, atMs },
    { kind: "illuminance", value: number, deviceId: lux, atMs },
    { kind: "switch", value: true, deviceId: lux, atMs },
  ];
  const facts: HouseFact[] = [
    { kind: "device-status", deviceId: pir, state: "ok", flags: [], batteryPct: 50, linkPct: 40, atMs },
    { kind: "lamp-fault", deviceId: lux, fault: "flicker", isPresent: true, atMs },
    { kind: "gateway-status", state: "started", version: "1", atMs },
    { kind: "policy-changed", change: "in-force", policySha256: "a".repeat(64), tighter: 1, looser: 0, atMs },
    { kind: "erasure-requested", subjects: [{ kind: "device", id: pir }], fromMs: atMs - DAY_MS, toMs: atMs, atMs },
    { kind: "snapshot-withheld", cameraId, why: "unsure", atMs },
  ];
  const { motion } = policy.events;
  if (motion.mode === "counts") {
    const windowMs = motion.windowS * 1000 * (1 + (number % 3));
    const toMs = Math.floor(atMs / windowMs) * windowMs;
    const count = motion.atLeast + (number % 5);
    facts.push({ kind: "motion-count", deviceId: pir, count, fromMs: toMs - windowMs, toMs, atMs });
  }
  const told = readings
    .map((reading) => disclose(reading, by))
    .flatMap((each) => (each.kind === "event" ? [each.event] : []));
  // What the roads do not ask for (a quiet lamp, a camera that may not look) is not made either.
  return [...told, ...facts.map((fact) => discloseFact(fact, by))].filter((event) => {
    const sent = sentOf(event);
    return breachesOf(sent, policy, behind(sent, names)).length === 0;
  });
}

/** As the spool would write it, but for its number. */
export function sentOf({ content: { attributes } }: Event): SentEvent {
  return JSON.parse(
    JSON.stringify({ specversion: "1.0", id: "x", ...attributes, sequence: "1", datacontenttype: "application/json" }),
  );
}
