// Whose message is it? By the login that sent it and the topic it was sent on; also what a login may publish and hear (I8).
import type { Login } from "../core/arrival.ts";
import { covers, isAnnouncement, isWireTopic, matches, topicMistake } from "../core/topics.ts";
import type { Profiles } from "./profiles.ts";

/** What routing needs of the kit; the registry's devices and bridges fit. */
export type RoutedDevice = { readonly id: string; readonly profile: string; readonly topic: string };
export type RoutedBridge = { readonly id: string; readonly family: string; readonly base: string };
export type RoutedCamera = { readonly id: string; readonly source: { readonly kind: string; readonly topic?: string } };

/** `part`: the filter by which the topic was found to be the device's. */
export type Route<D = RoutedDevice, B = RoutedBridge> =
  | { readonly kind: "device"; readonly device: D; readonly profileId: string; readonly part: string }
  | { readonly kind: "bridge-state"; readonly bridge: B }
  | { readonly kind: "announcement" }
  | { readonly kind: "unknown"; readonly reason: "awaits-approval" | "no-profile" };

export type Router<D = RoutedDevice, B = RoutedBridge> = {
  /**
   * A device's login reaches itself, a bridge's login what lies below its base; the longest device topic wins. The
   * site's broker speaks for everybody. A device's login also reaches the devices whose topics lie below its own.
   * `isPart`: of a message that speaks of several devices (profiles/split.ts).
   */
  route(topic: string, login: Login, part?: { readonly isPart: boolean }): Route<D, B>;
  /**
   * The family that the login speaks, with its bridge's base; by the site's broker that of the bridge above the topic.
   * Undefined for strangers, and for the site's broker where no bridge is.
   */
  speakerOf(login: Login, topic: string): { readonly family: string; readonly base?: string } | undefined;
  mayPublish(login: Login, topic: string): boolean;
  /** Whether the login may subscribe to everything the filter reaches. */
  maySubscribe(login: Login, filter: string): boolean;
};

type Claim<D> = { readonly device: D; readonly filter: string };

