// The outage benchmark's comparison: a Mosquitto of the house that bridges to the platform's Mosquitto, both with persistence. The
// platform's is down while events are queued; half way the house's is killed with SIGKILL and started again. No pictures here.
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { type SiteBroker, startMosquitto } from "../helpers/site-broker.ts";
import { DEVICES, type OutageAsk } from "./outage-hedgerow.ts";
import { startLoad } from "./outage-load-process.ts";
import { bytesIn, peakMiB, rounded, sendLive, writtenBytes } from "./outage-measures.ts";

const PREFIX = "sensors/lux/";
/** The bridge is back within this; then nothing new for so long is the end of what it brings. */
const BRIDGE_BACK_MS = 60_000;
const SILENCE_MS = 5000;

/** Lines of mosquitto.conf beside `persistence true`; Debian's own leave queues at 1,000 messages and save every half hour. */
export const SETTINGS = {
  default: [],
  tuned: ["max_queued_messages 0", "max_queued_bytes 0", "autosave_interval 1"],
} satisfies Record<string, readonly string[]>;

export async function measureMosquitto(settings: readonly string[], { events, livePerSecond }: OutageAsk) {
  const open = ["allow_anonymous true"];
  // The platform's side loses nothing of what reaches it: that is not what is measured.
  await using platform = await startMosquitto({ lines: [...open, "max_queued_messages 0", "max_queued_bytes 0"] });
  await using received = await subscribe(platform);
  await received.pause();
  await platform.stop();
  await using house = await startMosquitto({
    lines: [
      ...open,
      ...settings,
      "connection platform",
      `address 127.0.0.1:${platform.port}`,
      `topic ${PREFIX}# out 1`,
      "cleansession false",
      "restart_timeout 1",
    ],
  });

  const load = startLoad({ port: house.port, events, devices: DEVICES, prefix: PREFIX });
  const before = await writtenBytes(house.pid());
  const half = await load.reaches(events / 2);
  const writtenByFirst = (await writtenBytes(house.pid())) - before;
  await house.stop("SIGKILL");
  await house.start();
  await load.ended;
  const enqueue = {
    acknowledgedPerS: Math.round(half.acknowledged / half.seconds),
    writtenBytesPerEvent: rounded((writtenByFirst + (await writtenBytes(house.pid()))) / events),
  };
  const full = await bytesIn(house.directory, /mosquitto\.db/);

  await platform.start();
  const live = await sendLive({ port: house.port, topic: `${PREFIX}${DEVICES}`, perSecond: livePerSecond });
  received.onLive((n) => live.arrived(n));
  const startedAt = performance.now();
  await received.resume();
  const lastAt = await received.silent();
  const seconds = (lastAt - startedAt) / 1000;
  const latency = await live.end();
  return {
    settings,
    enqueue,
    // From the start of the platform's broker: how long the bridge waits before it tries again is in it.
    drain: { seconds: rounded(seconds), peakRssMiB: await peakMiB(house.pid()), live: latency },
    acknowledged: events,
    lostOfAcknowledged: events - received.distinct(),
    databaseBytes: { full },
  };
}

/** The platform's application: a session that its broker keeps while it is away. */
async function subscribe(broker: SiteBroker) {
  const seen = new Set<string>();
  let lastAt = performance.now();
  let tellLive = (_number: number): void => undefined;
  const connect = async (): Promise<MqttClient> => {
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { clientId: "application", clean: false });
    client.on("error", () => undefined);
    client.on("message", (topic, payload) => {
      const { illuminance } = JSON.parse(payload.toString());
      if (topic === `${PREFIX}${DEVICES}`) return tellLive(illuminance);
      seen.add(`${topic} ${illuminance}`);
      lastAt = performance.now();
    });
    return client;
  };
  let client = await connect();
  await client.subscribeAsync(`${PREFIX}#`, { qos: 1 });
  return {
    distinct: () => seen.size,
    onLive(told: (number: number) => void): void {
      tellLive = told;
    },
    async pause(): Promise<void> {
      await client.endAsync();
    },
    async resume(): Promise<void> {
      client = await connect();
    },
    /** Resolves to when the last came, once nothing has come for a while. */
    async silent(): Promise<number> {
      const startedAt = performance.now();
      while (seen.size === 0 && performance.now() - startedAt < BRIDGE_BACK_MS) await sleep(100);
      while (performance.now() - lastAt < SILENCE_MS) await sleep(100);
      return lastAt;
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
}
