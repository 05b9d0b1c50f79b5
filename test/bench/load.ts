// The load of the event benchmark, as a process of its own: 20 publishers keep 8 QoS 1 messages in flight each.
// Arguments: port, seconds, user name, password, topic prefix. Prints {"acknowledged", "seconds", "p50Ms", "p99Ms"}.
import { connectAsync, type MqttClient } from "mqtt";

const PUBLISHERS = 20;
const IN_FLIGHT = 8;
const [port, seconds, username, password, prefix] = process.argv.slice(2);
const clients = await Promise.all(
  Array.from({ length: PUBLISHERS }, (_, n) =>
    connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: `load-${n}`,
      ...(username ? { username, password: password ?? "" } : {}),
    }),
  ),
);
const waits: number[] = [];
const startedAt = performance.now();
const endAt = startedAt + Number(seconds) * 1000;
let serial = 0;

const lane = async (client: MqttClient, publisher: number) => {
  while (performance.now() < endAt) {
    const sentAt = performance.now();
    await client.publishAsync(
      `${prefix}${publisher}`,
      JSON.stringify({ illuminance: ++serial % 60_000, battery: 90 }),
      { qos: 1 },
    );
    waits.push(performance.now() - sentAt);
  }
};
await Promise.all(clients.flatMap((client, n) => Array.from({ length: IN_FLIGHT }, () => lane(client, n))));
const tookS = (performance.now() - startedAt) / 1000;
for (const client of clients) client.end(true);
waits.sort((a, b) => a - b);
const at = (share: number) => Math.round((waits[Math.floor(waits.length * share)] ?? 0) * 100) / 100;
process.stdout.write(JSON.stringify({ acknowledged: waits.length, seconds: tookS, p50Ms: at(0.5), p99Ms: at(0.99) }));
