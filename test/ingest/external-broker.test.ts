// Shown: `broker.mode: external` at a real Mosquitto (MQTT 5) and a real NATS server (3.1.1): what is replayed, refused, too
// large or too much, how the kit's changes are followed, and what happens while the broker or the gateway is away. Skipped where Debian's mosquitto or nats-server is missing.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { connectAsync } from "mqtt";
import { describe, expect, test } from "vitest";
import type { Arrival } from "../../src/core/arrival.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { hasMosquitto, hasNats, startMosquitto, startNats } from "../helpers/site-broker.ts";
import { openExternalHouse, type SourceHouse } from "../helpers/source-house.ts";
import { textLog } from "../helpers/text-log.ts";

const textOf = ({ payload }: Arrival): string => Buffer.from(payload).toString("utf8");
const texts = ({ taken }: SourceHouse): string[] => taken.map(textOf);
const isUp = (house: SourceHouse): boolean => house.sources.siteBroker()?.isUp === true;
const soon = { timeout: 10_000 };

/** In front of a broker, cuts what begins with a CONNECT of MQTT 5, as some brokers do [MQTT-3.1.2-2]. */
async function openOldBroker(port: number): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => undefined);
    client.once("data", (first: Buffer) => {
      if (first[8] === 5) return client.destroy();
      const behind = connect({ port, host: "127.0.0.1" });
      sockets.add(behind);
      behind.on("error", () => undefined);
      behind.write(first);
      return client.pipe(behind).pipe(client);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Leaves a retained message with the broker. */
async function retain(port: number, topic: string, payload: string): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: "retainer" });
  await client.publishAsync(topic, payload, { qos: 1, retain: true });
  await client.endAsync();
}

