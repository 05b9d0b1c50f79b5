// What announced itself in the lines explained before counts as approved here, so that a device's own words after its
// announcement (Home Assistant discovery) are read as the gateway would read them once a person has approved it.
import { matches } from "../core/topics.ts";
import { type Announced, createAnnouncements } from "../profiles/announcements.ts";
import type { Profiles } from "../profiles/profiles.ts";

/** A profile learned from an announcement, on the topic of its device. */
type Learned = { readonly profileId: string; readonly deviceTopic: string };

/** `hear` takes every message in order; `whoSpeaks` names the announced devices that may speak on a topic. */
export function createApprovedAnnouncements(profiles: Profiles): {
  hear(message: { readonly topic: string; readonly payload: Uint8Array }): void;
  whoSpeaks(topic: string): readonly Learned[];
} {
  const announcements = createAnnouncements();
  const devices = new Map<string, { readonly name: string; readonly announced: Announced }>();
  return {
    hear(message) {
      const announced = announcements.hear({ ...message, login: { kind: "site", id: "explained" } });
      if (announced === null) return;
      const { deviceKey, entry, isGone } = announced;
      if (isGone || entry === null) devices.delete(deviceKey);
      else devices.set(deviceKey, { name: devices.get(deviceKey)?.name ?? `device-${devices.size + 1}`, announced });
      profiles.learn([...devices.values()].map(({ name, announced }) => ({ name, entry: announced.entry })));
    },
    whoSpeaks: (topic) =>
      [...devices.values()]
        .map(({ name, announced }) => ({ profileId: `discovered/${name}`, deviceTopic: announced.topic }))
        .filter(({ profileId, deviceTopic }) =>
          profiles.publishFilters(profileId, deviceTopic).some((filter) => matches(filter, topic)),
        ),
  };
}
