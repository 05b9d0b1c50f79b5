// The load of the outage benchmark, as a process of its own: numbered QoS 1 messages from many publishers with a window each, sent
// again until they are acknowledged, also over a broker that is killed and comes back.
// Arguments: port, messages, devices, user name, password, topic prefix. Prints a JSON line {"acknowledged", "seconds"} for each
// hundredth part, and ends when all are acknowledged. Message n is device n % devices with illuminance floor(n / devices) + 1.
import { connectAsync, type MqttClient } from "mqtt";

const PUBLISHERS = 20;
const IN_FLIGHT = 8;
const [port, messages, devices, username, password, prefix] = process.argv.slice(2);
const total = Number(messages);
const clients = await Promise.all(
  Array.from({ length: PUBLISHERS }, (_, n) =>
    connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: `load-${n}`,
      // As a device does: what was not acknowledged is sent again on the next connection.
      clean: false,
      reconnectPeriod: 200,
      ...(username ? { username, password: password ?? "" } : {}),
    }),
  ),
);
for (const client of clients) client.on("error", () => undefined);
const startedAt = performance.now();
const step = Math.max(1, Math.floor(total / 100));
let next = 0;
let acknowledged = 0;

const lane = async (client: MqttClient) => {
  while (next < total) {
    const n = next++;
    const payload = JSON.stringify({ illuminance: Math.floor(n / Number(devices)) + 1, battery: 90 });
    await client.publishAsync(`${prefix}${n % Number(devices)}`, payload, { qos: 1 });
    if (++acknowledged % step === 0 || acknowledged === total)
      process.stdout.write(`${JSON.stringify({ acknowledged, seconds: (performance.now() - startedAt) / 1000 })}\n`);
  }
};
await Promise.all(clients.flatMap((client) => Array.from({ length: IN_FLIGHT }, () => lane(client))));
for (const client of clients) client.end(true);
