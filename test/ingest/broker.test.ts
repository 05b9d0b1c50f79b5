// Shown: what the broker promises to devices, with a real MQTT client on a real socket.
import { connect as connectSocket } from "node:net";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { expect, test } from "vitest";
import type { Arrival } from "../../src/core/arrival.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { type Broker, openBroker } from "../../src/ingest/broker.ts";

type House = AsyncDisposable & {
  broker: Broker;
  board: Board;
  taken: Arrival[];
  release: (() => void)[];
  client(options?: IClientOptions): Promise<MqttClient>;
};

/** A broker whose `take` can be held back; device `a` may publish below a/, hears a/cmd. */
async function openHouse({ hold = false, packetBytes = 65_536 } = {}): Promise<House> {
  const board = new Board();
  const taken: Arrival[] = [];
  const release: (() => void)[] = [];
  const clients: MqttClient[] = [];
  const broker = await openBroker({
    listen: { host: "127.0.0.1", port: 0 },
    limits: { connections: 50, packetBytes },
    authenticate: (username, password) => (password === "right" ? { kind: "device", id: username } : null),
    mayPublish: (login, topic) => topic.startsWith(`${login.id}/`),
    maySubscribe: (login, filter) => filter === `${login.id}/cmd`,
    take: (arrival) => {
      taken.push(arrival);
      if (arrival.topic.endsWith("/fail")) return Promise.reject(new Error("not kept"));
      return hold ? new Promise((resolve) => release.push(resolve)) : Promise.resolve();
    },
    clock: systemClock,
    board,
    log: silentLog,
  });
  return {
    broker,
    board,
    taken,
    release,
    async client(options = {}) {
      const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
        username: "a",
        password: "right",
        reconnectPeriod: 0,
        ...options,
      });
      client.on("error", () => undefined);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.end(true);
      for (const go of release) go();
      await broker[Symbol.asyncDispose]();
    },
  };
}

for (const qos of [1, 2] as const) {
  test(`a QoS ${qos} message is acknowledged only after it was taken`, async () => {
    await using house = await openHouse({ hold: true });
    const client = await house.client();
    let isAcknowledged = false;
    const publishing = client.publishAsync("a/x", "1", { qos }).then(() => (isAcknowledged = true));
    await expect.poll(() => house.taken.length).toBe(1);
    // A second client's round trip shows that the broker has had its turn.
    await (await house.client({ clientId: "other" })).subscribeAsync("a/cmd");
    expect(isAcknowledged).toBe(false);
    house.release[0]?.();
    await publishing;
    expect(isAcknowledged).toBe(true);
  });
}

test("a message that could not be kept is not acknowledged, and the connection ends", async () => {
  await using house = await openHouse();
  const client = await house.client();
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  const outcome = client.publishAsync("a/fail", "1", { qos: 1 }).then(
    () => "acknowledged",
    () => "not acknowledged",
  );
  await closed;
  client.end(true);
  expect(await Promise.race([outcome, Promise.resolve("not acknowledged")])).toBe("not acknowledged");
  expect(house.board.get("broker.unacknowledged")).toBe(1);
});

test("a wrong password is refused with the right code, counted, and nothing is taken", async () => {
  await using house = await openHouse();
  await expect(house.client({ password: "wrong" })).rejects.toMatchObject({ code: 5 });
  await expect(house.client({ username: "", password: "" })).rejects.toBeDefined();
  expect(house.board.get("broker.refused.login")).toBe(2);
});

test("a topic of another device is acknowledged, counted and dropped; its owner hears nothing", async () => {
  await using house = await openHouse();
  const owner = await house.client({ username: "b" });
  const heard: string[] = [];
  owner.on("message", (topic) => heard.push(topic));
  await owner.subscribeAsync("b/cmd");
  const thief = await house.client();
  await thief.publishAsync("b/cmd", "on", { qos: 1 });
  await thief.publishAsync("$SYS/x", "1", { qos: 1 });
  await owner.publishAsync("b/x", "1", { qos: 1 });
  expect(house.taken.map(({ topic }) => topic)).toEqual(["b/x"]);
  expect(heard).toEqual([]);
  expect(house.board.get("broker.refused.topic")).toBe(2);
});

