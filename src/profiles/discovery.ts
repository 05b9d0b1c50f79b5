// Reads what a device announces of itself for Home Assistant: a proposal and nothing more, until a person approves it.
import { isAnnouncement } from "../core/topics.ts";
import {
  deviceOf,
  keyOf,
  nameOf,
  numberIn,
  type Options,
  readOptions,
  textIn,
  topicIn,
  wordOf,
} from "./discovery-config.ts";
import { DISCOVERY_LIMITS } from "./discovery-limits.ts";
import { type EntityRead, onlineRead, readsOf } from "./discovery-readings.ts";

/** An entity that can be read. Plain data, bounded; names are for the local page alone, the keys are hashes. */
export type Entity = {
  readonly kind: "entity";
  /** The topic it was announced on, hashed: announced there again it is replaced, and taken back by an empty message. */
  readonly announcementKey: string;
  readonly deviceKey: string;
  readonly deviceName: string;
  readonly component: string;
  readonly entityName: string;
  /** The topic of the first reading. */
  readonly stateTopic: string;
  readonly reads: readonly EntityRead[];
  readonly availability: readonly EntityRead[];
  readonly availabilityMode: "all" | "any" | "latest";
  /** Seconds after which the sensor is off by itself, since it never says so. */
  readonly holdS?: number;
  /** Seconds after which its word is too old. */
  readonly staleAfterS?: number;
  readonly lamp?: { readonly topic: string; readonly on: string; readonly off: string };
};

/** An entity that would be of use, and that a profile written by a person could read; `why` is in plain words. */
export type NeedsProfile = {
  readonly kind: "needs-profile";
  readonly announcementKey: string;
  readonly deviceKey: string;
  readonly name: string;
  readonly why: string;
};

/** `several`: a whole device in one announcement. `removed`: an announcement is taken back. `no`: nothing for this house. */
export type Discovery =
  | Entity
  | NeedsProfile
  | { readonly kind: "several"; readonly announcementKey: string; readonly parts: readonly (Entity | NeedsProfile)[] }
  | { readonly kind: "removed"; readonly announcementKey: string }
  | { readonly kind: "no"; readonly announcementKey: string; readonly why: string };

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads one message of `homeassistant/…/config`. Pure, bounded by DISCOVERY_LIMITS, never throws. */
export function readDiscovery({ topic, payload }: { readonly topic: string; readonly payload: Uint8Array }): Discovery {
  const announcementKey = keyOf("announcement", topic);
  const no = (why: string): Discovery => ({ kind: "no", announcementKey, why });
  if (!isAnnouncement(topic)) return no("it is no topic on which devices announce themselves");
  if (payload.byteLength === 0) return { kind: "removed", announcementKey };
  if (payload.byteLength > DISCOVERY_LIMITS.payloadBytes) return no("it is too large");
  const value = parse(payload);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return no("it is not a JSON object");
  const options = readOptions(value);
  const [, component = "", node = ""] = topic.split("/");
  const context = { announcementKey, otherwise: topic.split("/").length > 4 || component === "device" ? node : topic };
  if (component !== "device") return readEntity(component, options, context);
  const entries = Object.values(Object(options.get("components") ?? {}));
  if (entries.length > DISCOVERY_LIMITS.entities) return no(`it has more than ${DISCOVERY_LIMITS.entities} parts`);
  // What stands beside the components holds for each of them, unless it says otherwise itself.
  const parts = entries
    .map((entry) => new Map([...options, ...readOptions(entry)]))
    .map((part) => readEntity(textIn(part, "platform") ?? "", part, context))
    .filter((part) => part.kind === "entity" || part.kind === "needs-profile");
  return parts.length === 0
    ? no("none of its parts says anything that is read here")
    : { kind: "several", announcementKey, parts };
}

/** What is known of all announcements after one more: the same announcement replaces its older self or takes it back. */
export function mergeDiscoveries(
  known: readonly (Entity | NeedsProfile)[],
  heard: Discovery,
): readonly (Entity | NeedsProfile)[] {
  const others = known.filter(({ announcementKey }) => announcementKey !== heard.announcementKey);
  const parts = partsOf(heard);
  const room = (key: string): number =>
    DISCOVERY_LIMITS.entities - others.filter(({ deviceKey }) => deviceKey === key).length;
  return [...others, ...parts.slice(0, Math.max(0, room(parts[0]?.deviceKey ?? "")))];
}

