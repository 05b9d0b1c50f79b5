// Shown: a camera's picture is taken out of the broker's stream before aedes sees it: it goes to its camera and to nobody else,
// the bytes are zeroed where they were read, and what all cameras send at once has one bound (I1, I7, I8).
import { expect, test } from "vitest";
import type { Login } from "../../src/core/arrival.ts";
import { PictureLift, PictureRoom } from "../../src/ingest/broker-pictures.ts";
import { type BrokerHouse, openBrokerHouse } from "../helpers/broker-house.ts";
import { type KeptPictures, keptPictures } from "../helpers/kept-pictures.ts";
import {
  connectPacket,
  id,
  openRawClient,
  PACKET,
  packet,
  publishPacket,
  pubrelPacket,
  text,
} from "../helpers/raw-mqtt.ts";

const loginOf = (username: string): Login => {
  const [kind, loginId] = username.split("_");
  if (loginId === undefined || (kind !== "camera" && kind !== "bridge")) return { kind: "device", id: username };
  return { kind, id: loginId };
};

async function openHouse(limits: { picturePacketBytes?: number } = {}): Promise<BrokerHouse & { kept: KeptPictures }> {
  const kept = keptPictures();
  const house = await openBrokerHouse({
    pictures: kept,
    authenticate: (username, password) => (password === "right" ? loginOf(username) : null),
    mayPublish: (login, topic) =>
      kept.cameraOf(login, topic) !== null || topic.startsWith(`${login.id}/`) || topic.startsWith("frigate/"),
    maySubscribe: () => true,
    limits: { picturePacketBytes: 1024 * 1024, ...limits },
  });
  return { ...house, kept };
}

test("a picture of any size and quality of service goes to its camera whole, and is no arrival", async () => {
  await using house = await openHouse();
  const camera = await house.client({ username: "camera_a" });
  const sizes = [0, 1, 16, 5000, 300_000];
  for (const [value, size] of sizes.entries())
    for (const qos of [0, 1, 2] as const)
      await camera.publishAsync("cams/a", Buffer.alloc(size, value), { qos, retain: true });
  await camera.publishAsync("cams/a", "end", { qos: 1 });
  expect(house.kept.taken.length).toBe(3 * sizes.length + 1);
  for (const [at, size] of sizes.entries())
    for (const n of [0, 1, 2]) expect(house.kept.taken[3 * at + n]).toEqual(["a", Buffer.alloc(size, at)]);
  expect([house.taken, house.kept.dropped]).toEqual([[], []]);
});

test("whoever listens, the camera's bridge itself too, hears no picture, and nothing is retained", async () => {
  await using house = await openHouse();
  const bridge = await house.client({ username: "bridge_nvr", clientId: "nvr" });
  const heard: string[] = [];
  bridge.on("message", (topic) => void heard.push(topic));
  await bridge.subscribeAsync(["frigate/#", "cams/a"]);
  await bridge.publishAsync("frigate/door", Buffer.alloc(1000, 1), { qos: 1, retain: true });
  const camera = await house.client({ username: "camera_a", clientId: "a" });
  await camera.publishAsync("cams/a", Buffer.alloc(1000, 2), { qos: 1, retain: true });
  const late = await house.client({ username: "bridge_nvr", clientId: "late" });
  late.on("message", (topic) => void heard.push(topic));
  await late.subscribeAsync(["frigate/#", "cams/#"]);
  const said = new Promise<void>((resolve) => bridge.once("message", () => resolve()));
  await bridge.publishAsync("frigate/events", "later", { qos: 1 });
  await said;
  expect(heard.filter((topic) => topic !== "frigate/events")).toEqual([]);
  expect(house.kept.taken.map(([camera]) => camera)).toEqual(["door", "a"]);
});

test.each(["a", "camera_b"])(
  "on a camera's topic a message of %s is no picture, and no larger than others",
  async (username) => {
    await using house = await openHouse();
    const other = await house.client({ username });
    await other.publishAsync("cams/a", "small", { qos: 1 });
    expect(house.board.get("broker.refused.topic")).toBe(1);
    const closed = new Promise<void>((resolve) => other.once("close", () => resolve()));
    other.publish("cams/a", Buffer.alloc(300_000), { qos: 1 });
    await closed;
    expect(house.board.get("broker.refused.packet-too-large")).toBe(1);
    expect(house.kept.taken).toEqual([]);
  },
);