test("a device may hear its own commands and nothing else", async () => {
  await using house = await openHouse();
  const client = await house.client();
  expect(await client.subscribeAsync("a/cmd")).toMatchObject([{ qos: 0 }]);
  for (const filter of ["#", "a/#", "b/cmd", "$SYS/#", "+/cmd", "$hedgerow/refused"]) {
    await expect(client.subscribeAsync(filter), filter).rejects.toThrow("Unspecified error");
  }
});

test("a will on another's topic is refused like a message", async () => {
  await using house = await openHouse();
  const client = await house.client({ will: { topic: "b/cmd", payload: Buffer.from("x"), qos: 1, retain: true } });
  client.stream.destroy();
  await expect.poll(() => house.board.get("broker.refused.topic")).toBe(1);
  expect(house.taken).toEqual([]);
});

test("messages of one client are taken in their order, whatever their quality of service", async () => {
  await using house = await openHouse();
  const client = await house.client();
  await Promise.all(
    Array.from({ length: 300 }, (_, n) => client.publishAsync("a/x", String(n), { qos: n % 3 === 0 ? 2 : 1 })),
  );
  expect(house.taken.map(({ payload }) => Number(Buffer.from(payload).toString()))).toEqual(
    Array.from({ length: 300 }, (_, n) => n),
  );
});

test("a packet that announces more than the limit ends the connection at once and is counted", async () => {
  await using house = await openHouse();
  const client = await house.client();
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  client.publish("a/x", Buffer.alloc(20 * 1024 * 1024), { qos: 1 });
  await closed;
  expect(house.board.get("broker.refused.packet-too-large")).toBe(1);
  await (await house.client({ clientId: "next" })).publishAsync("a/x", "1", { qos: 1 });
  expect(house.taken.length).toBe(1);
});

test("before its login a socket may announce 16 KiB and no more", async () => {
  await using house = await openHouse();
  const socket = connectSocket(house.broker.port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined);
  // CONNECT with a remaining length of 1 MiB [MQTT-2.2.3].
  socket.write(Buffer.from([0x10, 0x80, 0x80, 0x40]));
  await closed;
  expect(house.board.get("broker.refused.packet-too-large")).toBe(1);
});

test("a QoS 2 message that is sent again before its release is taken once", async () => {
  await using house = await openHouse();
  const socket = connectSocket(house.broker.port, "127.0.0.1");
  const received: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => received.push(bytes));
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const body = Buffer.concat([text("MQTT"), Buffer.from([4, 0xc0, 0, 60]), text("dev"), text("a"), text("right")]);
  const publish = (flags: number, payload: string) => {
    const content = Buffer.concat([text("a/x"), Buffer.from([0, 9]), Buffer.from(payload)]);
    return Buffer.concat([Buffer.from([0x30 | flags, content.length]), content]);
  };
  const total = () => Buffer.concat(received).length;
  socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
  await expect.poll(total).toBe(4);
  socket.write(publish(0x04, "one"));
  await expect.poll(total).toBe(8);
  socket.write(publish(0x0c, "one"));
  await expect.poll(total).toBe(12);
  expect(house.taken.length).toBe(1);
  socket.write(Buffer.from([0x62, 2, 0, 9]));
  await expect.poll(total).toBe(16);
  socket.write(publish(0x04, "two"));
  await expect.poll(total).toBe(20);
  expect(house.taken.map(({ payload }) => Buffer.from(payload).toString())).toEqual(["one", "two"]);
  socket.destroy();
});

test("closing finishes what is in hand: its acknowledgement still goes out", async () => {
  await using house = await openHouse({ hold: true });
  const client = await house.client();
  const publishing = client.publishAsync("a/x", "1", { qos: 1 });
  await expect.poll(() => house.taken.length).toBe(1);
  const closing = house.broker[Symbol.asyncDispose]();
  house.release[0]?.();
  await publishing;
  await closing;
});

test("new credentials end the old connection", async () => {
  await using house = await openHouse();
  const client = await house.client();
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  house.broker.disconnect({ kind: "device", id: "a" });
  await closed;
});

test("a port in use is named with its remedy", async () => {
  await using house = await openHouse();
  const options = {
    listen: { host: "127.0.0.1", port: house.broker.port },
    limits: { connections: 1, packetBytes: 1024 },
  };
  const rest = {
    authenticate: () => null,
    mayPublish: () => false,
    maySubscribe: () => false,
    take: () => Promise.resolve(),
    clock: systemClock,
    board: new Board(),
    log: silentLog,
  };
  await expect(openBroker({ ...options, ...rest })).rejects.toMatchObject({ code: "PORT_IN_USE" });
});
