// What the pump may rely on, whatever the sink (src/forward/sink.ts): the same claims on HTTPS and on MQTT, each against a server
// on loopback that does as it is told.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Sink } from "../../src/forward/sink.ts";
import { makeEntries, makeEntry } from "../forward/memory-spool.ts";
import { openBenchSink } from "../forward/mqtt-bench.ts";
import { connack, message, startScriptedBroker } from "../forward/scripted-broker.ts";
import { startScriptedPlatform } from "../forward/scripted-platform.ts";
import { kinds, never, noPicture, openSinkBench } from "../forward/sink-bench.ts";

/** The JSON that settles a batch, for the ids of its events; `silent`: no answer at all; `strangers`: the login is refused. */
type Platform = ((ids: readonly string[]) => object) | "silent" | "strangers";

type Bench = AsyncDisposable & {
  readonly sink: Sink & AsyncDisposable;
  /** Digests of pictures, and events as they were sent, in the order of their arrival. */
  received(): string[];
};

const entries = makeEntries(4);
const [a = "", b = "", c = "", d = ""] = entries.map(({ id }) => id);
const all: Platform = (ids) => ({ accepted: ids });
const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

async function openHttps(platform: Platform): Promise<Bench> {
  const bench = await openSinkBench();
  const server = await startScriptedPlatform(({ request, response }) => {
    if (platform === "silent") return;
    if (platform === "strangers") return void response.writeHead(401).end();
    const ids = request.method === "PUT" ? [] : JSON.parse(request.body.toString()).map(({ id }: { id: string }) => id);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(request.method === "PUT" ? "" : JSON.stringify(platform(ids)));
  });
  const sink = await bench.open(server.url, { limits: { requestMs: 500 } });
  return {
    sink,
    received: () =>
      server.received.flatMap(({ method, body }) =>
        method === "PUT"
          ? [digest(body)]
          : body
              .toString()
              .slice(1, -1)
              .split(/,(?=\{"specversion")/),
      ),
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await bench[Symbol.asyncDispose]();
    },
  };
}

async function openMqtt(platform: Platform): Promise<Bench> {
  const ackTopic = "hedgerow/acks";
  let due: string[] = [];
  const broker = await startScriptedBroker((heard, socket) => {
    if (heard.kind === "connect" && platform === "strangers") {
      socket.end(connack(heard.version, 134));
      return true;
    }
    if (heard.kind !== "publish" || heard.topic.endsWith("/status")) return false;
    if (platform === "silent") return true;
    if (typeof platform === "function" && heard.topic.includes("/events/")) {
      due.push(JSON.parse(heard.payload.toString()).id);
      // Once for all that came together, as an application with one transaction does.
      if (due.length === 1)
        setImmediate(() => {
          socket.write(message(heard.version, ackTopic, JSON.stringify(platform(due))));
          due = [];
        });
    }
    return false;
  });
  const sink = await openBenchSink(broker.url, { ackTopic, limits: { answerMs: 500, ackMs: 300 } });
  return {
    sink,
    received: () =>
      broker.heard.flatMap((heard) => {
        if (heard.kind !== "publish" || heard.topic.endsWith("/status")) return [];
        return [heard.topic.includes("/snapshots/") ? digest(heard.payload) : heard.payload.toString()];
      }),
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
    },
  };
}

