// Shown: acknowledged means durable (promise 1, I5), with the real program as a process that is killed with SIGKILL at random
// moments while 20 publishers send, motion as single events and as counts; then nothing acknowledged is missing at the
// platform, no edge is there twice, and no id has two bodies. `ROUNDS` sets how often (npm run soak: 50).
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { expect, test } from "vitest";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 8);
const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const PUBLISHERS = 20;

const deviceIds = Array.from({ length: PUBLISHERS }, (_, n) => `pir-${n}`);
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: deviceIds.map((id) => ({ id, profile: "zigbee2mqtt/occupancy", topic: `zigbee2mqtt/${id}`, zone: id })),
};

/** A sensor: sends its next message until it is acknowledged, over connections that break, as real ones do. */
class Sensor {
  readonly #house: House;
  readonly #id: string;
  readonly #password: string;
  #client: MqttClient | null = null;
  acknowledged = 0;
  isSending = true;

  constructor(house: House, id: string, password: string) {
    this.#house = house;
    this.#id = id;
    this.#password = password;
  }

  /** Message n: n odd is motion, n even its end; the light level n tells which message an event is of. */
  async run(): Promise<void> {
    while (this.isSending) await this.#send(this.acknowledged + 1);
    this.#client?.end(true);
  }

  /** A message once begun is sent until it is answered: what was stored and never answered would be one too many. */
  async #send(n: number): Promise<void> {
    const payload = JSON.stringify({ occupancy: n % 2 === 1, illuminance: n, battery: 90 });
    while (this.acknowledged < n) {
      try {
        this.#client ??= await this.#connect();
        await withTimeout(this.#client.publishAsync(`zigbee2mqtt/${this.#id}`, payload, { qos: 1 }));
        this.acknowledged = n;
      } catch {
        this.#client?.end(true);
        this.#client = null;
        await sleep(20);
      }
    }
  }

  async #connect(): Promise<MqttClient> {
    const url = `mqtt://127.0.0.1:${this.#house.brokerPort}`;
    const client = await connectAsync(
      url,
      {
        clientId: this.#id,
        username: "bridge_z2m",
        password: this.#password,
        reconnectPeriod: 0,
        connectTimeout: 2000,
      },
      false,
    );
    client.on("error", () => undefined);
    return client;
  }
}

/** A publish on a connection that was cut settles never (facts of mqtt.js): a sensor gives up after a while. */
function withTimeout<T>(promise: Promise<T>): Promise<T> {
  const late = new AbortController();
  promise.catch(() => undefined);
  return Promise.race([
    promise.finally(() => late.abort()),
    sleep(1500, undefined, { signal: late.signal }).then(() => {
      throw new Error("no acknowledgement");
    }),
  ]);
}

/** Random numbers in [0, 1) from a printed seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function killRounds(house: House, rounds: number): Promise<Sensor[]> {
  const random = randomFrom(SEED);
  console.info(`kill journey: ${rounds} rounds, SEED=${SEED}`);
  const password = await house.bridgePassword("z2m");
  let gateway = await house.start();
  const sensors = deviceIds.map((id) => new Sensor(house, id, password));
  const sending = sensors.map((sensor) => sensor.run());
  for (let round = 0; round < rounds; round++) {
    await sleep(200 + random() * 1200);
    await gateway.end("SIGKILL");
    gateway = await house.start();
  }
  await sleep(500);
  for (const sensor of sensors) sensor.isSending = false;
  await Promise.all(sending);
  await house.drained();
  expect(await gateway.end("SIGTERM")).toBe(0);
  return sensors;
}

const motionsOf = (sensor: Sensor): number => Math.ceil(sensor.acknowledged / 2);

/** What the platform holds of the device, by its zone, which is the device's id here. */
const eventsOf = (house: House, id: string, type: string) =>
  house.events().filter((event) => event.data["zone"] === id && event.type === `hedgerow.${type}.v1`);

test("motion as single events: after kill -9 at random moments no acknowledged event is missing and no edge came twice", async () => {
  await using house = await openHouseWithPlatform({ kit });
  const sensors = await killRounds(house, ROUNDS);
  for (const [index, sensor] of sensors.entries()) {
    const id = `pir-${index}`;
    expect(sensor.acknowledged).toBeGreaterThan(10);
    const levels = new Set(eventsOf(house, id, "light.level").map((event) => event.data["lux"]));
    const missing = Array.from({ length: sensor.acknowledged }, (_, n) => n + 1).filter((n) => !levels.has(n));
    expect(missing, `${id}: acknowledged levels that the platform does not hold`).toEqual([]);
    expect(eventsOf(house, id, "motion.detected").length, `${id}: motion edges`).toBe(motionsOf(sensor));
  }
  expectNoConflicts(house);
  expect(house.holes()).toEqual([]);
});

test("motion as counts: after kill -9 at random moments the counts and the open windows are what was acknowledged", async () => {
  const policy = { events: { timeBucketS: 1, motion: { mode: "counts", windowS: 2, atLeast: 3 } } };
  await using house = await openHouseWithPlatform({ kit, policy });
  const sensors = await killRounds(house, ROUNDS);
  const open = house.openWindows();
  for (const [index, sensor] of sensors.entries()) {
    const id = `pir-${index}`;
    const counts = eventsOf(house, id, "motion.count").map((event) => Number(event.data["count"]));
    expect(Math.min(...counts), "no window below the threshold is published").toBeGreaterThanOrEqual(3);
    const told = counts.reduce((sum, count) => sum + count, 0);
    expect(told + (open.get(id) ?? 0), `${id}: motion edges`).toBe(motionsOf(sensor));
  }
  expectNoConflicts(house);
});

function expectNoConflicts(house: House): void {
  expect(house.conflicts(), "an id came with two bodies").toBe(0);
  expect(new Set(house.events().map(({ id }) => id)).size).toBe(house.events().length);
}
