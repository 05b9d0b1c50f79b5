// 200 devices that send 50 QoS 1 messages each at once: the whole gateway (fsynced, disclosed) beside a bare aedes and
// Debian's Mosquitto, alternating in one run. Only Hedgerow has the messages on disk when it acknowledges them.
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePorts, openHouse } from "../helpers/gateway-process.ts";
import { manyDevices } from "../helpers/many-devices.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const [DEVICES, MESSAGES, ROUNDS] = [200, 50, 3];

type Load = { readonly acknowledged: number; readonly seconds: number; readonly p50Ms: number; readonly p99Ms: number };

export async function benchBurst() {
  const { kit, password, prepare } = manyDevices(DEVICES);
  await using house = await openHouse({ kit, prepare });
  const gateway = await house.start();
  const bare = spawn(process.execPath, [new URL("bare-aedes.ts", import.meta.url).pathname], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [barePort] = await once(bare.stdout, "data");
  await using mosquitto = await openMosquitto();
  const contestants = [
    { name: "hedgerow", port: house.brokerPort, password },
    { name: "bareAedes", port: Number(String(barePort)), password: "" },
    ...(mosquitto.port === null ? [] : [{ name: "mosquitto", port: mosquitto.port, password: "" }]),
  ];
  const runs = contestants.map((each) => ({ ...each, loads: new Array<Load>() }));
  for (let round = 0; round < ROUNDS; round++) for (const each of runs) each.loads.push(await load(each));
  bare.stdin.end();
  await gateway.end("SIGTERM");
  const results = runs.map(({ name, loads }) => {
    const middle = loads.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(ROUNDS / 2)];
    if (middle === undefined) throw new Error("unreachable");
    const { acknowledged, seconds, p50Ms, p99Ms } = middle;
    return [name, { acknowledgedPerS: Math.round(acknowledged / seconds), p50Ms, p99Ms }] as const;
  });
  return { devices: DEVICES, messagesEach: MESSAGES, ...Object.fromEntries(results) };
}

async function load({ port, password }: { readonly port: number; readonly password: string }): Promise<Load> {
  const script = new URL("burst-load.ts", import.meta.url).pathname;
  const args = [script, String(port), String(DEVICES), String(MESSAGES), password];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

/** Mosquitto without persistence on a port of its own; `port` is null where it is not installed. */
async function openMosquitto(): Promise<AsyncDisposable & { readonly port: number | null }> {
  if (spawnSync("mosquitto", ["-h"]).error !== undefined) {
    console.error("SKIPPED: mosquitto is missing (apt-get install mosquitto): the burst is measured without it");
    return { port: null, [Symbol.asyncDispose]: async () => undefined };
  }
  const directory = await tempDir();
  const config = join(directory.path, "mosquitto.conf");
  const [port = 0] = await freePorts(1);
  const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "persistence false", "log_type none"];
  await writeFile(config, `${lines.join("\n")}\n`, { mode: 0o644 });
  const child = spawn("mosquitto", ["-c", config], { stdio: "ignore" });
  await isOpen(port, child);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function isOpen(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect({ port, host: "127.0.0.1" });
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await sleep(50);
  }
  throw new Error(`mosquitto ended with ${child.exitCode}`);
}
