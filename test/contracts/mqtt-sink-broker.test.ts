// The MQTT sink against brokers that do what a well-behaved one does not: a scripted server on loopback says each byte. Nothing
// may be settled that was not acknowledged, nothing may wait without a bound, and every cause is named in plain words.
import { describe, expect, test } from "vitest";
import { makeEntries, makeEntry } from "../forward/memory-spool.ts";
import { deliverTo, openBenchSink } from "../forward/mqtt-bench.ts";
import { connack, disconnect, isEvent, puback, startScriptedBroker, toEvents } from "../forward/scripted-broker.ts";
import { kinds, never, noPicture } from "../forward/sink-bench.ts";

describe("acknowledgements", () => {
  test("none ever: nothing is settled, the wait has its bound, and the connection is a new one afterwards", async () => {
    await using broker = await startScriptedBroker(toEvents(() => null));
    await using sink = await openBenchSink(broker.url, { limits: { answerMs: 100 } });
    const report = await sink.deliver(makeEntries(3), noPicture, never);
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", why: "the broker does not acknowledge what it is sent" });
    await sink.deliver(makeEntries(1), noPicture, never);
    expect(new Set(broker.heard.filter(isEvent).map(({ connection }) => connection)).size).toBe(2);
  });

  test("of another message settles nothing", async () => {
    const report = await deliverTo(
      toEvents(({ messageId }) => puback(messageId + 1000)),
      makeEntries(2),
      { answerMs: 100 },
    );
    expect(report.kinds).toEqual({});
    expect(report.next.kind).toBe("wait");
  });

  test("of some: those are settled and no others", async () => {
    let count = 0;
    const report = await deliverTo(
      toEvents(({ messageId }) => (++count % 2 === 0 ? puback(messageId) : null)),
      makeEntries(4),
      { answerMs: 100 },
    );
    expect(report.kinds).toEqual({ 2: "accepted", 4: "accepted" });
  });

  test.each([
    [128, "wait"],
    [131, "wait"],
    [151, "wait"],
    [135, "pause"],
  ] as const)("with reason %i settle nothing and lead to a %s that names it", async (code, kind) => {
    const report = await deliverTo(
      toEvents(({ messageId }) => puback(messageId, code)),
      makeEntries(3),
    );
    expect(report.kinds).toEqual({});
    expect(report.next).toMatchObject({ kind, why: expect.stringContaining(String(code)) });
    expect(JSON.stringify(report.next).length).toBeLessThan(180);
  });

  test.each([144, 153])("with reason %i refuse that one event and take the others", async (code) => {
    let count = 0;
    const report = await deliverTo(
      toEvents(({ messageId }) => puback(messageId, ++count === 2 ? code : 0)),
      makeEntries(3),
    );
    expect(report.kinds).toEqual({ 1: "accepted", 2: "rejected", 3: "accepted" });
    expect([...report.deliveries.values()][1]).toMatchObject({ why: expect.stringContaining(String(code)) });
    expect(report.next).toEqual({ kind: "go-on" });
  });

  test.each(["in an acknowledgement", "as the connection's end"])(
    "with 149 %s, which mqtt.js does not know: the event that is too large is found and refused, the others are taken",
    async (how) => {
      const entries = [makeEntry(1), makeEntry(2, { padding: 5000 }), makeEntry(3)];
      await using broker = await startScriptedBroker(
        toEvents(({ messageId, payload }) => {
          if (payload.length < 5000) return puback(messageId);
          return how === "in an acknowledgement" ? puback(messageId, 149) : disconnect(149);
        }),
      );
      await using sink = await openBenchSink(broker.url);
      const settled: Record<string, string> = {};
      for (let turn = 0; turn < 5 && Object.keys(settled).length < 3; turn++) {
        const due = entries.filter(({ sequence }) => settled[sequence] === undefined);
        Object.assign(settled, kinds(await sink.deliver(due, noPicture, never)));
      }
      expect(settled).toEqual({ 1: "accepted", 2: "rejected", 3: "accepted" });
    },
  );

  test("that refuse everything do not empty the queue into the dead letters", async () => {
    await using broker = await startScriptedBroker(toEvents(({ messageId }) => puback(messageId, 144)));
    await using sink = await openBenchSink(broker.url, { limits: { refusedInARow: 4 } });
    const first = await sink.deliver(makeEntries(50), noPicture, never);
    expect(Object.keys(kinds(first))).toHaveLength(4);
    expect(first.next).toMatchObject({ kind: "wait", why: expect.stringContaining("so were the 3 before it") });
    const before = broker.eventIds().length;
    const second = await sink.deliver(makeEntries(50), noPicture, never);
    expect(broker.eventIds()).toHaveLength(before + 1);
    expect(second.next.kind).toBe("wait");
  });

  test("without a listener settle all the same, and it is said once", async () => {
    await using broker = await startScriptedBroker(toEvents(({ messageId }) => puback(messageId, 16)));
    await using sink = await openBenchSink(broker.url);
    for (const start of [1, 2]) {
      const report = await sink.deliver([makeEntry(start), makeEntry(start + 10)], noPicture, never);
      expect(Object.values(kinds(report))).toEqual(["accepted", "accepted"]);
    }
    expect(sink.said().split("nobody listens")).toHaveLength(2);
  });
});

