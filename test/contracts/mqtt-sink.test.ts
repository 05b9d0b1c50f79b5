// The MQTT sink against interfaces.md §4 with a real Mosquitto: what it publishes and where, and what is left when it ends.
// Skipped aloud where Mosquitto is not installed.
import { createHash } from "node:crypto";
import { connect, connectAsync, type IPublishPacket } from "mqtt";
import { describe, expect, test } from "vitest";
import { makeEntries, makeEntry } from "../forward/memory-spool.ts";
import { openBenchSink } from "../forward/mqtt-bench.ts";
import { kinds, never, noPicture } from "../forward/sink-bench.ts";
import { hasMosquitto, type SiteBroker, startMosquitto } from "../helpers/site-broker.ts";

const BASE = "hedgerow/test-gate";
const soon = { timeout: 5000 };
const urlOf = ({ port }: SiteBroker): string => `mqtt://127.0.0.1:${port}`;

type Heard = { readonly topic: string; readonly payload: Buffer; readonly packet: IPublishPacket };

/** The platform's own client: hears everything below the prefix. */
async function listen(broker: SiteBroker, login: { username?: string; password?: string } = {}) {
  const heard: Heard[] = [];
  const client = await connectAsync(urlOf(broker), { ...login, protocolVersion: 5, reconnectPeriod: 0 });
  client.on("message", (topic, payload, packet) => void heard.push({ topic, payload, packet }));
  await client.subscribeAsync("hedgerow/#", { qos: 1 });
  return {
    heard,
    client,
    at: (topic: string) => heard.filter((each) => each.topic === topic),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

describe.skipIf(!hasMosquitto)("with Mosquitto (Debian package mosquitto)", () => {
  test("events and pictures come as the contract says, each picture before its event", async () => {
    await using broker = await startMosquitto();
    await using platform = await listen(broker);
    await using sink = await openBenchSink(urlOf(broker));
    const jpeg = Buffer.alloc(200_000, 7);
    const sha256 = createHash("sha256").update(jpeg).digest("hex");
    const entries = [makeEntry(1), makeEntry(2, { image: { sha256, bytes: jpeg.length } }), makeEntry(3)];
    const image = (): Promise<Buffer> => Promise.resolve(jpeg);
    const first = await sink.deliver(entries, image, never);
    expect(kinds(first)).toEqual({ 1: "accepted" });
    const second = await sink.deliver(entries.slice(1), image, never);
    expect(kinds(second)).toEqual({ 2: "accepted", 3: "accepted" });
    expect(second.bytesSent).toBeGreaterThan(jpeg.length);
    await expect.poll(() => platform.heard.length, soon).toBe(5);
    expect(platform.heard.map(({ topic }) => topic)).toEqual([
      `${BASE}/status`,
      `${BASE}/events/motion-detected-v1`,
      `${BASE}/snapshots/${sha256}`,
      `${BASE}/events/snapshot-redacted-v1`,
      `${BASE}/events/motion-detected-v1`,
    ]);
    const [, event, picture] = platform.heard;
    expect(event?.payload.toString()).toBe(entries[0]?.body);
    expect(event?.packet).toMatchObject({ qos: 1, retain: false });
    expect(event?.packet.properties).toMatchObject({ contentType: "application/cloudevents+json" });
    expect(picture?.payload.equals(jpeg)).toBe(true);
    expect(picture?.packet.properties).toMatchObject({ contentType: "image/jpeg" });
    for (const { packet } of [event, picture].flatMap((each) => each ?? []))
      expect(packet.properties?.messageExpiryInterval, "the broker drops it at its hour").toBeGreaterThan(0);
  });

  test("a picture that is gone makes its entry undeliverable and holds up nothing", async () => {
    await using broker = await startMosquitto();
    await using sink = await openBenchSink(urlOf(broker));
    const gone = makeEntry(1, { image: { sha256: "0".repeat(64), bytes: 10 } });
    const report = await sink.deliver([gone, makeEntry(2)], noPicture, never);
    expect(kinds(report)).toEqual({ 1: "undeliverable" });
    expect(report.next).toEqual({ kind: "go-on" });
  });

  test("the status is retained: online, and offline with its reason when it rests or stops", async () => {
    await using broker = await startMosquitto();
    await using platform = await listen(broker);
    const said = () => platform.at(`${BASE}/status`).map(({ payload }) => JSON.parse(payload.toString()));
    const retained = async () => {
      await using late = await listen(broker);
      await expect.poll(() => late.heard.length, soon).toBe(1);
      expect(late.heard[0]?.packet.retain).toBe(true);
      return JSON.parse(String(late.heard[0]?.payload));
    };
    const sink = await openBenchSink(urlOf(broker));
    await expect.poll(said, soon).toEqual([{ state: "online", version: "1.2.3" }]);
    expect(await retained()).toMatchObject({ state: "online" });
    await sink.rest();
    await expect.poll(() => said().at(-1), soon).toEqual({ state: "offline", reason: "resting", version: "1.2.3" });
    await sink.deliver(makeEntries(1), noPicture, never);
    await expect.poll(() => said().at(-1), soon).toMatchObject({ state: "online" });
    await sink[Symbol.asyncDispose]();
    await expect.poll(() => said().at(-1), soon).toMatchObject({ state: "offline", reason: "stopped" });
    expect(await retained()).toMatchObject({ reason: "stopped" });
    expect(said()).toHaveLength(4);
  });

  test("a broker that restarts in the middle loses nothing that was acknowledged, and the rest goes to it afterwards", async () => {
    await using broker = await startMosquitto({ lines: ["allow_anonymous true", "max_queued_messages 100000"] });
    // The platform's session outlives the broker's end: Mosquitto keeps what it holds for it.
    const session = {
      clientId: "platform",
      clean: false,
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 3600 },
    } as const;
    const before = await connectAsync(urlOf(broker), session);
    await before.subscribeAsync("hedgerow/+/events/#", { qos: 1 });
    await before.endAsync();
    await using sink = await openBenchSink(urlOf(broker));
    const entries = makeEntries(2000);
    const accepted = new Set<string>();
    const due = () => entries.filter(({ id }) => !accepted.has(id)).slice(0, 200);
    let restarting: Promise<void> | null = null;
    while (accepted.size < entries.length) {
      const { deliveries } = await sink.deliver(due(), noPicture, never);
      for (const [id, { kind }] of deliveries) if (kind === "accepted") accepted.add(id);
      if (accepted.size >= 600) restarting ??= broker.stop("SIGTERM").then(() => broker.start());
    }
    await restarting;
    const ids = new Set<string>();
    const after = connect(urlOf(broker), session);
    after.on("message", (_topic, payload) => ids.add(JSON.parse(payload.toString()).id));
    await expect.poll(() => ids.size, { timeout: 20_000 }).toBe(2000);
    await after.endAsync(true);
  });

  test("max_inflight_messages of the broker is kept, and a queue of 1000 goes through it in order", async () => {
    await using broker = await startMosquitto({ lines: ["allow_anonymous true", "max_inflight_messages 5"] });
    await using platform = await listen(broker);
    await using sink = await openBenchSink(urlOf(broker));
    const entries = makeEntries(1000);
    let next = 0;
    while (next < entries.length) {
      const report = await sink.deliver(entries.slice(next), noPicture, never);
      expect(report.next).toEqual({ kind: "go-on" });
      next += report.deliveries.size;
    }
    const ids = () =>
      platform.at(`${BASE}/events/motion-detected-v1`).map(({ payload }) => JSON.parse(payload.toString()).id);
    await expect.poll(() => ids().length, soon).toBe(1000);
    expect(ids()).toEqual(entries.map(({ id }) => id));
  });

  test.each(["message_size_limit 100000", "max_packet_size 100000"])(
    "%s: a picture that is larger is refused with its reason, and what follows is taken",
    async (line) => {
      await using broker = await startMosquitto({ lines: ["allow_anonymous true", line] });
      await using sink = await openBenchSink(urlOf(broker));
      const large = makeEntry(1, { image: { sha256: "1".repeat(64), bytes: 150_000 } });
      const image = (): Promise<Buffer> => Promise.resolve(Buffer.alloc(150_000));
      const report = await sink.deliver([large, makeEntry(2)], image, never);
      expect(kinds(report)).toEqual({ 1: "rejected" });
      expect(report.deliveries.get(large.id)).toMatchObject({
        why: expect.stringMatching(/^picture: .*(too large|larger)/),
      });
      expect(kinds(await sink.deliver([makeEntry(2)], image, never))).toEqual({ 2: "accepted" });
    },
  );
});
