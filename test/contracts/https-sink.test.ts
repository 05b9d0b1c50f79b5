// The HTTPS sink against interfaces.md §4: what it sends, and what it makes of each answer of a platform that can be reached.
// A real server on loopback answers; nothing is mocked.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FORWARD_LIMITS } from "../../src/forward/forward-limits.ts";
import { makeEntries, makeEntry } from "../forward/memory-spool.ts";
import { acceptingUnless, answering, idsOf, startScriptedPlatform } from "../forward/scripted-platform.ts";
import { kinds, never, noPicture, openSinkBench, type SinkBench } from "../forward/sink-bench.ts";

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("2xx", () => {
  test("with JSON settles exactly the ids it names", async () => {
    const entries = makeEntries(5);
    const [a, b, c, d] = entries.map(({ id }) => id);
    const rejected = [
      { id: c, reason: "too old", permanent: true },
      { id: d, reason: "busy", permanent: false },
    ];
    const answer = JSON.stringify({ accepted: [a, "somebody-else"], duplicate: [b], rejected });
    const report = await bench.deliverTo(answering(200, answer), entries);
    expect(kinds(report)).toEqual({ 1: "accepted", 2: "accepted", 3: "rejected", 4: "kept", 5: "kept" });
    expect(report.deliveries.get(c ?? "")).toEqual({ kind: "rejected", why: "too old" });
    expect(report.next).toEqual({ kind: "go-on" });
  });

  test.each([200, 202, 204])("with an empty body accepts all (%i)", async (status) => {
    const report = await bench.deliverTo(answering(status), makeEntries(2));
    expect(kinds(report)).toEqual({ 1: "accepted", 2: "accepted" });
  });

  test.each([
    ["a captive portal's page", "<!doctype html><title>Wi-Fi log-in</title>"],
    ["torn JSON", '{"accepted":["'],
    ["JSON of somebody else", '{"ok":true}'],
    ["a JSON array", "[]"],
    ["ids that are no strings", '{"accepted":[1,2]}'],
    ["none of the ids sent", '{"accepted":["another"]}'],
    ["bytes that are no text", "\u0000\uffff\u0001"],
  ])("with %s settles nothing", async (_name, body) => {
    const report = await bench.deliverTo(answering(200, body), makeEntries(3));
    expect(kinds(report)).toEqual({});
    expect(report.next).toMatchObject({ kind: "wait", retryAfterMs: null });
  });

  test("with an endless body settles nothing", async () => {
    const report = await bench.deliverTo(({ response }) => {
      response.writeHead(200);
      const pour = () => {
        while (response.write(Buffer.alloc(65_536, 32)));
      };
      response.on("drain", pour);
      pour();
    }, makeEntries(1));
    expect(report.next).toMatchObject({ kind: "wait" });
    expect(kinds(report)).toEqual({});
  });
});