describe.skipIf(!hasMosquitto)("Mosquitto (Debian package mosquitto)", () => {
  test("it is spoken to in MQTT 5, with shared subscriptions and a bounded window", async () => {
    await using broker = await startMosquitto();
    await using house = await openExternalHouse({ port: broker.port, external: { shareGroup: "elm" } });
    expect(house.sources.siteBroker()).toEqual({ isUp: true, why: null, isSharing: true, refused: [] });
    expect(broker.log.some((line) => line.includes("hedgerow-test-street 1 $share/elm/porch/#"))).toBe(true);
    expect(broker.log.some((line) => line.includes("(p5, c0, k30)"))).toBe(true);
  });

  test("a retained announcement comes as a replay, one that is made now as news, both by the site's login", async () => {
    await using broker = await startMosquitto();
    await retain(broker.port, "homeassistant/light/lamp/config", "old");
    await using house = await openExternalHouse({ port: broker.port });
    await expect.poll(() => house.taken).toHaveLength(1);
    await retain(broker.port, "homeassistant/light/lamp/config", "new");
    await expect.poll(() => house.taken).toHaveLength(2);
    expect(house.taken.map((each) => [textOf(each), each.isReplay])).toEqual([
      ["old", true],
      ["new", false],
    ]);
    expect(house.taken[0]?.login).toEqual({ kind: "site", id: "127.0.0.1" });
  });

  test("a message that is too large is counted and acknowledged unread, and the next one is taken", async () => {
    await using broker = await startMosquitto();
    await using house = await openExternalHouse({ port: broker.port, packetBytes: 2000 });
    const sensor = await house.sensor();
    await sensor.publishAsync("porch/picture", Buffer.alloc(300_000), { qos: 1 });
    await sensor.publishAsync("porch/motion", "1", { qos: 1 });
    await expect.poll(() => house.watch.acknowledged).toHaveLength(2);
    expect(texts(house)).toEqual(["1"]);
    expect(house.board.get("arrival.dropped.too-large")).toBe(1);
    expect(isUp(house)).toBe(true);
  });

  test("no more than the window is in hand while the disk is slow, and all are taken in the end", async () => {
    await using broker = await startMosquitto({ lines: ["allow_anonymous true", "max_inflight_messages 0"] });
    await using house = await openExternalHouse({ port: broker.port });
    const held: (() => void)[] = [];
    house.setFate(() => new Promise((resolve) => held.push(resolve)));
    const sensor = await house.sensor();
    const sent = Array.from({ length: 200 }, (_, n) => String(n));
    await Promise.all(sent.map((text) => sensor.publishAsync("porch/lux", text, { qos: 1 })));
    await expect.poll(() => held.length).toBe(LIMITS.siteInFlight);
    house.setFate(() => Promise.resolve());
    for (const release of held) release();
    await expect.poll(() => house.watch.acknowledged.length, soon).toBe(200);
    expect(texts(house)).toEqual(sent);
  });

  test("what the kit wants is followed while messages come, and none of them is missed or taken twice", async () => {
    await using broker = await startMosquitto();
    await using house = await openExternalHouse({ port: broker.port });
    const sensor = await house.sensor();
    for (let n = 0; n < 60; n++) {
      // Now with a second device, now without; and once the first one's topic is covered by another filter.
      house.setTopics(n % 3 === 0 ? ["porch", "gate"] : n % 3 === 1 ? ["porch"] : ["porch", "porch/lux"]);
      await sensor.publishAsync("porch/lux", String(n), { qos: 1 });
    }
    house.setTopics(["gate"]);
    await expect.poll(() => broker.log.some((line) => line.includes("Sending UNSUBACK")), soon).toBe(true);
    await expect.poll(() => texts(house).length, soon).toBe(60);
    expect(texts(house)).toEqual(Array.from({ length: 60 }, (_, n) => String(n)));
    await expect
      .poll(async () => {
        await sensor.publishAsync("gate/lux", "heard", { qos: 1 });
        return texts(house).includes("heard");
      }, soon)
      .toBe(true);
    await sensor.publishAsync("porch/lux", "gone", { qos: 1 });
    await sensor.publishAsync("gate/lux", "last", { qos: 1 });
    await expect.poll(() => texts(house)).toContain("last");
    expect(texts(house)).not.toContain("gone");
  });

  test("what is sent while the gateway is away waits with the broker", async () => {
    await using broker = await startMosquitto();
    const before = await openExternalHouse({ port: broker.port });
    await before[Symbol.asyncDispose]();
    const sensor = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { clientId: "sensor" });
    await sensor.publishAsync("porch/motion", "meanwhile", { qos: 1 });
    await sensor.endAsync();
    await using house = await openExternalHouse({ port: broker.port });
    await expect.poll(() => texts(house)).toEqual(["meanwhile"]);
  });

  test("a broker that goes away and comes back is found again, with what it kept for us", async () => {
    await using broker = await startMosquitto();
    await using house = await openExternalHouse({ port: broker.port });
    const sensor = await house.sensor();
    house.setFate(() => Promise.reject(new Error("no room")));
    await sensor.publishAsync("porch/motion", "kept", { qos: 1 });
    await broker.stop();
    await expect.poll(() => isUp(house)).toBe(false);
    expect(house.board.get("site-broker.unreachable")).toBeGreaterThan(0);
    house.setFate(() => Promise.resolve());
    await broker.start();
    await expect.poll(() => isUp(house), soon).toBe(true);
    await expect.poll(() => house.watch.acknowledged.length, soon).toBeGreaterThan(0);
    expect(new Set(texts(house))).toEqual(new Set(["kept"]));
  });

  test("a stop does not wait for what a full disk holds back after the broker went away", async () => {
    await using broker = await startMosquitto();
    await using house = await openExternalHouse({ port: broker.port });
    house.setFate(() => new Promise(() => undefined));
    const sensor = await house.sensor();
    await sensor.publishAsync("porch/motion", "1", { qos: 1 });
    await expect.poll(() => house.taken).toHaveLength(1);
    house.setHeldBack(true);
    await broker.stop();
    await expect.poll(() => isUp(house)).toBe(false);
    await house.close();
    expect(house.watch.acknowledged).toEqual([]);
  });

  test("a broker that is not there yet is no reason not to open", async () => {
    const { lines, log } = textLog();
    await using broker = await startMosquitto();
    await broker.stop();
    await using house = await openExternalHouse({ port: broker.port, isAwaited: false, log });
    await expect.poll(() => lines.join("")).toContain("SITE_BROKER_UNREACHABLE");
    expect(house.sources.siteBroker()).toMatchObject({
      isUp: false,
      why: expect.stringContaining("the broker cut the connection"),
    });
    expect(await house.sources.send({ topic: "porch/cmd/power", payload: "ON" })).toBe(false);
    await broker.start();
    await expect.poll(() => isUp(house), soon).toBe(true);
  });

  test("a broker that hangs up on MQTT 5 without a word is spoken to in 3.1.1", async () => {
    await using broker = await startMosquitto();
    await using old = await openOldBroker(broker.port);
    await using house = await openExternalHouse({ port: old.port, isAwaited: false });
    await expect.poll(() => isUp(house), soon).toBe(true);
    expect(house.sources.siteBroker()).toMatchObject({ isSharing: false });
    expect(broker.log.some((line) => line.includes("(p2, c0, k30)"))).toBe(true);
  });
});

