// The small parts of the MQTT sink: topics, client ids, what a reason is called, and the watch on incoming packets.
import { describe, expect, test } from "vitest";
import { MQTT_LIMITS } from "../../src/forward/mqtt-limits.ts";
import { PacketWatch } from "../../src/forward/mqtt-packet-watch.ts";
import { acknowledgedAs, nextAfter, saidBy, subscribedAs } from "../../src/forward/mqtt-reasons.ts";
import { clientIdsOf, topicsOf } from "../../src/forward/mqtt-topics.ts";
import { packet } from "../helpers/raw-mqtt.ts";
import { disconnect, message, puback } from "./scripted-broker.ts";

test("a topic holds no dot and no space, which NATS refuses", () => {
  const topics = topicsOf({ prefix: "hedgerow", gatewayId: "elm-street" });
  expect(topics.event("hedgerow.motion.detected.v1")).toBe("hedgerow/elm-street/events/motion-detected-v1");
  expect(topics.event("hedgerow.snapshot.redacted.v1")).toMatch(/^[a-z0-9/-]+$/);
  expect(topics.snapshot("ab12")).toBe("hedgerow/elm-street/snapshots/ab12");
  expect(topics.status).toBe("hedgerow/elm-street/status");
});

test("a client id is readable, then short; one too long for hosted brokers is short at once, and two gateways never share one", () => {
  expect(clientIdsOf({ gatewayId: "elm", sinkId: "city" })[0]).toBe("hedgerow-elm-city");
  const long = clientIdsOf({ gatewayId: "a".repeat(63), sinkId: "b".repeat(63) });
  expect(long).toHaveLength(1);
  expect(long[0]?.length).toBeLessThanOrEqual(23);
  const short = ["a", "b"].map((sinkId) => clientIdsOf({ gatewayId: "elm", sinkId }).at(-1));
  expect(new Set(short).size).toBe(2);
  expect(long[0]?.length ?? 0).toBeLessThan(MQTT_LIMITS.clientIdChars);
});

test("whatever the code, a pause is told in at most 100 characters and never with an address", () => {
  for (let code = 1; code < 256; code++) {
    const nexts = [nextAfter(saidBy(code)), subscribedAs(code)];
    const acknowledged = acknowledgedAs(code);
    if (acknowledged.kind === "later") nexts.push(acknowledged.next);
    for (const next of nexts) {
      expect(next.kind, String(code)).not.toBe("go-on");
      if (next.kind === "pause") expect(next.why.length, next.why).toBeLessThanOrEqual(100);
    }
  }
});

describe("the watch on packets", () => {
  const watched = (bytes: Buffer, { piece = bytes.length, max = 100 } = {}) => {
    const tooLarge: number[] = [];
    const watch = new PacketWatch(max, (size) => tooLarge.push(size));
    for (let at = 0; at < bytes.length; at += piece) watch.add(bytes.subarray(at, at + piece));
    return { tooLarge, reason: watch.reason };
  };

  test.each([1, 2, 3, 7, 1000])("counts packets right, cut into pieces of %i bytes", (piece) => {
    const small = message(5, "topic", "x".repeat(50));
    const large = message(5, "topic", "x".repeat(200));
    const bytes = Buffer.concat([small, packet(0xd0), small, large, small, puback(7, 151)]);
    expect(watched(bytes, { piece })).toEqual({ tooLarge: [large.length], reason: 151 });
  });

  test.each([1, 4])("reads the reason of the last packet that has one, in pieces of %i bytes", (piece) => {
    expect(watched(Buffer.concat([puback(1, 149), message(5, "t", "y"), disconnect(138)]), { piece }).reason).toBe(138);
    expect(watched(Buffer.concat([puback(1, 149), message(5, "t", "y")]), { piece }).reason).toBe(149);
    expect(watched(Buffer.concat([puback(1), packet(0xe0)]), { piece }).reason).toBeNull();
  });

  test("a packet is too large when it is announced, before its bytes have come", () => {
    expect(watched(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])).tooLarge).toEqual([268_435_460]);
  });
});
