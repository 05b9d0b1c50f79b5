// The HTTPS sink against a network that misbehaves: time-outs, torn connections, wrong certificates, a platform that asks for patience.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { makeEntries, makeEntry } from "../forward/memory-spool.ts";
import { answering, type Behaviour, idsOf, startScriptedPlatform } from "../forward/scripted-platform.ts";
import { kinds, never, noPicture, openSinkBench, type SinkBench } from "../forward/sink-bench.ts";

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** A byte every 20 ms for ever: each keeps the connection alive, none ends the answer. */
function drip({ response }: Parameters<Behaviour>[0]): void {
  response.writeHead(200, { "content-type": "application/json" });
  const dripping = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(dripping));
}

const maxMs = LIMITS.retryAfterMaxMs;
const RETRY_AFTER: readonly {
  readonly name: string;
  readonly value: () => string;
  readonly leastMs: number;
  readonly mostMs: number;
}[] = [
  { name: "seconds", value: () => "7", leastMs: 7000, mostMs: 7000 },
  { name: "a date", value: () => new Date(Date.now() + 120_000).toUTCString(), leastMs: 118_000, mostMs: 121_000 },
  {
    name: "a date with white space around it",
    value: () => `  ${new Date(Date.now() + 120_000).toUTCString()} `,
    leastMs: 118_000,
    mostMs: 121_000,
  },
  { name: "several numbers, of which the longest counts", value: () => "5, 30, 7", leastMs: 30_000, mostMs: 30_000 },
  {
    name: "a number and a date",
    value: () => `5, ${new Date(Date.now() + 120_000).toUTCString()}`,
    leastMs: 118_000,
    mostMs: 121_000,
  },
  {
    name: "a date and nonsense",
    value: () => `soon, ${new Date(Date.now() + 120_000).toUTCString()}, x`,
    leastMs: 118_000,
    mostMs: 121_000,
  },
  { name: "more than is believed", value: () => "999999999", leastMs: maxMs, mostMs: maxMs },
];