describe("4xx", () => {
  test("413 halves the batch, and the next one begins small", async () => {
    const entries = Array.from({ length: 16 }, (_, index) => makeEntry(index + 1, { padding: 1000 }));
    await using platform = await startScriptedPlatform(acceptingUnless((ids) => (ids.length > 4 ? 413 : null)));
    await using sink = await bench.open(platform.url);
    const report = await sink.deliver(entries, noPicture, never);
    expect(Object.values(kinds(report)).filter((kind) => kind === "accepted")).toHaveLength(16);
    const before = platform.received.length;
    await sink.deliver(entries, noPicture, never);
    expect(platform.received).toHaveLength(before + 1);
  });

  test("413 is not held against a platform that takes more again: the batches grow, and meanwhile it is tried seldom", async () => {
    const entries = makeEntries(4);
    let most = 1;
    await using platform = await startScriptedPlatform(acceptingUnless((ids) => (ids.length > most ? 413 : null)));
    await using sink = await bench.open(platform.url);
    const rounds = 4 * FORWARD_LIMITS.ceilingBatches;
    for (let n = 0; n < rounds; n++) await sink.deliver(entries, noPicture, never);
    const refused = platform.received.filter((request) => idsOf(request).length > 1);
    expect(refused.length).toBeLessThanOrEqual(3 + 4);
    most = 4;
    for (let n = 0; n < rounds; n++) await sink.deliver(entries, noPicture, never);
    expect(platform.received.slice(-1).map((request) => idsOf(request).length)).toEqual([4]);
  });

  test("413 to one event alone makes it a dead letter", async () => {
    const report = await bench.deliverTo(answering(413), makeEntries(1));
    expect(kinds(report)).toEqual({ 1: "rejected" });
  });

  test.each([400, 422])("%i bisects until the culprit stands alone", async (status) => {
    const entries = makeEntries(64);
    const poison = entries[41]?.id ?? "";
    const report = await bench.deliverTo(
      acceptingUnless((ids) => (ids.includes(poison) ? status : null)),
      entries,
    );
    const { rejected, accepted } = Object.groupBy(Object.entries(kinds(report)), ([, kind]) => kind);
    expect(rejected).toEqual([["42", "rejected"]]);
    expect(accepted).toHaveLength(63);
    expect(report.received.length).toBeLessThanOrEqual(1 + 2 * Math.log2(64));
    expect(report.received.flatMap(idsOf)).toContain(poison);
  });

  test("the reason of a refusal reaches the dead letter in one printable line", async () => {
    const report = await bench.deliverTo(answering(422, '{"error":"bad\n\u001b[31mlux"}'), makeEntries(1));
    expect([...report.deliveries.values()]).toEqual([
      { kind: "rejected", why: 'the platform refuses it (422): {"error":"bad [31mlux"}' },
    ]);
  });

  test("a platform that refuses everything does not empty the queue into the dead letters", async () => {
    await using platform = await startScriptedPlatform(answering(400));
    await using sink = await bench.open(platform.url, { limits: { refusedInARow: 4 } });
    const entries = makeEntries(64);
    const first = await sink.deliver(entries, noPicture, never);
    expect(Object.keys(kinds(first))).toHaveLength(4);
    expect(first.next).toMatchObject({ kind: "wait" });
    const before = platform.received.length;
    const second = await sink.deliver(entries.slice(4), noPicture, never);
    expect(platform.received.slice(before).map((request) => idsOf(request).length)).toEqual([1]);
    expect(second.next).toMatchObject({ kind: "wait" });
  });

  test.each([401, 403, 410])("%i pauses and says why, settling nothing", async (status) => {
    const report = await bench.deliverTo(answering(status), makeEntries(2));
    expect(kinds(report)).toEqual({});
    const fact = expect.stringMatching(new RegExp(`^the platform answered ${status}: it .{1,70}$`));
    expect(report.next).toEqual({ kind: "pause", why: fact });
    expect(JSON.stringify(report.next), "the remedy has its own place on the page").not.toMatch(/hedgerow|\bask\b/i);
  });

  test("401 under a clock that is off waits instead: a set clock cures it", async () => {
    const report = await bench.deliverTo(answering(401, "", { date: "Thu, 01 Jan 2015 00:00:00 GMT" }), makeEntries(1));
    expect(report.next).toMatchObject({ kind: "wait", why: expect.stringContaining("clock") });
  });

  test.each([301, 302, 307, 404, 405, 409, 418])("%i settles nothing, waits and is not followed", async (status) => {
    const report = await bench.deliverTo(
      answering(status, "", { location: "http://127.0.0.1:1/elsewhere" }),
      makeEntries(1),
    );
    expect(kinds(report)).toEqual({});
    const moved = status < 400 ? ", a redirect, which is not followed" : "";
    expect(report.next).toMatchObject({ kind: "wait", why: `the platform answers ${status}${moved}` });
    expect(report.received).toHaveLength(1);
  });
});
