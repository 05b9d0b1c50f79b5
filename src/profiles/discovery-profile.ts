// Turns the announced entities of one device into a profile, as data that the schema of profiles accepts.
import type { ReadingKind } from "../core/reading.ts";
import type { Entity } from "./discovery.ts";
import { DISCOVERY_LIMITS } from "./discovery-limits.ts";
import type { EntityRead } from "./discovery-readings.ts";
import { type MessageEntry, type ProfileEntry, ProfileEntrySchema } from "./schema.ts";

/**
 * `deviceTopic`: what stands for {topic}. `name`: for the steward, never in the entry. `leftOut`: entities that say a kind
 * another one says already, such as a second relay; a person who wants those needs a profile.
 */
export type Proposal =
  | {
      readonly kind: "profile";
      readonly deviceTopic: string;
      readonly name: string;
      readonly entry: ProfileEntry;
      readonly leftOut: readonly string[];
    }
  | { readonly kind: "needs-profile"; readonly why: string };

/** A hardware address inside a topic: six or eight bytes in hexadecimal. */
const ADDRESS = /(?<![0-9a-f])(?:[0-9a-f]{2}[:_-]?){5}[0-9a-f]{2}(?:[:_-]?[0-9a-f]{2}){0,2}(?![0-9a-f])/i;

/** The entities are of one device (same `deviceKey`), in the order of their announcement. Never throws. */
export function toProfile(entities: readonly Entity[]): Proposal {
  const [first] = entities;
  if (first === undefined) return needsProfile("it announces nothing that is read here");
  const { reads, leftOut } = oneSourceEach(entities);
  const place = placeOf(entities, [...new Set(reads.map(({ topic }) => topic))]);
  if (place === null) return needsProfile("its topics have no common beginning that could be the device's");
  const availability = ownAvailability(entities, place);
  const sources = availability.length > 0 ? [...availability, ...reads.filter(({ kind }) => kind !== "online")] : reads;
  const patterns = new Map(sources.map(({ topic }) => [topic, patternOf(topic, place)]));
  if ([...patterns.values()].some((pattern) => pattern.length > DISCOVERY_LIMITS.patternChars))
    return needsProfile("its topics are too long");
  if ([...patterns.values()].some((pattern) => ADDRESS.test(pattern)))
    return needsProfile("a hardware address stands in the middle of its topics");
  if (patterns.size > DISCOVERY_LIMITS.messages)
    return needsProfile(`it speaks on more than ${DISCOVERY_LIMITS.messages} topics`);
  const messages = [...patterns].map(([topic, on]) =>
    messageOf(
      on,
      sources.filter((each) => each.topic === topic),
    ),
  );
  const parsed = ProfileEntrySchema.safeParse({
    title: `Announced for Home Assistant: ${[...new Set(sources.map(({ kind }) => kind))].join(", ")}`,
    ...timesOf(entities),
    ...lampOf(entities, place),
    messages,
  });
  if (!parsed.success) return needsProfile("what it announces does not fit into a profile");
  return { kind: "profile", deviceTopic: place.deviceTopic, name: first.deviceName, entry: parsed.data, leftOut };
}

/** Where the device's own topic stands: `before` is "" or one level with its slash, as in `tele/{topic}/SENSOR`. */
type Place = { readonly before: string; readonly deviceTopic: string };

/** One entity for each kind: two would contradict each other with every message. A pointer that says lux goes first. */
function oneSourceEach(entities: readonly Entity[]): {
  readonly reads: readonly EntityRead[];
  readonly leftOut: readonly string[];
} {
  const taken = new Map<ReadingKind, EntityRead>();
  const leftOut: string[] = [];
  const all = entities.flatMap(({ reads, entityName }) => reads.map((read) => ({ read, entityName })));
  for (const { read, entityName } of all.toSorted((a, b) => Number(saysLux(b.read)) - Number(saysLux(a.read)))) {
    if (taken.has(read.kind)) leftOut.push(entityName);
    else taken.set(read.kind, read);
  }
  return { reads: [...taken.values()], leftOut };
}

/** Zigbee2MQTT 1.x announces a raw illuminance beside the one in lux, both with the unit lx. */
function saysLux({ rules }: EntityRead): boolean {
  return rules.some(({ at }) => at === "/illuminance_lux");
}

