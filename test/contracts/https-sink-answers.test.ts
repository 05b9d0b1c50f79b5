// The HTTPS sink against answers that are too much, too strange or not the platform's: bombs, endless bodies, torn and doubled
// heads, pages of HTML. None settles anything, and each is read only as far as it must be.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { makeEntries, makeEntry } from "../forward/memory-spool.ts";
import {
  acceptingUnless,
  answering,
  type Behaviour,
  idsOf,
  startScriptedPlatform,
} from "../forward/scripted-platform.ts";
import { kinds, never, noPicture, openSinkBench, type SinkBench, waits } from "../forward/sink-bench.ts";
import { deliverInProcess } from "../forward/sink-process.ts";

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const MIB = 1024 * 1024;
const json = { "content-type": "application/json" };

/** 200 and so many bytes, as fast as they are taken; `sent` counts them. */
function pouring(bytesMax: number, sent: { bytes: number }, headers: Record<string, string> = {}): Behaviour {
  return ({ response }) => {
    response.writeHead(200, { ...json, ...headers });
    const piece = Buffer.alloc(65_536, " ");
    const pour = (): void => {
      while (sent.bytes < bytesMax && !response.destroyed) {
        sent.bytes += piece.length;
        if (!response.write(piece)) return;
      }
      response.end();
    };
    response.on("drain", pour);
    pour();
  };
}

describe("an answer that is too large", () => {
  test.each([
    ["2 GB of it", {}],
    ["2 GB that are announced", { "content-length": String(2048 * MIB) }],
  ])("(%s) is cut off after a little, and memory does not grow", async (_name, headers) => {
    const sent = { bytes: 0 };
    await using platform = await startScriptedPlatform(pouring(2048 * MIB, sent, headers));
    const told = await deliverInProcess({ url: platform.url, times: 20 });
    expect(new Set(told.next)).toEqual(
      new Set([`wait: the platform gave an answer larger than ${LIMITS.platformAnswerBytes} bytes`]),
    );
    expect(told.settled).toBe(0);
    // What lay in the sockets' buffers had been written, too.
    expect(sent.bytes / 20).toBeLessThan(12 * MIB);
    expect(told.grownBytes).toBeLessThan(128 * MIB);
    expect(told.keptBytes).toBeLessThan(4 * MIB);
  });

  test("and announced is not waited for", async () => {
    const announced: Behaviour = ({ response }) =>
      response.writeHead(200, { ...json, "content-length": String(2048 * MIB) }).flushHeaders();
    const report = await bench.deliverTo(announced, makeEntries(1), { requestMs: 20_000 });
    expect(report.next).toEqual(waits(/gave an answer larger than/));
  });

  test("and compressed, 300 MB in 300 kB, is not unpacked: nothing compressed was asked for", async () => {
    const zeros = Readable.from(
      (function* () {
        const piece = Buffer.alloc(MIB);
        for (let n = 0; n < 300; n++) yield piece;
      })(),
    );
    const bomb = await buffer(zeros.pipe(createGzip({ level: 1 })));
    expect(bomb.length).toBeLessThan(2 * MIB);
    const inParts: Behaviour = ({ response }) =>
      void response
        .writeHead(200, { ...json, "content-encoding": "gzip" })
        .end(bomb.subarray(0, LIMITS.platformAnswerBytes));
    await using platform = await startScriptedPlatform(inParts);
    const told = await deliverInProcess({ url: platform.url, times: 10 });
    expect(new Set(told.next)).toEqual(new Set(["wait: the platform's answer is compressed, which was not asked for"]));
    expect(told.grownBytes).toBeLessThan(128 * MIB);
    expect(told.keptBytes).toBeLessThan(4 * MIB);
    expect(platform.received[0]?.headers["accept-encoding"]).toBe("identity");
  });
});

describe("a page in place of the platform", () => {
  const jpeg = Buffer.from("a redacted picture's bytes");
  const sha256 = createHash("sha256").update(jpeg).digest("hex");
  const page = { "content-type": "text/html; charset=utf-8" };

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ["HTML", "<!doctype html><form action=/login>", page],
    ["HTML that calls itself JSON", "<!doctype html>", json],
    ["an empty body that calls itself HTML", "", page],
    ["white space that calls itself HTML", " \r\n", { "content-type": "TEXT/HTML" }],
    ["an empty page of XHTML", "", { "content-type": "application/xhtml+xml" }],
  ])("with 200 and %s takes neither events nor pictures", async (_name, body, headers) => {
    await using platform = await startScriptedPlatform(answering(200, body, headers));
    await using sink = await bench.open(platform.url);
    for (const entry of [makeEntry(1), makeEntry(1, { image: { sha256, bytes: jpeg.length } })]) {
      const report = await sink.deliver([entry], async () => jpeg, never);
      expect(kinds(report)).toEqual({});
      expect(report.next).toEqual(waits(/something answers that is not the platform/));
    }
    expect(platform.received.map(({ method }) => method)).toEqual(["POST", "PUT"]);
  });

  test.each([
    ["of another picture", JSON.stringify({ sha256: "0".repeat(64) })],
    ["in a list", "[]"],
    ["in words", '"stored"'],
  ])("a receipt %s is none", async (_name, body) => {
    await using platform = await startScriptedPlatform(answering(201, body, json));
    await using sink = await bench.open(platform.url);
    const entry = makeEntry(1, { image: { sha256, bytes: jpeg.length } });
    expect(kinds(await sink.deliver([entry], async () => jpeg, never))).toEqual({});
  });

  test("that asks for a log-in to the network (511) is told as such", async () => {
    expect((await bench.deliverTo(answering(511, "<html>"), makeEntries(1))).next).toEqual(waits(/log-in.*\(511\)$/));
  });

  test.each(["file:///etc/passwd", "https://elsewhere.example/", "//elsewhere.example/", "/elsewhere"])(
    "that leads to %s is not followed",
    async (location) => {
      for (const status of [301, 302, 303, 307, 308]) {
        const report = await bench.deliverTo(answering(status, "", { location }), makeEntries(1));
        expect(report.next).toEqual(waits(/a redirect, which is not followed$/));
        expect(report.received).toHaveLength(1);
      }
    },
  );
});

