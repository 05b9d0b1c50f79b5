// Shown: a platform behind a real Mosquitto with the real program. The platform's application names on ackTopic what it has
// stored; the broker is killed, the gateway is killed, and the application comes late: every event is stored once with one body,
// no number is missing, and the gateway's own sums hold. Mosquitto's acknowledgement alone would not do: it writes to disk every
// half hour. `EVENTS` sets how many (npm run soak: 10,000).
import { join } from "node:path";
import { connect, connectAsync, type MqttClient } from "mqtt";
import { describe, expect, test } from "vitest";
import { openDatabase } from "../../src/core/database.ts";
import { openHouse, type TestHouse } from "../helpers/gateway-process.ts";
import { hasMosquitto, type SiteBroker, startMosquitto } from "../helpers/site-broker.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 1200);
const DEVICES = 6;
const BASE = "hedgerow/test-street";
const ackTopic = `${BASE}/acks`;
const long = { timeout: 90_000, interval: 100 };

const deviceIds = Array.from({ length: DEVICES }, (_, n) => `lux-${n}`);
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: deviceIds.map((id) => ({ id, profile: "zigbee2mqtt/illuminance", topic: `zigbee2mqtt/${id}`, zone: id })),
};

type Stored = { readonly type: string; readonly sequence: string; readonly data: Readonly<Record<string, unknown>> };
type Application = AsyncDisposable & {
  readonly events: Map<string, Stored>;
  readonly conflicts: string[];
  statuses(): string[];
};

/** What a platform has to do: store, then name; the same id again is named again, with another body it is a conflict. */
async function openApplication({ port }: SiteBroker): Promise<Application> {
  const bodies = new Map<string, string>();
  const events = new Map<string, Stored>();
  const conflicts: string[] = [];
  const statuses: string[] = [];
  const client: MqttClient = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 5,
    reconnectPeriod: 100,
  });
  client.on("error", () => undefined);
  client.on("message", (topic, payload) => {
    const text = payload.toString();
    if (topic.endsWith("/status")) return void statuses.push(JSON.parse(text).state);
    const event = JSON.parse(text);
    const known = bodies.get(event.id);
    if (known !== undefined && known !== text) conflicts.push(event.id);
    bodies.set(event.id, text);
    events.set(event.id, event);
    client.publish(
      ackTopic,
      JSON.stringify(known === undefined ? { accepted: [event.id] } : { duplicate: [event.id] }),
    );
  });
  await client.subscribeAsync([`${BASE}/events/#`, `${BASE}/status`], { qos: 1 });
  return { events, conflicts, statuses: () => statuses, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

function read(house: TestHouse, sql: string): Record<string, unknown>[] {
  using database = openDatabase(join(house.dataDir, "spool.db"));
  return database.prepare(sql).all();
}

/** Sends until the gateway has acknowledged it; the gateway may be killed meanwhile. */
async function sendLevels(
  house: TestHouse,
  password: string,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const options = { username: "bridge_z2m", password, reconnectPeriod: 100 };
  // The gateway may be killed while this connects, too: `connectAsync` would give up then.
  const client = connect(`mqtt://127.0.0.1:${house.brokerPort}`, options);
  client.on("error", () => undefined);
  const sent = Array.from({ length: to - from }, (_, index) => {
    const n = from + index;
    const payload = JSON.stringify({ illuminance: Math.floor(n / DEVICES) });
    return client.publishAsync(`zigbee2mqtt/lux-${n % DEVICES}`, payload, { qos: 1 });
  });
  await Promise.all(sent);
  await client.endAsync(true);
}

describe.skipIf(!hasMosquitto)("with Mosquitto (Debian package mosquitto)", () => {
  test(`${EVENTS} readings, the broker killed, the gateway killed, the application late: each is stored once, and the sums hold`, async () => {
    await using broker = await startMosquitto();
    const platform = [{ id: "city", kind: "mqtt", url: `mqtt://127.0.0.1:${broker.port}`, ackTopic }];
    await using house = await openHouse({ kit, platform });
    let gateway = await house.start();
    const credentials = await house.hedgerow("bridge", "credentials", "z2m", "--config", house.config, "--json");
    const { password } = JSON.parse(credentials);
    const third = Math.floor(EVENTS / 3);
    // Nobody has subscribed: Mosquitto takes every event, says so, and drops it.
    await sendLevels(house, password, { from: 0, to: third });
    await using application = await openApplication(broker);
    await expect.poll(() => application.events.size, long).toBeGreaterThan(third / 2);
    await broker.stop("SIGKILL");
    await sendLevels(house, password, { from: third, to: 2 * third });
    await broker.start();
    const sending = sendLevels(house, password, { from: 2 * third, to: EVENTS });
    await expect.poll(() => application.events.size, long).toBeGreaterThan(third);
    await gateway.end("SIGKILL");
    gateway = await house.start();
    await sending;
    const waiting = (): unknown => read(house, "SELECT count(*) AS n FROM waiting")[0]?.["n"];
    await expect.poll(waiting, long).toBe(0);

    const stored = [...application.events.values()];
    for (const [index, id] of deviceIds.entries()) {
      const levels = stored.filter(({ type, data }) => type === "hedgerow.light.level.v1" && data["zone"] === id);
      const count = Math.ceil((EVENTS - index) / DEVICES);
      const seen = new Set(levels.map(({ data }) => Number(data["lux"])));
      expect(
        [...seen].toSorted((a, b) => a - b),
        id,
      ).toEqual(Array.from({ length: count }, (_, n) => n));
    }
    expect(application.conflicts).toEqual([]);
    const sequences = stored.map(({ sequence }) => Number(sequence)).toSorted((a, b) => a - b);
    expect(sequences, "no number is missing").toEqual(Array.from({ length: sequences.length }, (_, n) => n + 1));
    const counters = new Map(
      read(house, "SELECT name, n FROM counters").map(({ name, n }) => [String(name), Number(n)]),
    );
    const of = (how: string): number => counters.get(`entry.${how}.city`) ?? 0;
    expect(of("forwarded")).toBe(stored.length);
    expect(of("made"), "the sum of I9").toBe(
      ["forwarded", "rejected", "expired", "evicted", "erased"].reduce((sum, how) => sum + of(how), 0),
    );
    expect(await gateway.end("SIGTERM")).toBe(0);
    // Killed, the broker says it for the gateway; at its end the gateway says it itself.
    await expect.poll(() => application.statuses(), long).toContain("online");
    await expect.poll(() => application.statuses().at(-1), long).toBe("offline");
  });
});
