// Shown: what the broker promises to devices, with a real MQTT client on a real socket.
import { expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openBroker } from "../../src/ingest/broker.ts";
import { openBrokerHouse } from "../helpers/broker-house.ts";

for (const qos of [1, 2] as const) {
  test(`a QoS ${qos} message is acknowledged only after it was taken`, async () => {
    await using house = await openBrokerHouse({ hold: true });
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
  await using house = await openBrokerHouse();
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
  await using house = await openBrokerHouse();
  await expect(house.client({ password: "wrong" })).rejects.toMatchObject({ code: 5 });
  await expect(house.client({ username: "", password: "" })).rejects.toBeDefined();
  expect(house.board.get("broker.refused.login")).toBe(2);
});

test("a topic of another device is acknowledged, counted and dropped; its owner hears nothing", async () => {
  await using house = await openBrokerHouse();
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
  await using house = await openBrokerHouse();
  const client = await house.client();
  expect(await client.subscribeAsync("a/cmd")).toMatchObject([{ qos: 0 }]);
  for (const filter of ["#", "a/#", "b/cmd", "$SYS/#", "+/cmd", "$hedgerow/refused"]) {
    await expect(client.subscribeAsync(filter), filter).rejects.toThrow("Unspecified error");
  }
});

test("a will on another's topic is refused like a message", async () => {
  await using house = await openBrokerHouse();
  const client = await house.client({ will: { topic: "b/cmd", payload: Buffer.from("x"), qos: 1, retain: true } });
  client.stream.destroy();
  await expect.poll(() => house.board.get("broker.refused.topic")).toBe(1);
  expect(house.taken).toEqual([]);
});

test("messages of one client are taken in their order, whatever their quality of service", async () => {
  await using house = await openBrokerHouse();
  const client = await house.client();
  await Promise.all(
    Array.from({ length: 300 }, (_, n) => client.publishAsync("a/x", String(n), { qos: n % 3 === 0 ? 2 : 1 })),
  );
  expect(house.taken.map(({ payload }) => Number(Buffer.from(payload).toString()))).toEqual(
    Array.from({ length: 300 }, (_, n) => n),
  );
});

test("closing finishes what is in hand: its acknowledgement still goes out", async () => {
  await using house = await openBrokerHouse({ hold: true });
  const client = await house.client();
  const publishing = client.publishAsync("a/x", "1", { qos: 1 });
  await expect.poll(() => house.taken.length).toBe(1);
  const closing = house.broker[Symbol.asyncDispose]();
  house.release[0]?.();
  await publishing;
  await closing;
});

test("new credentials end the old connection", async () => {
  await using house = await openBrokerHouse();
  const client = await house.client();
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  house.broker.disconnect({ kind: "device", id: "a" });
  await closed;
});

test("a port in use is named with its remedy", async () => {
  await using house = await openBrokerHouse();
  const options = {
    listen: { host: "127.0.0.1", port: house.broker.port },
    limits: {
      connections: 1,
      connectionsPerAddress: 1,
      packetBytes: 1024,
      picturePacketBytes: 1024,
      messagesPerSecondPerDevice: 1,
    },
  };
  const rest = {
    authenticate: () => null,
    mayPublish: () => false,
    maySubscribe: () => false,
    take: () => Promise.resolve(),
    settled: () => Promise.resolve(),
    isHeldBack: () => false,
    clock: systemClock,
    board: new Board(),
    log: silentLog,
  };
  await expect(openBroker({ ...options, ...rest })).rejects.toMatchObject({ code: "PORT_IN_USE" });
});