describe("an answer that is no good HTTP", () => {
  const raw =
    (...pieces: readonly string[]): Behaviour =>
    ({ socket }) => {
      for (const piece of pieces) socket.write(piece);
      socket.end();
    };
  const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

  test.each<[string, Behaviour]>([
    ["two lengths", raw(`${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{} `)],
    ["a length and chunks", raw(`${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`)],
    ["a negative length", raw(`${head}content-length: -1\r\n\r\n`)],
    ["a chunk of no size", raw(`${head}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`)],
    ["chunks that end early", raw(`${head}transfer-encoding: chunked\r\n\r\n14\r\n{"acc`)],
    ["chunks without an end", raw(`${head}transfer-encoding: chunked\r\n\r\n`)],
    ["a body that ends early", raw(`${head}content-length: 40\r\n\r\n{"acc`)],
    ["no body where one was announced", raw(`${head}content-length: 40\r\n\r\n`)],
    ["no end of its head", raw(head)],
    ["a head of 1 MB", raw(head, `x: ${"y".repeat(MIB)}\r\n\r\n`)],
    ["a status of no number", raw("HTTP/1.1 abc OK\r\n\r\n")],
    ["HTTP/0.9", raw("<html>log in</html>")],
    [
      "an upgrade that nobody asked for",
      raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    ],
    // By RFC 9110 §15.2 a client passes it over; undici takes it for a mistake, and no server is known that says it unasked.
    ["a Continue that nobody asked for", raw(`HTTP/1.1 100 Continue\r\n\r\n${head}content-length: 0\r\n\r\n`)],
    ["interim answers alone", raw("HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n")],
    ["zero bytes", raw("\0".repeat(100))],
  ])("(%s) settles nothing", async (_name, behave) => {
    const report = await bench.deliverTo(behave, makeEntries(2), { requestMs: 500 });
    expect(kinds(report)).toEqual({});
    expect(report.next).toEqual(waits(/^the platform /));
  });

  test("interim answers before a good one are passed over", async () => {
    const ids = JSON.stringify({ accepted: [makeEntry(1).id] });
    const interim = ["102 Processing", "103 Early Hints\r\nlink: </x>"];
    const behave = raw(
      ...interim.map((line) => `HTTP/1.1 ${line}\r\n\r\n`),
      `${head}content-length: ${ids.length}\r\nconnection: close\r\n\r\n${ids}`,
    );
    expect(kinds(await bench.deliverTo(behave, makeEntries(1)))).toEqual({ 1: "accepted" });
  });

  test("endless interim answers are not listened to until the time-out", async () => {
    const behave: Behaviour = ({ socket }) => {
      const more = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n".repeat(20)), 10);
      socket.on("close", () => clearInterval(more));
    };
    const report = await bench.deliverTo(behave, makeEntries(1));
    expect(report.next).toEqual(waits(/gave more than 64 interim answers$/));
  });
});

describe("few requests", () => {
  test("find one poisoned event in 1,000", async () => {
    const entries = makeEntries(1000);
    const poison = entries[617]?.id ?? "";
    await using platform = await startScriptedPlatform(acceptingUnless((ids) => (ids.includes(poison) ? 400 : null)));
    await using sink = await bench.open(platform.url);
    const found: Record<string, string> = {};
    for (const half of [entries.slice(0, 500), entries.slice(500)])
      Object.assign(found, kinds(await sink.deliver(half, noPicture, never)));
    const { rejected, accepted } = Object.groupBy(Object.entries(found), ([, kind]) => kind);
    expect(rejected).toEqual([["618", "rejected"]]);
    expect(accepted).toHaveLength(999);
    // One for the good half; for the other one, and two at each of the nine cuts, of which the last is of single events.
    expect(platform.received.length).toBeLessThanOrEqual(1 + 1 + 2 * 9);
  });

  test("bring 64 events to a platform that takes one at a time (413), and the next 64 need no refusal", async () => {
    await using platform = await startScriptedPlatform(acceptingUnless((ids) => (ids.length > 1 ? 413 : null)));
    await using sink = await bench.open(platform.url);
    const entries = makeEntries(64);
    expect(Object.values(kinds(await sink.deliver(entries, noPicture, never)))).toEqual(entries.map(() => "accepted"));
    expect(platform.received).toHaveLength(64 + 63);
    const before = platform.received.length;
    await sink.deliver(entries, noPicture, never);
    expect(platform.received.slice(before).map((request) => idsOf(request).length)).toEqual([1]);
  });
});

test("what was sent is told in bytes, bodies and heads", async () => {
  await using platform = await startScriptedPlatform(acceptingUnless(() => null));
  await using sink = await bench.open(platform.url);
  const { bytesSent = 0 } = await sink.deliver(makeEntries(10), noPicture, never);
  const [request] = platform.received;
  const sum = Object.entries(request?.headers ?? {}).reduce(
    (bytes, [name, value]) => bytes + name.length + value.length + 4,
    0,
  );
  const real = (request?.body.length ?? 0) + sum;
  expect(bytesSent).toBeGreaterThan(real * 0.9);
  expect(bytesSent).toBeLessThan(real * 1.2);
});
