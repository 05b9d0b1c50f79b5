// Adds devices and bridges with their credentials: the same code for the running gateway and for the command line.
import type { Login } from "../core/arrival.ts";
import type { Commands, Credentials } from "../core/commands.ts";
import { GatewayError } from "../core/errors.ts";
import { bridgeFor, topicMistake } from "../core/topics.ts";
import { renewCameraLogin } from "./camera-login.ts";
import { hashPassword, makePassword, usernameOf } from "./credentials.ts";
import { checkWire, type PairingProfiles, placeFor, profileOf } from "./new-device.ts";
import { checkName, checkZone, firstFree, meet, overlap, slugOf, speakerFor } from "./place.ts";
import {
  type RegisteredBridge,
  type RegisteredDevice,
  type Registry,
  type RegistryData,
  updateAndTell,
} from "./registry.ts";
import { wireWords } from "./wiring.ts";

type SetupValues = Readonly<
  Partial<Record<"topic" | "base" | "username" | "password" | "host" | "port" | "pin" | "rail", string>>
>;

/**
 * `fillSetup`: puts values into set-up lines (profiles/profiles.ts). `broker`: where devices find it, for these lines;
 * `isSites`: it is the site's own, which keeps the logins.
 */
export type Pairing<Ask> = {
  readonly registry: Registry;
  readonly profiles: PairingProfiles;
  readonly fillSetup: (lines: readonly string[], values: SetupValues) => readonly string[];
  readonly broker: { readonly host: string; readonly port: number; readonly isSites?: boolean };
  readonly ask: Ask;
};

/**
 * Adds a device under an id made from its name (or profile and zone). Below a bridge or behind another device, and on a
 * wire, it has no login of its own: user name and password are null. Throws NOT_FOUND, USAGE, ALREADY_EXISTS.
 */
