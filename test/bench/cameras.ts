// What cameras cost the sensors: 200 sensors report at a steady pace while 20 cameras fire at once, again and again, beside the
// same pace with the cameras at rest, alternating in one run. Every trigger ends as a picture, a withheld one or a counted refusal.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import sharp from "sharp";
import { openHouse } from "../helpers/gateway-process.ts";
import { manyDevices } from "../helpers/many-devices.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";
import { query } from "../helpers/test-spool.ts";
import { residentMiB } from "./events.ts";

const [SENSORS, PER_SECOND, SECONDS, CAMERAS, ROUNDS] = [200, 400, 10, 20, 3];

type Load = { readonly acknowledged: number; readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };

export async function benchCameras() {
  const jpeg = await sharp(await samplePhotograph("sample1"))
    .resize(1280, 720, { fit: "cover" })
    .jpeg()
    .toBuffer();
  let served = 0;
  const server = createServer((_, response) => {
    served += 1;
    response.writeHead(200, { "content-type": "image/jpeg", "content-length": jpeg.length }).end(jpeg);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/snapshot.jpg`;
  const ids = Array.from({ length: CAMERAS }, (_, n) => `cam-${n}`);
  const { kit, password, prepare } = manyDevices(SENSORS, {
    bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
    devices: [{ id: "pir", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/pir", zone: "gate" }],
    cameras: ids.map((id) => ({
      id,
      zone: "gate",
      source: { kind: "http-snapshot", url },
      triggers: ["pir"],
      cooldownS: 0,
    })),
  });
  await using house = await openHouse({
    prepare,
    kit,
    policy: {
      cameras: Object.fromEntries(
        ids.map((id) => [id, { purpose: { en: "bench" }, until: "2099-01-01", snapshotsPerDay: 10_000 }]),
      ),
    },
  });
  const credentials = await house.hedgerow("bridge", "credentials", "z2m", "--config", house.config, "--json");
  const gateway = await house.start();
  const pir = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, {
    username: "bridge_z2m",
    password: JSON.parse(credentials).password,
  });
  let moves = 0;
  const move = async (): Promise<void> => {
    moves += 1;
    for (const occupancy of [true, false])
      await pir.publishAsync("zigbee2mqtt/pir", JSON.stringify({ occupancy }), { qos: 1 });
  };
  const ended = async (): Promise<number> => {
    const metrics = await (await fetch(`http://127.0.0.1:${house.statusPort}/metrics`)).text();
    const counts = Object.values({ ...countersOf(house.dataDir), ...refusalsOf(metrics) });
    return counts.reduce((sum, count) => sum + count, 0);
  };
  // The first self-checks of all cameras are made before anything is measured.
  await settle(async () => served, CAMERAS);
  const idle: Load[] = [];
  const busy: Load[] = [];
  let rssMiB = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    idle.push(await load(house.brokerPort, password));
    const stop = new AbortController();
    const firing = (async () => {
      while (!stop.signal.aborted) {
        await move();
        rssMiB = Math.max(rssMiB, await residentMiB(gateway.child.pid));
        await sleep(1000);
      }
    })();
    busy.push(await load(house.brokerPort, password));
    stop.abort();
    await firing;
    await settle(ended, moves * CAMERAS);
  }
  await pir.endAsync();
  const endedAsPictureOrCounted = await ended();
  const counters = countersOf(house.dataDir);
  const metrics = await (await fetch(`http://127.0.0.1:${house.statusPort}/metrics`)).text();
  await gateway.end("SIGTERM");
  server.close();
  server.closeAllConnections();
  const [rest, fire] = [middle(idle), middle(busy)];
  return {
    sensors: SENSORS,
    reportsPerS: PER_SECOND,
    cameras: CAMERAS,
    atRest: rest,
    whileFiring: fire,
    p99Ratio: Math.round((fire.p99Ms / rest.p99Ms) * 100) / 100,
    triggers: moves * CAMERAS,
    endedAsPictureOrCounted,
    pictures: { served, ...counters, ...refusalsOf(metrics) },
    gatewayRssMiB: rssMiB,
  };
}

async function load(port: number, password: string): Promise<Load> {
  const script = new URL("paced-load.ts", import.meta.url).pathname;
  const args = [script, String(port), String(SENSORS), String(PER_SECOND), String(SECONDS), password];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { acknowledged, p50Ms, p99Ms, maxMs }: Load = JSON.parse(stdout);
  return { acknowledged, p50Ms, p99Ms, maxMs };
}

/** Until as many have ended as were begun: a trigger ends as a picture, a withheld one or a counted refusal. Five minutes at most. */
async function settle(ended: () => Promise<number>, begun: number): Promise<void> {
  for (let n = 0; n < 300 && (await ended()) < begun; n += 1) await sleep(1000);
}

function countersOf(dataDir: string): Record<string, number> {
  const rows = query(dataDir, "SELECT name, n FROM counters WHERE name LIKE 'snapshot.%'");
  return Object.fromEntries(rows.map(({ name, n }) => [String(name), Number(n)]));
}

function refusalsOf(metrics: string): Record<string, number> {
  const found = metrics.matchAll(/name="(snapshot\.refused\.[a-z-]+)"\} (\d+)/g);
  return Object.fromEntries([...found].map(([, name = "", value]) => [name, Number(value)]));
}

function middle(loads: readonly Load[]): Load {
  const found = loads.toSorted((a, b) => a.p99Ms - b.p99Ms)[Math.floor(loads.length / 2)];
  if (found === undefined) throw new Error("no load");
  return found;
}
