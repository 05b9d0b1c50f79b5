// Where a new device finds its place: an id and a topic that nobody else has, and who speaks for it on MQTT.
import type { Login } from "../core/arrival.ts";
import { GatewayError } from "../core/errors.ts";
import { bridgeFor, isWireTopic, topicMistake } from "../core/topics.ts";
import { type PlacedCamera, pictureTopicOf } from "./camera-login.ts";
import type { RegisteredDevice, RegistryData } from "./registry.ts";

/** Whose login a device's messages come through: its own, its bridge's, that of the device behind which it sits, or a wire. */
export type Speaker =
  | { readonly kind: "itself" | "wire" }
  | { readonly kind: "bridge"; readonly id: string; readonly base: string }
  | { readonly kind: "device"; readonly id: string };

type Kit = Pick<RegistryData, "devices" | "bridges"> & { readonly cameras?: readonly PlacedCamera[] };
type Placed = Pick<RegisteredDevice, "topic" | "profile" | "pin">;

/** A topic below the topic of another device of the family (or of a discovered device) is spoken for by that one's login. */
export function speakerFor({ devices, bridges }: Kit, { topic, profile, pin }: Placed): Speaker {
  if (pin !== undefined) return { kind: "wire" };
  const bridge = bridgeFor(bridges, topic);
  if (bridge !== undefined) return { kind: "bridge", id: bridge.id, base: bridge.base };
  const family = familyOf(profile);
  const owner = devices.find(
    (device) =>
      device.pin === undefined &&
      isBelow({ topic, base: device.topic }) &&
      (family === DISCOVERED || family === familyOf(device.profile)),
  );
  return owner === undefined ? { kind: "itself" } : { kind: "device", id: owner.id };
}

/** Whether its messages can come in: whoever speaks for it has a login. A wire needs none. */
export function isPaired(kit: Kit, device: RegisteredDevice): boolean {
  const speaker = speakerFor(kit, device);
  switch (speaker.kind) {
    case "wire":
      return true;
    case "itself":
      return device.passwordHash !== null;
    case "bridge":
      return kit.bridges.some(({ id, passwordHash }) => id === speaker.id && passwordHash !== null);
    case "device":
      return kit.devices.some(({ id, passwordHash }) => id === speaker.id && passwordHash !== null);
  }
}

/** The topic of the device whose login it is; undefined for other logins. */
export function ownTopicOf({ devices }: Kit, { kind, id }: Login): string | undefined {
  return kind === "device" ? devices.find((device) => device.id === id)?.topic : undefined;
}

/** A bridge speaks for what lies below its base, a device for itself and what sits behind it, the site's broker for all. */
export function isOwn({ devices, bridges }: Kit, login: Login, topic: string): boolean {
  if (topicMistake(topic) !== null) return false;
  if (login.kind === "site") return true;
  if (login.kind === "camera") return false;
  if (login.kind === "bridge") return bridges.some(({ id, base }) => id === login.id && topic.startsWith(`${base}/`));
  return devices.some(({ id, topic: own }) => id === login.id && (topic === own || topic.startsWith(`${own}/`)));
}

/** Whether the login may have commands sent there: a bridge below its base, a device where neither a bridge nor another device is. */
export function mayBeCommanded({ devices, bridges }: Kit, login: Login, topic: string): boolean {
  if (login.kind === "site") return true;
  const bridge = bridgeFor(bridges, topic);
  if (login.kind === "bridge") return bridge?.id === login.id;
  const others = devices.filter(({ id, topic: base }) => id !== login.id && overlap({ one: base, other: topic }));
  return bridge === undefined && others.every((other) => isOwn({ devices, bridges }, login, other.topic));
}

/** Throws USAGE, with a zone that would do. */
export function checkZone(zone: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(zone)) return;
  throw new GatewayError(
    "USAGE",
    `${JSON.stringify(zone)} is no zone; use lower-case letters, digits and -, such as ${slugOf(zone) || "porch"}`,
  );
}

/** The name without spaces around it, or undefined for none. Throws USAGE. */
export function checkName(given: string | undefined): string | undefined {
  const name = given?.trim() ?? "";
  if (!/^\P{C}{0,80}$/u.test(name))
    throw new GatewayError("USAGE", "the name is too long or holds control characters; use 80 letters at most");
  return name === "" ? undefined : name;
}

/** "Lampe d'entrée" → lampe-d-entree; empty when no Latin letter or digit is left. */
export function slugOf(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");
}