describe("wait and come back", () => {
  test.each([408, 429, 500, 502, 503, 504])("%i waits as long as backoff says", async (status) => {
    const report = await bench.deliverTo(answering(status), makeEntries(1));
    expect(report.next).toEqual({ kind: "wait", retryAfterMs: null, why: `the platform answers ${status}` });
  });

  test.each(RETRY_AFTER)("retry-after as $name is honoured", async ({ value, leastMs, mostMs }) => {
    for (const status of [429, 503]) {
      const { next } = await bench.deliverTo(answering(status, "", { "retry-after": value() }), makeEntries(1));
      const retryAfterMs = next.kind === "wait" ? (next.retryAfterMs ?? -1) : -1;
      expect(retryAfterMs).toBeGreaterThanOrEqual(leastMs);
      expect(retryAfterMs).toBeLessThanOrEqual(mostMs);
    }
  });

  test.each(["soon", "-5", "1.5h", "", "0", "0, 0", "Wed, 21 Oct 2015 07:28:00 GMT", "Infinity", "1e9", "5 6"])(
    "retry-after %j says no time to wait for and leaves it to backoff",
    async (value) => {
      const { next } = await bench.deliverTo(answering(503, "", { "retry-after": value }), makeEntries(1));
      expect(next).toMatchObject({ kind: "wait", retryAfterMs: null });
    },
  );

  test.each([
    ["two hours slow", -7_200_000],
    ["two hours fast", 7_200_000],
  ])("a date of retry-after is taken by the platform's own clock, which is %s", async (_name, skewMs) => {
    const theirsMs = Date.now() + skewMs;
    const at = (ms: number) => new Date(theirsMs + ms).toUTCString();
    const headers = { date: at(0), "retry-after": at(120_000) };
    const { next } = await bench.deliverTo(answering(503, "", headers), makeEntries(1));
    expect(next).toMatchObject({ kind: "wait", retryAfterMs: 120_000 });
  });

  test("several lines of retry-after count as one list", async () => {
    const twice: Behaviour = ({ response }) =>
      void response.writeHead(429, ["retry-after", "5", "Retry-After", "60", "retry-after", "soon"]).end();
    const { next } = await bench.deliverTo(twice, makeEntries(1));
    expect(next).toMatchObject({ kind: "wait", retryAfterMs: 60_000 });
  });

  test("time-outs leave no connections behind", async () => {
    const open = new Set<unknown>();
    let most = 0;
    const silent: Behaviour = ({ socket }) => {
      open.add(socket);
      most = Math.max(most, open.size);
      socket.once("close", () => open.delete(socket));
    };
    await using platform = await startScriptedPlatform(silent);
    await using sink = await bench.open(platform.url, { limits: { requestMs: 30 } });
    for (let attempt = 0; attempt < 12; attempt++) await sink.deliver(makeEntries(1), noPicture, never);
    expect(platform.received).toHaveLength(12);
    // One, and those whose end a busy server has not noticed yet.
    expect(most).toBeLessThanOrEqual(3);
  });

  test.each<[string, Behaviour]>([
    ["a platform that never answers", () => undefined],
    ["an answer that never ends", ({ response }) => void response.writeHead(200).write('{"accepted":[')],
    ["a connection half-closed without an answer", ({ socket }) => void socket.end()],
    ["an answer that drips beyond the time-out", drip],
    ["a connection reset before the answer", ({ socket }) => void socket.resetAndDestroy()],
    [
      "a connection closed half-way through the answer",
      ({ response, socket }) =>
        void response.writeHead(200, { "content-length": "100" }).write("{", () => socket.destroy()),
    ],
    ["an answer that is not HTTP", ({ socket }) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n")],
  ])("%s settles nothing", async (_name, behave) => {
    const report = await bench.deliverTo(behave, makeEntries(2), { requestMs: 300 });
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", retryAfterMs: null });
  });

  test("a platform that is not there settles nothing", async () => {
    await using sink = await bench.open("http://127.0.0.1:1");
    expect((await sink.deliver(makeEntries(1), noPicture, never)).next).toMatchObject({
      kind: "wait",
      why: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("a slow link gets smaller batches until they pass", async () => {
    const slow: Behaviour = ({ response, request }) =>
      void (idsOf(request).length <= 4 && response.writeHead(200).end());
    await using platform = await startScriptedPlatform(slow);
    await using sink = await bench.open(platform.url, { limits: { requestMs: 200 } });
    const entries = makeEntries(16);
    let report = await sink.deliver(entries, noPicture, never);
    for (let attempt = 0; attempt < 5 && report.deliveries.size === 0; attempt++)
      report = await sink.deliver(entries, noPicture, never);
    expect(report.deliveries.size).toBeGreaterThan(0);
  });

  test("a line that breaks under large batches gets smaller ones until they pass, and large ones again when it holds", async () => {
    let holdsBytes = 4096;
    const breaking: Behaviour = ({ response, request, socket }) =>
      void (request.body.length > holdsBytes ? socket.resetAndDestroy() : response.writeHead(200).end());
    await using platform = await startScriptedPlatform(breaking);
    await using sink = await bench.open(platform.url);
    const entries = makeEntries(100);
    const settled = async () => (await sink.deliver(entries, noPicture, never)).deliveries.size;
    const sizes: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) sizes.push(await settled());
    expect(sizes[0]).toBe(0);
    expect(Math.max(...sizes)).toBeGreaterThan(5);
    holdsBytes = 1e9;
    for (let attempt = 0; attempt < 12; attempt++) sizes.push(await settled());
    expect(sizes.at(-1)).toBe(100);
  });

  test("a picture that the line breaks under waits on its own, and the events behind it go past", async () => {
    await using platform = await startScriptedPlatform(
      ({ request, response, socket }) =>
        void (request.method === "PUT" ? socket.resetAndDestroy() : response.writeHead(200).end()),
    );
    await using sink = await bench.open(platform.url);
    const image = { sha256: "0".repeat(64), bytes: 3 };
    const report = await sink.deliver([makeEntry(1, { image }), makeEntry(2)], async () => Buffer.alloc(3), never);
    expect(kinds(report)).toEqual({ 1: "kept" });
  });

  test("a platform that cannot be reached does not make the batches smaller", async () => {
    const gone = await startScriptedPlatform(answering(200));
    await gone[Symbol.asyncDispose]();
    await using sink = await bench.open(gone.url);
    for (let attempt = 0; attempt < 20; attempt++)
      expect((await sink.deliver(makeEntries(1), noPicture, never)).next.kind).toBe("wait");
    await using _platform = await startScriptedPlatform(answering(200), undefined, gone.port);
    expect((await sink.deliver(makeEntries(100), noPicture, never)).deliveries.size).toBe(100);
  });

  test("stopping cuts the request in flight and keeps everything", async () => {
    const stop = new AbortController();
    await using platform = await startScriptedPlatform(() => stop.abort());
    await using sink = await bench.open(platform.url, { limits: { requestMs: 60_000 } });
    const report = await sink.deliver(makeEntries(2), noPicture, stop.signal);
    expect(kinds(report)).toEqual({});
  });

  // undici alone would let them stand until its time-out, and the process with them: that is longer than this may take.
  test.each([
    ["a platform", (at: string) => ({ url: `https://${at}` })],
    ["a proxy", (at: string) => ({ url: "https://platform.example", proxy: `http://${at}` })],
    ["a proxy's TLS", (at: string) => ({ url: "https://platform.example", proxy: `https://${at}` })],
  ])(
    "closing ends a connection that %s takes and leaves without a word",
    async (_name, told) => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      const { url, ...by } = told(`127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
      const came: Promise<Socket[]> = once(server, "connection");
      const stop = new AbortController();
      {
        await using sink = await bench.open(url, by);
        const delivering = sink.deliver(makeEntries(1), noPicture, stop.signal);
        const [socket] = await came;
        socket?.resume();
        stop.abort();
        await delivering;
      }
      server.close();
      await once(server, "close");
    },
    LIMITS.platformConnectMs / 2,
  );
});