/** Indexes the kit; make a new router when the kit changes. A device or bridge whose topic is no plain topic gets no filter at all. */
export function createRouter<D extends RoutedDevice, B extends RoutedBridge>(
  profiles: Profiles,
  kit: { readonly devices: readonly D[]; readonly bridges: readonly B[]; readonly cameras?: readonly RoutedCamera[] },
): Router<D, B> {
  const plain = kit.devices.filter(({ topic }) => topicMistake(topic) === null);
  const devices = new Map(
    plain.map((device) => [
      device.id,
      { device, claims: claimsOf(profiles, device), commands: profiles.commandFilters(device.profile, device.topic) },
    ]),
  );
  const bridges = new Map(
    kit.bridges
      .filter(({ base }) => topicMistake(base) === null)
      .map((bridge) => [
        bridge.id,
        {
          bridge,
          claims: new ClaimIndex(
            plain.filter(({ topic }) => isBelow(topic, bridge.base)).flatMap((device) => claimsOf(profiles, device)),
          ),
        },
      ]),
  );
  const pictures = new Map(
    (kit.cameras ?? []).flatMap(({ id, source }) =>
      source.kind === "mqtt" && source.topic !== undefined ? [[source.topic, id] as const] : [],
    ),
  );
  const everybody = new ClaimIndex([...devices.values()].flatMap(({ claims }) => claims));
  // By login, made when its device is first heard.
  const reaches = new Map<string, ClaimIndex<D>>();
  const reachOf = (id: string): ClaimIndex<D> | undefined => {
    const own = devices.get(id);
    if (own === undefined || reaches.has(id)) return reaches.get(id);
    const behind = plain.filter(({ topic }) => isBelow(topic, own.device.topic));
    const reach = new ClaimIndex([...own.claims, ...behind.flatMap((device) => claimsOf(profiles, device))]);
    reaches.set(id, reach);
    return reach;
  };
  const bridgeOf = (topic: string, login: Login) => {
    if (login.kind === "site") return [...bridges.values()].find(({ bridge }) => isBelow(topic, bridge.base));
    return login.kind === "bridge" ? bridges.get(login.id) : undefined;
  };

  return {
    route: (topic, login, { isPart } = { isPart: false }) => {
      if (isAnnouncement(topic)) return { kind: "announcement" };
      if (login.kind === "device") {
        const claim = reachOf(login.id)?.find(topic);
        if (claim !== undefined) return routeTo(claim);
        return { kind: "unknown", reason: isPart ? "awaits-approval" : "no-profile" };
      }
      if (isWireTopic(topic)) return { kind: "unknown", reason: "no-profile" };
      const found = bridgeOf(topic, login);
      if (found === undefined && login.kind === "site") {
        const claim = everybody.find(topic);
        return claim === undefined ? { kind: "unknown", reason: "awaits-approval" } : routeTo(claim);
      }
      if (found === undefined || !isBelow(topic, found.bridge.base)) return { kind: "unknown", reason: "no-profile" };
      const { family, base } = found.bridge;
      if (profiles.isBridgeTopic({ family, base, topic })) return { kind: "bridge-state", bridge: found.bridge };
      const claim = found.claims.find(topic);
      return claim === undefined ? { kind: "unknown", reason: "awaits-approval" } : routeTo(claim);
    },
    speakerOf: (login, topic) => {
      const device = login.kind === "device" ? devices.get(login.id)?.device : undefined;
      if (device !== undefined) return { family: device.profile.split("/")[0] ?? "" };
      const bridge = login.kind === "device" ? undefined : bridgeOf(topic, login)?.bridge;
      return bridge === undefined ? undefined : { family: bridge.family, base: bridge.base };
    },
    mayPublish: (login, topic) => {
      // Whatever a kit written by hand says: a message by MQTT is never a wire's.
      if (isWireTopic(topic)) return false;
      // Whatever a device's profile reaches: nobody else's word is a camera's picture.
      const camera = pictures.get(topic);
      if (login.kind === "camera") return camera === login.id;
      if (camera !== undefined && login.kind === "device") return false;
      if (isAnnouncement(topic)) return devices.has(login.id) || bridges.has(login.id);
      if (login.kind === "site") return true;
      if (login.kind === "device")
        return devices.get(login.id)?.claims.some(({ filter }) => matches(filter, topic)) ?? false;
      const base = bridges.get(login.id)?.bridge.base;
      return base !== undefined && isBelow(topic, base);
    },
    maySubscribe: (login, filter) => {
      if (login.kind === "site" || login.kind === "camera") return false;
      if (login.kind === "device")
        return devices.get(login.id)?.commands.some((allowed) => covers(allowed, filter)) ?? false;
      const base = bridges.get(login.id)?.bridge.base;
      return base !== undefined && covers(`${base}/#`, filter) && filter !== base;
    },
  };
}

/** Claims by topic: exact ones in one step; those with wildcards one after another, longest device topic first. */
class ClaimIndex<D extends RoutedDevice> {
  readonly #exact = new Map<string, Claim<D>>();
  readonly #wide: Claim<D>[] = [];

  constructor(claims: readonly Claim<D>[]) {
    for (const claim of claims.toSorted((a, b) => b.device.topic.length - a.device.topic.length)) {
      if (/[+#]/.test(claim.filter)) this.#wide.push(claim);
      else if (!this.#exact.has(claim.filter)) this.#exact.set(claim.filter, claim);
    }
  }

  find(topic: string): Claim<D> | undefined {
    const exact = this.#exact.get(topic);
    const wide = this.#wide.find(({ filter }) => matches(filter, topic));
    if (exact === undefined || wide === undefined) return exact ?? wide;
    return wide.device.topic.length > exact.device.topic.length ? wide : exact;
  }
}

function claimsOf<D extends RoutedDevice>(profiles: Profiles, device: D): readonly Claim<D>[] {
  return profiles.publishFilters(device.profile, device.topic).map((filter) => ({ device, filter }));
}

function routeTo<D extends RoutedDevice>({ device, filter }: Claim<D>): Extract<Route<D, never>, { kind: "device" }> {
  return { kind: "device", device, profileId: device.profile, part: filter };
}

function isBelow(topic: string, base: string): boolean {
  return topic.startsWith(`${base}/`);
}
