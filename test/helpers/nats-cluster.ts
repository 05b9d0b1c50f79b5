// A city's broker: three NATS servers with JetStream and MQTT, three copies of everything, on loopback; each can be killed and
// started again. Ended with the test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connectAsync } from "mqtt";
import { freePorts } from "./gateway-process.ts";
import { tempDir } from "./temp-dir.ts";

export const NODES = [0, 1, 2] as const;

export type NatsCluster = AsyncDisposable & {
  /** Of the MQTT listener of a node. */
  mqttUrl(node: number): string;
  /** Addresses for clients of NATS itself. */
  readonly servers: readonly string[];
  readonly client: NatsConnection;
  manager(): Promise<JetStreamManager>;
  /** The node that leads a stream, or -1 while none does. */
  leaderOf(stream: string): Promise<number>;
  /**
   * Lets another node than the one of MQTT's own messages lead a stream (or it is that one), and gives a node that leads neither. Where one node
   * leads both, NATS 2.9 makes clients of the other nodes wait half a second now and then: 30 messages a second in place of 2,000.
   */
  spread(stream: string): Promise<number>;
  /** kill -9. */
  kill(node: number): Promise<void>;
  start(node: number): Promise<void>;
};

export async function startNatsCluster(): Promise<NatsCluster> {
  const directory = await tempDir();
  const ports = await freePorts(9);
  const portOf = (kind: "client" | "mqtt" | "route", node: number): number =>
    ports[{ client: 0, mqtt: 3, route: 6 }[kind] + node] ?? 0;
  const routes = NODES.map((node) => `nats-route://127.0.0.1:${portOf("route", node)}`).join(", ");
  const children = new Map<number, ChildProcess>();
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };

  const start = async (node: number): Promise<void> => {
    const file = join(directory.path, `node-${node}.conf`);
    const config = [
      "host: 127.0.0.1",
      `port: ${portOf("client", node)}`,
      `server_name: node-${node}`,
      `jetstream { store_dir: "${directory.path}/js-${node}" }`,
      `mqtt { host: 127.0.0.1, port: ${portOf("mqtt", node)}, ack_wait: "1s", stream_replicas: ${NODES.length} }`,
      `cluster { name: city, host: 127.0.0.1, port: ${portOf("route", node)}, routes: [${routes}] }`,
    ];
    await writeFile(file, `${config.join("\n")}\n`);
    const child = spawn("nats-server", ["-c", file], { stdio: ["ignore", "ignore", "pipe"], env });
    children.set(node, child);
    let said = "";
    await new Promise<void>((resolve, reject) => {
      // Read to the end: a Go program ends at a closed standard error.
      child.stderr.on("data", (chunk: Buffer) => {
        said = `${said}${String(chunk)}`.slice(-4096);
        if (said.includes("Server is ready")) resolve();
      });
      child.once("exit", () => reject(new Error(`nats-server ended before it was ready:\n${said}`)));
    });
  };
  const kill = async (node: number): Promise<void> => {
    const child = children.get(node);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };

  await Promise.all(NODES.map((node) => start(node)));
  const servers = NODES.map((node) => `127.0.0.1:${portOf("client", node)}`);
  const client = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const manager = (): Promise<JetStreamManager> => patiently(() => jetstreamManager(client, { timeout: 2000 }));
  await manager();
  const mqttUrl = (node: number): string => `mqtt://127.0.0.1:${portOf("mqtt", node)}`;
  const leaderOf = async (stream: string): Promise<number> => {
    const { cluster } = await patiently(async () => (await manager()).streams.info(stream));
    return Number(cluster?.leader?.replace("node-", "") ?? -1);
  };
  return {
    mqttUrl,
    servers,
    client,
    manager,
    leaderOf,
    async spread(stream) {
      // MQTT's own streams are made for the first client.
      const first = await connectAsync(mqttUrl(0), { reconnectPeriod: 500, connectTimeout: 10_000 });
      await first.endAsync();
      for (;;) {
        const leaders = [await leaderOf("$MQTT_msgs"), await leaderOf(stream)];
        if (!leaders.includes(-1) && (leaders[0] !== leaders[1] || stream === "$MQTT_msgs"))
          return NODES.find((node) => !leaders.includes(node)) ?? 0;
        await client.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await client.close();
      await Promise.all(NODES.map((node) => kill(node)));
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** A cluster that has no leader yet answers nothing: it is asked again for 60 s. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (cause) {
      if (Date.now() > until) throw cause;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
