// Sinks side by side on one real spool: one that hangs, or is refused its line, holds up no other. The good one is the HTTPS sink
// before the reference receiver, which fsyncs nothing here.
import { expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPlatform } from "../../src/demo/platform.ts";
import { openHttpsSink } from "../../src/forward/https-sink.ts";
import { createLineHours } from "../../src/forward/line-hours.ts";
import { openPump } from "../../src/forward/pump.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool } from "../helpers/test-spool.ts";
import { startScriptedPlatform } from "./scripted-platform.ts";
import { never, openSinkBench } from "./sink-bench.ts";

const EVENTS = 40;

test("forty events, one by one, reach the platform while another has hung since the first and a third has no line", async () => {
  await using bench = await openSinkBench();
  const publicKeys = new Map([["test-gate", bench.key.publicKey]]);
  await using platform = await openPlatform({ host: "127.0.0.1", port: 0, publicKeys });
  const asked = Promise.withResolvers<void>();
  await using hanging = await startScriptedPlatform(() => asked.resolve());
  await using directory = await tempDir();
  await using spool = await openTestSpool(directory.path, { sinkIds: ["hanging", "main", "resting"] });
  const open = (id: string, url: string) =>
    openHttpsSink({
      settings: { id, kind: "https", url },
      gatewayId: "test-gate",
      key: bench.key,
      clock: systemClock,
    });
  const closed = { connect: { between: ["03:00", "03:00"] satisfies [string, string], urgent: false }, sun: null };
  await using hung = await open("hanging", hanging.url);
  await using good = await open("main", platform.url);
  await using unused = await open("resting", "http://127.0.0.1:1");
  const needs = { spool, clock: { ...systemClock, isSynced: () => false }, board: new Board(), log: silentLog };
  const stopping = { ...needs, limits: { pumpStopMs: 50 } };
  await using _hanging = openPump({ ...stopping, sink: hung }, never);
  await using main = openPump({ ...needs, sink: good }, never);
  const hours = createLineHours({ ...closed, timezone: "Europe/Paris", clock: needs.clock });
  await using resting = openPump({ ...needs, sink: unused, hours }, never);

  const by = testDisclosure({ gatewayId: "test-gate" });
  for (let n = 1; n <= EVENTS; n++) {
    const accepted = Promise.withResolvers<void>();
    const unwatch = main.onChange(() => platform.store.events().length >= n && accepted.resolve());
    await spool.append({ make: [{ event: luxEvent(n, by) }] });
    await accepted.promise;
    unwatch();
  }
  await asked.promise;
  expect(platform.store.stats()).toMatchObject({ events: EVENTS, duplicates: 0 });
  expect(hanging.received).toHaveLength(1);
  expect(resting.state()).toMatchObject({ state: "resting", lastAcceptedAtMs: null });
  const waiting = (sinkId: string) =>
    spool.peek({ sinkId, entriesMax: 1000, bytesMax: 1e9, nowMs: systemClock.nowMs() }).length;
  expect([waiting("hanging"), waiting("resting")]).toEqual([EVENTS, EVENTS]);
});
