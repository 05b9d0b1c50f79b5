// The messages of all families (test/devices/cases) with the kit that they speak of, and the same messages with identities
// planted where a device has room for them: what adversaries of the privacy filter send.
import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import { createExplainer } from "../../src/cli/explainer.ts";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import type { Identity } from "./identities.ts";

export type FixtureLine = { readonly family: string; readonly topic: string; readonly payload: string };
export type FixtureDevice = {
  readonly id: string;
  readonly family: string;
  readonly profile: string;
  readonly topic: string;
};

const CASES = new URL("../devices/cases/", import.meta.url);
const Cases = z.array(
  z.object({ profile: z.string().optional(), lines: z.array(z.object({ topic: z.string(), payload: z.string() })) }),
);

/** Every line of every family but wires, which have a level and no words; and a device for each topic that one speaks of. */
export async function fixtureLines(): Promise<{
  readonly lines: readonly FixtureLine[];
  readonly devices: readonly FixtureDevice[];
  /** One for each family that has one, on its usual base. */
  readonly bridges: readonly { readonly id: string; readonly family: string; readonly base: string }[];
}> {
  const profiles = await openProfiles({ directories: [builtInProfiles] });
  const lines: FixtureLine[] = [];
  const devices = new Map<string, FixtureDevice>();
  for (const file of readdirSync(CASES).toSorted()) {
    const family = file.replace(".json", "");
    if (family === "gpio") continue;
    for (const { profile, lines: said } of Cases.parse(JSON.parse(readFileSync(new URL(file, CASES), "utf8")))) {
      const explain = createExplainer({ profiles, kit: null, profile });
      for (const { topic, payload } of said) {
        lines.push({ family, topic, payload });
        const found = explain({ topic, payload: Buffer.from(payload), atMs: Date.UTC(2027, 0, 1), isReplay: false });
        if (found.device === null || found.profile === null || profiles.get(found.profile) === undefined) continue;
        if (devices.has(found.device) || found.profile.startsWith("discovered/")) continue;
        devices.set(found.device, { id: `d-${devices.size}`, family, profile: found.profile, topic: found.device });
      }
    }
  }
  const bridges = profiles
    .families()
    .flatMap(({ id, bridge }) => (bridge === null ? [] : [{ id, family: id, base: bridge.base }]));
  // A device on a bridge's own topic is none.
  const isOver = (topic: string): boolean => bridges.some(({ base }) => `${base}/`.startsWith(`${topic}/`));
  return { lines, devices: [...devices.values()].filter(({ topic }) => !isOver(topic)), bridges };
}

/** Which identity a field has room for, by its name. */
const ROOM: readonly (readonly [RegExp, string])[] = [
  [/bssid/i, "BSSID"],
  [/mac|^AP$|prmac/i, "MAC address"],
  [/eui|ieee|uniq|uuid|addr|^id$|^ids$|hwid|esn|device_id|src|dst/i, "EUI-64"],
  [/ssid|wirelessNetwork|network/i, "SSID"],
  [/ip6|ipv6/i, "IPv6 address"],
  [/^ip$|_ip$|ipaddress|host/i, "IPv4 address"],
  [/^lat/i, "latitude"],
  [/^(lon|lng)/i, "longitude"],
  [/nmea|gga/i, "NMEA position"],
  [/mail/i, "e-mail address"],
  [/phone|^tid$/i, "phone number"],
  [/serial|token|key/i, "serial number"],
  [/plate/i, "number plate"],
  [/name|user|label|tenant|camera|identifiers/i, "name"],
  [/text|message|description|raw|^data$|note|matches|uid/i, "free text"],
];

/** More fields than any family reads: what a firmware may add tomorrow. */
const MORE = [
  "ssid",
  "BSSId",
  "mac",
  "ieee_address",
  "ip",
  "ipv6",
  "latitude",
  "longitude",
  "nmea",
  "email",
  "phone",
  "serial",
  "plate",
  "friendly_name",
  "text",
];

/** The message with identities in each field that has room for one by its name, and in fields of their own; null where it is no object. */
export function withIdentities(payload: string, identities: readonly Identity[]): string | null {
  const json = parsed(payload);
  if (!isRecord(json)) return null;
  const own = Object.entries(json).map(([key, value]) => [
    key,
    mapped(value, (each, at) => valueFor(at, identities) ?? each, key),
  ]);
  const more = MORE.map((key) => [key, valueFor(key, identities)]);
  return JSON.stringify(Object.fromEntries([...more, ...own]));
}

/**
 * The message with identities in the place of its words and numbers, and as names of its fields. Text becomes one. A degree in
 * the place of a battery's charge is a charge, and told in whole numbers: those stay in fields of their own.
 */
export function withIdentitiesInstead(payload: string, identities: readonly Identity[], random: () => number): string {
  const words = identities.filter(({ writings: [first] }) => Number.isNaN(Number(first)));
  const one = (): string => {
    const { writings } = words[Math.floor(random() * words.length)] ?? { writings: ["x"] };
    return writings[Math.floor(random() * writings.length)] ?? "x";
  };
  const json = parsed(payload);
  if (typeof json !== "object" || json === null) return one();
  const instead = mapped(json, (value) => (typeof value === "object" || random() < 0.4 ? value : one()));
  return JSON.stringify(isRecord(instead) ? { [one()]: 1, ...instead } : instead);
}

function valueFor(key: string, identities: readonly Identity[]): string | undefined {
  const what = ROOM.find(([name]) => name.test(key))?.[1];
  const writings = identities.find((each) => each.what === what)?.writings;
  return writings === undefined ? undefined : writings[key.length % writings.length];
}

/** Every leaf and empty list through `change`, with the name of the field that it stands in. */
function mapped(value: unknown, change: (value: unknown, key: string) => unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => mapped(each, change, key));
  if (!isRecord(value)) return change(value, key);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapped(each, change, name)]));
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const NUMBERS = [
  0, -1, 1, 50, 99.99, 100, 101, 255, 1e-7, 48.8566, 2.352211, 65_535, 1e6, 1e15, 1.7976931348623157e308,
];

/** The message with other numbers in the place of its own, hostile ones among them. */
export function withOtherNumbers(payload: string, random: () => number): string {
  const one = (): number => NUMBERS[Math.floor(random() * NUMBERS.length)] ?? 0;
  const json = parsed(payload);
  if (typeof json === "number") return String(one());
  if (typeof json !== "object") return payload;
  return JSON.stringify(mapped(json, (value) => (typeof value === "number" ? one() : value)));
}
