// Pump, HTTPS sink and the reference receiver together over loopback: everything arrives, each once, in order, whatever happens.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPlatform, type Platform } from "../../src/demo/platform.ts";
import { openPump } from "../../src/forward/pump.ts";
import type { Sink } from "../../src/forward/sink.ts";
import { type MemorySpool, makeEntry, memorySpool } from "./memory-spool.ts";
import { reaches } from "./pump-bench.ts";
import { startScriptedPlatform } from "./scripted-platform.ts";
import { never, openSinkBench, type SinkBench } from "./sink-bench.ts";

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const openReceiver = (): Promise<Platform> =>
  openPlatform({ host: "127.0.0.1", port: 0, publicKeys: new Map([["test-gate", bench.key.publicKey]]) });
const limits = { backoffMinMs: 5, backoffMaxMs: 20, pausedProbeMs: 20 };
const startPump = (spool: MemorySpool, sink: Sink, board = new Board()) =>
  openPump({ spool, sink, clock: systemClock, board, log: silentLog, limits }, never);

async function setAway(platform: Platform, ask: { away: boolean; how?: "refuse" }): Promise<void> {
  const answer = await fetch(`${platform.url}/control`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(ask),
  });
  expect(answer.status).toBe(200);
}

test("an outage is caught up: each event once, in order, pictures with them", async () => {
  const jpeg = Buffer.from("a picture's bytes");
  const sha256 = createHash("sha256").update(jpeg).digest("hex");
  const image = { sha256, bytes: jpeg.length };
  await using platform = await openReceiver();
  await using sink = await bench.open(platform.url);
  const spool = memorySpool([], new Map([[sha256, jpeg]]));
  const board = new Board();
  await using pump = startPump(spool, sink, board);
  await setAway(platform, { away: true });
  const tried = Promise.withResolvers<void>();
  board.watch(() => tried.resolve());
  const entries = Array.from({ length: 2000 }, (_, index) =>
    index % 500 === 7 ? makeEntry(index + 1, { image }) : makeEntry(index + 1),
  );
  spool.add(...entries);
  await tried.promise;
  expect(platform.store.events()).toEqual([]);
  await setAway(platform, { away: true, how: "refuse" });
  await setAway(platform, { away: false });
  await spool.drained();
  expect(platform.store.events().map(({ id }) => id)).toEqual(entries.map(({ id }) => id));
  expect(platform.store.stats()).toMatchObject({ events: 2000, duplicates: 0, conflicts: 0, snapshots: 1 });
  expect(pump.state().state).not.toBe("paused");
});

test("a connection cut after the platform has stored makes no second event", async () => {
  await using platform = await openReceiver();
  let cuts = 3;
  await using between = await startScriptedPlatform(({ request, response, socket }) => {
    const { "content-length": _length, connection: _connection, host: _host, ...headers } = request.headers;
    const forwarded = fetch(`${platform.url}${request.path}`, {
      method: request.method,
      headers,
      body: new Uint8Array(request.body),
    });
    void forwarded.then(async (answer) => {
      const body = await answer.text();
      if (cuts-- > 0) socket.resetAndDestroy();
      else response.writeHead(answer.status).end(body);
    });
  });
  await using sink = await bench.open(between.url);
  const spool = memorySpool(Array.from({ length: 5 }, (_, index) => makeEntry(index + 1)));
  await using _pump = startPump(spool, sink);
  await spool.drained();
  const { events, conflicts, duplicates } = platform.store.stats();
  expect({ events, conflicts }).toEqual({ events: 5, conflicts: 0 });
  // All five were stored by the first request that had no answer; the next ones are smaller, but repeat at least one each.
  expect(duplicates).toBeGreaterThanOrEqual(5);
});

test("a gateway whose key the receiver does not know keeps all, and sends it by itself once the key is registered", async () => {
  const publicKeys = new Map([["test-gate", Buffer.alloc(32, 7).toString("base64")]]);
  await using platform = await openPlatform({ host: "127.0.0.1", port: 0, publicKeys });
  await using sink = await bench.open(platform.url);
  const spool = memorySpool(Array.from({ length: 5 }, (_, index) => makeEntry(index + 1)));
  await using pump = startPump(spool, sink);
  await reaches(pump, "paused");
  expect(pump.state().why).toBe("the platform answered 401: it does not know this gateway's key");
  expect(spool.waiting).toHaveLength(5);
  publicKeys.set("test-gate", bench.key.publicKey);
  await spool.drained();
  await reaches(pump, "connected");
  expect(platform.store.stats()).toMatchObject({ events: 5, duplicates: 0 });
});