describe.each([
  ["HTTPS", openHttps],
  ["MQTT", openMqtt],
])("%s", (_name, open) => {
  test("what the platform has is accepted, and each event goes with the bytes of the spool", async () => {
    await using bench = await open(all);
    const report = await bench.sink.deliver(entries, noPicture, never);
    expect(kinds(report)).toEqual({ 1: "accepted", 2: "accepted", 3: "accepted", 4: "accepted" });
    expect(report.next).toEqual({ kind: "go-on" });
    expect(bench.received()).toEqual(entries.map(({ body }) => body));
  });

  test("exactly what the platform names is settled", async () => {
    const rejected = [
      { id: c, reason: "too old", permanent: true },
      { id: d, reason: "busy", permanent: false },
    ];
    await using bench = await open(() => ({ accepted: [a, "somebody-else"], duplicate: [b], rejected }));
    const report = await bench.sink.deliver(entries, noPicture, never);
    expect(kinds(report)).toEqual({ 1: "accepted", 2: "accepted", 3: "rejected", 4: "kept" });
    expect(report.deliveries.get(c)).toEqual({ kind: "rejected", why: "too old" });
    expect([...report.deliveries.keys()]).not.toContain("somebody-else");
  });

  test("an answer that names none of what was sent settles nothing and waits", async () => {
    await using bench = await open(() => ({ accepted: ["another"] }));
    const report = await bench.sink.deliver(entries, noPicture, never);
    expect(kinds(report)).toEqual({});
    expect(report.next.kind).toBe("wait");
  });

  test("no answer settles nothing, within its bound; sent again, the bytes are the same", async () => {
    await using bench = await open("silent");
    for (let attempt = 0; attempt < 2; attempt++) {
      const report = await bench.sink.deliver(entries.slice(0, 1), noPicture, never);
      expect(kinds(report)).toEqual({});
      expect(report.next).toMatchObject({ kind: "wait", retryAfterMs: null });
    }
    expect(bench.received()).toEqual([entries[0]?.body, entries[0]?.body]);
  });

  test("a stop in the middle ends the delivery, with nothing settled", async () => {
    await using bench = await open("silent");
    const stop = new AbortController();
    const delivering = bench.sink.deliver(entries, noPicture, stop.signal);
    await expect.poll(() => bench.received().length).toBeGreaterThan(0);
    stop.abort();
    const report = await delivering;
    expect(kinds(report)).toEqual({});
    expect(report.next.kind).toBe("wait");
  });

  test("a stop before the beginning sends nothing", async () => {
    await using bench = await open(all);
    const report = await bench.sink.deliver(entries, noPicture, AbortSignal.abort());
    expect(kinds(report)).toEqual({});
    expect(bench.received()).toEqual([]);
  });

  test("a platform that does not know this gateway is a pause, told in at most 100 characters", async () => {
    await using bench = await open("strangers");
    const report = await bench.sink.deliver(entries, noPicture, never);
    expect(kinds(report)).toEqual({});
    expect(report.next).toEqual({ kind: "pause", why: expect.stringMatching(/^.{10,100}$/) });
  });

  test("a picture goes before its event, and its bytes are those of the spool", async () => {
    const jpeg = Buffer.alloc(50_000, 3);
    const picture = makeEntry(1, { image: { sha256: digest(jpeg), bytes: jpeg.length } });
    await using bench = await open(all);
    const report = await bench.sink.deliver([picture], () => Promise.resolve(jpeg), never);
    expect(kinds(report)).toEqual({ 1: "accepted" });
    expect(bench.received()).toEqual([digest(jpeg), picture.body]);
    expect(report.bytesSent).toBeGreaterThan(jpeg.length + picture.body.length);
  });

  test("a picture that is gone makes its entry undeliverable, and what follows is delivered", async () => {
    const gone = makeEntry(1, { image: { sha256: "0".repeat(64), bytes: 10 } });
    const next = makeEntry(2);
    await using bench = await open(all);
    const settled = kinds(await bench.sink.deliver([gone, next], noPicture, never));
    if (settled[2] === undefined) Object.assign(settled, kinds(await bench.sink.deliver([next], noPicture, never)));
    expect(settled).toEqual({ 1: "undeliverable", 2: "accepted" });
    expect(bench.received()).toEqual([next.body]);
  });

  test("a picture that cannot be read just now, for want of open files, loses nothing: its entry waits", async () => {
    const tooMany = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
    const entry = makeEntry(1, { image: { sha256: "0".repeat(64), bytes: 10 } });
    await using bench = await open(all);
    const report = await bench.sink.deliver([entry], () => Promise.reject(tooMany), never);
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", why: expect.stringContaining("just now") });
    expect(bench.received()).toEqual([]);
  });

  test("after a rest it delivers again, and it may be closed twice", async () => {
    await using bench = await open(all);
    await bench.sink.rest?.();
    expect(kinds(await bench.sink.deliver(entries.slice(0, 1), noPicture, never))).toEqual({ 1: "accepted" });
    await bench.sink[Symbol.asyncDispose]();
    await bench.sink[Symbol.asyncDispose]();
    const report = await bench.sink.deliver(entries.slice(1), noPicture, never);
    expect(kinds(report)).toEqual({});
    expect(report.next.kind).toBe("wait");
  });
});
