// Shown: what MQTT 3.1.1 says a server must refuse is refused at the door, packet by packet and byte by byte, and a
// client beside it is not disturbed.
import { expect, test } from "vitest";
import { type BrokerHouse, openBrokerHouse } from "../../helpers/broker-house.ts";
import { connectPacket, id, openRawClient, PACKET, packet, publishPacket, text } from "../../helpers/raw-mqtt.ts";

const device = { clientId: "dev", username: "a", password: "right" };

type Connect = { name?: string; level?: number; flags: number; fields: Buffer[] };
const connecting = ({ name = "MQTT", level = 4, flags, fields }: Connect) =>
  packet(0x10, text(name), Buffer.from([level, flags, 0, 60]), ...fields);
const login = [text("a"), text("right")];
const ill = {
  NUL: Buffer.from("a\0b"),
  "a surrogate": Buffer.from([0x61, 0xed, 0xa0, 0x80]),
  "an overlong form": Buffer.from([0x61, 0xc0, 0xaf]),
  "a lone byte": Buffer.from([0x61, 0xff]),
};

/** What the broker says before it ends the connection. */
async function answerTo(house: BrokerHouse, ...packets: Buffer[]): Promise<string> {
  using client = await openRawClient(house.broker.port);
  client.send(...packets);
  return (await client.end()).toString("hex");
}

const CONNECTS: readonly (readonly [string, Buffer, string])[] = [
  ...Object.entries(ill).flatMap(([what, bytes]): [string, Buffer, string][] => [
    [`a client id with ${what}`, connecting({ flags: 0xc2, fields: [text(bytes), ...login] }), ""],
    [`a user name with ${what}`, connecting({ flags: 0xc2, fields: [text("x"), text(bytes), text("right")] }), ""],
    [
      `a will topic with ${what}`,
      connecting({ flags: 0xc6, fields: [text("x"), text(bytes), text("gone"), ...login] }),
      "",
    ],
  ]),
  ["a will of QoS 3", connecting({ flags: 0xde, fields: [text("x"), text("a/w"), text("gone"), ...login] }), ""],
  ["will QoS without a will", connecting({ flags: 0xca, fields: [text("x"), ...login] }), ""],
  ["will retain without a will", connecting({ flags: 0xe2, fields: [text("x"), ...login] }), ""],
  ["a password without a user name", connecting({ flags: 0x42, fields: [text("x"), text("right")] }), ""],
  ["the reserved flag", connecting({ flags: 0xc3, fields: [text("x"), ...login] }), ""],
  [
    "a wildcard in the will's topic",
    connecting({ flags: 0xc6, fields: [text("x"), text("a/#"), text(""), ...login] }),
    "",
  ],
  ["an empty will topic", connecting({ flags: 0xc6, fields: [text("x"), text(""), text(""), ...login] }), ""],
  ["flags that promise more than there is", connecting({ flags: 0xc2, fields: [text("x"), text("a")] }), ""],
  ["more than the flags promise", connecting({ flags: 0x82, fields: [text("x"), ...login] }), ""],
  ["another protocol", connecting({ name: "HTTP", flags: 0xc2, fields: [text("x"), ...login] }), ""],
  ["no client id and a session to keep", connecting({ flags: 0xc0, fields: [text(""), ...login] }), "20020002"],
  ["level 5", connecting({ level: 5, flags: 0xc2, fields: [Buffer.from([0]), text("x"), ...login] }), "2003008400"],
  ["level 6", connecting({ level: 6, flags: 0xc2, fields: [text("x"), ...login] }), "20020001"],
  ["level 0", connecting({ level: 0, flags: 0xc2, fields: [text("x"), ...login] }), "20020001"],
  [
    "level 4 under the name of 3.1",
    connecting({ name: "MQIsdp", flags: 0xc2, fields: [text("x"), ...login] }),
    "20020001",
  ],
  ["reserved bits in the first byte", Buffer.concat([Buffer.from([0x11]), connectPacket(device).subarray(1)]), ""],
  ["PUBLISH first", publishPacket({ topic: "a/x", payload: "1", qos: 1, messageId: 1 }), ""],
  ["PINGREQ first", packet(0xc0), ""],
];

