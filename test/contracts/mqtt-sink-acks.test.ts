// `ackTopic`: an entry leaves the spool only when the platform's application names its id there, and what is not in flight is
// never settled. A scripted broker says what the application says.
import { describe, expect, test } from "vitest";
import { makeEntries } from "../forward/memory-spool.ts";
import { openBenchSink } from "../forward/mqtt-bench.ts";
import { idIn, message, type Script, startScriptedBroker } from "../forward/scripted-broker.ts";
import { kinds, never, noPicture } from "../forward/sink-bench.ts";

const ackTopic = "hedgerow/acks";
const entries = makeEntries(4);
const [a = "", b = "", c = "", d = ""] = entries.map(({ id }) => id);

/** The application says these, one after the other, once the last of `count` events has come. */
async function deliverWith(says: readonly string[], { count = 4, ackMs = 200, topic = ackTopic } = {}) {
  let events = 0;
  const script: Script = (heard, socket) => {
    if (heard.kind === "publish" && heard.topic.includes("/events/") && ++events === count)
      setImmediate(() => {
        for (const text of says) socket.write(message(heard.version, topic, text));
      });
    return false;
  };
  await using broker = await startScriptedBroker(script);
  await using sink = await openBenchSink(broker.url, { ackTopic, limits: { ackMs } });
  const report = await sink.deliver(entries.slice(0, count), noPicture, never);
  return { ...report, kinds: kinds(report), heard: broker.heard };
}

describe("settles", () => {
  test("what the application names, as in the answer to a batch", async () => {
    const rejected = [
      { id: c, reason: "too old", permanent: true },
      { id: d, reason: "busy", permanent: false },
    ];
    const report = await deliverWith([JSON.stringify({ accepted: [a, "somebody-else"], duplicate: [b], rejected })]);
    expect(report.kinds).toEqual({ 1: "accepted", 2: "accepted", 3: "rejected", 4: "kept" });
    expect(report.deliveries.get(c)).toEqual({ kind: "rejected", why: "too old" });
    expect(report.next).toEqual({ kind: "go-on" });
  });

  test("an id alone in a message", async () => {
    const report = await deliverWith([b, ` ${a}\n`, d, c]);
    expect(report.kinds).toEqual({ 1: "accepted", 2: "accepted", 3: "accepted", 4: "accepted" });
  });

  test("what is named in time, though not all of it at once: each one named gives the others their time anew", async () => {
    let said = 0;
    await using broker = await startScriptedBroker((heard, socket) => {
      if (heard.kind === "publish" && heard.topic.includes("/events/")) {
        said += 1;
        setTimeout(() => socket.write(message(heard.version, ackTopic, idIn(heard.payload))), said * 300);
      }
      return false;
    });
    await using sink = await openBenchSink(broker.url, { ackTopic, limits: { ackMs: 900 } });
    const report = await sink.deliver(entries, noPicture, never);
    expect(Object.values(kinds(report))).toEqual(["accepted", "accepted", "accepted", "accepted"]);
  });

  test("is subscribed to before anything is sent", async () => {
    const { heard } = await deliverWith([a], { count: 1 });
    const order = heard.map((each) => (each.kind === "publish" ? each.topic.split("/")[2] : each.kind));
    expect(order.slice(0, 4)).toEqual(["connect", "subscribe", "status", "events"]);
  });
});

describe("does not settle", () => {
  test.each([
    ["nothing at all", []],
    ["an empty message, a retained one that was taken back", [""]],
    ["JSON of somebody else", ['{"ok":true}', "[]", "null", "17"]],
    ["torn JSON", ['{"accepted":["']],
    ["another gateway's ids", [JSON.stringify({ accepted: ["000000000001-ffffffffffffffffffff"] }), "other"]],
    ["ids that are no strings", ['{"accepted":[1,2]}']],
    ["bytes that are no text", ["\u0000\uffff\u0001"]],
  ])("%s", async (_name, says) => {
    const report = await deliverWith(says);
    expect(report.kinds).toEqual({});
    expect(report.next).toMatchObject({
      kind: "wait",
      why: expect.stringContaining("does not say that it has stored"),
    });
  });

  test("what was not named while others were: those are kept, and offered again with the same id", async () => {
    const report = await deliverWith([JSON.stringify({ accepted: [a, c] })]);
    expect(report.kinds).toEqual({ 1: "accepted", 2: "kept", 3: "accepted", 4: "kept" });
    expect(report.next).toEqual({ kind: "go-on" });
  });

  test("what is named on another topic", async () => {
    const report = await deliverWith([a, b, c, d], { topic: "hedgerow/elsewhere" });
    expect(report.kinds).toEqual({});
  });

  test("an id that is named before its event was sent", async () => {
    await using broker = await startScriptedBroker((heard, socket) => {
      if (heard.kind === "publish" && idIn(heard.payload) === a)
        socket.write(message(heard.version, ackTopic, JSON.stringify({ accepted: [b, c, d] })));
      return false;
    });
    await using sink = await openBenchSink(broker.url, { ackTopic, limits: { ackMs: 200, inFlight: 1 } });
    const report = await sink.deliver(entries, noPicture, never);
    expect(kinds(report)).toEqual({});
    expect(broker.eventIds()).toEqual([a, b, c, d]);
  });

  test("what the broker has acknowledged, when the connection ends before the application has spoken", async () => {
    let events = 0;
    await using broker = await startScriptedBroker((heard, socket) => {
      if (heard.kind === "publish" && heard.topic.includes("/events/") && ++events === 4)
        setImmediate(() => {
          socket.write(message(heard.version, ackTopic, a));
          socket.end();
        });
      return false;
    });
    await using sink = await openBenchSink(broker.url, { ackTopic, limits: { ackMs: 60_000 } });
    const report = await sink.deliver(entries, noPicture, never);
    expect(kinds(report)).toEqual({ 1: "accepted" });
    expect(report.next.kind).toBe("wait");
  });
});

test("a broker that lets the gateway publish and not hear is a pause that says so", async () => {
  await using broker = await startScriptedBroker((heard, socket) => {
    if (heard.kind !== "subscribe") return false;
    socket.write(Buffer.from([0x90, 4, heard.messageId >> 8, heard.messageId & 255, 0, 135]));
    return true;
  });
  await using sink = await openBenchSink(broker.url, { ackTopic });
  const report = await sink.deliver(entries, noPicture, never);
  expect(kinds(report)).toEqual({});
  expect(report.next).toEqual({ kind: "pause", why: "the broker does not let this gateway hear ackTopic (135)" });
});