test("a picture beyond its bound ends the connection before it has come", async () => {
  await using house = await openHouse({ picturePacketBytes: 100_000 });
  using camera = await openRawClient(house.broker.port);
  camera.send(connectPacket({ clientId: "a", username: "camera_a", password: "right" }));
  await camera.next(PACKET.connack);
  // 100,001 bytes are announced, and the first of them sent.
  camera.send(Buffer.from([0x32, 0xa1, 0x8d, 0x06]), text("cams/a"), id(1), Buffer.alloc(10));
  await camera.end();
  expect(house.board.get("broker.refused.packet-too-large")).toBe(1);
});

test("a last will is no picture, and a picture that comes twice before its release is taken once", async () => {
  await using house = await openHouse();
  const dying = await house.client({
    username: "camera_a",
    clientId: "dying",
    will: { topic: "cams/a", payload: Buffer.from("will"), qos: 1 },
  });
  dying.stream.destroy();
  await expect.poll(() => house.kept.dropped).toEqual(["no-picture"]);
  expect(house.taken).toEqual([]);
  using camera = await openRawClient(house.broker.port);
  camera.send(connectPacket({ clientId: "a", username: "camera_a", password: "right" }));
  await camera.next(PACKET.connack);
  const again = publishPacket({ topic: "cams/a", payload: "one", qos: 2, messageId: 7 });
  camera.send(again);
  await camera.next(PACKET.pubrec);
  camera.send(again);
  await camera.next(PACKET.pubrec);
  camera.send(pubrelPacket(7));
  await camera.next(PACKET.pubcomp);
  expect(house.kept.taken.map(([, bytes]) => bytes.toString())).toEqual(["one"]);
});

test("pictures and other messages in one segment, cut anywhere, keep their order and their bytes", async () => {
  await using house = await openHouse();
  const messages = [
    publishPacket({ topic: "frigate/one", payload: "x", qos: 1, messageId: 1 }),
    publishPacket({ topic: "frigate/door", payload: "first picture", qos: 1, messageId: 2 }),
    publishPacket({ topic: "frigate/door", payload: "", qos: 1, messageId: 3 }),
    publishPacket({ topic: "frigate/two", payload: "y".repeat(300), qos: 1, messageId: 4 }),
    packet(0x30, text("frigate/door"), Buffer.from("last picture")),
    publishPacket({ topic: "frigate/three", payload: "z", qos: 1, messageId: 5 }),
  ];
  const all = Buffer.concat(messages);
  for (const cut of [1, 7, 40, all.length]) {
    using client = await openRawClient(house.broker.port);
    client.send(connectPacket({ clientId: `cut-${cut}`, username: "bridge_nvr", password: "right" }));
    await client.next(PACKET.connack);
    for (let at = 0; at < all.length; at += cut) client.send(all.subarray(at, at + cut));
    for (const messageId of [1, 2, 3, 4, 5]) expect(await client.next(PACKET.puback)).toBe(messageId);
  }
  const pictures = house.kept.taken.map(([, bytes]) => bytes.toString());
  expect(pictures).toEqual([1, 2, 3, 4].flatMap(() => ["first picture", "", "last picture"]));
  expect(house.taken.map(({ topic }) => topic)).toEqual(
    [1, 2, 3, 4].flatMap(() => ["one", "two", "three"].map((name) => `frigate/${name}`)),
  );
});

test("while there is no room the next camera is not read, and comes in when there is", () => {
  const room = new PictureRoom(1000);
  const asked: string[] = [];
  const ask = (login: string) => () => void asked.push(login);
  const [a, b, c]: Login[] = ["a", "b", "c"].map((each) => ({ kind: "camera", id: each }));
  if (a === undefined || b === undefined || c === undefined) throw new Error("unreachable");
  const first = room.enter(a, 5000, ask("a"));
  expect(first, "alone any picture comes in").not.toBeNull();
  expect(room.enter(a, 1, ask("a")), "one of a login at a time").toBeNull();
  expect(room.enter(b, 1, ask("b"))).toBeNull();
  const gone = ask("c");
  expect(room.enter(c, 1, gone)).toBeNull();
  room.forget(gone);
  first?.[Symbol.dispose]();
  expect(asked).toEqual(["a", "b"]);
  expect([room.enter(a, 500, ask("a")), room.enter(b, 500, ask("b"))]).not.toContain(null);
  expect(room.enter(c, 1, ask("c"))).toBeNull();
});