function placeOf(entities: readonly Entity[], topics: readonly string[]): Place | null {
  const near = entities.flatMap(({ availability }) => availability).filter(({ topic }) => isBesideOne(topic, topics));
  const levels = [...topics, ...near.map(({ topic }) => topic)].map((topic) => topic.split("/"));
  const whole = commonStart(levels);
  if (whole !== "") return { before: "", deviceTopic: whole };
  // Tasmota's way: stat/porch/POWER, tele/porch/SENSOR.
  const second = commonStart(levels.map((each) => each.slice(1)));
  return second === "" ? null : { before: "+/", deviceTopic: second };
}

/** The whole levels that all begin with. */
function commonStart(topics: readonly (readonly string[])[]): string {
  const [first = []] = topics;
  const end = first.findIndex((level, index) => topics.some((topic) => topic[index] !== level));
  return first.slice(0, end === -1 ? first.length : end).join("/");
}

/**
 * Whether the availability is the device's own, and not its bridge's: it lies beside a state topic at least two levels
 * deep (home/gateway/LWT), or it is ESPHome's `node/status` beside `node/sensor/lux/state`.
 */
function isBesideOne(topic: string, topics: readonly string[]): boolean {
  if (topic.endsWith("/bridge/state")) return false;
  const parent = parentOf(topic);
  return topics.some((state) => {
    if (parentOf(state) === parent) return parent.includes("/");
    const rest = state.startsWith(`${parent}/`) ? state.slice(parent.length) : "";
    return topic === `${parent}/status` && /^\/(binary_sensor|sensor|light|switch)\/[^/]+\/state$/.test(rest);
  });
}

function parentOf(topic: string): string {
  return topic.slice(0, Math.max(0, topic.lastIndexOf("/")));
}

/** Availability that lies at or below the device's topic; where several must agree, which messages cannot say, the deepest. */
function ownAvailability(entities: readonly Entity[], place: Place): readonly EntityRead[] {
  const own = entities
    .flatMap(({ availability }) => availability)
    .filter(({ topic }) => isBelow(topic, place) && !topic.endsWith("/bridge/state"));
  const byTopic = [...new Map(own.map((read) => [read.topic, read])).values()];
  const mustAgree = entities.some(({ availabilityMode }) => availabilityMode !== "latest");
  return mustAgree ? byTopic.toSorted((a, b) => b.topic.length - a.topic.length).slice(0, 1) : byTopic;
}

function isBelow(topic: string, { before, deviceTopic }: Place): boolean {
  const rest = before === "" ? topic : topic.slice(topic.indexOf("/") + 1);
  return rest === deviceTopic || rest.startsWith(`${deviceTopic}/`);
}

function patternOf(topic: string, { before, deviceTopic }: Place): string {
  const start = before === "" ? "" : topic.slice(0, topic.indexOf("/") + 1);
  return `${start}{topic}${topic.slice(start.length + deviceTopic.length)}`;
}

/** One message of a topic; rules keep their order. Bare words and JSON on one topic are told apart as they come. */
function messageOf(on: string, sources: readonly EntityRead[]): MessageEntry {
  const isJson = sources.some((each) => each.isJson);
  const isText = sources.some((each) => !each.isJson);
  return {
    on,
    as: isJson && isText ? "either" : isJson ? "json" : "text",
    read: sources.flatMap(({ rules }) => rules),
  };
}

/** A motion sensor that speaks only when somebody passes is no device that is late: its coming back would tell of each (I4). */
function timesOf(entities: readonly Entity[]): Pick<ProfileEntry, "holdS" | "staleAfterS"> {
  const holds = entities.flatMap(({ holdS }) => holdS ?? []);
  const reporting = entities.filter(({ reads }) => !reads.some(({ kind }) => kind === "motion" || kind === "presence"));
  const stales = reporting.flatMap(({ staleAfterS }) => staleAfterS ?? []);
  return {
    ...(holds.length > 0 && { holdS: Math.max(...holds) }),
    ...(stales.length > 0 && { staleAfterS: Math.max(...stales) }),
  };
}

/** The first lamp whose command topic is the device's own; it may hear that topic and no other (I8). */
function lampOf(entities: readonly Entity[], place: Place): Pick<ProfileEntry, "lamp" | "commands"> {
  const lamp = entities.find((entity) => entity.lamp !== undefined && isBelow(entity.lamp.topic, place))?.lamp;
  if (lamp === undefined) return {};
  const topic = patternOf(lamp.topic, place);
  if (topic.length > DISCOVERY_LIMITS.patternChars || ADDRESS.test(topic)) return {};
  return { lamp: { ...lamp, topic }, commands: [topic] };
}

function needsProfile(why: string): Proposal {
  return { kind: "needs-profile", why };
}
