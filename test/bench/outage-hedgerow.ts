// The outage benchmark's gateway: the real program and the reference receiver, each a process of its own. The receiver is not there
// while events and pictures are spooled; half way through the events the gateway is killed with SIGKILL and started again; then the
// receiver comes, and a live sensor reports at a steady pace while the backlog drains.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { startPlatform } from "../../src/demo/demo-processes.ts";
import { openPseudonyms } from "../../src/privacy/pseudonyms.ts";
import { callGateway } from "../../src/web/local-socket.ts";
import { freePorts, openHouse } from "../helpers/gateway-process.ts";
import { query } from "../helpers/test-spool.ts";
import { startLoad } from "./outage-load-process.ts";
import { bytesIn, peakMiB, rounded, sendLive, writtenBytes } from "./outage-measures.ts";
import { followReceived } from "./outage-received.ts";

export type OutageAsk = { readonly events: number; readonly pictures: number; readonly livePerSecond: number };
export const DEVICES = 20;
const GATEWAY = "test-street";
const never = new AbortController().signal;

export async function measureHedgerow({ events, pictures, livePerSecond }: OutageAsk) {
  const [platformPort = 0] = await freePorts(1);
  await using house = await openHouse({
    kit: {
      bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
      devices: Array.from({ length: DEVICES + 1 }, (_, n) => ({
        id: `lux-${n}`,
        profile: "zigbee2mqtt/illuminance",
        topic: `zigbee2mqtt/lux-${n}`,
        zone: "porch",
      })),
      cameras: [{ id: "cam", zone: "porch", source: { kind: "file", path: "./none.jpg" } }],
    },
    policy: { cameras: { cam: { purpose: { en: "bench" }, until: "2099-01-01", snapshotsPerDay: 24 } } },
    platform: [{ id: "main", kind: "https", url: `http://127.0.0.1:${platformPort}` }],
    // As fast as it can, not as fast as one bridge may.
    broker: { limits: { messagesPerSecondPerDevice: 100_000 } },
  });
  const ask = async (...args: string[]) =>
    JSON.parse(await house.hedgerow(...args, "--config", house.config, "--json"));
  const { password } = await ask("bridge", "credentials", "z2m");
  const { publicKey } = await ask("key", "show");
  const spooled = await spoolPictures(house, pictures);

  let gateway = await house.start();
  const login = { username: "bridge_z2m", password };
  const load = startLoad({ port: house.brokerPort, events, devices: DEVICES, ...login, prefix: "zigbee2mqtt/lux-" });
  const before = { written: await writtenBytes(gateway.child.pid), spool: await spoolBytes(house.dataDir) };
  const half = await load.reaches(events / 2);
  const enqueued = {
    acknowledgedPerS: Math.round(half.acknowledged / half.seconds),
    writtenBytesPerEvent: rounded(((await writtenBytes(gateway.child.pid)) - before.written) / half.acknowledged),
    spoolBytesPerEvent: rounded(((await spoolBytes(house.dataDir)) - before.spool) / half.acknowledged),
    payloadBytesPerEvent: payloadBytes(house.dataDir),
  };
  await gateway.end("SIGKILL");
  gateway = await house.start();
  await load.ended;

  const fileBefore = await spoolBytes(house.dataDir);
  const imagesBefore = await bytesIn(join(house.dataDir, "images"));
  const file = join(house.directory, "received.jsonl");
  await using _platform = await startPlatform(
    { port: platformPort, publicKeys: { [GATEWAY]: publicKey }, file },
    never,
  );
  const pseudonyms = await openPseudonyms({ dataDir: house.dataDir, rhythm: "quarterly", timezone: "UTC" });
  const topic = `zigbee2mqtt/lux-${DEVICES}`;
  const live = await sendLive({ port: house.brokerPort, topic, ...login, perSecond: livePerSecond });
  const subjects = Array.from({ length: DEVICES + 1 }, (_, n) => pseudonyms.nameOf("device", `lux-${n}`, Date.now()));
  await using received = followReceived({
    file,
    sensors: new Set(subjects.slice(0, DEVICES)),
    live: subjects[DEVICES] ?? "",
    arrived: (n) => live.arrived(n),
  });
  const backlog = sequence(house.dataDir, "max");
  // A person who stands before it; how patient the pump is by itself is another question.
  await callGateway(house.dataDir, "sendNow", {});
  const startedAt = performance.now();
  while (sequence(house.dataDir, "min") <= backlog) await sleep(100);
  const seconds = (performance.now() - startedAt) / 1000;
  const latency = await live.end();
  const rssMiB = await peakMiB(gateway.child.pid);
  const drained = await settledBytes(house.dataDir);
  await gateway.end("SIGTERM");
  await received[Symbol.asyncDispose]();
  const { distinct, duplicates } = received.counts();
  return {
    pictures: spooled,
    enqueue: enqueued,
    drain: {
      seconds: rounded(seconds),
      eventsPerS: Math.round(events / seconds),
      picturesPerS: rounded(pictures / seconds),
      gatewayPeakRssMiB: rssMiB,
      live: latency,
    },
    acknowledged: events,
    lostOfAcknowledged: events - distinct,
    // Stored, and killed before the acknowledgement was out: the devices send them again, as any do.
    sentAgainByDevices: duplicates,
    spoolBytes: { full: fileBefore, drained, closed: await spoolBytes(house.dataDir) },
    imageBytes: { full: imagesBefore, closed: await bytesIn(join(house.dataDir, "images")) },
  };
}

async function spoolPictures({ dataDir, config }: { dataDir: string; config: string }, pictures: number) {
  if (pictures === 0) return null;
  const script = new URL("outage-pictures.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [script, dataDir, String(pictures), GATEWAY, config]);
  const { seconds, payloadBytes: bytes, writtenBytes: written } = JSON.parse(stdout);
  return {
    count: pictures,
    bytesEach: Math.round(bytes / pictures),
    perS: rounded(pictures / seconds),
    writtenPerPayloadByte: rounded(written / bytes, 2),
  };
}

const spoolBytes = (dataDir: string): Promise<number> => bytesIn(dataDir, /^spool\.db/);

/** The first or last sequence that waits; Infinity where none does. */
function sequence(dataDir: string, which: "min" | "max"): number {
  const [row] = query(dataDir, `SELECT ${which}(sequence) AS n FROM waiting WHERE sink = 'main'`);
  return Number(row?.["n"] ?? Number.POSITIVE_INFINITY);
}

function payloadBytes(dataDir: string): number {
  const light = "type = 'hedgerow.light.level.v1' AND image IS NULL";
  return rounded(Number(query(dataDir, `SELECT avg(length(body)) AS n FROM entries WHERE ${light}`)[0]?.["n"]));
}

/** The spool's bytes once they have not changed for five seconds, or after a minute. */
async function settledBytes(dataDir: string): Promise<number> {
  let bytes = await spoolBytes(dataDir);
  for (let still = 0, looks = 0; still < 5 && looks < 60; looks++) {
    await sleep(1000);
    const now = await spoolBytes(dataDir);
    still = now === bytes ? still + 1 : 0;
    bytes = now;
  }
  return bytes;
}
