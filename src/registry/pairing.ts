// Adds devices and bridges with their credentials: the same code for the running gateway and for the command line.
import type { Login } from "../core/arrival.ts";
import type { Credentials } from "../core/commands.ts";
import { GatewayError } from "../core/errors.ts";
import { bridgeFor, topicMistake } from "../core/topics.ts";
import { hashPassword, makePassword, usernameOf } from "./credentials.ts";
import type { RegisteredBridge, RegisteredDevice, Registry, RegistryData } from "./registry.ts";

/** What pairing needs of profiles/profiles.ts, which has it; set-up lines hold placeholders. */
export type PairingProfiles = {
  readonly list: readonly { readonly id: string }[];
  get(profileId: string): PairingProfile | undefined;
  families(): readonly { readonly id: string; readonly bridge: { readonly setup: readonly string[] } | null }[];
};
type PairingProfile = {
  readonly family: string;
  readonly needsBridge: boolean;
  readonly setup: readonly string[];
  topicFor(deviceId: string, base?: string): string;
};
type SetupValues = Readonly<Partial<Record<"topic" | "base" | "username" | "password" | "host" | "port", string>>>;

/** `fillSetup`: puts values into set-up lines (profiles/profiles.ts). `broker`: where devices find it, for these lines. */
type Pairing<Ask> = {
  readonly registry: Registry;
  readonly profiles: PairingProfiles;
  readonly fillSetup: (lines: readonly string[], values: SetupValues) => readonly string[];
  readonly broker: { readonly host: string; readonly port: number };
  readonly ask: Ask;
};

/**
 * Adds a device under an id made from its name (or profile and zone). Its topic lies below the bridge of its family where
 * there is one, and then it has no login of its own: user name and password are null. Throws NOT_FOUND, USAGE.
 */
export async function pairDevice(
  pairing: Pairing<{ readonly profile: string; readonly zone: string; readonly name?: string }>,
): Promise<Credentials> {
  const { ask } = pairing;
  const profile = profileOf(pairing.profiles, ask.profile);
  const name = ask.name?.trim();
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(ask.zone)) {
    throw new GatewayError(
      "USAGE",
      `${JSON.stringify(ask.zone)} is no zone; use lower-case letters, digits and -, such as ${slugOf(ask.zone) || "porch"}`,
    );
  }
  if (name !== undefined && !/^\P{C}{0,80}$/u.test(name)) {
    throw new GatewayError("USAGE", "the name is too long or holds control characters; use 80 letters at most");
  }
  return await updateAndTell(pairing.registry, (data) => {
    const wanted = slugOf(name ?? "") || slugOf(`${ask.profile.split("/").at(-1)}-${ask.zone}`);
    const place = freePlace({ data, profile, wanted });
    const device = {
      ...place,
      profile: ask.profile,
      zone: ask.zone,
      ...(name !== undefined && name !== "" && { name }),
      passwordHash: null,
    };
    data.devices.push(device);
    return tellDevice(pairing, data, device);
  });
}

/** Adds a bridge under an id made from its family. Throws NOT_FOUND for a family without bridges, USAGE, ALREADY_EXISTS. */
export async function addBridge(
  pairing: Pairing<{ readonly family: string; readonly base: string }>,
): Promise<Credentials> {
  const { family, base } = pairing.ask;
  bridgeOf(pairing.profiles, family);
  const ill = base.endsWith("/") ? "ends with /" : topicMistake(base);
  if (ill !== null) throw new GatewayError("USAGE", `the base ${JSON.stringify(base)} ${ill}`);
  return await updateAndTell(pairing.registry, (data) => {
    const rival = data.bridges.find((bridge) => overlap({ one: bridge.base, other: base }));
    if (rival !== undefined)
      throw new GatewayError("ALREADY_EXISTS", `the base ${base} overlaps with ${rival.base} of bridge ${rival.id}`, {
        hint: `If this is the one you mean, give it a login: hedgerow bridge credentials ${rival.id}`,
      });
    const covering = data.devices.find(
      ({ topic }) => topic === base || bridgeFor([{ base: topic }], base) !== undefined,
    );
    if (covering !== undefined)
      throw new GatewayError(
        "ALREADY_EXISTS",
        `the base ${base} is the topic of device ${covering.id}, or lies below it`,
      );
    const taken = new Set(data.bridges.map(({ id }) => id));
    const bridge = {
      id: firstFree({ wanted: slugOf(family) || "bridge", isFree: (id) => !taken.has(id), triesMax: taken.size + 1 }),
      family,
      base,
      passwordHash: null,
    };
    data.bridges.push(bridge);
    return tellBridge(pairing, bridge);
  });
}