export async function pairDevice(pairing: Pairing<Parameters<Commands["pairDevice"]>[0]>): Promise<Credentials> {
  const { ask, profiles } = pairing;
  const profile = profileOf(profiles, ask.profile);
  const name = checkName(ask.name);
  checkZone(ask.zone);
  checkWire(profile, ask);
  return await updateAndTell(pairing.registry, (data) => {
    const wanted = slugOf(name ?? "") || slugOf(`${ask.profile.split("/").at(-1)}-${ask.zone}`);
    const device = {
      ...placeFor({ data, profiles, profile, wanted, ask }),
      profile: ask.profile,
      zone: ask.zone,
      ...(name !== undefined && { name }),
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
  const { base } = pairing.ask;
  // rtl_433 is the program's name, and rtl-433 the family's.
  const family = pairing.ask.family.trim().toLowerCase().replaceAll("_", "-");
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
    const reached = data.devices.find(
      ({ topic, profile }) =>
        !topic.startsWith(`${base}/`) &&
        topicMistake(topic) === null &&
        pairing.profiles.publishFilters(profile, topic).some((filter) => meet(filter, `${base}/#`)),
    );
    if (reached !== undefined)
      throw new GatewayError("ALREADY_EXISTS", `with the base ${base} it could speak for device ${reached.id}`);
    const itself = data.devices.find(
      ({ topic, passwordHash }) => topic.startsWith(`${base}/`) && passwordHash !== null,
    );
    if (itself !== undefined)
      throw new GatewayError("ALREADY_EXISTS", `device ${itself.id} lies below ${base} and has a login of its own`, {
        hint: `If the bridge is to speak for it, end its login first: hedgerow device revoke ${itself.id}`,
      });
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
    if (kind === "camera") return renewCameraLogin(data, id, pairing.broker);
    const things = kind === "bridge" ? data.bridges : data.devices;
    if (!things.some((thing) => thing.id === id)) throw new GatewayError("NOT_FOUND", `there is no ${kind} ${id}`);
    const bridge = data.bridges.find((thing) => kind === "bridge" && thing.id === id);
    if (bridge !== undefined) return tellBridge(pairing, bridge);
    const device = data.devices.find((thing) => thing.id === id);
    if (device === undefined) throw new GatewayError("NOT_FOUND", `there is no device ${id}`);
    checkHasLogin(data, device);
    return tellDevice(pairing, data, device);
  });
}

/** Throws USAGE, naming who speaks for it, when the device has no login of its own. */
export function checkHasLogin(data: RegistryData, device: RegisteredDevice): void {
  const speaker = speakerFor(data, device);
  switch (speaker.kind) {
    case "itself":
      return;
    case "wire":
      throw new GatewayError("USAGE", `device ${device.id} is wired to pin ${device.pin} and has no login`, {
        hint: `To stop listening to it: hedgerow device pause ${device.id}, or hedgerow device remove ${device.id}`,
      });
    case "bridge":
    case "device":
      throw new GatewayError(
        "USAGE",
        `device ${device.id} has no login of its own: ${speaker.kind} ${speaker.id} speaks for it`,
        { hint: `The ${speaker.kind}'s login is renewed with: hedgerow ${speaker.kind} credentials ${speaker.id}` },
      );
  }
}

/** Gives a device its login, unless another speaks for it. Changes the device. */
export function tellDevice(
  { profiles, fillSetup, broker }: Pairing<unknown>,
  data: RegistryData,
  device: RegisteredDevice,
): Credentials {
  const { id, topic, profile } = device;
  const speaker = speakerFor(data, device);
  const isOwn = speaker.kind === "itself" && broker.isSites !== true;
  const login = isOwn ? newLogin(device, "device") : { username: null, password: null };
  const values = {
    topic,
    host: broker.host,
    port: String(broker.port),
    ...(speaker.kind === "bridge" && { base: speaker.base }),
    ...(speaker.kind === "wire" && wireWords(device)),
    ...(login.username !== null && login),
    ...(broker.isSites === true && SITES_LOGIN),
  };
  const lines = profiles.get(profile)?.setup ?? [];
  const isAnothers = speaker.kind === "bridge" || speaker.kind === "device";
  // Lines for a login of its own would have holes: another has the login, and is set up already.
  if (isAnothers && broker.isSites !== true && lines.some((line) => /\{(username|password)\}/.test(line)))
    return {
      id,
      ...login,
      topic,
      setup: [`Nothing to type: ${speaker.kind} ${speaker.id} speaks for it on ${topic}.`],
    };
  const note =
    speaker.kind === "itself" && broker.isSites === true ? siteNote(profiles.publishFilters(profile, topic)) : [];
  return { id, ...login, topic, setup: [...note, ...fillSetup(lines, values)] };
}

/** What stands in set-up lines for a login that we do not know. */
const SITES_LOGIN = { username: "<user name>", password: "<password>" };

/** Where the site has a broker of its own, its logins are made there. */
function siteNote(filters: readonly string[]): readonly string[] {
  return [`Make a login on the site's own broker that may publish to: ${filters.join(", ")}`];
}

function tellBridge({ profiles, fillSetup, broker }: Pairing<unknown>, bridge: RegisteredBridge): Credentials {
  const { id, family, base } = bridge;
  const { setup } = bridgeOf(profiles, family);
  const values = { base, topic: base, host: broker.host, port: String(broker.port) };
  if (broker.isSites === true) {
    const note = siteNote([`${base}/#`]);
    return {
      id,
      username: null,
      password: null,
      topic: base,
      setup: [...note, ...fillSetup(setup, { ...values, ...SITES_LOGIN })],
    };
  }
  const login = newLogin(bridge, "bridge");
  return { id, ...login, topic: base, setup: fillSetup(setup, { ...values, ...login }) };
}

function newLogin(
  thing: { readonly id: string; passwordHash: string | null },
  kind: Login["kind"],
): { username: string; password: string } {
  const password = makePassword();
  thing.passwordHash = hashPassword(password);
  return { username: usernameOf({ kind, id: thing.id }), password };
}

function bridgeOf(profiles: PairingProfiles, family: string): { readonly setup: readonly string[] } {
  const families = profiles.families();
  const bridge = families.find(({ id }) => id === family)?.bridge;
  if (bridge !== undefined && bridge !== null) return bridge;
  const hint = `Choose one of: ${families.flatMap(({ id, bridge }) => (bridge === null ? [] : [id])).join(", ")}.`;
  throw new GatewayError("NOT_FOUND", `${JSON.stringify(family)} is no family of devices with a bridge`, { hint });
}
