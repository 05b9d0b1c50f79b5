// Shown: what a login may cost once it is in (pace, subscriptions, connections, memory in hand), how refusals are told,
// and how commands go out. Clocks are made by hand where time decides.
import { connect as connectSocket } from "node:net";
import { pino } from "pino";
import { expect, test } from "vitest";
import { BROKER_LIMITS } from "../../src/ingest/broker-limits.ts";
import { Pace } from "../../src/ingest/broker-pace.ts";
import { Refusals, wrongLoginDelayMs } from "../../src/ingest/broker-refusals.ts";
import { Admission } from "../../src/ingest/broker-admission.ts";
import { openBrokerHouse } from "../helpers/broker-house.ts";
import { connectPacket, openRawClient, PACKET, packet, publishPacket, text } from "../helpers/raw-mqtt.ts";

const device = { clientId: "dev", username: "a", password: "right" };

function handClock() {
  let ms = 1000;
  const clock = { nowMs: () => ms, monotonicMs: () => ms, isSynced: () => true };
  return { clock, pass: (by: number) => (ms += by) };
}

test("a login may say ten seconds of its rate at once, then as much as it earns", () => {
  const pace = new Pace();
  const say = (nowMs: number) => pace.waitMs("device a", { perS: 50, nowMs });
  const waits = Array.from({ length: 502 }, () => say(1000));
  expect(waits.findIndex((waitMs) => waitMs > 0)).toBe(501);
  expect(waits[501]).toBe(20);
  expect(say(1020)).toBe(0);
  expect(say(1020)).toBe(20);
  expect(pace.waitMs("device b", { perS: 50, nowMs: 1020 })).toBe(0);
});

