// Opens what sensors come in by, as the settings name it: the embedded broker, or the broker of the site; and wires.
import type { Login } from "../core/arrival.ts";
import { loginOf, usernameOf, verifyPassword } from "../registry/credentials.ts";
import { cameraOf, pictureTopicOf } from "../registry/camera-login.ts";
import type { Registry, RegistryData } from "../registry/registry.ts";
import type { GatewaySettings } from "../settings/schema.ts";
import { openBroker } from "./broker.ts";
import { openExternalBroker, type SiteState } from "./external-broker.ts";
import { type PublishFilters, wantedFilters } from "./external-broker-filters.ts";
import { machineLines } from "./gpio-driver.ts";
import type { GpioLines } from "./gpio-lines.ts";
import { openGpio } from "./gpio.ts";
import type { Pictures } from "./source.ts";

type BrokerDeps = Parameters<typeof openBroker>[0];

/**
 * What all sources need. `settings`: gateway.yaml's broker section, its paths absolute. `lines`: by default this machine's.
 * `publishFilters`: by a device's profile and topic. `readSecret` throws SECRET_UNREADABLE.
 */
type Deps = Omit<BrokerDeps, "listen" | "limits" | "authenticate" | "pictures"> & {
  readonly pictures?: Pick<Pictures, "take" | "drop">;
  readonly settings: GatewaySettings["broker"];
  readonly registry: Pick<Registry, "data" | "onChange">;
  readonly gatewayId: string;
  readonly publishFilters: PublishFilters;
  readonly readSecret: (file: string) => Promise<string>;
  readonly lines?: GpioLines | undefined;
};

/** What sensors connect to: our broker, or the site's that we are a subscriber of. */
type Door = {
  /** The embedded broker's port; null where the site's broker is used. */
  readonly port: number | null;
  /** Ends the login's connections, so that new credentials or a revocation hold at once. The site's broker has its own logins. */
  disconnect(login: Login): void;
  /** Sends a device its command; true when it, or the site's broker, has it. Waits for a bounded time. */
  send(command: { readonly topic: string; readonly payload: string }): Promise<boolean>;
  /** How it stands with the site's broker; null where there is none. */
  siteBroker(): SiteState | null;
};

/** The doors as one. They are opened last and closed first: then nothing arrives any more. */
export type Sources = Door & AsyncDisposable;

/** Opens each source that the settings name. Throws what its door throws, and then has closed what had opened. */
export async function openSources(deps: Deps, stop: AbortSignal): Promise<Sources> {
  await using stack = new AsyncDisposableStack();
  const { settings, clock, log } = deps;
  const pictures = picturesOf(deps);
  const door = stack.use(
    await (settings.external === undefined ? openEmbedded(deps, pictures) : openExternal(deps, pictures, stop)),
  );
  stack.use(openGpio({ ...deps, lines: deps.lines ?? machineLines({ nowMs: () => clock.nowMs(), log }) }));
  const owned = stack.move();
  return {
    port: door.port,
    disconnect: (login) => door.disconnect(login),
    send: (command) => door.send(command),
    siteBroker: () => door.siteBroker(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** By the kit as it is. */
function picturesOf({ registry, pictures }: Pick<Deps, "registry" | "pictures">): Pictures | undefined {
  if (pictures === undefined) return undefined;
  const isCamera = () => registry.data().cameras.some((camera) => pictureTopicOf(camera) !== null);
  return {
    hasAny: ({ kind }) => kind === "camera" || (kind !== "device" && isCamera()),
    cameraOf: (login, topic) => cameraOf(registry.data(), login, topic),
    take: (cameraId, message) => pictures.take(cameraId, message),
    drop: (why) => pictures.drop(why),
  };
}

async function openEmbedded({ settings, registry, ...deps }: Deps, pictures: Pictures | undefined): Promise<Sources> {
  const broker = await openBroker({
    ...settings,
    ...deps,
    pictures,
    authenticate: (username, password) => authenticate(registry.data(), username, password),
    authenticateByCertificate: (commonName) => authenticateByCertificate(registry.data(), commonName),
    isAnothers: (login, clientId) => isAnothers(registry.data(), login, clientId),
  });
  return {
    port: broker.port,
    disconnect: (login) => broker.disconnect(login),
    send: ({ topic, payload }) => broker.send({ topic, payload: Buffer.from(payload), qos: 1 }),
    siteBroker: () => null,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

async function openExternal(
  { settings, registry, publishFilters, ...deps }: Deps,
  pictures: Pictures | undefined,
  stop: AbortSignal,
): Promise<Sources> {
  const { external, limits } = settings;
  if (external === undefined) throw new Error("mode external without its section: the schema lets nothing such pass");
  const broker = await openExternalBroker(
    {
      ...deps,
      external,
      pictures,
      packetBytes: limits.packetBytes,
      picturePacketBytes: limits.picturePacketBytes,
      wanted: () => wantedFilters(registry.data(), publishFilters),
      onWantedChange: (watcher) => registry.onChange(watcher),
    },
    stop,
  );
  return {
    port: null,
    disconnect: () => undefined,
    send: (command) => broker.send(command),
    siteBroker: () => broker.state(),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

function authenticate(data: Readonly<RegistryData>, username: string, password: string): Login | null {
  const login = loginOf(username);
  return verifyPassword({ password, hash: passwordHashOf(data, login) }) ? login : null;
}

/** A certificate stands for the password, not for the pairing: what was revoked, or never paired, stays outside. */
function authenticateByCertificate(data: Readonly<RegistryData>, commonName: string): Login | null {
  const login = loginOf(commonName);
  return passwordHashOf(data, login) === null ? null : login;
}

/** By the user name or, as some set-up lines have it, the topic of who has a login. */
function isAnothers({ devices, bridges, cameras }: Readonly<RegistryData>, login: Login, clientId: string): boolean {
  const named = [
    ...devices
      .filter(({ id, topic, passwordHash }) => passwordHash !== null && (id === clientId || topic === clientId))
      .map(({ id }) => `device ${id}`),
    ...bridges
      .filter(({ id, passwordHash }) => passwordHash !== null && usernameOf({ kind: "bridge", id }) === clientId)
      .map(({ id }) => `bridge ${id}`),
    ...cameras
      .filter(
        (camera) =>
          (camera.passwordHash ?? null) !== null && usernameOf({ kind: "camera", id: camera.id }) === clientId,
      )
      .map(({ id }) => `camera ${id}`),
  ];
  return named.length > 0 && !named.includes(`${login.kind} ${login.id}`);
}

function passwordHashOf({ devices, bridges, cameras }: Readonly<RegistryData>, { kind, id }: Login): string | null {
  const things = kind === "bridge" ? bridges : kind === "camera" ? cameras : devices;
  return things.find((each) => each.id === id)?.passwordHash ?? null;
}
