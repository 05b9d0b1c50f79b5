// Shown: what device A cannot do to device B, with the real rules of the registry's router in front of the broker.
import type { MqttClient } from "mqtt";
import { expect, test } from "vitest";
import { type BrokerHouse, openBrokerHouse } from "../../helpers/broker-house.ts";
import { connectPacket, id, openRawClient, PACKET, packet, publishPacket, text } from "../../helpers/raw-mqtt.ts";
import { builtInProfiles, openProfiles } from "../../../src/profiles/profiles.ts";
import { createRouter } from "../../../src/profiles/router.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const registered = { passwordHash: "x", zone: "path" };
const router = createRouter(profiles, {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt", passwordHash: "x" }],
  devices: [
    { id: "a", profile: "tasmota/relay", topic: "lamp-a", ...registered },
    { id: "b", profile: "tasmota/relay", topic: "lamp-b", ...registered },
  ],
});
const rules = {
  mayPublish: router.mayPublish.bind(router),
  maySubscribe: router.maySubscribe.bind(router),
};

/** Both devices connected, B listening for its commands. */
async function openNeighbours() {
  const house = await openBrokerHouse(rules);
  const b = await house.client({ username: "b", clientId: "lamp-b" });
  const heard: string[] = [];
  b.on("message", (topic) => heard.push(topic));
  await b.subscribeAsync("cmnd/lamp-b/POWER");
  const a = await house.client({ username: "a", clientId: "lamp-a" });
  return { house, a, b, heard };
}

const closeOf = (client: MqttClient) => new Promise<void>((resolve) => client.once("close", () => resolve()));
const takenBy = (house: BrokerHouse) => house.taken.map(({ topic }) => topic);

test.each([
  "tele/lamp-b/STATE",
  "stat/lamp-b/POWER",
  "cmnd/lamp-b/POWER",
  "tele/lamp-a/../lamp-b/STATE",
  "tele//lamp-b/STATE",
  "tele/lamp-b//STATE",
  "/tele/lamp-b/STATE",
  "tele/lаmp-b/STATE", // Cyrillic а
  "tele/lamp-b\u200b/STATE",
  "tele/lamp-b/STATE/",
  "tele/lamp-a%2f..%2flamp-b/STATE",
  "__proto__/lamp-b/STATE",
  "constructor",
  "$SYS/broker/uptime",
  "$share/x/tele/lamp-b/STATE",
  "$hedgerow/refused",
  "zigbee2mqtt/porch",
  `tele/lamp-b/${"x".repeat(60_000)}`,
])("A cannot publish on %.60s: it is acknowledged, counted and dropped", async (topic) => {
  const { house, a, b, heard } = await openNeighbours();
  await using _ = house;
  await a.publishAsync(topic, "ON", { qos: 1, retain: true });
  await b.publishAsync("tele/lamp-b/STATE", "{}", { qos: 1 });
  expect(takenBy(house)).toEqual(["tele/lamp-b/STATE"]);
  expect(house.taken[0]?.login.id).toBe("b");
  expect(heard).toEqual([]);
  expect(house.board.get("broker.refused.topic")).toBe(1);
});

test("topics too deep for the broker's matching end the connection, and no other", async () => {
  const { house, a, b } = await openNeighbours();
  await using _ = house;
  const closed = new Promise<void>((resolve) => a.once("close", () => resolve()));
  a.publish("a/".repeat(30_000), "1", { qos: 1 });
  await closed;
  await b.publishAsync("tele/lamp-b/STATE", "{}", { qos: 1 });
  expect(takenBy(house)).toEqual(["tele/lamp-b/STATE"]);
});

test.each([
  "#",
  "+/#",
  "+/lamp-b/+",
  "tele/#",
  "tele/lamp-b/STATE",
  "cmnd/lamp-b/POWER",
  "cmnd/+/POWER",
  "$SYS/#",
  "$SYS/+/new/clients",
  "$share/g/tele/lamp-b/STATE",
  "$share/g/#",
  "$hedgerow/#",
  "__proto__",
  `cmnd/lamp-a/${"x".repeat(1000)}`,
])("A cannot listen to %.40s", async (filter) => {
  const { house, b } = await openNeighbours();
  await using _ = house;
  using raw = await openRawClient(house.broker.port);
  raw.send(connectPacket({ clientId: "ear", username: "a", password: "right" }));
  await raw.next(PACKET.connack);
  raw.send(
    packet(0x82, id(1), text(filter), Buffer.from([1])),
    publishPacket({ topic: "nothing", payload: "", qos: 1, messageId: 2 }),
  );
  const answers: Buffer[] = [];
  raw.socket.on("data", (bytes: Buffer) => answers.push(bytes));
  await expect.poll(() => Buffer.concat(answers).length).toBe(9);
  // SUBACK of five bytes with 0x80, failure [MQTT-3.9.3]; the order of the two is free.
  expect(Buffer.concat(answers).includes(Buffer.from([0x90, 3, 0, 1, 0x80]))).toBe(true);
  await b.publishAsync("tele/lamp-b/STATE", "{}", { qos: 1 });
  await b.publishAsync("cmnd/lamp-b/POWER", "ON", { qos: 1 });
  await new Promise(setImmediate);
  expect(Buffer.concat(answers).length).toBe(9);
});