test("who says too much is read more slowly; nothing is lost, of QoS 0 neither, and others are not held up", async () => {
  await using house = await openBrokerHouse({ limits: { messagesPerSecondPerDevice: 40 } });
  const loud = await house.client();
  const quiet = await house.client({ username: "b", clientId: "quiet" });
  const all = Array.from({ length: 460 }, (_, n) => loud.publishAsync("a/x", String(n), { qos: n % 2 === 0 ? 0 : 1 }));
  await expect.poll(() => house.board.get("broker.slowed-down")).toBeGreaterThan(0);
  const takenByThen = house.taken.length;
  await quiet.publishAsync("b/x", "1", { qos: 1 });
  expect(takenByThen).toBeLessThan(460);
  await Promise.all(all);
  await expect.poll(() => house.taken.filter(({ login }) => login.id === "a").length, { timeout: 10_000 }).toBe(460);
  const order = house.taken.filter(({ login }) => login.id === "a").map(({ payload }) => Number(Buffer.from(payload)));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test("while the disk is slow, a client is not read on: what waits has a bound", async () => {
  await using house = await openBrokerHouse({ hold: true });
  using client = await openRawClient(house.broker.port);
  client.send(connectPacket(device));
  await client.next(PACKET.connack);
  const payload = Buffer.alloc(60_000);
  // One by one, as in segments of their own: aedes alone reads each of them.
  let sent = 0;
  const socket = client.socket;
  const pour = () => {
    while (sent < 1000 && socket.write(publishPacket({ topic: "a/x", payload, qos: 1, messageId: ++sent }))) continue;
    if (sent < 1000) socket.once("drain", pour);
  };
  pour();
  await expect.poll(() => house.taken.length).toBe(Math.ceil(BROKER_LIMITS.inHandBytes / 60_000));
  (await house.client({ clientId: "other" })).end(true);
  expect(house.taken.length).toBeLessThan(10);
  const releasing = (async () => {
    for (let n = 0; n < 1000; n++) {
      await expect.poll(() => house.release.length, { interval: 1, timeout: 10_000 }).toBeGreaterThan(n);
      house.release[n]?.();
    }
  })();
  for (let n = 1; n <= 1000; n++) expect(await client.next(PACKET.puback)).toBe(n);
  await releasing;
});

test("one connection has so many subscriptions, and gets room again by unsubscribing", async () => {
  await using house = await openBrokerHouse({ maySubscribe: () => true });
  const client = await house.client();
  const filters = Array.from({ length: BROKER_LIMITS.subscriptionsPerClient }, (_, n) => `a/${n}`);
  for (const filter of filters) await client.subscribeAsync(filter);
  await expect(client.subscribeAsync("a/more")).rejects.toThrow("Unspecified error");
  await client.subscribeAsync("a/0");
  await client.unsubscribeAsync("a/1");
  await client.subscribeAsync("a/more");
  expect(house.board.get("broker.refused.subscribe")).toBe(1);
});

test.each(["#", "+/x", "$SYS/#", "$share/group/a/x", `a/${"x".repeat(600)}`])(
  "nobody listens to %.20s, whatever the registry says",
  async (filter) => {
    await using house = await openBrokerHouse({ maySubscribe: () => true });
    const client = await house.client();
    await expect(client.subscribeAsync(filter)).rejects.toThrow("Unspecified error");
    expect(house.board.get("broker.refused.subscribe")).toBe(1);
  },
);

test("a device has a few connections; when all are busy the next is refused, and a dead one gives way", async () => {
  const { clock, pass } = handClock();
  await using house = await openBrokerHouse({ clock });
  const first = await house.client({ clientId: "0" });
  const ended = new Promise<void>((resolve) => first.once("close", () => resolve()));
  for (let n = 1; n < BROKER_LIMITS.connectionsPerDevice; n++) await house.client({ clientId: String(n) });
  await expect(house.client({ clientId: "more" })).rejects.toMatchObject({ code: 3 });
  expect(house.board.get("broker.refused.too-many-connections")).toBe(1);
  // The same client id is the same device: it takes its own place over.
  await house.client({ clientId: "1" });
  pass(BROKER_LIMITS.silentMs);
  await house.client({ clientId: "more" });
  await ended;
  await house.client({ clientId: "another's", username: "b" });
});

test("connections in all and per address are bounded; who is in stays in", async () => {
  await using house = await openBrokerHouse({ limits: { connections: 3, connectionsPerAddress: 2 } });
  const enter = async (name: string, address: string) => {
    const client = await openRawClient(house.broker.port, address);
    client.send(connectPacket({ ...device, clientId: name, username: name }));
    return { client, code: await client.next(PACKET.connack) };
  };
  const codes = [];
  for (const [name, address] of [
    ["a", "127.0.0.2"],
    ["b", "127.0.0.2"],
    ["c", "127.0.0.2"],
    ["d", "127.0.0.3"],
    ["e", "127.0.0.4"],
  ] as const)
    codes.push((await enter(name, address)).code);
  expect(codes).toEqual([0, 0, 3, 0, 3]);
});

test("a full door drops the oldest of the address that has most", () => {
  const dropped: string[] = [];
  const admission = new Admission({ onDropped: () => undefined, waitMs: 3_600_000 });
  const enter = (name: string, network: string) => admission.enter({ destroy: () => dropped.push(name) }, network);
  enter("sensor", "10.0.0.1");
  for (let n = 0; n < BROKER_LIMITS.socketsBeforeLogin + 2; n++) enter(`flood ${n}`, "10.0.0.2");
  expect(dropped).toEqual(["flood 0", "flood 1", "flood 2"]);
  admission.close();
});

test("wrong logins are told once with their number, slowed down, and lock nobody out", async () => {
  const { clock, pass } = handClock();
  const lines: { msg: string; times?: number; hint?: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  await using house = await openBrokerHouse({ clock, log });
  const wrong = () => expect(house.client({ password: "wrong" })).rejects.toMatchObject({ code: 5 });
  for (let n = 0; n < 3; n++) await wrong();
  const slow = wrong();
  (await house.client()).end(true);
  await slow;
  pass(BROKER_LIMITS.wrongLoginTellMs);
  await wrong();
  const told = lines.filter(({ msg }) => msg.includes("wrong name or password"));
  expect(told.map(({ times }) => times)).toEqual([1, 4]);
  expect(JSON.stringify(lines)).not.toContain("127.0.0.1");
});

test("a device that speaks MQTT 5 is told of once in an hour, with what to do", async () => {
  const { clock, pass } = handClock();
  const lines: { times?: number; hint?: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  await using house = await openBrokerHouse({ clock, log });
  const five = async () => {
    await expect(house.client({ protocolVersion: 5 })).rejects.toMatchObject({ code: 0x84 });
  };
  await five();
  await five();
  pass(BROKER_LIMITS.versionTellMs);
  await five();
  expect(lines.map(({ times, hint }) => ({ times, hint }))).toEqual([
    { times: 1, hint: "set the device to MQTT 3.1.1" },
    { times: 2, hint: "set the device to MQTT 3.1.1" },
  ]);
  expect(house.board.get("broker.refused.version-5")).toBe(3);
});

test("the wait for a wrong login doubles up to its bound, and the memory of addresses has one", () => {
  expect([1, 3, 4, 5, 6, 100].map(wrongLoginDelayMs)).toEqual([0, 0, 250, 500, 1000, 4000]);
  const { clock } = handClock();
  const refusals = new Refusals({ clock, tellMs: 1000 });
  for (let n = 0; n <= BROKER_LIMITS.refusedAddresses; n++) refusals.note(String(n));
  expect(refusals.note("1").count).toBe(2);
  expect(refusals.note("0").count).toBe(1);
});

test("a command is true when its device acknowledges it, and false when nobody listens or nobody answers", async () => {
  await using house = await openBrokerHouse();
  const send = (topic: string, qos: 0 | 1) => house.broker.send({ topic, payload: Buffer.from("ON"), qos });
  expect(await send("a/cmd", 1)).toBe(false);
  const client = await house.client();
  const heard: string[] = [];
  client.on("message", (topic, payload, { qos }) => heard.push(`${topic} ${payload.toString()} ${qos}`));
  await client.subscribeAsync("a/cmd", { qos: 1 });
  expect([await send("a/cmd", 1), await send("a/cmd", 0), await send("b/cmd", 1)]).toEqual([true, true, false]);
  await expect.poll(() => heard).toEqual(["a/cmd ON 1", "a/cmd ON 0"]);
  await client.unsubscribeAsync("a/cmd");
  expect(await send("a/cmd", 1)).toBe(false);
  using mute = await openRawClient(house.broker.port);
  const said = (bytes: number) =>
    new Promise((resolve) => mute.socket.on("data", (chunk: Buffer) => (bytes -= chunk.length) <= 0 && resolve(0)));
  mute.send(connectPacket({ ...device, username: "b" }));
  await mute.next(PACKET.connack);
  const isSubscribed = said(5);
  mute.send(packet(0x82, Buffer.from([0, 1]), text("b/cmd"), Buffer.from([1])));
  await isSubscribed;
  const isWritten = said(1);
  const sending = send("b/cmd", 1);
  await isWritten;
  mute[Symbol.dispose]();
  expect(await sending).toBe(false);
});

test("new credentials end a connection that does not read, at once", async () => {
  await using house = await openBrokerHouse();
  const socket = connectSocket(house.broker.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(connectPacket(device));
  await new Promise((resolve) => socket.once("readable", resolve));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  house.broker.disconnect({ kind: "device", id: "a" });
  socket.resume();
  await closed;
});
