// A broker of the site as a process of its own: Debian's Mosquitto or NATS server, on a loopback port, ended with the test.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePorts } from "./gateway-process.ts";
import { tempDir } from "./temp-dir.ts";

export type SiteBroker = AsyncDisposable & {
  readonly port: number;
  readonly directory: string;
  /** Lines it has logged, over all its starts. */
  readonly log: readonly string[];
  /** Ends it; what it keeps for its clients stays on disk. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Of the process that runs, or ran last. */
  pid(): number | undefined;
};

/** Debian keeps both in /usr/sbin, which is not on everybody's path. */
const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
const isThere = (command: string): boolean => spawnSync(command, ["-h"], { env }).error === undefined;
export const hasMosquitto: boolean = isThere("mosquitto");
export const hasNats: boolean = isThere("nats-server");

/** `lines`: more of mosquitto.conf; `files`: written beside it first, by name. */
export async function startMosquitto({
  lines = ["allow_anonymous true"],
  listener = [],
  files = {},
}: {
  readonly lines?: readonly string[];
  readonly listener?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
} = {}): Promise<SiteBroker> {
  return startBroker({
    command: "mosquitto",
    readyLine: /mosquitto version .* running/,
    files,
    config: ({ port, directory }) =>
      [
        ...(process.getuid?.() === 0 ? ["user root"] : []),
        `listener ${port} 127.0.0.1`,
        ...listener,
        "log_type all",
        "log_dest stderr",
        "persistence true",
        `persistence_location ${directory}/`,
        ...lines,
        "",
      ].join("\n"),
  });
}

/**
 * NATS with JetStream and its MQTT listener: MQTT 3.1.1, no dots and no spaces in topics. What a lost connection had in hand
 * comes again after `ack_wait`, which is 30 s by itself and a second here.
 */
export async function startNats(): Promise<SiteBroker> {
  return startBroker({
    command: "nats-server",
    readyLine: /Server is ready/,
    files: {},
    config: ({ port, directory }) =>
      `host: 127.0.0.1\nport: -1\nserver_name: site\njetstream { store_dir: "${directory}/js" }\nmqtt { host: 127.0.0.1, port: ${port}, ack_wait: "1s" }\n`,
  });
}

type Kind = {
  readonly command: string;
  readonly readyLine: RegExp;
  readonly files: Readonly<Record<string, string>>;
  readonly config: (at: { port: number; directory: string }) => string;
};

async function startBroker({ command, readyLine, files, config }: Kind): Promise<SiteBroker> {
  const directory = await tempDir();
  const [port = 0] = await freePorts(1);
  const file = join(directory.path, "broker.conf");
  await mkdir(directory.path, { recursive: true });
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory.path, name), text.replaceAll("DIRECTORY", directory.path), { mode: 0o600 });
  await writeFile(file, config({ port, directory: directory.path }).replaceAll("DIRECTORY", directory.path));
  const log: string[] = [];
  let child: ReturnType<typeof spawn> | null = null;

  const start = async (): Promise<void> => {
    const started = spawn(command, ["-c", file], { stdio: ["ignore", "pipe", "pipe"], env });
    child = started;
    await new Promise<void>((resolve, reject) => {
      for (const stream of [started.stdout, started.stderr])
        createInterface(stream).on("line", (line) => {
          log.push(line);
          if (readyLine.test(line)) resolve();
        });
      started.once("error", reject);
      started.once("exit", () => reject(new Error(`${command} ended before it was ready:\n${log.join("\n")}`)));
    });
  };
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    // Mosquitto forgets a signal that comes between its "running" and its loop: it is asked again.
    const again = setInterval(() => child?.kill(signal), 100);
    await exit;
    clearInterval(again);
  };
  await start();
  return {
    port,
    directory: directory.path,
    log,
    start,
    stop,
    pid: () => child?.pid,
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
      await directory[Symbol.asyncDispose]();
    },
  };
}
