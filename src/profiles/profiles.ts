// The room's door: which profiles there are, what their devices may publish and hear, and how their messages are decoded.
import { fileURLToPath } from "node:url";
import { GatewayError } from "../core/errors.ts";
import type { Decoded, ReadingKind } from "../core/reading.ts";
import { topicMistake } from "../core/topics.ts";
import { compileFamily, type Family, type Pattern, type Profile } from "./compile.ts";
import { decodeBy, fits, nothing } from "./decode.ts";
import { DISCOVERED, loadFamilies, type ProfileMistake } from "./load.ts";
import { ProfileEntrySchema, ProfileFile } from "./schema.ts";
import { type Part, splitBy } from "./split.ts";

/** The profiles that come with the program: devices/ at the top of the checkout. */
export const builtInProfiles: string = fileURLToPath(new URL("../../devices", import.meta.url));

/**
 * `kinds`: readings it can give. `setup`: what a person does, with placeholders for `fillSetup`. `publish`, `commands`:
 * topic patterns with `{topic}`. `holdMs`: motion is over after this without a sign, for sensors that never say "off".
 */
export type ProfileInfo = {
  readonly id: string;
  readonly family: string;
  readonly title: string;
  readonly kinds: readonly ReadingKind[];
  readonly needsBridge: boolean;
  readonly setup: readonly string[];
  readonly publish: readonly string[];
  readonly commands: readonly string[];
  readonly holdMs?: number;
  readonly staleAfterMs: number;
  readonly isLamp: boolean;
  /** The topic proposed for a new device; `base` where its bridge's is not the family's usual one. */
  readonly topicFor: (deviceId: string, base?: string) => string;
};

/** `bridge`: for families where one login speaks for many devices. `base`: its usual topic. */
export type FamilyInfo = {
  readonly id: string;
  readonly title: string;
  readonly about: string | null;
  /** Names that stand on the packaging of usual devices. */
  readonly brands: readonly string[];
  readonly bridge: { readonly base: string; readonly setup: readonly string[] } | null;
  readonly profiles: readonly ProfileInfo[];
};

/** Values for the placeholders in set-up lines; those that a family has no use for may be missing. */
export type SetupValues = Readonly<
  Partial<Record<"topic" | "base" | "username" | "password" | "host" | "port" | "pin" | "rail", string>>
>;

/** A message for decoding: whose it is by profile and own topic, and what came. */
export type Ask = {
  readonly profileId: string;
  readonly deviceTopic: string;
  readonly topic: string;
  readonly payload: Uint8Array;
};

export type Profiles = {
  readonly list: readonly ProfileInfo[];
  get(profileId: string): ProfileInfo | undefined;
  families(): readonly FamilyInfo[];
  /** Filters a device may publish to; empty for an unknown profile. Throws CONFIG_INVALID for a topic with wildcards. */
  publishFilters(profileId: string, deviceTopic: string): readonly string[];
  /** Filters a device may subscribe to; empty for an unknown profile. Throws like `publishFilters`. */
  commandFilters(profileId: string, deviceTopic: string): readonly string[];
  /** Untrusted bytes → readings, or why not. Pure; never throws. */
  decode(ask: Ask): Decoded;
  /** Whether the topic is one on which the family's bridge speaks of itself. */
  isBridgeTopic(ask: { readonly family: string; readonly base: string; readonly topic: string }): boolean;
  /** What a bridge says of itself: true it works, false it went away, null neither. Never throws. */
  bridgeOnline(ask: {
    readonly family: string;
    readonly base: string;
    readonly topic: string;
    readonly payload: Uint8Array;
  }): boolean | null;
  /** The parts of a message that speaks of several devices; otherwise the message itself. `family`: whose bridge or device sent it; without, every family's. */
  split(whole: {
    readonly topic: string;
    readonly payload: Uint8Array;
    readonly family?: string;
    readonly base?: string;
  }): readonly Part[];
  /** What switches the lamp, or null where the profile has no lamp. Throws like `publishFilters`. */
  lampCommand(ask: {
    readonly profileId: string;
    readonly deviceTopic: string;
    readonly isOn: boolean;
  }): { readonly topic: string; readonly payload: string } | null;
  /**
   * Takes what announced itself and was approved as profiles `discovered/<name>`, instead of those learned before. Answers
   * the names whose entry is no profile.
   */
  learn(entries: readonly { readonly name: string; readonly entry: unknown }[]): readonly string[];
  /** The families as compiled, for recognising topics. */
  readonly compiled: readonly Family[];
};

/** Reads all profile files of the directories. Throws PROFILE_INVALID naming every mistake with file and line, or CONFIG_UNREADABLE. */
export async function openProfiles({ directories }: { directories: readonly string[] }): Promise<Profiles> {
  const { profiles, mistakes } = await checkProfiles({ directories });
  if (mistakes.length === 0) return profiles;
  throw new GatewayError(
    "PROFILE_INVALID",
    mistakes.map(({ file, line, text }) => `${file}:${line}: ${text}`).join("\n"),
  );
}

/** Like openProfiles, for `hedgerow check`: the mistakes come as values, and the profiles without mistakes can be used. */
export async function checkProfiles({ directories }: { directories: readonly string[] }): Promise<{
  readonly profiles: Profiles;
  readonly mistakes: readonly ProfileMistake[];
}> {
  const { families, mistakes } = await loadFamilies(directories);
  return { profiles: profilesOf(families), mistakes };
}

