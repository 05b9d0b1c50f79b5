// What the gateway asks the site's broker for: filters from the kit, none of which reaches what another reaches.
import { covers, topicMistake } from "../core/topics.ts";
import { pictureTopicOf } from "../registry/camera-login.ts";
import type { RegistryData } from "../registry/registry.ts";

/** `of`: the devices, bridges and cameras that it is for. `isShared`: gateways of one group may share its messages. */
export type WantedFilter = {
  readonly filter: string;
  readonly of: readonly string[];
  readonly isShared: boolean;
};

/** Where devices announce themselves to Home Assistant; with and without a node id. */
const DISCOVERY = ["homeassistant/+/+/config", "homeassistant/+/+/+/config"];

type Kit = Pick<Readonly<RegistryData>, "devices" | "bridges"> & Partial<Pick<Readonly<RegistryData>, "cameras">>;
/** The filters a device may publish to, by its profile. */
export type PublishFilters = (profileId: string, deviceTopic: string) => readonly string[];

/**
 * Each device's filters, each bridge's base, each camera's topic and the announcements. A filter that another one covers is left out: a shared
 * subscription delivers once for each filter. Announcements are not shared: brokers replay retained messages to plain
 * subscriptions only, and each gateway has its own list of what waits for approval. Wired devices are not asked for.
 */
export function wantedFilters(
  { devices, bridges, cameras = [] }: Kit,
  publishFilters: PublishFilters,
): readonly WantedFilter[] {
  const wanted = new Map<string, string[]>();
  const want = (filter: string, id: string): void => {
    wanted.set(filter, [...(wanted.get(filter) ?? []), id]);
  };
  for (const { id, base } of bridges) if (topicMistake(base) === null) want(`${base}/#`, id);
  for (const { id, profile, topic, pin } of devices) {
    if (pin !== undefined || topicMistake(topic) !== null) continue;
    for (const filter of narrowed(publishFilters(profile, topic), topic)) want(filter, id);
  }
  for (const camera of cameras) {
    const topic = pictureTopicOf(camera);
    if (topic !== null && topicMistake(topic) === null) want(topic, camera.id);
  }
  const all = [...wanted].map(([filter, of]) => ({ filter, of, isShared: true }));
  return [
    ...all.filter(({ filter }) => !all.some((other) => other.filter !== filter && covers(other.filter, filter))),
    ...DISCOVERY.filter((filter) => !all.some((other) => covers(other.filter, filter))).map((filter) => ({
      filter,
      of: [],
      isShared: false,
    })),
  ];
}

/**
 * Several filters at or below a device's own topic become one: a Zigbee2MQTT device has fourteen, and NATS grants 63 in all
 * (at its usual max_ack_pending of 1024, since the sum over a session may not pass 65,535).
 */
function narrowed(filters: readonly string[], topic: string): readonly string[] {
  const own = `${topic}/#`;
  const others = filters.filter((filter) => !covers(own, filter));
  return filters.length - others.length > 1 ? [own, ...others] : filters;
}

/** The filter as it is written in SUBSCRIBE; `group`: null where the broker cannot share. */
export function written({ filter, isShared }: WantedFilter, group: string | null): string {
  return isShared && group !== null ? `$share/${group}/${filter}` : filter;
}

/** The same filter as a connection of the other kind would have written it: an older session may still hold it. */
export function writtenOtherwise({ filter, isShared }: WantedFilter, group: string, isSharing: boolean): string | null {
  if (!isShared) return null;
  return isSharing ? filter : `$share/${group}/${filter}`;
}
