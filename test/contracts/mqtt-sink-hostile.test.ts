// Shown with a broker that means no good: it takes neither the gateway's memory nor its time, and it holds up no stop.
import { describe, expect, test } from "vitest";
import { MQTT_LIMITS } from "../../src/forward/mqtt-limits.ts";
import { makeEntries } from "../forward/memory-spool.ts";
import { openBenchSink } from "../forward/mqtt-bench.ts";
import {
  connack,
  type Heard,
  idIn,
  isEvent,
  message,
  oblige,
  type Script,
  startScriptedBroker,
} from "../forward/scripted-broker.ts";
import { kinds, never, noPicture } from "../forward/sink-bench.ts";
import { id, packet, text } from "../helpers/raw-mqtt.ts";

/** Says `bytes` once the gateway has told its status, and is friendly on the next connection. `cut`: the first one is over. */
function sayingOnce(bytes: (version: number) => Buffer): { readonly script: Script; readonly cut: Promise<void> } {
  const cut = Promise.withResolvers<void>();
  let hasSaid = false;
  const script = (heard: Heard, socket: Parameters<Script>[1]): boolean => {
    oblige(heard, socket);
    if (heard.kind === "publish" && !hasSaid) {
      hasSaid = true;
      socket.write(bytes(heard.version));
      socket.once("close", () => cut.resolve());
    }
    if (isEvent(heard)) socket.write(message(heard.version, "acks", idIn(heard.payload)));
    return true;
  };
  return { script, cut: cut.promise };
}

/** QoS 2, and nothing after it: mqtt.js would keep it until a PUBREL. */
const begun = (version: number): Buffer =>
  packet(0x34, text("some/topic"), id(1), Buffer.from(version === 5 ? [0] : []), Buffer.from("x"));

describe("a broker is left, and told to people", () => {
  test.each([
    ["that sends messages of QoS 2, which nobody has asked for", begun, "messages of QoS 2"],
    [
      "that sends tiny packets without end",
      () => Buffer.alloc(2 * 10 * MQTT_LIMITS.heardUnits, packet(0xd0)),
      "more than it is asked for",
    ],
    [
      "that floods ackTopic",
      (version: number) => Buffer.concat(Array<Buffer>(40).fill(message(version, "acks", `"${"x".repeat(100_000)}"`))),
      "more than it is asked for",
    ],
  ])("%s", async (_name, bytes, why) => {
    const { script, cut } = sayingOnce(bytes);
    await using broker = await startScriptedBroker(script);
    await using sink = await openBenchSink(broker.url, { ackTopic: "acks" });
    await cut;
    const report = await sink.deliver(makeEntries(1), noPicture, never);
    expect(kinds(report)).toEqual({ 1: "accepted" });
    expect(sink.said()).toContain(why);
  });
});

test("an application that names each of 3000 events by itself is no flood", async () => {
  await using broker = await startScriptedBroker((heard, socket) => {
    oblige(heard, socket);
    if (isEvent(heard)) socket.write(message(heard.version, "acks", idIn(heard.payload)));
    return true;
  });
  await using sink = await openBenchSink(broker.url, { ackTopic: "acks" });
  let left = makeEntries(3000);
  while (left.length > 0) {
    const settled = kinds(await sink.deliver(left, noPicture, never));
    expect(Object.values(settled)).not.toContain("kept");
    left = left.filter(({ sequence }) => settled[String(sequence)] !== "accepted");
  }
  expect(new Set(broker.heard.map(({ connection }) => connection))).toEqual(new Set([1]));
});

test.each([
  ["receive maximum", [0x21, 0, 0]],
  ["maximum packet size", [0x27, 0, 0, 0, 0]],
])(
  "a broker that lets in with a %s of 0 is waited for at backoff's pace, and nothing is settled",
  async (_name, bytes) => {
    await using broker = await startScriptedBroker((heard, socket) => {
      if (heard.kind === "connect") socket.write(connack(heard.version, 0, Buffer.from(bytes)));
      return true;
    });
    await using sink = await openBenchSink(broker.url);
    const report = await sink.deliver(makeEntries(2), noPicture, never);
    expect(kinds(report)).toEqual({});
    expect(report.next).toEqual({
      kind: "wait",
      retryAfterMs: null,
      why: expect.stringContaining("no message at all"),
    });
  },
);

test("a broker that never grants the subscription holds up no stop", async () => {
  const asked = Promise.withResolvers<void>();
  await using broker = await startScriptedBroker(({ kind }) => {
    if (kind === "subscribe") asked.resolve();
    return kind === "subscribe";
  });
  // Its bound is longer than a test may take.
  const sink = await openBenchSink(broker.url, { ackTopic: "acks", limits: { answerMs: 600_000 } });
  await asked.promise;
  await sink[Symbol.asyncDispose]();
});