describe("the window", () => {
  test("is no wider than the server's receive maximum", async () => {
    let open = 0;
    let widest = 0;
    await using broker = await startScriptedBroker((heard, socket) => {
      if (heard.kind === "connect") {
        socket.write(connack(heard.version, 0, Buffer.from([0x21, 0, 3])));
        return true;
      }
      if (!isEvent(heard)) return false;
      open += 1;
      widest = Math.max(widest, open);
      setImmediate(() => {
        open -= 1;
        socket.write(puback(heard.messageId));
      });
      return true;
    });
    await using sink = await openBenchSink(broker.url);
    const report = await sink.deliver(makeEntries(100), noPicture, never);
    expect(Object.keys(kinds(report))).toHaveLength(100);
    expect(widest).toBe(3);
    expect(broker.eventIds()).toEqual(makeEntries(100).map(({ id }) => id));
  });

  test("what the server finds too large is not sent, and refused with the size", async () => {
    await using broker = await startScriptedBroker((heard, socket) => {
      if (heard.kind !== "connect") return false;
      socket.write(connack(heard.version, 0, Buffer.from([0x27, 0, 0, 4, 0])));
      return true;
    });
    await using sink = await openBenchSink(broker.url);
    const entries = [makeEntry(1), makeEntry(2, { padding: 2000 }), makeEntry(3)];
    const report = await sink.deliver(entries, noPicture, never);
    expect(kinds(report)).toEqual({ 1: "accepted", 2: "rejected", 3: "accepted" });
    expect(report.deliveries.get(entries[1]?.id ?? "")).toMatchObject({ why: expect.stringContaining("1024 bytes") });
    expect(broker.eventIds()).toEqual([entries[0]?.id, entries[2]?.id]);
  });
});

describe("connections that end", () => {
  test("in the middle settle what was acknowledged and no more; nothing is sent again by itself", async () => {
    let count = 0;
    await using broker = await startScriptedBroker(
      toEvents(({ messageId }) => (++count > 5 ? "cut" : puback(messageId))),
    );
    await using sink = await openBenchSink(broker.url, { limits: { inFlight: 2 } });
    const report = await sink.deliver(makeEntries(20), noPicture, never);
    expect(Object.keys(kinds(report)).length).toBeLessThanOrEqual(5);
    expect(Object.values(kinds(report))).not.toContain("rejected");
    expect(report.next.kind).toBe("wait");
    const before = broker.eventIds().length;
    await expect.poll(() => broker.heard.filter(({ kind }) => kind === "connect").length, { timeout: 5000 }).toBe(2);
    await expect.poll(() => broker.heard.filter(({ connection }) => connection === 2).length).toBe(2);
    expect(broker.eventIds()).toHaveLength(before);
  });

  test("at one certain event: it is found, kept back, and the others go past it", async () => {
    const entries = makeEntries(30);
    const poison = entries[11]?.id ?? "";
    await using broker = await startScriptedBroker(
      toEvents(({ messageId, payload }) => (payload.includes(poison) ? "cut" : puback(messageId))),
    );
    await using sink = await openBenchSink(broker.url);
    const accepted = new Set<string>();
    const kept = new Set<string>();
    for (let turn = 0; turn < 10 && accepted.size < 29; turn++) {
      const due = entries.filter(({ id }) => !accepted.has(id) && !kept.has(id));
      const { deliveries } = await sink.deliver(due, noPicture, never);
      for (const [id, { kind }] of deliveries) (kind === "kept" ? kept : accepted).add(id);
    }
    expect([...kept]).toEqual([poison]);
    expect(accepted.size).toBe(29);
  });

  test.each([
    [142, "another client has come with this gateway's id"],
    [139, "it shuts down"],
    [152, "its operator ended the connection"],
    [156, "another address for now"],
  ])("with reason %i wait and say why", async (code, why) => {
    const report = await deliverTo(
      toEvents(() => disconnect(code)),
      makeEntries(2),
    );
    expect(report.next).toMatchObject({ kind: "wait", why: expect.stringContaining(why) });
  });

  test.each([
    [138, "banned"],
    [157, "moved to another address for good"],
  ])("with reason %i pause, since only a person cures it", async (code, why) => {
    const report = await deliverTo(
      toEvents(() => disconnect(code)),
      makeEntries(2),
    );
    expect(report.next).toMatchObject({ kind: "pause", why: expect.stringContaining(why) });
  });

  test("a stop in the middle ends the delivery at once, with nothing settled", async () => {
    await using broker = await startScriptedBroker(toEvents(() => null));
    await using sink = await openBenchSink(broker.url, { limits: { answerMs: 60_000 } });
    const stop = new AbortController();
    const delivering = sink.deliver(makeEntries(100), noPicture, stop.signal);
    await expect.poll(() => broker.eventIds().length).toBeGreaterThan(0);
    stop.abort();
    const report = await delivering;
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", why: "stopped" });
  });
});
