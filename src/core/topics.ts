// MQTT topics and filters: what a filter reaches, and which texts may be a device's own topic.
import { LIMITS } from "./limits.ts";

/** Whether the filter reaches the topic [MQTT-4.7.1, 4.7.2]: `+` is one level, a closing `#` the rest and the level above it. */
export function matches(filter: string, topic: string): boolean {
  // Wildcards at the front never reach the broker's own topics [MQTT-4.7.2-1].
  if (topic.startsWith("$") && !filter.startsWith("$")) return false;
  return covers(filter, topic);
}

/** Whether all that the asked filter reaches is reached by the allowed one, so that nobody hears more than was allowed. */
export function covers(allowed: string, asked: string): boolean {
  const has = allowed.split("/");
  const wants = asked.split("/");
  for (const [index, level] of has.entries()) {
    if (level === "#") return true;
    const want = wants[index];
    if (want === undefined || want === "#") return false;
    if (level !== "+" && level !== want) return false;
  }
  return wants.length === has.length;
}

/**
 * What is wrong with a text as a device's or bridge's topic, or null. Wildcards would widen the filters made from it
 * (I8), NUL and lone surrogates are refused by MQTT [MQTT-1.5.3-1, 1.5.3-2], `$` belongs to brokers [MQTT-4.7.2].
 */
export function topicMistake(topic: string): string | null {
  if (topic === "") return "is empty";
  if (Buffer.byteLength(topic) > LIMITS.topicBytes) return `is longer than ${LIMITS.topicBytes} bytes`;
  if (/[+#]/.test(topic)) return "holds + or #, which stand for any topic in MQTT";
  if (topic.startsWith("$")) return "begins with $, which belongs to the broker";
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(topic)) return "holds a control character";
  if (!topic.isWellFormed()) return "is not well-formed Unicode";
  return null;
}

/** Home Assistant's discovery topics: component, optional node, object (home-assistant.io, MQTT, Discovery topic). */
export const ANNOUNCEMENT_FILTERS = ["homeassistant/+/+/config", "homeassistant/+/+/+/config"];

/** Whether a device announces itself on this topic; every login may, and a person decides. */
export function isAnnouncement(topic: string): boolean {
  return ANNOUNCEMENT_FILTERS.some((filter) => matches(filter, topic));
}

/** Whether the topic is, or lies below, that of the wired sensors: nobody speaks there by MQTT. */
export function isWireTopic(topic: string): boolean {
  return topic === "gpio" || topic.startsWith("gpio/");
}

/** The bridge that speaks for a topic, since the topic lies below its base; undefined: the topic's device has a login of its own. */
export function bridgeFor<B extends { readonly base: string }>(bridges: readonly B[], topic: string): B | undefined {
  return bridges.find(({ base }) => topic.startsWith(`${base}/`));
}
