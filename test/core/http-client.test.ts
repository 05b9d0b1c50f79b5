// The one door to outgoing HTTP, against servers on loopback: bounded in bytes and time, following nobody.
import { describe, expect, test } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import type { BodyFate, HttpHead } from "../../src/core/http-answer.ts";
import { openHttpClient } from "../../src/core/http-client.ts";
import { answering, type Behaviour, startScriptedPlatform } from "../forward/scripted-platform.ts";
import { never } from "../forward/sink-bench.ts";

async function get(behave: Behaviour, more: { readonly answerBytesMax?: number; readonly timeoutMs?: number } = {}) {
  await using server = await startScriptedPlatform(behave);
  await using http = openHttpClient({ connectTimeoutMs: 1000 });
  const outcome = await http.ask(
    { method: "GET", url: server.url, answerBytesMax: 1024, timeoutMs: 2000, ...more },
    never,
  );
  return { outcome, received: server.received };
}

describe("an answer", () => {
  test("comes with its status, its headers in lower case and its bytes", async () => {
    const { outcome } = await get(answering(418, "tea", { "X-Pot": "round" }));
    expect(outcome).toMatchObject({
      kind: "answer",
      status: 418,
      headers: { "x-pot": "round" },
      body: Buffer.from("tea"),
    });
  });

  test("may be as large as allowed and not a byte larger", async () => {
    expect((await get(answering(200, "x".repeat(1024)))).outcome).toMatchObject({ kind: "answer" });
    expect((await get(answering(200, "x".repeat(1025)))).outcome).toMatchObject({ kind: "failed", how: "too-large" });
  });

  test("may have interim ones before it, and a server that sends them without end is left", async () => {
    const early = (count: number, { response, socket }: Parameters<Behaviour>[0]): void => {
      socket.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(count));
      response.end("tea");
    };
    expect((await get((asked) => early(2, asked))).outcome).toMatchObject({ body: Buffer.from("tea") });
    expect((await get((asked) => early(100, asked))).outcome).toMatchObject({ kind: "failed", how: "too-large" });
  });

  test("that redirects is an answer: nobody is followed", async () => {
    const { outcome, received } = await get(answering(302, "", { location: "/elsewhere" }));
    expect(outcome).toMatchObject({ kind: "answer", status: 302 });
    expect(received).toHaveLength(1);
  });

  test("several headers of one name are all there", async () => {
    const { outcome } = await get(
      ({ response }) =>
        void response
          .writeHead(
            401,
            [
              ["www-authenticate", "Digest a"],
              ["www-authenticate", "Basic b"],
            ].flat(),
          )
          .end(),
    );
    expect(outcome).toMatchObject({ headers: { "www-authenticate": "Digest a, Basic b" } });
  });
});

describe("no answer", () => {
  test.each<[string, Behaviour, string]>([
    ["silence", () => undefined, "timeout"],
    ["a torn connection", ({ socket }) => void socket.resetAndDestroy(), "broken"],
    [
      "a torn body",
      ({ response, socket }) =>
        void response.writeHead(200, { "content-length": "9" }).write("x", () => socket.destroy()),
      "broken",
    ],
  ])("%s is told apart", async (_name, behave, how) => {
    expect((await get(behave, { timeoutMs: 200 })).outcome).toMatchObject({ kind: "failed", how });
  });

  test("a port that nobody listens on is unreachable, and the sentence names no address", async () => {
    await using http = openHttpClient({ connectTimeoutMs: 1000 });
    const outcome = await http.ask(
      { method: "GET", url: "http://127.0.0.1:1/", answerBytesMax: 10, timeoutMs: 1000 },
      never,
    );
    expect(outcome).toEqual({ kind: "failed", how: "unreachable", why: "cannot be reached (ECONNREFUSED)" });
  });

  test("a stop ends it at once", async () => {
    const stop = new AbortController();
    await using server = await startScriptedPlatform(() => stop.abort());
    await using http = openHttpClient({ connectTimeoutMs: 1000 });
    const ask = { method: "GET", url: server.url, answerBytesMax: 10, timeoutMs: 60_000 } as const;
    expect(await http.ask(ask, stop.signal)).toMatchObject({ kind: "failed", how: "stopped" });
    expect(await http.ask(ask, stop.signal)).toMatchObject({ kind: "failed", how: "stopped" });
  });

  test("an address that is none is the caller's mistake", async () => {
    await using http = openHttpClient({ connectTimeoutMs: 1000 });
    await expect(
      http.ask({ method: "GET", url: "not an address", answerBytesMax: 10, timeoutMs: 1000 }, never),
    ).rejects.toThrow(TypeError);
  });
});

describe("a body", () => {
  const endless: Behaviour = ({ response }) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(4096, "x"))) continue;
    };
    response.on("drain", more);
    more();
  };
  const answered = async (behave: Behaviour, bodyFate: (head: HttpHead) => BodyFate) => {
    await using server = await startScriptedPlatform(behave);
    await using http = openHttpClient({ connectTimeoutMs: 1000, peer: {} });
    const ask = { method: "GET", url: server.url, answerBytesMax: 1_000_000, timeoutMs: 5000, bodyFate } as const;
    return await http.ask(ask, never);
  };

  test("may be taken piece by piece until it is enough, and the connection ends", async () => {
    let bytes = 0;
    const take = (piece: Buffer) => ((bytes += piece.length) < 100_000 ? "more" : "enough");
    const outcome = await answered(endless, () => take);
    expect(outcome).toMatchObject({ kind: "answer", status: 200, body: Buffer.alloc(0) });
    expect(bytes).toBeGreaterThanOrEqual(100_000);
  });

  test("is bounded also where it is taken", async () => {
    expect(await answered(endless, () => () => "more")).toMatchObject({ kind: "failed", how: "too-large" });
  });

  test("that never comes is not waited for where it is cut", async () => {
    const hanging: Behaviour = ({ response }) => response.writeHead(302, { "content-length": "10" }).flushHeaders();
    const fate = ({ status }: HttpHead) => (status === 302 ? "cut" : "collect");
    expect(await answered(hanging, fate)).toMatchObject({ kind: "answer", status: 302 });
  });

  test("whose taker refuses it throws what the taker threw", async () => {
    const refusal = new GatewayError("PICTURE_REFUSED", "no");
    const refuse = (): "more" => {
      throw refusal;
    };
    await expect(answered(endless, () => refuse)).rejects.toBe(refusal);
  });
});

test("a peer is connected to anew for each ask, and not where its name leads elsewhere", async () => {
  const ports = new Set<number | undefined>();
  await using server = await startScriptedPlatform(({ response, socket }) => {
    ports.add(socket.remotePort);
    response.end();
  });
  await using http = openHttpClient({ connectTimeoutMs: 1000, peer: { resolve: async () => ["127.0.0.1"] } });
  const ask = { method: "GET", answerBytesMax: 10, timeoutMs: 5000 } as const;
  for (const url of [server.url, server.url])
    expect(await http.ask({ ...ask, url }, never)).toMatchObject({ kind: "answer" });
  expect(ports.size).toBe(2);
  const url = `http://cam.example:${server.port}/`;
  expect(await http.ask({ ...ask, url }, never)).toMatchObject({ kind: "failed", how: "refused" });
  expect(server.received).toHaveLength(2);
});
