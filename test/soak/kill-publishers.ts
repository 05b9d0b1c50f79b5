// Sensors as a process of their own, which no kill of the gateway touches: each sends its next message until it is acknowledged, and
// each PUBACK is a line on standard output, `sensor number`, written when it came. At SIGTERM what was begun is finished.
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connectAsync, type MqttClient } from "mqtt";
import { seededRandom } from "../helpers/random.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "" },
    password: { type: "string", default: "" },
    sensors: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});
/** Up to so long from an acknowledgement to the next message: 20 sensors send 600 messages a second. */
const PAUSE_MS = 60;
/** A publish on a connection that was cut settles never: a sensor gives up after a while, and connects again. */
const ANSWER_MS = 1500;
const AGAIN_MS = 20;

const random = seededRandom(Number(values.seed));
const ending = new AbortController();
process.once("SIGTERM", () => ending.abort());

/** Message n: n odd is motion, n even its end; the light level n tells which message an event is of. */
async function sense(sensor: number): Promise<void> {
  let client: MqttClient | null = null;
  for (let n = 1; !ending.signal.aborted; n++) {
    const payload = JSON.stringify({ occupancy: n % 2 === 1, illuminance: n, battery: 90 });
    // What was stored and never answered would be one too many: it is sent until it is answered.
    for (let isAnswered = false; !isAnswered; ) {
      try {
        client ??= await connect(sensor);
        await answered(client.publishAsync(`zigbee2mqtt/pir-${sensor}`, payload, { qos: 1 }));
        isAnswered = true;
      } catch {
        client?.end(true);
        client = null;
        await sleep(AGAIN_MS);
      }
    }
    writeSync(1, `${sensor} ${n}\n`);
    await sleep(random() * PAUSE_MS);
  }
  client?.end(true);
}

async function connect(sensor: number): Promise<MqttClient> {
  const client = await connectAsync(
    `mqtt://127.0.0.1:${values.port}`,
    {
      clientId: `pir-${sensor}`,
      username: "bridge_z2m",
      password: values.password,
      reconnectPeriod: 0,
      connectTimeout: 2000,
    },
    false,
  );
  client.on("error", () => undefined);
  return client;
}

function answered(publish: Promise<unknown>): Promise<unknown> {
  const late = new AbortController();
  publish.catch(() => undefined);
  return Promise.race([
    publish.finally(() => late.abort()),
    sleep(ANSWER_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error("no acknowledgement");
    }),
  ]);
}

await Promise.all(Array.from({ length: Number(values.sensors) }, (_, sensor) => sense(sensor)));
