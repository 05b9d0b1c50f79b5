// A gateway process and the reference receiver that it delivers to, with what journeys ask of both.
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { expect } from "vitest";
import { openDatabase } from "../../src/core/database.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { openPlatform, type Platform } from "../../src/demo/platform.ts";
import { callGateway } from "../../src/web/local-socket.ts";
import { expectConserved } from "./conservation.ts";
import { freePorts, openHouse, type TestHouse } from "./gateway-process.ts";

export type PlatformEvent = {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export type House = TestHouse & {
  readonly platform: Platform;
  /** All events that the platform holds, in the order in which it took them. */
  events(): PlatformEvent[];
  /** How often an id came again with another body. */
  conflicts(): number;
  /** Sequences up to the highest that the platform holds neither as an event nor named by a tombstone. */
  holes(): number[];
  /** Counted motion that no event has told yet, by device. */
  openWindows(): Map<string, number>;
  /** A durable counter of the gateway. */
  counter(name: string): number;
  /** Whether the platform answers 503 to everything. */
  setAway(away: boolean): Promise<void>;
  /** Resolves when nothing waits for the platform any more, and both sums of the running gateway hold (I9). */
  drained(): Promise<void>;
  bridgePassword(id: string): Promise<string>;
  /** A client with the login of bridge `z2m` that does not come again by itself. */
  connectBridge(): Promise<MqttClient>;
};

/**
 * `through`: puts something between gateway and platform; gets the platform's port and gives the one to use.
 * `gatewayId`: where `gateway` says another one than the usual.
 */
export async function openHouseWithPlatform({
  through = (port) => Promise.resolve(port),
  gatewayId = "test-street",
  ...options
}: Omit<Parameters<typeof openHouse>[0], "platform"> & {
  through?: (port: number) => Promise<number>;
  gatewayId?: string;
}): Promise<House> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("unreachable");
  const publicKeys = new Map<string, string>();
  const platform = await openPlatform({ host: "127.0.0.1", port, publicKeys });
  const house = await openHouse({
    ...options,
    platform: [{ id: "main", kind: "https", url: `http://127.0.0.1:${await through(port)}` }],
  });
  publicKeys.set(gatewayId, (await openGatewayKey(house.dataDir)).publicKey);

  const read = (sql: string): Record<string, unknown>[] => {
    const database = openDatabase(join(house.dataDir, "spool.db"));
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  };
  // A program of its own each time is most of what a command costs.
  const bridgePassword = async (id: string): Promise<string> => {
    const renewed = await callGateway(house.dataDir, "renewCredentials", { kind: "bridge", id });
    if (renewed?.password != null) return renewed.password;
    return JSON.parse(await house.hedgerow("bridge", "credentials", id, "--config", house.config, "--json")).password;
  };
  const events = (): PlatformEvent[] => JSON.parse(JSON.stringify(platform.store.events()));
  return {
    ...house,
    platform,
    events,
    conflicts: () => platform.store.stats().conflicts,
    holes() {
      const held = new Set(events().map(({ sequence }) => Number(sequence)));
      for (const { type, data } of events()) {
        if (type === "hedgerow.tombstone.v1" && Array.isArray(data["sequences"]))
          for (const gone of data["sequences"]) held.add(Number(gone));
      }
      return Array.from({ length: Math.max(0, ...held) }, (_, n) => n + 1).filter((n) => !held.has(n));
    },
    openWindows: () =>
      new Map(read("SELECT device, count FROM windows").map((row) => [String(row["device"]), Number(row["count"])])),
    counter: (name) => Number(read(`SELECT n FROM counters WHERE name='${name}'`)[0]?.["n"] ?? 0),
    async setAway(away) {
      const answer = await fetch(`${platform.url}/control`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ away }),
      });
      if (!answer.ok) throw new Error(`the platform answered ${answer.status}`);
    },
    async drained() {
      await expect
        .poll(() => read("SELECT count(*) AS n FROM waiting")[0]?.["n"], { timeout: 90_000, interval: 250 })
        .toBe(0);
      await expectConserved(house);
    },
    bridgePassword,
    async connectBridge() {
      const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, {
        username: "bridge_z2m",
        password: await bridgePassword("z2m"),
        reconnectPeriod: 0,
      });
      client.on("error", () => undefined);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await platform[Symbol.asyncDispose]();
    },
  };
}
