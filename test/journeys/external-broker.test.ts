// Shown: `broker.mode: external` with the real program, a real Mosquitto, a real NATS server and the reference platform: what
// the site's broker was told is on disk is at the platform after kill -9 at random moments; gateways of one group share a
// site and no message is taken twice; a retained replay is no event; the page's answer says how it stands with the broker.
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { describe, expect, test } from "vitest";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { seededRandom } from "../helpers/random.ts";
import { hasMosquitto, hasNats, type SiteBroker, startMosquitto, startNats } from "../helpers/site-broker.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
const SENSORS = 8;
const long = { timeout: 60_000, interval: 200 };

const deviceIds = Array.from({ length: SENSORS }, (_, n) => `pir-${n}`);
const kit = {
  devices: deviceIds.map((id) => ({ id, profile: "zigbee2mqtt/occupancy", topic: `zigbee2mqtt/${id}`, zone: id })),
};
const openAt = ({ port }: SiteBroker, more: object = {}): Promise<House> =>
  openHouseWithPlatform({
    kit,
    gateway: { broker: { mode: "external", external: { url: `mqtt://127.0.0.1:${port}` } }, ...more },
  });

const connectSensor = ({ port }: SiteBroker, id: string): Promise<MqttClient> =>
  connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: id, reconnectPeriod: 100 });
const isConnected = (log: readonly string[]): boolean =>
  log.some((line) => line.includes("the site's broker is there"));

/** The light levels that the platform holds of a device, by its zone, which is the device's id here. */
const levelsOf = (house: House, id: string): number[] =>
  house
    .events()
    .filter(({ type, data }) => type === "hedgerow.light.level.v1" && data["zone"] === id)
    .map(({ data }) => Number(data["lux"]));

/** The level n tells which message an event is of; each is sent until the site's broker has it. */
async function sendLevels(client: MqttClient, id: string, isSending: () => boolean): Promise<number> {
  let n = 0;
  while (isSending()) {
    n += 1;
    await client.publishAsync(`zigbee2mqtt/${id}`, JSON.stringify({ illuminance: n, battery: 90 }), { qos: 1 });
    await sleep(5);
  }
  return n;
}

async function killRounds(broker: SiteBroker): Promise<void> {
  console.info(`kill journey at the site's broker: ${ROUNDS} rounds, SEED=${SEED}`);
  const random = seededRandom(SEED);
  await using house = await openAt(broker);
  let gateway = await house.start();
  await expect.poll(() => isConnected(gateway.log), long).toBe(true);
  const clients = await Promise.all(deviceIds.map((id) => connectSensor(broker, id)));
  let isSending = true;
  const sending = deviceIds.map((id, n) => {
    const client = clients[n];
    return client === undefined ? Promise.resolve(0) : sendLevels(client, id, () => isSending);
  });
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(200 + random() * 1000);
    await gateway.end("SIGKILL");
    gateway = await house.start();
  }
  await sleep(500);
  isSending = false;
  const sent = await Promise.all(sending);
  for (const [n, id] of deviceIds.entries()) {
    const expected = Array.from({ length: sent[n] ?? 0 }, (_, index) => index + 1);
    expect(expected.length).toBeGreaterThan(20);
    const missing = (): number[] => {
      const levels = new Set(levelsOf(house, id));
      return expected.filter((level) => !levels.has(level));
    };
    await expect.poll(missing, { ...long, message: `${id}: levels that the platform does not hold` }).toEqual([]);
  }
  expect(house.conflicts()).toBe(0);
  await house.drained();
  expect(house.holes()).toEqual([]);
  expect(await gateway.end("SIGTERM")).toBe(0);
  for (const client of clients) client.end(true);
}

describe.skipIf(!hasMosquitto)("Mosquitto (Debian package mosquitto)", () => {
  test("after kill -9 at random moments nothing that the broker took from a sensor is missing", async () => {
    // It keeps 1000 messages for one client by itself, and drops what is more: its own bound, raised for this test.
    await using broker = await startMosquitto({ lines: ["allow_anonymous true", "max_queued_messages 100000"] });
    await killRounds(broker);
  });

  test("two gateways of one group share a site, and each message is taken by exactly one", async () => {
    await using broker = await startMosquitto();
    const as = (id: string) => ({ gateway: { id, dataDir: "./data" } });
    await using first = await openAt(broker);
    await using second = await openHouseWithPlatform({
      kit,
      gateway: {
        broker: { mode: "external", external: { url: `mqtt://127.0.0.1:${broker.port}` } },
        ...as("other-street"),
      },
      gatewayId: "other-street",
    });
    for (const house of [first, second]) {
      const gateway = await house.start();
      await expect.poll(() => isConnected(gateway.log), long).toBe(true);
    }
    const sensor = await connectSensor(broker, "pir-0");
    const sent = Array.from({ length: 60 }, (_, n) => n + 1);
    for (const n of sent)
      await sensor.publishAsync("zigbee2mqtt/pir-0", JSON.stringify({ illuminance: n }), { qos: 1 });
    const all = (): number[] => [...levelsOf(first, "pir-0"), ...levelsOf(second, "pir-0")];
    await expect.poll(() => all().length, long).toBeGreaterThanOrEqual(60);
    expect(all().toSorted((a, b) => a - b)).toEqual(sent);
    expect(levelsOf(first, "pir-0").length).toBeGreaterThan(10);
    expect(levelsOf(second, "pir-0").length).toBeGreaterThan(10);
    sensor.end(true);
  });

  test("the gateway opens without the broker, says so, and hears it when it comes", async () => {
    await using broker = await startMosquitto();
    await broker.stop();
    await using house = await openAt(broker);
    const gateway = await house.start();
    await expect.poll(() => gateway.log.join("\n"), long).toContain("SITE_BROKER_UNREACHABLE");
    const status = async () => JSON.parse(await house.hedgerow("status", "--config", house.config, "--json"));
    expect(await status()).toMatchObject({ siteBroker: { isUp: false, why: expect.stringContaining("ECONNREFUSED") } });
    await broker.start();
    await expect.poll(() => isConnected(gateway.log), long).toBe(true);
    const sensor = await connectSensor(broker, "pir-1");
    await sensor.publishAsync("zigbee2mqtt/pir-1", JSON.stringify({ illuminance: 7 }), { qos: 1 });
    await expect.poll(() => levelsOf(house, "pir-1"), long).toEqual([7]);
    expect(await status()).toMatchObject({ siteBroker: { isUp: true, why: null, refused: [] } });
    sensor.end(true);
  });
});

describe.skipIf(!hasNats)("NATS (Debian package nats-server)", () => {
  test("after kill -9 at random moments nothing that the broker took from a sensor is missing", async () => {
    await using broker = await startNats();
    await killRounds(broker);
  });

  test("a retained replay is no event, and what comes after it is", async () => {
    await using broker = await startNats();
    const sensor = await connectSensor(broker, "pir-2");
    await sensor.publishAsync("zigbee2mqtt/pir-2", JSON.stringify({ occupancy: true, illuminance: 5 }), {
      qos: 1,
      retain: true,
    });
    await using house = await openAt(broker);
    const gateway = await house.start();
    await expect.poll(() => isConnected(gateway.log), long).toBe(true);
    await sensor.publishAsync("zigbee2mqtt/pir-2", JSON.stringify({ illuminance: 6 }), { qos: 1 });
    await expect.poll(() => levelsOf(house, "pir-2"), long).toEqual([6]);
    expect(house.events().filter(({ type }) => type === "hedgerow.motion.detected.v1")).toEqual([]);
    sensor.end(true);
  });
});
