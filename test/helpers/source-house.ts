// A source of sensor messages behind a watch of its acknowledgements, whose taking a test can hold back or make fail: the
// embedded broker with a sensor that logs in, and the site's Mosquitto with a sensor that the gateway knows nothing of.
import { connectAsync, type MqttClient } from "mqtt";
import { expect } from "vitest";
import type { Arrival } from "../../src/core/arrival.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { type Log, silentLog } from "../../src/core/log.ts";
import { openSources, type Sources } from "../../src/ingest/sources.ts";
import { hashPassword } from "../../src/registry/credentials.ts";
import type { RegistryData } from "../../src/registry/registry.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { readSecret } from "../../src/settings/secrets.ts";
import { type PubackWatch, watchPubacks } from "./puback-watch.ts";

/** What a test does with an arrival: keeps it, fails it, or holds it until `release`. */
export type Fate = (arrival: Arrival) => Promise<void>;

export type SourceHouse = AsyncDisposable & {
  readonly sources: Sources;
  readonly board: Board;
  readonly taken: readonly Arrival[];
  readonly watch: PubackWatch;
  /** A sensor that may publish below `porch/` and hears `porch/cmd/#`. */
  sensor(): Promise<MqttClient>;
  setFate(fate: Fate): void;
  setHeldBack(isHeldBack: boolean): void;
  /** The kit changes: other topics are wanted. */
  setTopics(topics: readonly string[]): void;
  /** Stops taking, as at the end of the program. */
  close(): Promise<void>;
};

type Options = { readonly packetBytes?: number; readonly topics?: readonly string[]; readonly log?: Log };

/** The gateway's own broker; the watch stands between the sensor and it. */
export async function openEmbeddedHouse(options: Options = {}): Promise<SourceHouse> {
  const rooms = await openRooms(options, { listen: { host: "127.0.0.1", port: 1 } }, { host: "127.0.0.1", port: 0 });
  const watch = await watchPubacks({ port: rooms.sources.port ?? 0, of: "server" });
  return { ...rooms, watch, ...withSensors(watch.port, { username: "porch", password: "right" }, [rooms, watch]) };
}

/**
 * A broker of the site on `port`; the watch stands between the gateway and it. `external`: more of broker.external.
 * `isAwaited`: whether to wait until the broker is there.
 */
export async function openExternalHouse({
  port,
  external = {},
  gatewayId = "test-street",
  scheme = "mqtt",
  isAwaited = true,
  ...options
}: Options & {
  port: number;
  external?: object;
  gatewayId?: string;
  scheme?: "mqtt" | "mqtts";
  isAwaited?: boolean;
}): Promise<SourceHouse> {
  const watch = await watchPubacks({ port, of: "client" });
  const broker = { mode: "external", external: { url: `${scheme}://127.0.0.1:${watch.port}`, ...external } };
  const rooms = await openRooms({ ...options, gatewayId }, broker);
  if (isAwaited) await expect.poll(() => rooms.sources.siteBroker()?.why, { timeout: 10_000 }).toBeNull();
  return { ...rooms, watch, ...withSensors(port, {}, [rooms, watch]) };
}

async function openRooms(
  {
    packetBytes = 65_536,
    topics = ["porch"],
    gatewayId = "test-street",
    log = silentLog,
  }: Options & { gatewayId?: string },
  broker: object,
  listen?: { readonly host: string; readonly port: number },
) {
  const parsed = SCHEMAS.gateway.parse({ gateway: { id: gatewayId }, broker }).broker;
  const settings = { ...parsed, ...(listen !== undefined && { listen }), limits: { ...parsed.limits, packetBytes } };
  const board = new Board();
  const taken: Arrival[] = [];
  let wanted = topics;
  let isHeldBack = false;
  let fate: Fate = () => Promise.resolve();
  const watchers = new Set<() => void>();
  const data = (): RegistryData => ({
    version: 3,
    cameras: [],
    accounts: [],
    invitations: [],
    tokens: [],
    bridges: [],
    discovered: [],
    proposals: [],
    devices: wanted.map((topic, n) => ({
      id: n === 0 ? "porch" : `porch-${n}`,
      profile: "test/all",
      topic,
      zone: "porch",
      passwordHash: hashPassword("right"),
    })),
  });
  const stop = new AbortController();
  const sources = await openSources(
    {
      settings,
      registry: {
        data,
        onChange: (watcher) => {
          watchers.add(watcher);
          return () => watchers.delete(watcher);
        },
      },
      gatewayId,
      publishFilters: (_profile, topic) => [`${topic}/#`],
      readSecret,
      mayPublish: (login, topic) => topic.startsWith(`${login.id}/`),
      maySubscribe: (login, filter) => filter.startsWith(`${login.id}/cmd`),
      take: (arrival) => {
        taken.push(arrival);
        return fate(arrival);
      },
      settled: () => Promise.resolve(),
      isHeldBack: () => isHeldBack,
      clock: systemClock,
      board,
      log,
    },
    stop.signal,
  );
  return {
    sources,
    board,
    taken,
    setFate: (next: Fate) => void (fate = next),
    setHeldBack: (next: boolean) => void (isHeldBack = next),
    setTopics(next: readonly string[]) {
      wanted = next;
      for (const watcher of watchers) watcher();
    },
    close: async () => sources[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await sources[Symbol.asyncDispose]();
    },
  };
}

function withSensors(port: number, login: object, owned: readonly AsyncDisposable[]) {
  const clients: MqttClient[] = [];
  return {
    async sensor() {
      const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
        ...login,
        clientId: `sensor-${clients.length}`,
        reconnectPeriod: 100,
      });
      client.on("error", () => undefined);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.end(true);
      for (const each of owned) await each[Symbol.asyncDispose]();
    },
  };
}
