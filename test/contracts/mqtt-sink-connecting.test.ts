// The MQTT sink and the beginning of its connection: versions, refusals in plain words, and bytes that no broker should send. A
// scripted server on loopback says each byte.
import { describe, expect, test } from "vitest";
import { makeEntries } from "../forward/memory-spool.ts";
import { deliverTo, openBenchSink } from "../forward/mqtt-bench.ts";
import { connack, type Script, startScriptedBroker, toEvents } from "../forward/scripted-broker.ts";
import { kinds, never, noPicture } from "../forward/sink-bench.ts";

describe("what comes in", () => {
  test.each([
    ["garbage in place of an acknowledgement", Buffer.from("HTTP/1.1 200 OK\r\n\r\n<html>")],
    ["a packet announced with 256 MB", Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])],
    ["an ill-formed length", Buffer.from([0x40, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ["a second CONNACK", connack(5, 0)],
  ])("%s ends the connection and settles nothing", async (_name, bytes) => {
    const report = await deliverTo(
      toEvents(() => bytes),
      makeEntries(1),
      { answerMs: 60_000 },
    );
    expect(Object.values(report.kinds)).not.toContain("accepted");
    expect(report.next.kind).toBe("wait");
  });

  test("256 MB are not collected: the connection ends at the announcement", async () => {
    const report = await deliverTo(toEvents(() => Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])));
    expect(report.next).toMatchObject({ why: expect.stringContaining("announced a packet of 268435460 bytes") });
  });
});

describe("the beginning of a connection", () => {
  const refusing =
    (code: (version: number) => number | null): Script =>
    (heard, socket) => {
      if (heard.kind !== "connect") return false;
      const said = code(heard.version);
      if (said === null) return false;
      socket.end(connack(heard.version === 5 && said < 128 ? 4 : heard.version, said));
      return true;
    };

  test.each([
    ["132, as MQTT 5 has it", 132],
    ["1, as 3.1.1 has it", 1],
  ])(
    "a server that refuses MQTT 5 with %s is asked in 3.1.1 at once, and in 5 first at the next connection",
    async (_name, code) => {
      await using broker = await startScriptedBroker(refusing((version) => (version === 5 ? code : null)));
      await using sink = await openBenchSink(broker.url);
      expect(kinds(await sink.deliver(makeEntries(1), noPicture, never))).toEqual({ 1: "accepted" });
      await sink.rest();
      expect(kinds(await sink.deliver(makeEntries(1), noPicture, never))).toEqual({ 1: "accepted" });
      expect(broker.heard.flatMap(({ kind, version }) => (kind === "connect" ? [version] : []))).toEqual([5, 4, 5, 4]);
    },
  );

  test("a server that hangs up on MQTT 5 without a word is asked in 3.1.1 after three times", async () => {
    await using broker = await startScriptedBroker((heard, socket) => {
      if (heard.kind !== "connect" || heard.version !== 5) return false;
      socket.destroy();
      return true;
    });
    await using sink = await openBenchSink(broker.url);
    const versions = () => broker.heard.flatMap(({ kind, version }) => (kind === "connect" ? [version] : []));
    const delivered = async () => kinds(await sink.deliver(makeEntries(1), noPicture, never));
    await expect.poll(delivered).toEqual({ 1: "accepted" });
    expect(versions()).toEqual([5, 5, 5, 4]);
  });

  test("a client id that is too much for the server is written with 23 letters and digits", async () => {
    const ids: string[] = [];
    const script: Script = (heard, socket) => {
      if (heard.kind !== "connect") return false;
      ids.push(heard.clientId);
      if (/^[0-9a-zA-Z]{1,23}$/.test(heard.clientId)) return false;
      socket.end(connack(5, 133));
      return true;
    };
    expect((await deliverTo(script)).kinds).toEqual({ 1: "accepted" });
    expect(ids).toEqual(["hedgerow-test-gate-city", expect.stringMatching(/^hedgerow[0-9a-f]{15}$/)]);
  });

  test("a server that keeps nothing retained is connected to without", async () => {
    let count = 0;
    const report = await deliverTo(refusing(() => (++count === 1 ? 154 : null)));
    expect(report.kinds).toEqual({ 1: "accepted" });
    const status = report.heard.find((heard) => heard.kind === "publish");
    expect(status).toMatchObject({ topic: "hedgerow/test-gate/status", isRetained: false });
  });

  test.each([
    [134, "pause", "user name and password"],
    [135, "pause", "does not allow this gateway"],
    [136, "wait", "not available"],
    [137, "wait", "busy"],
    [159, "wait", "connections come too fast"],
  ] as const)("CONNACK %i is a %s in plain words", async (code, kind, why) => {
    const report = await deliverTo(refusing(() => code));
    expect(report.next).toMatchObject({ kind, why: expect.stringContaining(why) });
    expect(report.kinds).toEqual({});
  });

  test.each([
    [4, "pause", "user name and password"],
    [5, "pause", "does not allow this gateway"],
    [3, "wait", "not available"],
  ] as const)("CONNACK %i of MQTT 3.1.1 is a %s in plain words", async (code, kind, why) => {
    const report = await deliverTo(refusing((version) => (version === 5 ? 1 : code)));
    expect(report.next).toMatchObject({ kind, why: expect.stringContaining(why) });
  });

  test("a server that takes the connection and says nothing has its bound", async () => {
    const report = await deliverTo((heard) => heard.kind === "connect", makeEntries(1), { connectMs: 200 });
    expect(report.next).toMatchObject({ kind: "wait", why: expect.stringMatching(/200 ms|connack timeout/) });
  });

  test("a port where nobody listens is a wait that names the cause and not the address", async () => {
    const gone = await startScriptedBroker();
    await gone[Symbol.asyncDispose]();
    await using sink = await openBenchSink(gone.url);
    const { next } = await sink.deliver(makeEntries(1), noPicture, never);
    expect(next).toMatchObject({ kind: "wait", why: "the broker cannot be reached (ECONNREFUSED)" });
  });
});
