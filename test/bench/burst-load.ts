// The load of the burst benchmark, as a process of its own: many devices send many QoS 1 messages each, all at once.
// Arguments: port, devices, messages each, password ("": no login). Prints {"acknowledged", "seconds", "p50Ms", "p99Ms"}.
import { connectAsync } from "mqtt";

const [port, devices, messages, password = ""] = process.argv.slice(2);
const clients = await Promise.all(
  Array.from({ length: Number(devices) }, (_, n) =>
    connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: `lux-${n}`,
      ...(password !== "" && { username: `lux-${n}`, password }),
    }),
  ),
);
const startedAt = performance.now();
const waits = await Promise.all(
  clients.flatMap((client, n) =>
    Array.from({ length: Number(messages) }, async (_, lux) => {
      await client.publishAsync(`sensors/lux-${n}`, JSON.stringify({ illuminance: lux + 1 }), { qos: 1 });
      return performance.now() - startedAt;
    }),
  ),
);
const seconds = (performance.now() - startedAt) / 1000;
for (const client of clients) client.end(true);
waits.sort((a, b) => a - b);
const at = (share: number) => Math.round((waits[Math.floor(waits.length * share)] ?? 0) * 100) / 100;
process.stdout.write(JSON.stringify({ acknowledged: waits.length, seconds, p50Ms: at(0.5), p99Ms: at(0.99) }));
