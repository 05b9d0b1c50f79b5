// Shown: what the broker does with clients that a library would not write: packets by hand, wills, borrowed client ids.
import { connect as connectSocket } from "node:net";
import { expect, test } from "vitest";
import type { Arrival } from "../../src/core/arrival.ts";
import { systemClock } from "../../src/core/clock.ts";
import { type BrokerHouse, openBrokerHouse } from "../helpers/broker-house.ts";
import { connectPacket, openRawClient, PACKET, publishPacket, pubrelPacket } from "../helpers/raw-mqtt.ts";

const device = { clientId: "dev", username: "a", password: "right" };

test("acknowledgements go out in the order of the messages, however long each one takes", async () => {
  await using house = await openBrokerHouse({ hold: true });
  using client = await openRawClient(house.broker.port);
  client.send(connectPacket(device));
  await client.next(PACKET.connack);
  client.send(...[1, 2, 3].map((messageId) => publishPacket({ topic: "a/x", payload: "x", qos: 1, messageId })));
  await expect.poll(() => house.taken.length).toBe(3);
  for (const go of house.release.toReversed()) go();
  expect([
    await client.next(PACKET.puback),
    await client.next(PACKET.puback),
    await client.next(PACKET.puback),
  ]).toEqual([1, 2, 3]);
});

test("a packet that announces more than the limit ends the connection at once and is counted", async () => {
  await using house = await openBrokerHouse();
  const client = await house.client();
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  client.publish("a/x", Buffer.alloc(20 * 1024 * 1024), { qos: 1 });
  await closed;
  expect(house.board.get("broker.refused.packet-too-large")).toBe(1);
  await (await house.client({ clientId: "next" })).publishAsync("a/x", "1", { qos: 1 });
  expect(house.taken.length).toBe(1);
});

test("before its login a socket may announce 16 KiB and no more", async () => {
  await using house = await openBrokerHouse();
  const socket = connectSocket(house.broker.port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined);
  // CONNECT with a remaining length of 1 MiB [MQTT-2.2.3].
  socket.write(Buffer.from([0x10, 0x80, 0x80, 0x40]));
  await closed;
  expect(house.board.get("broker.refused.packet-too-large")).toBe(1);
});

const textOf = ({ payload }: Arrival) => Buffer.from(payload).toString();

test("a QoS 2 message that is sent again before its release is taken once, also in one segment", async () => {
  await using house = await openBrokerHouse();
  using client = await openRawClient(house.broker.port);
  client.send(connectPacket(device));
  await client.next(PACKET.connack);
  const message = { topic: "a/x", payload: "one", qos: 2, messageId: 9 } as const;
  client.send(publishPacket(message), publishPacket({ ...message, isAgain: true }));
  await client.next(PACKET.pubrec);
  await client.next(PACKET.pubrec);
  client.send(publishPacket({ ...message, isAgain: true }));
  await client.next(PACKET.pubrec);
  expect(house.taken.map(textOf)).toEqual(["one"]);
  client.send(pubrelPacket(9));
  await client.next(PACKET.pubcomp);
  client.send(publishPacket({ ...message, payload: "two" }));
  await client.next(PACKET.pubrec);
  expect(house.taken.map(textOf)).toEqual(["one", "two"]);
});

for (const isClean of [true, false]) {
  test(`a QoS 2 id that comes back on a new connection is a new message (clean session ${isClean})`, async () => {
    await using house = await openBrokerHouse();
    const message = { topic: "a/x", qos: 2, messageId: 1 } as const;
    {
      using client = await openRawClient(house.broker.port);
      client.send(connectPacket({ ...device, isClean }));
      await client.next(PACKET.connack);
      client.send(publishPacket({ ...message, payload: "first" }));
      await client.next(PACKET.pubrec);
    }
    using client = await openRawClient(house.broker.port);
    client.send(connectPacket({ ...device, isClean }));
    expect(await client.next(PACKET.connack), "no session is present").toBe(0);
    client.send(pubrelPacket(1));
    await client.next(PACKET.pubcomp);
    client.send(publishPacket({ ...message, payload: "second" }));
    await client.next(PACKET.pubrec);
    expect(house.taken.map(textOf)).toEqual(["first", "second"]);
  });
}

const will = { topic: "a/will", payload: Buffer.from("Offline"), qos: 1, retain: false } as const;
const wills = (house: BrokerHouse) => house.taken.filter(({ topic }) => topic === will.topic).length;

test("a will tells of a connection that broke, and never of one that the house ended itself", async () => {
  await using house = await openBrokerHouse();
  const broken = await house.client({ will });
  broken.stream.destroy();
  await expect.poll(() => wills(house)).toBe(1);
  const refused = await house.client({ will, clientId: "refused" });
  const ends = [
    refused,
    await house.client({ will, clientId: "revoked" }),
    await house.client({ will, clientId: "last" }),
  ].map((client) => new Promise<void>((resolve) => client.once("close", () => resolve())));
  refused.publish("a/fail", "1", { qos: 1 });
  await ends[0];
  house.broker.disconnect({ kind: "device", id: "a" });
  await Promise.all(ends);
  await house.client({ will, clientId: "at-the-end", username: "a" });
  await house.broker[Symbol.asyncDispose]();
  expect(wills(house)).toBe(1);
});

test("who logs in more often than a device may speak waits its turn; others come in", async () => {
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  await using house = await openBrokerHouse({ clock, limits: { messagesPerSecondPerDevice: 1 } });
  for (let n = 0; n < 11; n += 1) (await house.client({ clientId: "again" })).end(true);
  const late = house.client({ clientId: "again" });
  await expect.poll(() => house.board.get("broker.slowed-down")).toBe(1);
  await house.client({ username: "b" });
  nowMs = 1000;
  expect((await late).connected).toBe(true);
});

test("a login that ends while its client comes in ends that client too", async () => {
  let isValid = true;
  await using house = await openBrokerHouse({
    authenticate: (username) => {
      if (!isValid) return null;
      // After the password was found right, and before the client has its place.
      setImmediate(() => {
        isValid = false;
        house.broker.disconnect({ kind: "device", id: username });
      });
      return { kind: "device", id: username };
    },
  });
  await expect(house.client()).rejects.toMatchObject({ code: 5 });
});

test("a client id in use by another login is refused, and its owner stays connected", async () => {
  await using house = await openBrokerHouse();
  const owner = await house.client({ clientId: "mine" });
  await expect(house.client({ clientId: "mine", username: "b" })).rejects.toMatchObject({ code: 5 });
  expect(house.board.get("broker.refused.client-id")).toBe(1);
  await owner.publishAsync("a/x", "still here", { qos: 1 });
  expect(house.taken.map(textOf)).toEqual(["still here"]);
});
