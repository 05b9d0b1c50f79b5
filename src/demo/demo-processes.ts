// Starts and ends the demo's world outside the house: platform, camera and kit, each a process of its own.
// Secrets go by pipe, so that none shows in the list of processes. Each process ends by itself when its pipe closes, also when
// this process was killed; and each has a process group of its own, so that Ctrl-C lets the gateway stop first.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { openHttpClient } from "../core/http-client.ts";
import { LIMITS } from "../core/limits.ts";
import type { Login } from "./simulated-client.ts";
import type { TasmotaTopic } from "./simulated-tasmota.ts";

export type DemoPlatform = AsyncDisposable & {
  readonly url: string;
  /** Answers 503 from now on, or receives again. */
  setAway(isAway: boolean, stop: AbortSignal): Promise<void>;
};
export type DemoCamera = AsyncDisposable & { readonly url: string };
export type DemoKit = AsyncDisposable & {
  /** Somebody walks through the gate. */
  walkThroughGate(): void;
};

/** Starts the receiver, trusting the given gateways (public keys in base64). `file`: see platform-store. Throws PORT_IN_USE. */
export async function startPlatform(
  { port, publicKeys, file }: { port: number; publicKeys: Readonly<Record<string, string>>; file?: string },
  stop: AbortSignal,
): Promise<DemoPlatform> {
  const keys = Object.entries(publicKeys).flatMap(([id, key]) => ["--key", `${id}=${key}`]);
  const store = file === undefined ? [] : ["--store", file];
  const child = await startProcess({ name: "platform", args: ["--port", String(port), ...keys, ...store] }, stop);
  const url = z.object({ platform: z.url() }).parse(child.said).platform;
  const http = openHttpClient({ connectTimeoutMs: LIMITS.platformConnectMs });
  return {
    url,
    async setAway(away, stop) {
      const headers = { "content-type": "application/json" };
      const bounds = { answerBytesMax: 1024, timeoutMs: LIMITS.platformRequestMs };
      const outcome = await http.ask(
        { method: "POST", url: `${url}/control`, headers, body: JSON.stringify({ away }), ...bounds },
        stop,
      );
      if (outcome.kind === "failed") throw new GatewayError("INTERNAL", `the demo's platform ${outcome.why}`);
    },
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      await child.end();
    },
  };
}

/** Starts the camera on any free port of this machine. */
export async function startCamera(login: { user: string; password: string }, stop: AbortSignal): Promise<DemoCamera> {
  const child = await startProcess({ name: "camera", config: { port: 0, ...login } }, stop);
  return { url: z.object({ camera: z.url() }).parse(child.said).camera, [Symbol.asyncDispose]: () => child.end() };
}

/** Starts the sensors; they connect, and come back, by themselves. */
export async function startKit(
  config: { broker: string; bridge: Login; tasmota: Readonly<Record<TasmotaTopic, Login>> },
  stop: AbortSignal,
): Promise<DemoKit> {
  const child = await startProcess({ name: "kit", config }, stop);
  return { walkThroughGate: () => child.tell("motion"), [Symbol.asyncDispose]: () => child.end() };
}

/** Starts a bridge that waits, on a page of its own, for the login that somebody makes on the gateway's page. Throws PORT_IN_USE. */
export async function startBridge(
  config: { port: number; broker: string },
  stop: AbortSignal,
): Promise<DemoKit & { readonly url: string }> {
  const child = await startProcess({ name: "bridge", config }, stop);
  const { bridge } = z.object({ bridge: z.url() }).parse(child.said);
  return { url: bridge, walkThroughGate: () => child.tell("motion"), [Symbol.asyncDispose]: () => child.end() };
}

type Running = { readonly said: unknown; tell(line: string): void; end(): Promise<void> };

/** Resolves with the process's first line. Throws when it ends before, or says nothing within LIMITS.demoStartMs. */
async function startProcess(
  { name, args = [], config }: { name: string; args?: readonly string[]; config?: unknown },
  stop: AbortSignal,
): Promise<Running> {
  const path = fileURLToPath(new URL(`./${name}-process.ts`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  // A child that died closes its pipe under our hands; its end is what is noticed.
  child.stdin.on("error", () => child.kill());
  const tell = (line: string) => void child.stdin.write(`${line}\n`);
  if (config !== undefined) tell(JSON.stringify(config));
  try {
    const deadline = AbortSignal.any([stop, AbortSignal.timeout(LIMITS.demoStartMs)]);
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([
      once(lines, "line", { signal: deadline }),
      once(child, "exit", { signal: deadline }),
    ]);
    const said = readFirst(name, line[0]);
    return { said, tell, end: () => endProcess(child) };
  } catch (cause) {
    await endProcess(child);
    throw cause;
  }
}

function readFirst(name: string, line: unknown): unknown {
  const said: unknown = typeof line === "string" ? JSON.parse(line) : null;
  const failed = z.object({ failed: z.string() }).safeParse(said).data?.failed;
  if (failed === "EADDRINUSE")
    throw new GatewayError("PORT_IN_USE", `the demo's ${name} cannot listen: its port is in use`, {
      hint: "End the other program on this port (another demo?), or choose other ports with --port-base.",
    });
  if (said === null || failed !== undefined)
    throw new GatewayError("INTERNAL", `the demo's ${name} did not start (${failed ?? "it ended"})`);
  return said;
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  const overdue = setTimeout(() => child.kill("SIGKILL"), LIMITS.demoStopMs);
  await exited;
  clearTimeout(overdue);
}
