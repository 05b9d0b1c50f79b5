// What devices announce of themselves (Home Assistant discovery), gathered device by device into a profile.
import { z } from "zod";
import type { Login } from "../core/arrival.ts";
import { LIMITS } from "../core/limits.ts";
import type { ReadingKind } from "../core/reading.ts";
import { type Discovery, type Entity, mergeDiscoveries, type NeedsProfile, readDiscovery } from "./discovery.ts";
import { toProfile } from "./discovery-profile.ts";
import type { ProfileInfo } from "./profiles.ts";
import { ProfileEntrySchema } from "./schema.ts";

/** A profile's entry as data, or null where the announcement gives none; then `why` says so. */
type Entry = Readonly<Record<string, unknown>> | null;

/**
 * `topic`: the device's own, or "" where it does not tell; `topics`: all that the profile would be read on; `commands`: all
 * that the device would hear. `formerTopic`: what `topic` was before this message. `isGone`: it took back the last thing that it had announced.
 */
export type Announced = {
  readonly deviceKey: string;
  readonly name: string;
  readonly topic: string;
  readonly topics: readonly string[];
  readonly commands: readonly string[];
  readonly formerTopic: string | null;
  readonly entry: Entry;
  readonly why: string | null;
  readonly isGone: boolean;
};

export type Announcements = {
  /**
   * What is known of the device now; null when the message announces nothing. `ownTopic`: of the device whose login said it:
   * what lies below is its own, as long as it announces no other device. Never throws.
   */
  hear(said: {
    readonly topic: string;
    readonly payload: Uint8Array;
    readonly login: Login;
    readonly ownTopic?: string | undefined;
  }): Announced | null;
};

type Kept = {
  readonly speaker: string;
  readonly deviceKey: string;
  readonly parts: readonly (Entity | NeedsProfile)[];
  readonly topic: string | null;
};

/** Keeps what each login announced, in memory: a device that goes on announcing itself adds to it entity by entity. */
export function createAnnouncements(): Announcements {
  // The longest unheard first.
  const kept = new Map<string, Kept>();
  return {
    hear({ topic, payload, login, ownTopic }) {
      const heard = readDiscovery({ topic, payload });
      const speaker = `${login.kind} ${login.id}`;
      const own = [...kept.values()].filter((each) => each.speaker === speaker);
      const before = deviceIn(own, heard);
      const deviceKey = keyIn(heard) ?? before?.deviceKey;
      if (deviceKey === undefined) return null;
      const parts = mergeDiscoveries(before?.parts ?? [], heard);
      const isOnly = own.every((each) => each.deviceKey === deviceKey);
      const said = whole(parts, isOnly ? ownTopic : undefined);
      const key = `${speaker} ${deviceKey}`;
      kept.delete(key);
      if (parts.length > 0) kept.set(key, { speaker, deviceKey, parts, topic: said.topic });
      makeRoom(kept, speaker);
      return { deviceKey, formerTopic: before?.topic ?? null, isGone: parts.length === 0, ...said };
    },
  };
}

/** The device that an announcement is of; one that is taken back or no longer read names its topic alone. */
function deviceIn(own: readonly Kept[], heard: Discovery): Kept | undefined {
  const deviceKey = keyIn(heard);
  return own.find((each) =>
    deviceKey === undefined
      ? each.parts.some(({ announcementKey }) => announcementKey === heard.announcementKey)
      : each.deviceKey === deviceKey,
  );
}

function keyIn(heard: Discovery): string | undefined {
  if (heard.kind === "several") return heard.parts[0]?.deviceKey;
  return heard.kind === "entity" || heard.kind === "needs-profile" ? heard.deviceKey : undefined;
}

/** The device's profile by all that it announced. */
function whole(
  parts: Kept["parts"],
  ownTopic: string | undefined,
): Pick<Announced, "name" | "topic" | "topics" | "commands" | "entry" | "why"> {
  const proposal = toProfile(parts.filter((part) => part.kind === "entity"));
  if (proposal.kind === "needs-profile") {
    const said = parts.find((part) => part.kind === "needs-profile");
    const [first] = parts;
    const name = said?.name ?? (first?.kind === "entity" ? first.deviceName : "");
    return {
      name,
      topic: "",
      topics: [],
      commands: [],
      entry: null,
      why: (said?.why ?? proposal.why).slice(0, LIMITS.proposalTextChars),
    };
  }
  const { name, deviceTopic, entry } = proposal;
  const filled = (patterns: readonly string[]) => patterns.map((each) => each.replace("{topic}", () => deviceTopic));
  const said = { name, topics: filled(patternsOf(entry)), commands: filled(entry.commands ?? []), why: null };
  if (ownTopic === undefined || !deviceTopic.startsWith(`${ownTopic}/`)) return { ...said, topic: deviceTopic, entry };
  return { ...said, topic: ownTopic, entry: moved(entry, deviceTopic.slice(ownTopic.length)) };
}

/** The entry with a shorter topic for `{topic}`; `rest` is what stands behind it now. */
function moved<E extends Pick<z.infer<typeof ProfileEntrySchema>, "messages" | "lamp" | "commands">>(
  entry: E,
  rest: string,
): E {
  const move = (pattern: string): string => pattern.replace("{topic}", () => `{topic}${rest}`);
  return {
    ...entry,
    messages: entry.messages.map((message) => ({
      ...message,
      on: typeof message.on === "string" ? move(message.on) : message.on.map(move),
    })),
    ...(entry.lamp !== undefined && { lamp: { ...entry.lamp, topic: move(entry.lamp.topic) } }),
    ...(entry.commands !== undefined && { commands: entry.commands.map(move) }),
  };
}

/** As many devices as may wait for approval. */
function makeRoom(kept: Map<string, Kept>, speaker: string): void {
  const own = [...kept].filter(([, each]) => each.speaker === speaker);
  const [oldestOwn] = own[0] ?? [];
  if (own.length > LIMITS.proposalsPerLogin && oldestOwn !== undefined) kept.delete(oldestOwn);
  const [oldest] = kept.keys();
  if (kept.size > LIMITS.proposals && oldest !== undefined) kept.delete(oldest);
}

/** What a profile's entry reads; nothing, where it is no entry. */
export function kindsOf(entry: Entry): readonly ReadingKind[] {
  const parsed = ProfileEntrySchema.safeParse(entry);
  if (!parsed.success) return [];
  const rules = parsed.data.messages.flatMap(({ read }) => read ?? []);
  return [...new Set(rules.flatMap((rule) => ("kind" in rule ? [rule.kind] : [])))];
}

const WithTopics = z.object({ messages: z.array(z.object({ on: z.union([z.string(), z.array(z.string())]) })) });

/** The topic patterns that a profile's entry reads, with `{topic}` for the device's own. */
export function patternsOf(entry: Entry): readonly string[] {
  const parsed = WithTopics.safeParse(entry);
  return parsed.success ? [...new Set(parsed.data.messages.flatMap(({ on }) => on))] : [];
}

/** A device keeps the right to publish and hear what it could before: a refused message would end its connection. */
export function withRightsOf(entry: Entry, former: Pick<ProfileInfo, "publish" | "commands"> | undefined): Entry {
  if (entry === null || former === undefined) return entry;
  const commands: unknown = entry["commands"];
  return {
    ...entry,
    publish: [...new Set([...former.publish, ...patternsOf(entry)])],
    commands: [...new Set([...former.commands, ...(Array.isArray(commands) ? commands : [])])],
  };
}
