// A whole gateway as its own process, driven like a user would: configuration files, the program, signals, its ports.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { tempDir } from "./temp-dir.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const NODE = join(ROOT, "node_modules/.bin/node");

/** The house's directory and ports; `start` may be called again after each end of the process. */
export type TestHouse = AsyncDisposable & {
  readonly directory: string;
  readonly dataDir: string;
  readonly config: string;
  readonly brokerPort: number;
  readonly statusPort: number;
  start(): Promise<RunningGateway>;
  /** Runs the program with these arguments and gives what it printed; rejects on another exit code than 0. */
  hedgerow(...args: string[]): Promise<string>;
};

export type RunningGateway = {
  readonly child: ChildProcess;
  readonly log: readonly string[];
  /** Sends the signal and resolves to the exit code, or null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

type Options = {
  readonly kit: object;
  readonly policy?: object;
  readonly platform?: readonly object[];
  readonly gateway?: object;
  /** Of gateway.yaml's section broker, beside where it listens. */
  readonly broker?: object;
  /** Another entry script than src/main.ts, and a command in front of Node such as strace. */
  readonly entry?: string;
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Called before anything is written into the data directory. */
  readonly prepare?: (dataDir: string) => Promise<void>;
  /** Called with each process before it is open, which it may never be. */
  readonly onStart?: (gateway: RunningGateway) => void;
};

export async function openHouse(options: Options): Promise<TestHouse> {
  const directory = await tempDir();
  const [brokerPort, statusPort] = await freePorts(2);
  if (brokerPort === undefined || statusPort === undefined) throw new Error("unreachable");
  const config = join(directory.path, "gateway.yaml");
  const dataDir = join(directory.path, "data");
  // Temporary files of everything that runs here are searched too.
  const temporary = join(directory.path, "tmp");
  await Promise.all([mkdir(dataDir), mkdir(temporary)]);
  await options.prepare?.(dataDir);
  const write = (name: string, content: object) =>
    writeFile(join(directory.path, name), JSON.stringify(content, null, 2));
  await write("gateway.yaml", {
    gateway: { id: "test-street", dataDir: "./data" },
    broker: { listen: { host: "127.0.0.1", port: brokerPort }, ...options.broker },
    status: { host: "127.0.0.1", port: statusPort },
    platform: options.platform ?? [],
    // Some tests run on a disk of 12 MiB.
    spool: { reserveFreeBytes: 0 },
    ...options.gateway,
  });
  await write("kit.yaml", options.kit);
  await write("policy.yaml", {
    version: 1,
    controller: { name: "Test Association", contact: "privacy@test.example" },
    events: { timeBucketS: 1, motion: { mode: "each" } },
    ...options.policy,
  });
  const running = new Set<RunningGateway>();
  return {
    directory: directory.path,
    dataDir,
    config,
    brokerPort,
    statusPort,
    async start() {
      const onStart = (gateway: RunningGateway) => {
        running.add(gateway);
        options.onStart?.(gateway);
      };
      return startProcess({ ...options, onStart }, { config, temporary });
    },
    async hedgerow(...args) {
      const { stdout } = await promisify(execFile)(NODE, [join(ROOT, "src/main.ts"), ...args], { cwd: directory.path });
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      for (const gateway of running) await gateway.end("SIGKILL");
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function startProcess(
  { entry, prefix = [], env = {}, onStart }: Options,
  { config, temporary }: { config: string; temporary: string },
): Promise<RunningGateway> {
  const command = [...prefix, NODE, entry ?? join(ROOT, "src/main.ts"), "run", "--config", config];
  const child = spawn(command[0] ?? NODE, command.slice(1), {
    stdio: ["ignore", "pipe", "pipe"],
    // As the unit starts it: measured, 160 MiB at rest in place of 196, and 173 under load in place of 265.
    env: { ...process.env, NODE_OPTIONS: "--max-semi-space-size=2", TMPDIR: temporary, ...env },
  });
  const log: string[] = [];
  const isOpen = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (line) => {
        log.push(line);
        if (line.includes("gateway open")) resolve();
      });
    }
    child.once("exit", (code) =>
      reject(new Error(`the gateway ended with ${code} before it was open:\n${log.join("\n")}`)),
    );
  });
  isOpen.catch(() => undefined);
  const gateway: RunningGateway = {
    child,
    log,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
      return child.exitCode;
    },
  };
  onStart?.(gateway);
  await isOpen;
  return gateway;
}

/**
 * Ports that were free a moment ago, all different. Below those that the system gives to connections (on Linux 32768 and up):
 * of these a crowd in another test may take any before the gateway that it was meant for has started, or started anew.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count && tries < 1000; tries++) {
    const port = randomInt(12_000, 32_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  const isListening = await once(server, "listening").then(
    () => true,
    () => false,
  );
  if (isListening) await new Promise((resolve) => server.close(resolve));
  return isListening;
}
