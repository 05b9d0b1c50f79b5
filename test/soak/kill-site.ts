// A gateway, its platform and its sensors, each a process of its own, with what the kill harness asks of them.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { type Conservation, conservationOf } from "../../src/core/conservation.ts";
import { freePorts, openHouse, type RunningGateway, type TestHouse } from "../helpers/gateway-process.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const NODE = join(ROOT, "node_modules/.bin/node");
export const SENSORS = 20;
const DRAIN_MS = 180_000;

export type PlatformEvent = {
  readonly id: string;
  readonly type: string;
  readonly sequence: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export type KillSite = AsyncDisposable & {
  readonly house: TestHouse;
  /** By sensor: the number of the last message that was acknowledged. */
  readonly acknowledged: readonly number[];
  /** Resolves at the next PUBACK of any sensor, to the monotonic time of its arrival. */
  nextAcknowledgement(): Promise<number>;
  /** The sensors finish what they have begun, and end. */
  silence(): Promise<void>;
  setAway(isAway: boolean): Promise<void>;
  events(): Promise<PlatformEvent[]>;
  stats(): Promise<{ readonly events: number; readonly conflicts: number; readonly snapshots: number }>;
  /** Both sums of I9, as they lie on the disk at one moment. */
  sums(): Conservation;
  /** Counted motion that no event has told yet, by device. */
  openWindows(): ReadonlyMap<string, number>;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
};

type Options = {
  readonly motion: "each" | "counts";
  readonly seed: number;
  readonly onStart: (gateway: RunningGateway) => void;
};

/** `motion`: as single events or as counts. Sensors begin at once; the gateway is for the caller to start. */
export async function openKillSite({ motion, seed, onStart }: Options): Promise<KillSite> {
  await using stack = new AsyncDisposableStack();
  const [port = 0] = await freePorts(1);
  const house = stack.use(
    await openHouse({
      kit: kitOf(),
      policy: policyOf(motion),
      onStart,
      platform: [{ id: "main", kind: "https", url: `http://127.0.0.1:${port}` }],
    }),
  );
  await writeFile(join(house.directory, "scene.jpg"), await samplePhotograph("sample1"));
  const { publicKey } = JSON.parse(await house.hedgerow("key", "show", "--config", house.config, "--json"));
  const platform = spawn(
    NODE,
    [join(ROOT, "src/demo/platform-process.ts"), "--port", String(port), "--key", `test-street=${publicKey}`],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  stack.defer(() => ended(platform, "SIGTERM"));
  await once(platform.stdout, "data");
  const url = `http://127.0.0.1:${port}`;

  const { password } = JSON.parse(
    await house.hedgerow("bridge", "credentials", "z2m", "--config", house.config, "--json"),
  );
  const acknowledged = Array.from({ length: SENSORS }, () => 0);
  let next = Promise.withResolvers<number>();
  const login = ["--port", String(house.brokerPort), "--password", password];
  const how = ["--sensors", String(SENSORS), "--seed", String(seed)];
  const sensors = spawn(NODE, [join(ROOT, "test/soak/kill-publishers.ts"), ...login, ...how], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  stack.defer(() => ended(sensors, "SIGKILL"));
  const heard = once(
    createInterface(sensors.stdout).on("line", (line) => {
      const [sensor = 0, n = 0] = line.split(" ").map(Number);
      acknowledged[sensor] = n;
      next.resolve(performance.now());
      next = Promise.withResolvers();
    }),
    "close",
  );
  const rows = <T>(read: (database: DatabaseSync) => T): T => readRows(house.dataDir, read);
  const owned = stack.move();
  return {
    house,
    acknowledged,
    nextAcknowledgement: () => next.promise,
    async silence() {
      await ended(sensors, "SIGTERM");
      await heard;
    },
    async setAway(away) {
      const headers = { "content-type": "application/json" };
      await fetch(`${url}/control`, { method: "POST", headers, body: JSON.stringify({ away }) });
    },
    events: () => allEvents(url),
    stats: async () => JSON.parse(await (await fetch(`${url}/v1/stats`)).text()),
    sums: () => rows(sumsOf),
    openWindows: () =>
      rows((database) => {
        const windows = database.prepare("SELECT device, count FROM windows").all();
        return new Map(windows.map((row) => [String(row["device"]), Number(row["count"])]));
      }),
    async drained() {
      const lateMs = performance.now() + DRAIN_MS;
      while (rows((database) => database.prepare("SELECT 1 FROM waiting LIMIT 1").get()) !== undefined) {
        if (performance.now() > lateMs) throw new Error(`entries still wait after ${DRAIN_MS} ms`);
        await sleep(250);
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function kitOf(): object {
  const ids = Array.from({ length: SENSORS }, (_, n) => `pir-${n}`);
  return {
    bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
    devices: ids.map((id) => ({ id, profile: "zigbee2mqtt/occupancy", topic: `zigbee2mqtt/${id}`, zone: id })),
    cameras: [
      {
        id: "cam",
        zone: "gate",
        source: { kind: "file", path: "./scene.jpg" },
        triggers: ["pir-0"],
        cooldownS: 3,
      },
    ],
  };
}

function policyOf(motion: "each" | "counts"): object {
  const rule = motion === "each" ? { mode: "each" } : { mode: "counts", windowS: 2, atLeast: 3 };
  return {
    events: { timeBucketS: 1, motion: rule, lightOfMotionSensors: true },
    cameras: { cam: { purpose: { en: "test" }, until: "2099-01-01", snapshotsPerDay: 1000 } },
  };
}

/** Opened for writing, as every reader of a database in WAL mode that a killed process left; it writes nothing. */
function readRows<T>(dataDir: string, read: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(dataDir, "spool.db"), { timeout: 5000 });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

function sumsOf(database: DatabaseSync): Conservation {
  database.exec("BEGIN");
  const counters = database.prepare("SELECT name, n FROM counters").all();
  const waiting = database.prepare("SELECT sink, count(*) AS n FROM waiting GROUP BY sink").all();
  database.exec("COMMIT");
  return conservationOf({
    counters: Object.fromEntries(counters.map((row) => [String(row["name"]), Number(row["n"])])),
    waiting: new Map(waiting.map((row) => [String(row["sink"]), Number(row["n"])])),
    sinkIds: ["main"],
  });
}

async function allEvents(url: string): Promise<PlatformEvent[]> {
  const all: PlatformEvent[] = [];
  for (let after = 0; ; ) {
    const page: { events: PlatformEvent[]; next: number } = JSON.parse(
      await (await fetch(`${url}/v1/events?after=${after}`)).text(),
    );
    if (page.events.length === 0) return all;
    all.push(...page.events);
    after = page.next;
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}