test("A cannot take B's client id, and B does not notice", async () => {
  const { house, b } = await openNeighbours();
  await using _ = house;
  let hasClosed = false;
  b.once("close", () => {
    hasClosed = true;
  });
  await expect(house.client({ username: "a", clientId: "lamp-b" })).rejects.toMatchObject({ code: 5 });
  await b.publishAsync("tele/lamp-b/STATE", "{}", { qos: 1 });
  expect(hasClosed).toBe(false);
});

test("A cannot keep B's client id from B: who took it while B was away has to go when B is back", async () => {
  const { house, b } = await openNeighbours();
  await using _ = house;
  // The house knows the id as B's by what B said.
  await b.publishAsync("tele/lamp-b/STATE", "{}", { qos: 1 });
  const wentAway = closeOf(b);
  b.end(true);
  await wentAway;
  const squatter = await clientOnceFree(house, "lamp-b");
  const isThrownOut = closeOf(squatter);
  const back = await house.client({ username: "b", clientId: "lamp-b" });
  await isThrownOut;
  await expect(house.client({ username: "a", clientId: "lamp-b" })).rejects.toMatchObject({ code: 5 });
  await back.publishAsync("tele/lamp-b/STATE", "{}", { qos: 1 });
  expect(takenBy(house)).toEqual(["tele/lamp-b/STATE", "tele/lamp-b/STATE"]);
});

/** The broker hears of the end of the connection before it in its own time. */
async function clientOnceFree(house: BrokerHouse, clientId: string) {
  for (;;) {
    const client = await house.client({ username: "a", clientId }).catch(() => null);
    if (client !== null) return client;
  }
}

test("A cannot have a client id that is B's name or topic, whether or not B is there", async () => {
  await using house = await openBrokerHouse({
    ...rules,
    isAnothers: (login, clientId) => clientId === "b" && login.id !== "b",
  });
  await expect(house.client({ username: "a", clientId: "b" })).rejects.toMatchObject({ code: 5 });
  await house.client({ username: "b", clientId: "b" });
});

test("who may listen where another publishes hears nothing of it: a login hears the house and itself", async () => {
  await using house = await openBrokerHouse({ mayPublish: () => true, maySubscribe: () => true });
  const [a, b] = [await house.client({ username: "a" }), await house.client({ username: "b" })];
  const heard: string[] = [];
  b.on("message", (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
  await b.subscribeAsync("shared/#");
  await a.publishAsync("shared/x", "A's", { qos: 1 });
  await b.publishAsync("shared/x", "B's own", { qos: 1 });
  await house.broker.send({ topic: "shared/x", payload: Buffer.from("the house's"), qos: 0 });
  await expect.poll(() => heard).toEqual(["shared/x B's own", "shared/x the house's"]);
});

test("A cannot leave a will on B's topic", async () => {
  const { house, heard } = await openNeighbours();
  await using _ = house;
  for (const topic of ["cmnd/lamp-b/POWER", "tele/lamp-b/LWT"]) {
    const will = { topic, payload: Buffer.from("Offline"), qos: 1, retain: true } as const;
    const client = await house.client({ username: "a", clientId: `dying-${topic.length}`, will });
    client.stream.destroy();
  }
  await expect.poll(() => house.board.get("broker.refused.topic")).toBe(2);
  expect([...takenBy(house), ...heard]).toEqual([]);
});

test("nothing is retained, not even on one's own topic: who subscribes later hears only what is new", async () => {
  await using house = await openBrokerHouse({
    ...rules,
    maySubscribe: (login, filter) => filter.startsWith(`stat/lamp-${login.id}/`),
  });
  const a = await house.client({ username: "a" });
  await a.publishAsync("stat/lamp-a/POWER", "ON", { qos: 1, retain: true });
  const later = await house.client({ username: "a" });
  const heard: string[] = [];
  later.on("message", (_, payload, { retain }) => heard.push(`${payload.toString()} ${retain}`));
  await later.subscribeAsync("stat/lamp-a/POWER", { qos: 1 });
  await a.publishAsync("stat/lamp-a/POWER", "OFF", { qos: 1, retain: true });
  await expect.poll(() => heard).toEqual(["OFF false"]);
});
