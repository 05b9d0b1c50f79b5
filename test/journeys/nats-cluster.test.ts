// Shown: a city's broker that is a cluster of three NATS servers, each event in three copies. A node is killed under load and
// comes back, and so is one of the platform's three ingest processes: every event is stored once, and none leaves the gateway's
// buffer before it is. `EVENTS` sets how many (npm run soak: 10,000).
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import { describe, expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPump } from "../../src/forward/pump.ts";
import { makeEntry, type MemorySpool, memorySpool } from "../forward/memory-spool.ts";
import { openBenchSink } from "../forward/mqtt-bench.ts";
import { never } from "../forward/sink-bench.ts";
import { type NatsCluster, NODES, patiently, startNatsCluster } from "../helpers/nats-cluster.ts";
import { hasNats } from "../helpers/site-broker.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const EVENTS = Number(process.env["EVENTS"] ?? 3000);
const STREAM = "hedgerow";
const CONSUMER = "ingest";
const HELPERS = join(import.meta.dirname, "../helpers");

/** The platform's stream, and the one consumer that all of its processes share; both in three copies. */
async function openPlatformStream(cluster: NatsCluster): Promise<void> {
  const manager = await cluster.manager();
  await patiently(() =>
    manager.streams.add({ name: STREAM, subjects: ["hedgerow.*.events.>"], num_replicas: NODES.length }),
  );
  await patiently(() =>
    manager.consumers.add(STREAM, {
      durable_name: CONSUMER,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: 2_000_000_000,
      max_ack_pending: 2000,
    }),
  );
}

async function startIngest(cluster: NatsCluster, file: string): Promise<ChildProcess> {
  const args = [join(HELPERS, "ingest-process.ts"), cluster.servers.join(","), STREAM, CONSUMER, file];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  return child;
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

function storedIn(file: string): Map<string, number> {
  using database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare("SELECT id, process FROM events").all();
  return new Map(rows.map((row) => [String(row["id"]), Number(row["process"])]));
}

describe.skipIf(!hasNats)("a NATS JetStream cluster (Debian package nats-server)", () => {
  test(`${EVENTS} events while a node and an ingest process are killed: each is stored once, and only what is stored was settled`, async () => {
    await using cluster = await startNatsCluster();
    await openPlatformStream(cluster);
    const node = await cluster.spread(STREAM);
    await using directory = await tempDir();
    const file = join(directory.path, "platform.db");
    const ingest = await Promise.all(NODES.map(() => startIngest(cluster, file)));
    await using sink = await openBenchSink(cluster.mqttUrl(node), {
      ackTopic: "hedgerow/test-gate/acks",
      limits: { answerMs: 10_000, ackMs: 3000, connectMs: 10_000 },
    });
    const entries = Array.from({ length: EVENTS }, (_, index) => makeEntry(index + 1));
    const spool = memorySpool();
    const board = new Board();
    const limits = { backoffMinMs: 50, backoffMaxMs: 500 };
    await using _pump = openPump({ spool, sink, clock: systemClock, board, log: silentLog, limits }, never);
    spool.add(...entries.slice(0, EVENTS / 2));
    await settledReaches(spool, EVENTS / 10);
    // The node that the gateway talks to: it comes back, as its name would lead to another one.
    await cluster.kill(node);
    const [victim] = ingest;
    if (victim !== undefined) await endProcess(victim, "SIGKILL");
    spool.add(...entries.slice(EVENTS / 2));
    await cluster.start(node);
    await settledReaches(spool, EVENTS);
    for (const child of ingest) await endProcess(child, "SIGTERM");

    const stored = storedIn(file);
    const settled = spool.settlements.flatMap(({ accepted }) => accepted.map(({ id }) => id));
    expect(spool.settlements.flatMap(({ rejected }) => rejected)).toEqual([]);
    expect(
      settled.filter((id) => !stored.has(id)),
      "settled and not stored",
    ).toEqual([]);
    expect([...stored.keys()].toSorted()).toEqual(entries.map(({ id }) => id));
    expect(new Set(stored.values()).size, "processes that have stored something").toBeGreaterThan(1);
    expect(board.get("forward.city.retries")).toBeGreaterThan(0);
  });
});

/** Resolves when so many entries have left the spool. */
async function settledReaches(spool: MemorySpool, count: number): Promise<void> {
  const settled = (): number => spool.settlements.reduce((sum, { accepted }) => sum + accepted.length, 0);
  await expect.poll(settled, { timeout: 150_000, interval: 50 }).toBeGreaterThanOrEqual(count);
}
