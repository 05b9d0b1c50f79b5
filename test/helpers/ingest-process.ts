// A platform's ingest as one of several processes: all of them pull from one durable consumer of a JetStream cluster, store
// each event once in one database, and name what they have stored on the gateway's ackTopic.
//
// The order is the whole point: stored and fsynced, then named to the gateway, then acknowledged to JetStream. Killed between
// any two of them, the message comes again to another process, finds its id stored, and is named as a duplicate.
// Arguments: servers (comma separated), stream, consumer, database file. Prints "ready", and one line of JSON when it is ended.
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { type JsMsg, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { z } from "zod";
import { patiently } from "./nats-cluster.ts";

const Event = z.looseObject({
  specversion: z.literal("1.0"),
  id: z.string().min(1).max(200),
  source: z.string().startsWith("urn:hedgerow:"),
  type: z.string().startsWith("hedgerow."),
});

type Answer = {
  accepted: string[];
  duplicate: string[];
  rejected: { id: string; reason: string; permanent: boolean }[];
};

const GROUP_MS = 5;

const [servers = "", stream = "", consumerName = "", file = ""] = process.argv.slice(2);
const database = new DatabaseSync(file, { timeout: 5000 });
// A real platform partitions by source and has a unique index on (source, id); one file stands for it here.
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS events (source TEXT, id TEXT, digest TEXT, process INTEGER, PRIMARY KEY (source, id)) WITHOUT ROWID`);
const insert = database.prepare("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)");
const find = database.prepare("SELECT digest FROM events WHERE source = ? AND id = ?");

const client = await connect({ servers: servers.split(","), maxReconnectAttempts: -1, reconnectTimeWait: 100 });
const counts = { stored: 0, again: 0, conflicts: 0, busyMs: 0 };
const ending = new AbortController();
process.once("SIGTERM", () => ending.abort());
process.stdout.write("ready\n");
while (!ending.signal.aborted) {
  try {
    await pull();
  } catch (cause) {
    // A node is gone, or the stream has no leader: what was not acknowledged comes again.
    process.stderr.write(`${String(cause)}\n`);
  }
}
process.stdout.write(`${JSON.stringify(counts)}\n`);
await client.close();
database.close();

/** Takes what comes in groups, so that one fsync serves many. */
async function pull(): Promise<void> {
  const consumer = await patiently(() => jetstream(client).consumers.get(stream, consumerName));
  // Fewer at once than all wait for: the others of this consumer are to have some, too.
  // Asked anew every second or so: what a node that died was asked for is missed no longer than that.
  const messages = await consumer.consume({ max_messages: 100, expires: 1000 });
  const stop = (): void => messages.stop();
  ending.signal.addEventListener("abort", stop);
  let group: JsMsg[] = [];
  let taking = Promise.resolve();
  for await (const message of messages) {
    group.push(message);
    if (group.length > 1) continue;
    taking = taking.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, GROUP_MS));
      const whole = group;
      group = [];
      await take(whole);
    });
  }
  await taking;
  ending.signal.removeEventListener("abort", stop);
}

async function take(messages: readonly JsMsg[]): Promise<void> {
  const beganMs = performance.now();
  const answers = new Map<string, Answer>();
  database.exec("BEGIN IMMEDIATE");
  for (const message of messages) {
    // hedgerow.{gateway}.events.…, also below $MQTT.msgs.
    const gateway = /hedgerow\.([^.]+)\.events\./.exec(message.subject)?.[1] ?? "";
    const answer = answers.get(gateway) ?? { accepted: [], duplicate: [], rejected: [] };
    answers.set(gateway, answer);
    store(new TextDecoder().decode(message.data), gateway, answer);
  }
  database.exec("COMMIT");
  for (const [gateway, answer] of answers) client.publish(`hedgerow.${gateway}.acks`, JSON.stringify(answer));
  await client.flush();
  for (const message of messages) message.ack();
  counts.busyMs += performance.now() - beganMs;
}

/** The reference receiver's rules: an id is stored once; the same id with another body is a conflict and stays out. */
function store(body: string, gateway: string, answer: Answer): void {
  const event = Event.safeParse(JSON.parse(body)).data;
  if (event === undefined || event.source !== `urn:hedgerow:${gateway}`) {
    answer.rejected.push({ id: event?.id ?? "", reason: "not an event of this gateway", permanent: true });
    return;
  }
  const { source, id } = event;
  const digest = createHash("sha256").update(body).digest("base64");
  if (insert.run(source, id, digest, process.pid).changes === 1) {
    counts.stored += 1;
    answer.accepted.push(id);
  } else if (find.get(source, id)?.["digest"] === digest) {
    counts.again += 1;
    answer.duplicate.push(id);
  } else {
    counts.conflicts += 1;
    answer.rejected.push({ id, reason: "conflict: the same id with another body", permanent: true });
  }
}