/** New credentials for what exists; the old ones are void once this resolves. Throws NOT_FOUND, USAGE below a bridge. */
export async function renewCredentials(pairing: Pairing<Login>): Promise<Credentials> {
  const { kind, id } = pairing.ask;
  return await updateAndTell(pairing.registry, (data) => {
    const things = kind === "bridge" ? data.bridges : data.devices;
    if (!things.some((thing) => thing.id === id)) throw new GatewayError("NOT_FOUND", `there is no ${kind} ${id}`);
    const bridge = data.bridges.find((thing) => kind === "bridge" && thing.id === id);
    if (bridge !== undefined) return tellBridge(pairing, bridge);
    const device = data.devices.find((thing) => thing.id === id);
    if (device === undefined) throw new GatewayError("NOT_FOUND", `there is no device ${id}`);
    const speaker = bridgeFor(data.bridges, device.topic);
    if (speaker !== undefined) {
      throw new GatewayError("USAGE", `device ${id} has no login of its own: bridge ${speaker.id} speaks for it`, {
        hint: `Renew the bridge's instead: hedgerow bridge credentials ${speaker.id}`,
      });
    }
    return tellDevice(pairing, data, device);
  });
}

/** Gives a device its login, unless a bridge speaks for it. Changes the device. */
function tellDevice(
  { profiles, fillSetup, broker }: Pairing<unknown>,
  data: RegistryData,
  device: RegisteredDevice,
): Credentials {
  const { id, topic, profile } = device;
  const bridge = bridgeFor(data.bridges, topic);
  const login = bridge === undefined ? newLogin(device, "device") : { username: null, password: null };
  const values = {
    topic,
    host: broker.host,
    port: String(broker.port),
    ...(bridge !== undefined && { base: bridge.base }),
    ...(login.username !== null && login),
  };
  return { id, ...login, topic, setup: fillSetup(profiles.get(profile)?.setup ?? [], values) };
}

function tellBridge({ profiles, fillSetup, broker }: Pairing<unknown>, bridge: RegisteredBridge): Credentials {
  const { id, family, base } = bridge;
  const { setup } = bridgeOf(profiles, family);
  const login = newLogin(bridge, "bridge");
  const values = { base, topic: base, host: broker.host, port: String(broker.port), ...login };
  return { id, ...login, topic: base, setup: fillSetup(setup, values) };
}

function newLogin(
  thing: { readonly id: string; passwordHash: string | null },
  kind: Login["kind"],
): { username: string; password: string } {
  const password = makePassword();
  thing.passwordHash = hashPassword(password);
  return { username: usernameOf({ kind, id: thing.id }), password };
}

/** An id and a topic that nobody has yet. Changes nothing. */
function freePlace({ data, profile, wanted }: { data: RegistryData; profile: PairingProfile; wanted: string }): {
  id: string;
  topic: string;
} {
  const bridge = profile.needsBridge ? data.bridges.find(({ family }) => family === profile.family) : undefined;
  const taken = new Set(data.devices.map(({ id }) => id));
  const topics = data.devices.map(({ topic }) => topic);
  const isFree = (id: string): boolean => {
    const other = profile.topicFor(id, bridge?.base);
    return !taken.has(id) && !topics.some((one) => overlap({ one, other }));
  };
  // Each device of the kit refuses at most one id by its name and one by its topic, unless its topic covers them all.
  const id = firstFree({ wanted, isFree, triesMax: 2 * topics.length + 1 });
  return { id, topic: profile.topicFor(id, bridge?.base) };
}

/** `lamp`, `lamp-2`, `lamp-3`… */
function firstFree({
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

function profileOf(profiles: PairingProfiles, id: string): PairingProfile {
  const profile = profiles.get(id);
  if (profile !== undefined) return profile;
  const hint = `Choose one of: ${profiles.list.map((each) => each.id).join(", ")}.`;
  throw new GatewayError("NOT_FOUND", `there is no device profile ${JSON.stringify(id)}`, { hint });
}

function bridgeOf(profiles: PairingProfiles, family: string): { readonly setup: readonly string[] } {
  const families = profiles.families();
  const bridge = families.find(({ id }) => id === family)?.bridge;
  if (bridge !== undefined && bridge !== null) return bridge;
  const hint = `Choose one of: ${families.flatMap(({ id, bridge }) => (bridge === null ? [] : [id])).join(", ")}.`;
  throw new GatewayError("NOT_FOUND", `${JSON.stringify(family)} is no family of devices with a bridge`, { hint });
}

/** "Lampe d'entrée" → lampe-d-entree; empty when no Latin letter or digit is left. */
function slugOf(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");
}

function overlap({ one, other }: { one: string; other: string }): boolean {
  return (
    one === other || bridgeFor([{ base: one }], other) !== undefined || bridgeFor([{ base: other }], one) !== undefined
  );
}

/** An update whose change has an answer, given only when the change is on disk. */
async function updateAndTell<T>(registry: Registry, change: (data: RegistryData) => T): Promise<T> {
  const answers: T[] = [];
  await registry.update((data) => void answers.push(change(data)));
  const [answer] = answers;
  if (answer === undefined) throw new GatewayError("INTERNAL", "the registry resolved an update without making it");
  return answer;
}