/** `lamp`, `lamp-2`, `lamp-3`… Throws ALREADY_EXISTS when none of so many is free. */
export function firstFree({
  wanted,
  isFree,
  triesMax,
}: {
  wanted: string;
  isFree: (id: string) => boolean;
  triesMax: number;
}): string {
  for (let n = 1; n <= triesMax; n += 1) {
    const id = n === 1 ? wanted : `${wanted.slice(0, 56).replace(/-+$/, "")}-${n}`;
    if (isFree(id)) return id;
  }
  throw new GatewayError(
    "ALREADY_EXISTS",
    `every topic for ${wanted} is taken by a device whose topic covers them all`,
  );
}

/** Ids that no new device may have: those there are, and `new`, since /devices/new is the page that adds one. */
export function takenIds({ devices }: Pick<RegistryData, "devices">): ReadonlySet<string> {
  return new Set(["new", ...devices.map(({ id }) => id)]);
}

/** An id made of the wish that no device has. */
export function freeId(kit: Pick<RegistryData, "devices">, wanted: string): string {
  const taken = takenIds(kit);
  return firstFree({ wanted, isFree: (id) => !taken.has(id), triesMax: taken.size + 1 });
}

/** What of profiles/profiles.ts says where devices may publish. */
export type Publishing = { publishFilters(profileId: string, deviceTopic: string): readonly string[] };

/**
 * Why a device of this profile may not have this topic, or null. With a login of its own it may reach nothing that another
 * device or bridge publishes to; below a bridge, or behind another device, only its topic must be its own.
 */
export function topicConflict(
  kit: Kit,
  profiles: Publishing,
  { topic, profile }: { readonly topic: string; readonly profile: string },
): string | null {
  const ill = topicMistake(topic);
  if (ill !== null) return `the topic ${JSON.stringify(topic)} ${ill}`;
  if (isWireTopic(topic)) return "topics below gpio/ belong to wired sensors";
  const same = kit.devices.find((device) => device.topic === topic);
  if (same !== undefined) return `the topic ${topic} is device ${same.id}'s`;
  const camera = kit.cameras?.find((each) => pictureTopicOf(each) === topic);
  if (camera !== undefined) return `the topic ${topic} is camera ${camera.id}'s`;
  if (speakerFor(kit, { topic, profile }).kind !== "itself") return null;
  const bridge = kit.bridges.find(({ base }) => overlap({ one: base, other: topic }));
  if (bridge !== undefined) return `the topic ${topic} covers the base ${bridge.base} of bridge ${bridge.id}`;
  const filters = profiles.publishFilters(profile, topic);
  const reached = kit.bridges.find(({ base }) => filters.some((filter) => meet(filter, `${base}/#`)));
  if (reached !== undefined) return `with the topic ${topic} it could speak for bridge ${reached.id}`;
  const rival = kit.devices.find(
    (device) =>
      device.pin === undefined &&
      (overlap({ one: device.topic, other: topic }) ||
        publishFiltersOf(profiles, device).some((theirs) => filters.some((filter) => meet(filter, theirs)))),
  );
  return rival === undefined ? null : `the topic ${topic} overlaps with the topic ${rival.topic} of device ${rival.id}`;
}

/** Whether one topic is the other or lies below it. */
export function overlap({ one, other }: { one: string; other: string }): boolean {
  return one === other || isBelow({ topic: one, base: other }) || isBelow({ topic: other, base: one });
}

/** The family of profiles that are made of what a device announced. */
export const DISCOVERED = "discovered";

function isBelow({ topic, base }: { topic: string; base: string }): boolean {
  return topic.startsWith(`${base}/`);
}

function familyOf(profile: string): string {
  return profile.split("/", 1)[0] ?? profile;
}

/** A kit written by hand may hold a topic with wildcards; it gets no filters at all (profiles/router.ts). */
function publishFiltersOf(profiles: Publishing, { profile, topic }: Placed): readonly string[] {
  return topicMistake(topic) === null ? profiles.publishFilters(profile, topic) : [];
}

/** Whether some topic fits both filters. */
export function meet(one: string, other: string): boolean {
  const [ones, others] = [one.split("/"), other.split("/")];
  for (let index = 0; index < Math.max(ones.length, others.length); index += 1) {
    const [a, b] = [ones[index], others[index]];
    if (a === "#" || b === "#") return true;
    if (a === undefined || b === undefined || (a !== b && a !== "+" && b !== "+")) return false;
  }
  return true;
}