function partsOf(heard: Discovery): readonly (Entity | NeedsProfile)[] {
  switch (heard.kind) {
    case "entity":
    case "needs-profile":
      return [heard];
    case "several":
      return heard.parts;
    case "removed":
    case "no":
      return [];
  }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(payload));
  } catch {
    return null; // Neither text nor JSON: told apart by nobody, since a device that sends it announces nothing.
  }
}

function readEntity(
  component: string,
  options: Options,
  { announcementKey, otherwise }: { readonly announcementKey: string; readonly otherwise: string },
): Entity | NeedsProfile | Extract<Discovery, { kind: "no" }> {
  const base = textIn(options, "~");
  const { deviceKey, deviceName } = deviceOf(options, otherwise);
  const entityName = nameOf(options.get("name")) ?? nameOf(options.get("device_class")) ?? component;
  const found = readsOf(component, options, base);
  if (found.kind === "no") return { kind: "no", announcementKey, why: found.why };
  const name = deviceName ?? entityName;
  if (found.kind === "needs-profile")
    return { kind: "needs-profile", announcementKey, deviceKey, name, why: found.why };
  const wild = found.reads.find(({ topic }) => /[+#]/.test(topic));
  const stateTopic = found.reads[0]?.topic;
  if (stateTopic === undefined || wild !== undefined)
    return { kind: "needs-profile", announcementKey, deviceKey, name, why: "its topic stands for many" };
  const mode = textIn(options, "availability_mode");
  const holdS = numberIn(options, "off_delay", { min: 1, max: 86_400 });
  const staleAfterS = numberIn(options, "expire_after", { min: 60, max: 2_592_000 });
  const lamp = component === "light" || component === "switch" ? lampOf(options, base) : null;
  return {
    kind: "entity",
    announcementKey,
    deviceKey,
    deviceName: name,
    component,
    entityName,
    stateTopic,
    reads: found.reads,
    availability: availabilityOf(options, base),
    availabilityMode: mode === "all" || mode === "any" ? mode : "latest",
    ...(holdS !== null && { holdS }),
    ...(staleAfterS !== null && { staleAfterS }),
    ...(lamp !== null && { lamp }),
  };
}

/** One topic, or a list of them; what cannot be read is left out, since silence says the same a little later. */
function availabilityOf(options: Options, base: string | null): readonly EntityRead[] {
  const listed: unknown = options.get("availability");
  const single = options.has("availability_topic") ? [options] : [];
  const list = [
    ...single,
    ...(Array.isArray(listed) ? listed : listed === undefined ? [] : [listed]).map((each) => readOptions(each)),
  ];
  return list.slice(0, DISCOVERY_LIMITS.availability).flatMap((each) => {
    const found = topicIn(each, each === options ? "availability_topic" : "topic", base);
    if (found.kind !== "topic" || /[+#]/.test(found.topic)) return [];
    const template = textIn(each, each === options ? "availability_template" : "value_template");
    const on = wordOf(each, "payload_available") ?? "online";
    const off = wordOf(each, "payload_not_available") ?? "offline";
    const read = onlineRead({ topic: found.topic, template }, { on, off });
    return read === null ? [] : [read];
  });
}

/** How the lamp is switched, if plain words do it. */
function lampOf(options: Options, base: string | null): NonNullable<Entity["lamp"]> | null {
  const command = topicIn(options, "command_topic", base);
  if (command.kind !== "topic" || /[+#]/.test(command.topic) || options.has("command_template")) return null;
  if (textIn(options, "schema") === "json")
    return { topic: command.topic, on: '{"state":"ON"}', off: '{"state":"OFF"}' };
  const on = wordOf(options, "payload_on") ?? "ON";
  const off = wordOf(options, "payload_off") ?? "OFF";
  return on === "" || off === "" ? null : { topic: command.topic, on, off };
}