test("a second picture of a camera waits in its socket until the first is in, and both come whole", async () => {
  await using house = await openHouse();
  const [first, second] = [await openRawClient(house.broker.port), await openRawClient(house.broker.port)];
  for (const [n, client] of [first, second].entries()) {
    client.send(connectPacket({ clientId: `a-${n}`, username: "camera_a", password: "right" }));
    await client.next(PACKET.connack);
  }
  const large = publishPacket({ topic: "cams/a", payload: Buffer.alloc(500_000, 1), qos: 1, messageId: 1 });
  for (const _round of [1, 2]) {
    first.send(large.subarray(0, 300_000));
    const before = house.board.get("broker.slowed-down");
    await expect.poll(() => first.socket.writableLength).toBe(0);
    second.send(publishPacket({ topic: "cams/a", payload: Buffer.alloc(400_000, 2), qos: 1, messageId: 2 }));
    await expect.poll(() => house.board.get("broker.slowed-down")).toBeGreaterThan(before);
    first.send(large.subarray(300_000));
    expect([await first.next(PACKET.puback), await second.next(PACKET.puback)]).toEqual([1, 2]);
    // Whichever the broker read first; the other one waited.
    const taken = house.kept.taken.splice(0).map(([, bytes]) => bytes);
    expect(taken.toSorted((a, b) => b.length - a.length)).toEqual([Buffer.alloc(500_000, 1), Buffer.alloc(400_000, 2)]);
  }
  for (const client of [first, second]) client[Symbol.dispose]();
});

test("bytes of a picture are zeroed where they were read, and when its connection ends before they are all there", () => {
  const bytes = [Buffer.from([0, 6]), Buffer.from("cams/aPIC"), Buffer.from("TURE"), Buffer.from("rest")];
  const list = chunksOf(bytes);
  const pictures = keptPictures();
  const lift = () =>
    new PictureLift({
      login: { kind: "camera", id: "a" },
      pictures,
      room: new PictureRoom(1000),
      bytesMax: 1000,
      onRoom: () => undefined,
      onWait: () => undefined,
      onSlow: () => undefined,
    });
  const whole = { length: 8 + 7 };
  const one = lift();
  expect(one.step(0x30, whole, list)).toBe("lifted");
  expect(bytes.map(String)).toEqual(["\0\x06", "cams/a\0\0\0", "\0\0\0\0", "rest"]);
  const token = list.slice(8, whole.length);
  expect(list.slice(whole.length, list.length).toString()).toBe("rest");
  expect(one.take(Buffer.alloc(16)), "a token that nobody made").toBeNull();
  const picture = one.take(token);
  expect(picture?.toString()).toBe("PICTURE");
  expect(one.take(token), "once").toBeNull();
  one[Symbol.dispose]();
  expect(picture?.toString(), "it is its taker's").toBe("PICTURE");
  const cut = Buffer.from("\0\x06cams/aPIC");
  const other = lift();
  expect(other.step(0x30, { length: 15 }, chunksOf([cut]))).toBe("unfinished");
  const parts = [cut.subarray(8).toString()];
  other[Symbol.dispose]();
  expect(parts).toEqual(["\0\0\0"]);
});

function chunksOf(given: readonly Buffer[]): Parameters<PictureLift["step"]>[2] {
  const buffers = [...given];
  const all = () => Buffer.concat(buffers);
  return {
    get length() {
      return all().length;
    },
    getBuffers: () => buffers,
    slice: (from, to) => all().subarray(from, to),
    readUInt8: (at) => all().readUInt8(at),
    consume(count) {
      for (let left = count; left > 0; ) {
        const first = buffers.shift() ?? Buffer.alloc(0);
        if (first.length > left) buffers.unshift(first.subarray(left));
        left -= first.length;
      }
    },
    append: (more) => buffers.push(more),
    prepend: (more) => buffers.unshift(more),
  };
}
