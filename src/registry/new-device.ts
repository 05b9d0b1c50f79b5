// What a new device may be: its profile, its pin or topic and its id, or why not.
import type { Commands } from "../core/commands.ts";
import { GatewayError } from "../core/errors.ts";
import { topicMistake } from "../core/topics.ts";
import { wireTopic } from "../settings/kit-schema.ts";
import { firstFree, freeId, type Publishing, takenIds, topicConflict } from "./place.ts";
import type { RegisteredDevice, RegistryData } from "./registry.ts";
import { type Wire, wireKeys } from "./wiring.ts";

/** What pairing needs of profiles/profiles.ts, which has it; set-up lines hold placeholders. */
export type PairingProfiles = Publishing & {
  readonly list: readonly { readonly id: string }[];
  get(profileId: string): PairingProfile | undefined;
  families(): readonly {
    readonly id: string;
    readonly title: string;
    readonly bridge: { readonly base: string; readonly setup: readonly string[] } | null;
  }[];
};
export type PairingProfile = {
  readonly family: string;
  readonly needsBridge: boolean;
  readonly setup: readonly string[];
  topicFor(deviceId: string, base?: string): string;
};
/** The family of profiles whose devices are wires on GPIO lines (devices/gpio.yaml). */
const WIRED = "gpio";

/** Throws NOT_FOUND, naming those that there are. */
export function profileOf(profiles: PairingProfiles, id: string): PairingProfile {
  const profile = profiles.get(id);
  if (profile !== undefined) return profile;
  const hint = `Choose one of: ${profiles.list.map((each) => each.id).join(", ")}.`;
  throw new GatewayError("NOT_FOUND", `there is no device profile ${JSON.stringify(id)}`, { hint });
}

/** A GPIO profile needs a pin, and nothing else may have one. Throws USAGE. */
export function checkWire(
  { family }: PairingProfile,
  { profile, pin, chip, activeLow, pull, topic }: Parameters<Commands["pairDevice"]>[0],
): void {
  if (family === WIRED && pin === undefined)
    throw new GatewayError("USAGE", `${profile} is a wired sensor and needs the pin that it is wired to`, {
      hint: "Add --pin with the BCM number, such as --pin 17.",
    });
  if (family !== WIRED && [pin, chip, activeLow, pull].some((key) => key !== undefined))
    throw new GatewayError("USAGE", `${profile} speaks MQTT; only a wired sensor (${WIRED}/...) has a pin`);
  if (pin !== undefined && topic !== undefined)
    throw new GatewayError("USAGE", "a wired sensor has a pin and no topic of its own");
}

type Wish = {
  readonly data: RegistryData;
  readonly profiles: PairingProfiles;
  readonly profile: PairingProfile;
  readonly wanted: string;
  readonly ask: Parameters<Commands["pairDevice"]>[0];
};

type Place = Pick<RegisteredDevice, "id" | "topic"> & Wire;

/** An id and a topic that nobody has yet. Changes nothing. Throws NOT_FOUND where a bridge is missing, ALREADY_EXISTS. */
export function placeFor(wish: Wish): Place {
  const { data, profiles, profile, wanted, ask } = wish;
  if (ask.pin !== undefined) return wirePlace(wish, ask.pin);
  if (ask.topic !== undefined) {
    const conflict = topicConflict(data, profiles, { topic: ask.topic, profile: ask.profile });
    if (conflict === null) return { id: freeId(data, wanted), topic: ask.topic };
    throw new GatewayError(topicMistake(ask.topic) === null ? "ALREADY_EXISTS" : "USAGE", conflict, {
      hint: "Choose another topic with --topic, here and in the device.",
    });
  }
  const bridge = data.bridges.find(({ family }) => profile.needsBridge && family === profile.family);
  if (profile.needsBridge && bridge === undefined) throw noBridge(profiles, profile);
  const taken = takenIds(data);
  const topicOf = (id: string): string => profile.topicFor(id, bridge?.base);
  const isFree = (id: string): boolean =>
    !taken.has(id) && topicConflict(data, profiles, { topic: topicOf(id), profile: ask.profile }) === null;
  // Each device of the kit refuses few ids: by its name, its topic and its filters, unless these cover them all.
  const id = firstFree({ wanted, isFree, triesMax: 3 * (taken.size + data.bridges.length) + 2 });
  return { id, topic: topicOf(id) };
}

function wirePlace({ data, wanted, ask }: Wish, pin: number): Place {
  const topic = wireTopic({ chip: ask.chip, pin });
  const other = data.devices.find((device) => device.topic === topic);
  if (other === undefined) return { id: freeId(data, wanted), topic, ...wireKeys(ask) };
  throw new GatewayError("ALREADY_EXISTS", `pin ${pin} is device ${other.id}'s`, {
    hint: "Choose the pin that the sensor is wired to.",
  });
}

function noBridge(profiles: PairingProfiles, { family }: PairingProfile): GatewayError {
  const found = profiles.families().find(({ id }) => id === family);
  const base = found?.bridge?.base ?? family;
  return new GatewayError(
    "NOT_FOUND",
    `${found?.title ?? family} speaks for its devices, and there is no login for it yet`,
    {
      hint: `Make one first: hedgerow bridge add --family ${family} --base ${base} (or name the device's topic with --topic)`,
    },
  );
}