test.each(CONNECTS)("CONNECT is refused: %s", async (_, bytes, answer) => {
  await using house = await openBrokerHouse();
  expect(await answerTo(house, bytes)).toBe(answer);
  expect(Object.keys(house.board.all()).filter((name) => name.startsWith("broker.refused."))).toHaveLength(1);
});

const PACKETS: readonly (readonly [string, Buffer])[] = [
  ...Object.entries(ill).flatMap(([what, bytes]): [string, Buffer][] => [
    [`PUBLISH on a topic with ${what}`, packet(0x32, text(bytes), id(1))],
    [`SUBSCRIBE to a filter with ${what}`, packet(0x82, id(1), text(bytes), Buffer.from([0]))],
    [`UNSUBSCRIBE from a filter with ${what}`, packet(0xa2, id(1), text(bytes))],
  ]),
  ["PUBLISH of QoS 3", packet(0x36, text("a/x"), id(1))],
  ["PUBLISH of QoS 0 as a repeat", packet(0x38, text("a/x"))],
  ["PUBLISH with id 0", packet(0x32, text("a/x"), id(0))],
  ["PUBLISH on no topic", packet(0x30, text(""))],
  ["PUBLISH on a/#", packet(0x30, text("a/#"))],
  ["PUBLISH on a/+", packet(0x30, text("a/+"))],
  ["PUBLISH cut short in its topic", packet(0x30, Buffer.from([0, 9]), Buffer.from("a/x"))],
  ["PUBLISH cut short in its id", packet(0x32, text("a/x"), Buffer.from([1]))],
  ["PUBLISH of one byte", packet(0x30, Buffer.from([0]))],
  ["SUBSCRIBE with id 0", packet(0x82, id(0), text("a/cmd"), Buffer.from([0]))],
  ["SUBSCRIBE to nothing", packet(0x82, id(1))],
  ["SUBSCRIBE to an empty filter", packet(0x82, id(1), text(""), Buffer.from([0]))],
  ["SUBSCRIBE with QoS 3", packet(0x82, id(1), text("a/cmd"), Buffer.from([3]))],
  ["SUBSCRIBE without QoS", packet(0x82, id(1), text("a/cmd"))],
  ["SUBSCRIBE to a#", packet(0x82, id(1), text("a#"), Buffer.from([0]))],
  ["SUBSCRIBE to #/a", packet(0x82, id(1), text("#/a"), Buffer.from([0]))],
  ["SUBSCRIBE to a+", packet(0x82, id(1), text("a+"), Buffer.from([0]))],
  ["SUBSCRIBE without its flags", packet(0x80, id(1), text("a/cmd"), Buffer.from([0]))],
  [
    "SUBSCRIBE to 65 filters",
    packet(0x82, id(1), ...Array.from({ length: 65 }, () => Buffer.concat([text("a/cmd"), Buffer.from([0])]))),
  ],
  ["UNSUBSCRIBE from nothing", packet(0xa2, id(1))],
  ["UNSUBSCRIBE with id 0", packet(0xa2, id(0), text("a/cmd"))],
  ["PUBREL without its flags", packet(0x60, id(1))],
  ["PUBACK with id 0", packet(0x40, id(0))],
  ["PUBACK of three bytes", packet(0x40, id(1), Buffer.from([0]))],
  ["PINGREQ with content", packet(0xc0, Buffer.from([0]))],
  ["DISCONNECT with content", packet(0xe0, Buffer.from([0]))],
  ["CONNACK from a client", packet(0x20, id(0))],
  ["SUBACK from a client", packet(0x90, id(1), Buffer.from([0]))],
  ["packet type 0", packet(0x00)],
  ["packet type 15", packet(0xf0)],
  ["a second CONNECT", connectPacket(device)],
  ["a length of five bytes", Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])],
];

