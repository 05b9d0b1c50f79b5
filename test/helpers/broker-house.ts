// A broker with a kit of two devices, whose taking of messages a test can hold back or make fail.
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import type { Arrival } from "../../src/core/arrival.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { type Broker, openBroker } from "../../src/ingest/broker.ts";

type Deps = Parameters<typeof openBroker>[0];

export type BrokerHouse = AsyncDisposable & {
  broker: Broker;
  board: Board;
  taken: Arrival[];
  release: (() => void)[];
  client(options?: IClientOptions): Promise<MqttClient>;
};

type Options = Partial<
  Pick<
    Deps,
    | "tls"
    | "websocket"
    | "authenticate"
    | "take"
    | "mayPublish"
    | "maySubscribe"
    | "pictures"
    | "isAnothers"
    | "clock"
    | "log"
  >
> & {
  readonly hold?: boolean;
  readonly limits?: Partial<Deps["limits"]>;
  readonly packetBytes?: number;
};

/** Far above what a test sends unless it is about a limit. */
const LIMITS_OF_TEST: Deps["limits"] = {
  connections: 500,
  connectionsPerAddress: 500,
  packetBytes: 65_536,
  picturePacketBytes: 1024 * 1024,
  messagesPerSecondPerDevice: 100_000,
};

/** A broker whose `take` can be held back; device `a` may publish below a/, hears a/cmd; a certificate is its common name. */
export async function openBrokerHouse({
  hold = false,
  limits,
  packetBytes = 65_536,
  ...options
}: Options = {}): Promise<BrokerHouse> {
  const board = new Board();
  const taken: Arrival[] = [];
  const release: (() => void)[] = [];
  const clients: MqttClient[] = [];
  const broker = await openBroker({
    listen: { host: "127.0.0.1", port: 0 },
    limits: { ...LIMITS_OF_TEST, packetBytes, ...limits },
    authenticate: (username, password) => (password === "right" ? { kind: "device", id: username } : null),
    authenticateByCertificate: (commonName) => ({ kind: "device", id: commonName }),
    mayPublish: (login, topic) => topic.startsWith(`${login.id}/`),
    maySubscribe: (login, filter) => filter === `${login.id}/cmd`,
    take: (arrival) => {
      taken.push(arrival);
      if (arrival.topic.endsWith("/fail")) return Promise.reject(new Error("not kept"));
      return hold ? new Promise((resolve) => release.push(resolve)) : Promise.resolve();
    },
    settled: () => Promise.resolve(),
    isHeldBack: () => false,
    clock: systemClock,
    board,
    log: silentLog,
    ...options,
  });
  return {
    broker,
    board,
    taken,
    release,
    async client(options = {}) {
      const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
        username: "a",
        password: "right",
        reconnectPeriod: 0,
        ...options,
      });
      client.on("error", () => undefined);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.end(true);
      for (const go of release) go();
      await broker[Symbol.asyncDispose]();
    },
  };
}
