// Shown: presence with the real program and MQTT clients that are cut off: a last will becomes one event, forty cut at once
// become one event and another one when they are back, and a device that comes and goes floods nobody.
import { connectAsync, type MqttClient } from "mqtt";
import { expect, test } from "vitest";
import { callGateway } from "../../src/web/local-socket.ts";
import { loadEventSchemas, violationsOf } from "../forward/contract-schemas.ts";
import { type House, openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const kitOf = (count: number) => ({
  devices: Array.from({ length: count }, (_, n) => {
    const id = `lamp-${n}`;
    return { id, profile: "tasmota/relay", topic: id, zone: id };
  }),
});

type Login = { readonly id: string; readonly username: string; readonly password: string };

/** New credentials for each device, as `hedgerow device credentials` gets them from the running gateway. */
async function pair(house: House, count: number): Promise<Login[]> {
  const logins: Login[] = [];
  for (const { id } of kitOf(count).devices) {
    const answer = await callGateway(house.dataDir, "renewCredentials", { kind: "device", id });
    if (answer?.username == null || answer.password == null) throw new Error("no credentials");
    logins.push({ id, username: answer.username, password: answer.password });
  }
  return logins;
}

/** A lamp that says that it is there; its last will says that it is not. */
async function connect(house: House, { id, username, password }: Login): Promise<MqttClient> {
  const topic = `tele/${id}/LWT`;
  const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, {
    username,
    password,
    clientId: id,
    reconnectPeriod: 0,
    will: { topic, payload: Buffer.from("Offline"), qos: 1, retain: true },
  });
  client.on("error", () => undefined);
  await client.publishAsync(topic, "Online", { qos: 1, retain: true });
  return client;
}

/** The socket is gone, as by a power cut; no DISCONNECT is sent, so the broker says the will. */
const cut = (client: MqttClient): void => void client.stream.destroy();

/** What was told of devices and of the site, in order, as `<zone> <state>` and `<state> <devices>`. */
const told = (house: House): string[] =>
  house
    .events()
    .filter(({ type, data }) => type === "hedgerow.device.status.v1" || data["devices"] !== undefined)
    .map(({ data: { zone, state, devices } }) =>
      devices === undefined ? `${String(zone)} ${String(state)}` : `${String(state)} ${Number(devices)}`,
    );

/** As the page and `hedgerow status` show it. */
const stateOf = async (house: House, id: string) =>
  (await callGateway(house.dataDir, "status", {}))?.devices.find((device) => device.id === id)?.state;

test("a device whose connection breaks is told as offline by its last will, and as ok when it is back", async () => {
  await using house = await openHouseWithPlatform({ kit: kitOf(2) });
  await house.start();
  const [login] = await pair(house, 1);
  if (login === undefined) throw new Error("unreachable");
  cut(await connect(house, login));
  await expect.poll(() => told(house), { timeout: 30_000 }).toEqual(["lamp-0 ok", "lamp-0 offline"]);
  expect(await stateOf(house, "lamp-0")).toBe("offline");
  const back = await connect(house, login);
  await expect.poll(() => told(house), { timeout: 30_000 }).toEqual(["lamp-0 ok", "lamp-0 offline", "lamp-0 ok"]);
  back.end(true);
});

test("forty devices that lose their power at once are one event, and their return is another", async () => {
  await using house = await openHouseWithPlatform({ kit: kitOf(40) });
  await house.start();
  const logins = await pair(house, 40);
  const clients = await Promise.all(logins.map((login) => connect(house, login)));
  await expect.poll(() => told(house).length, { timeout: 60_000 }).toBe(40);
  for (const client of clients) cut(client);
  await expect.poll(() => told(house).slice(40), { timeout: 90_000 }).toEqual(["devices-lost 40"]);
  expect(await stateOf(house, "lamp-39")).toBe("offline");
  const back = await Promise.all(logins.map((login) => connect(house, login)));
  await expect.poll(() => told(house).slice(40), { timeout: 90_000 }).toEqual(["devices-lost 40", "devices-back 40"]);
  await house.drained();
  expect(told(house).length).toBe(42);
  expect(house.holes()).toEqual([]);
  expect(house.counter("device-status.held.site")).toBe(40);
  const schemas = await loadEventSchemas();
  expect(house.events().flatMap((event) => violationsOf(event, schemas))).toEqual([]);
  for (const client of back) client.end(true);
});

test("a device that comes and goes is told of a few times only, and the page shows what is", async () => {
  await using house = await openHouseWithPlatform({ kit: kitOf(1) });
  const gateway = await house.start();
  const [login] = await pair(house, 1);
  if (login === undefined) throw new Error("unreachable");
  for (let n = 0; n < 12; n++) {
    cut(await connect(house, login));
    await expect.poll(() => stateOf(house, "lamp-0"), { timeout: 30_000 }).toBe("offline");
  }
  expect(await gateway.end("SIGTERM")).toBe(0);
  await house.start();
  await house.drained();
  expect(told(house)).toEqual(["lamp-0 ok", "lamp-0 offline", "lamp-0 ok"]);
  expect(house.counter("device-status.held.rate")).toBeGreaterThanOrEqual(11);
  const readings = ["taken", "made", "ignored.repeat", "ignored.held"].map((name) => house.counter(`reading.${name}`));
  const [taken = 0, ...accounted] = readings;
  expect(accounted.reduce((sum, n) => sum + n, 0)).toBe(taken);
});