test.each(PACKETS)("after the login the connection ends on: %s", async (_, bytes) => {
  await using house = await openBrokerHouse();
  using beside = await openRawClient(house.broker.port);
  beside.send(connectPacket({ ...device, clientId: "beside" }));
  await beside.next(PACKET.connack);
  using client = await openRawClient(house.broker.port);
  client.send(connectPacket(device));
  expect(await client.next(PACKET.connack)).toBe(0);
  client.send(bytes, publishPacket({ topic: "a/after", payload: "1", qos: 1, messageId: 9 }));
  expect((await client.end()).toString("hex")).toBe("");
  beside.send(publishPacket({ topic: "a/beside", payload: "1", qos: 1, messageId: 3 }));
  expect(await beside.next(PACKET.puback)).toBe(3);
  expect(house.taken.map(({ topic }) => topic)).toEqual(["a/beside"]);
});

test.each(["\u{feff}x", "\u{fffd}", "日本 語", " ", "/", "a//b/", "constructor", "__proto__"])(
  "what MQTT allows in a topic passes unchanged: a/%s",
  async (rest) => {
    await using house = await openBrokerHouse();
    using client = await openRawClient(house.broker.port);
    const topic = `a/${rest}`;
    client.send(connectPacket(device), publishPacket({ topic, payload: "1", qos: 1, messageId: 7 }));
    expect([await client.next(PACKET.connack), await client.next(PACKET.puback)]).toEqual([0, 7]);
    expect(house.taken.map((arrival) => arrival.topic)).toEqual([topic]);
  },
);

test("MQTT 3.1 is spoken too, and Mosquitto's bridges, which mark their level", async () => {
  await using house = await openBrokerHouse();
  using old = await openRawClient(house.broker.port);
  old.send(connecting({ name: "MQIsdp", level: 3, flags: 0xc2, fields: [text("old"), ...login] }));
  expect(await old.next(PACKET.connack)).toBe(0);
  using bridge = await openRawClient(house.broker.port);
  bridge.send(connecting({ level: 0x84, flags: 0xc2, fields: [text("bridge"), ...login] }));
  expect(await bridge.next(PACKET.connack)).toBe(0);
});

test("a CONNECT that arrives byte by byte is understood, and so is what follows it", async () => {
  await using house = await openBrokerHouse();
  using client = await openRawClient(house.broker.port);
  const bytes = Buffer.concat([
    connectPacket(device),
    publishPacket({ topic: "a/x", payload: "slow", qos: 1, messageId: 5 }),
  ]);
  for (const byte of bytes) await new Promise((resolve) => client.socket.write(Buffer.from([byte]), resolve));
  expect([await client.next(PACKET.connack), await client.next(PACKET.puback)]).toEqual([0, 5]);
  expect(Buffer.from(house.taken[0]?.payload ?? []).toString()).toBe("slow");
});

test("messages right behind a CONNECT are taken in order, up to the size and beyond the number that aedes would queue", async () => {
  await using house = await openBrokerHouse({ packetBytes: 262_144 });
  using client = await openRawClient(house.broker.port);
  const large = Buffer.alloc(262_144 - 7, "x");
  const small = Array.from({ length: 100 }, (_, n) =>
    publishPacket({ topic: "a/x", payload: String(n), qos: 1, messageId: n + 2 }),
  );
  client.send(connectPacket(device), publishPacket({ topic: "a/x", payload: large, qos: 1, messageId: 1 }), ...small);
  expect(await client.next(PACKET.connack)).toBe(0);
  for (let n = 1; n <= 101; n++) expect(await client.next(PACKET.puback)).toBe(n);
  expect(house.taken.map(({ payload }) => payload.length)).toEqual([
    large.length,
    ...Array.from({ length: 100 }, (_, n) => String(n).length),
  ]);
});
