// Which profile would read a message of a device that nobody has registered, for the proposal that a person approves.
import type { ReadingKind } from "../core/reading.ts";
import type { Profiles } from "./profiles.ts";
import { type Candidate, recognise } from "./recognise.ts";

/** `kinds`: what this one message gave; others of the same device may give more. */
export type Newcomer = {
  readonly profileId: string;
  readonly deviceTopic: string;
  readonly kinds: readonly ReadingKind[];
};

/**
 * The surest profile that makes readings of the message, or null. `family`, `base`: of the login that sent it; then only
 * profiles of the family are tried, and the device's topic lies below the base. Without: what any profile recognises.
 */
export function newcomer(
  profiles: Profiles,
  message: {
    readonly topic: string;
    readonly payload: Uint8Array;
    readonly family?: string | undefined;
    readonly base?: string | undefined;
  },
): Newcomer | null {
  const { topic, payload, base } = message;
  if (COMMANDS.test(topic)) return null;
  for (const { profileId, deviceTopic } of candidates(profiles, message)) {
    if (base !== undefined && !deviceTopic.startsWith(`${base}/`)) continue;
    const decoded = profiles.decode({ profileId, deviceTopic, topic, payload });
    if (decoded.outcome !== "readings") continue;
    return { profileId, deviceTopic, kinds: [...new Set(decoded.readings.map(({ kind }) => kind))] };
  }
  return null;
}

/** What is said to a device, by Zigbee2MQTT's and Homie's custom; on a site's own broker everybody's commands are heard too. */
const COMMANDS = /\/(set|get)$/;

type Device = Extract<Candidate, { kind: "device" }>;

/** Profiles meant for unknown devices first, then the surest. A profile that reads any topic proposes nothing by itself. */
function candidates(
  profiles: Profiles,
  { topic, family }: { topic: string; family?: string | undefined },
): readonly Device[] {
  if (family === undefined) return devicesIn(recognise(profiles, topic)).filter(({ certainty }) => certainty > 0);
  const entries = profiles.compiled.find(({ id }) => id === family)?.profiles ?? [];
  const found = entries.map(({ id, auto }) => ({
    isAuto: auto !== false,
    devices: devicesIn(recognise(profiles, topic, id)),
  }));
  const of = (isAuto: boolean): readonly Device[] =>
    found
      .filter((each) => each.isAuto === isAuto)
      .flatMap(({ devices }) => devices)
      .toSorted((a, b) => b.certainty - a.certainty);
  return [...of(true), ...of(false)];
}

function devicesIn(candidates: readonly Candidate[]): readonly Device[] {
  return candidates.filter((candidate) => candidate.kind === "device");
}
