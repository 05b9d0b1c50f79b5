// Sensors that report at a steady pace, as a process of its own: each sends a QoS 1 message every so often, spread evenly.
// Arguments: port, devices, messages a second of all, seconds, password. Prints {"acknowledged", "p50Ms", "p99Ms", "maxMs"}.
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync } from "mqtt";

const [port, devices, perSecond, seconds, password = ""] = process.argv.slice(2);
const clients = await Promise.all(
  Array.from({ length: Number(devices) }, (_, n) =>
    connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: `lux-${n}`, username: `lux-${n}`, password }),
  ),
);
const total = Number(perSecond) * Number(seconds);
const startedAt = performance.now();
const waits = await Promise.all(
  Array.from({ length: total }, async (_, n) => {
    const dueMs = (n * 1000) / Number(perSecond);
    await sleep(dueMs);
    const sentAt = performance.now();
    const device = n % clients.length;
    await clients[device]?.publishAsync(`sensors/lux-${device}`, JSON.stringify({ illuminance: (n % 60_000) + 1 }), {
      qos: 1,
    });
    return performance.now() - sentAt;
  }),
);
const tookS = (performance.now() - startedAt) / 1000;
for (const client of clients) client.end(true);
waits.sort((a, b) => a - b);
const at = (share: number) =>
  Math.round((waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0) * 100) / 100;
process.stdout.write(
  JSON.stringify({ acknowledged: waits.length, seconds: tookS, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }),
);
