// A broker with a kit of two devices, whose taking of messages a test can hold back or make fail.
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import type { Arrival } from "../../src/core/arrival.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { type Broker, openBroker } from "../../src/ingest/broker.ts";

export type BrokerHouse = AsyncDisposable & {
  broker: Broker;
  board: Board;
  taken: Arrival[];
  release: (() => void)[];
  client(options?: IClientOptions): Promise<MqttClient>;
};

/** A broker whose `take` can be held back; device `a` may publish below a/, hears a/cmd. */
export async function openBrokerHouse({ hold = false, packetBytes = 65_536 } = {}): Promise<BrokerHouse> {
  const board = new Board();
  const taken: Arrival[] = [];
  const release: (() => void)[] = [];
  const clients: MqttClient[] = [];
  const broker = await openBroker({
    listen: { host: "127.0.0.1", port: 0 },
    limits: { connections: 50, packetBytes },
    authenticate: (username, password) => (password === "right" ? { kind: "device", id: username } : null),
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
