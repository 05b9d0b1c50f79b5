// Acknowledged events per second of the whole gateway (fsynced, disclosed) beside a bare aedes, alternating in one run.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { openHouse } from "../helpers/gateway-process.ts";

const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 4);
const ROUNDS = 3;

type Load = { readonly acknowledged: number; readonly seconds: number; readonly p50Ms: number; readonly p99Ms: number };

export async function benchEvents() {
  const devices = Array.from({ length: 20 }, (_, n) => ({
    id: `lux-${n}`,
    profile: "zigbee2mqtt/illuminance",
    topic: `zigbee2mqtt/lux-${n}`,
    zone: "porch",
  }));
  await using house = await openHouse({
    kit: { bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }], devices },
    // As fast as it can, not as fast as one bridge may.
    broker: { limits: { messagesPerSecondPerDevice: 100_000 } },
  });
  const { password } = JSON.parse(
    await house.hedgerow("bridge", "credentials", "z2m", "--config", house.config, "--json"),
  );
  const gateway = await house.start();
  const bare = spawn(process.execPath, [new URL("bare-aedes.ts", import.meta.url).pathname], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [port] = await once(bare.stdout, "data");
  const runs: { hedgerow: Load; bareAedes: Load }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    runs.push({
      hedgerow: await load(house.brokerPort, "bridge_z2m", password, "zigbee2mqtt/lux-"),
      bareAedes: await load(Number(String(port)), "", "", "zigbee2mqtt/lux-"),
    });
  }
  bare.stdin.end();
  const rssMiB = await residentMiB(gateway.child.pid);
  await gateway.end("SIGTERM");
  const best = (side: "hedgerow" | "bareAedes") =>
    runs.map((run) => run[side]).toSorted((a, b) => rate(b) - rate(a))[Math.floor(ROUNDS / 2)];
  const [hedgerow, bareAedes] = [best("hedgerow"), best("bareAedes")];
  if (hedgerow === undefined || bareAedes === undefined) throw new Error("unreachable");
  return {
    publishers: 20,
    inFlight: 8,
    hedgerow: { acknowledgedPerS: Math.round(rate(hedgerow)), p50Ms: hedgerow.p50Ms, p99Ms: hedgerow.p99Ms },
    bareAedes: { acknowledgedPerS: Math.round(rate(bareAedes)), p50Ms: bareAedes.p50Ms, p99Ms: bareAedes.p99Ms },
    ratio: Math.round((rate(hedgerow) / rate(bareAedes)) * 1000) / 1000,
    gatewayRssMiB: rssMiB,
  };
}

const rate = ({ acknowledged, seconds }: Load): number => acknowledged / seconds;

/** Load of another process on a broker: 20 publishers, 8 messages in flight each. */
export async function load(port: number, username: string, password: string, prefix: string): Promise<Load> {
  const script = new URL("load.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    String(port),
    String(SECONDS),
    username,
    password,
    prefix,
  ]);
  return JSON.parse(stdout);
}

/** Resident memory of a process in MiB (proc(5), VmRSS in KiB). */
export async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