describe.skipIf(!hasNats)("NATS (Debian package nats-server)", () => {
  test("it is spoken to in 3.1.1, without sharing, and what it cannot carry is named while the others go on", async () => {
    await using broker = await startNats();
    const { lines, log } = textLog();
    await using house = await openExternalHouse({ port: broker.port, topics: ["porch", "lamp 3", "a.b"], log });
    const state = house.sources.siteBroker();
    expect(state).toMatchObject({ isUp: true, isSharing: false });
    expect(state?.refused.map(({ filter, of }) => [filter, of])).toEqual([
      ["lamp 3/#", ["porch-1"]],
      ["a.b/#", ["porch-2"]],
    ]);
    expect(house.board.get("site-broker.refused.filter")).toBe(2);
    expect(lines.join("")).toContain("NATS carries no dot and no space");
    // By device: a topic may hold an address of its hardware, and those are in no log.
    expect(lines.join("")).toContain("porch-1");
    expect(lines.join("")).not.toContain("lamp 3");
    const sensor = await house.sensor();
    await sensor.publishAsync("porch/motion", "1", { qos: 1 });
    await expect.poll(() => texts(house)).toEqual(["1"]);
  });

  test("a retained message is a replay, and what is sent meanwhile waits", async () => {
    await using broker = await startNats();
    const before = await openExternalHouse({ port: broker.port });
    await before[Symbol.asyncDispose]();
    await retain(broker.port, "porch/state", "old");
    await using house = await openExternalHouse({ port: broker.port });
    await expect.poll(() => house.taken.length).toBeGreaterThan(1);
    expect(texts(house)).toEqual(["old", "old"]);
    expect(house.taken.filter(({ isReplay }) => isReplay)).toHaveLength(1);
  });

  test("it keeps to no window of ours, so it is not read while too much is in hand", async () => {
    await using broker = await startNats();
    await using house = await openExternalHouse({ port: broker.port });
    const held: (() => void)[] = [];
    house.setFate(() => new Promise((resolve) => held.push(resolve)));
    const sensor = await house.sensor();
    const sent = Array.from({ length: 150 }, (_, n) => String(n));
    await Promise.all(sent.map((text) => sensor.publishAsync("porch/lux", text, { qos: 1 })));
    await expect.poll(() => held.length).toBe(LIMITS.siteInFlight);
    house.setFate(() => Promise.resolve());
    for (const release of held) release();
    await expect.poll(() => house.watch.acknowledged.length, soon).toBe(150);
    expect(texts(house)).toEqual(sent);
  });
});