function profilesOf(loaded: readonly Family[]): Profiles {
  let families = loaded;
  let byId = new Map<string, Profile>();
  let infos = new Map<string, ProfileInfo>();
  const bridges = new Map(loaded.flatMap(({ id, bridge }) => (bridge === null ? [] : [[id, bridge] as const])));
  const use = (all: readonly Family[]): void => {
    families = all;
    byId = new Map(all.flatMap(({ profiles }) => profiles.map((profile) => [profile.id, profile] as const)));
    infos = new Map([...byId].map(([id, profile]) => [id, infoOf(profile, bridges.get(profile.family)?.base)]));
  };
  use(loaded);
  const plain = (deviceTopic: string): string => {
    const mistake = topicMistake(deviceTopic);
    if (mistake === null) return deviceTopic;
    throw new GatewayError("CONFIG_INVALID", `the device topic ${JSON.stringify(deviceTopic)} ${mistake}`);
  };
  const filters = (patterns: readonly Pattern[] | undefined, deviceTopic: string) =>
    (patterns ?? []).map(({ before, after }) => before + plain(deviceTopic) + after);
  return {
    get compiled() {
      return families;
    },
    get list() {
      return [...infos.values()];
    },
    get: (profileId) => infos.get(profileId),
    families: () => loaded.map((family) => familyInfoOf(family, infos)),
    publishFilters: (profileId, deviceTopic) => filters(byId.get(profileId)?.publish, plain(deviceTopic)),
    commandFilters: (profileId, deviceTopic) => filters(byId.get(profileId)?.commands, plain(deviceTopic)),
    decode: ({ profileId, deviceTopic, topic, payload }) => {
      const profile = byId.get(profileId);
      return profile === undefined
        ? nothing("no-profile")
        : decodeBy(profile.messages, { ownTopic: deviceTopic, topic, payload });
    },
    split: ({ topic, payload, family, base }) => {
      const meant = families.filter(({ id, splits }) => splits.length > 0 && (family === undefined || id === family));
      return splitBy(
        meant.map((each) => ({ family: each, base: base ?? each.bridge?.base ?? null })),
        { topic, payload },
      );
    },
    lampCommand: ({ profileId, deviceTopic, isOn }) => {
      const lamp = byId.get(profileId)?.lamp ?? null;
      if (lamp === null) return null;
      const { before, after } = lamp.topic;
      return { topic: before + plain(deviceTopic) + after, payload: isOn ? lamp.on : lamp.off };
    },
    learn: (entries) => {
      const checked = entries.map(({ name, entry }) => ({ name, entry: ProfileEntrySchema.safeParse(entry) }));
      const good = checked.flatMap(({ name, entry }) => (entry.success ? [[name, entry.data] as const] : []));
      const learned = discoveredFamily(Object.fromEntries(good));
      use([...loaded, ...(learned === null ? [] : [learned])]);
      return checked.filter(({ entry }) => !entry.success || learned === null).map(({ name }) => name);
    },
    isBridgeTopic: ({ family, base, topic }) =>
      bridges.get(family)?.messages.some(({ on }) => on.some((pattern) => fits(pattern, { ownTopic: base, topic }))) ??
      false,
    bridgeOnline: ({ family, base, topic, payload }) => {
      const decoded = decodeBy(bridges.get(family)?.messages ?? [], { ownTopic: base, topic, payload });
      const said = decoded.outcome === "readings" ? decoded.readings.find(({ kind }) => kind === "online") : undefined;
      return said?.kind === "online" ? said.value : null;
    },
  };
}

function discoveredFamily(profiles: ProfileFile["profiles"]): Family | null {
  const setup = ["It announced itself; there is nothing to set up."];
  const file = ProfileFile.safeParse({ title: "Announced by itself", setup, profiles });
  return file.success ? compileFamily(DISCOVERED, file.data) : null;
}

function infoOf(profile: Profile, usualBase: string | undefined): ProfileInfo {
  const { id, family, title, kinds, setup, holdMs, staleAfterMs } = profile;
  return {
    id,
    family,
    title,
    kinds,
    setup,
    staleAfterMs,
    ...(holdMs !== undefined && { holdMs }),
    needsBridge: usualBase !== undefined,
    isLamp: profile.lamp !== null,
    publish: profile.publish.map(({ text }) => text),
    commands: profile.commands.map(({ text }) => text),
    topicFor: (deviceId, base) =>
      profile.topic.replace("{base}", () => base ?? usualBase ?? family).replace("{id}", () => deviceId),
  };
}

function familyInfoOf(
  { id, title, about, brands, bridge, profiles }: Family,
  infos: ReadonlyMap<string, ProfileInfo>,
): FamilyInfo {
  return {
    id,
    title,
    about,
    brands,
    bridge: bridge === null ? null : { base: bridge.base, setup: bridge.setup },
    profiles: profiles.flatMap((profile) => infos.get(profile.id) ?? []),
  };
}

/** Set-up lines with their placeholders filled, in one pass, so that a password that looks like a placeholder stays what it is. */
export function fillSetup(lines: readonly string[], values: SetupValues): readonly string[] {
  return lines.map((line) =>
    line.replace(
      /\{(topic|base|username|password|host|port|pin|rail)\}/g,
      (placeholder, name: keyof SetupValues) => values[name] ?? placeholder,
    ),
  );
}
