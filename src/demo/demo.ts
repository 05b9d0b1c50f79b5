// `npm run demo`: the whole system on one machine. The gateway is the real one, in this process; the kit, the camera's source
// and the platform are simulated in processes of their own that talk MQTT and HTTP like any other. Only the wired sensor is here.
import { randomBytes } from "node:crypto";
import { openSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { makePrivateDirectory } from "../core/durable-file.ts";
import { GatewayError } from "../core/errors.ts";
import { openGatewayKey } from "../core/gateway-key.ts";
import { openLog } from "../core/log.ts";
import { type Gateway, openGateway } from "../gateway.ts";
import { keepOpen } from "../reopening.ts";
import { firstGateway, firstPolicy } from "../settings/first-files.ts";
import { loadSettings } from "../settings/load.ts";
import { KeptSessions } from "../web/sessions.ts";
import { DEMO_KIT, DEMO_POLICY, demoCamera } from "./demo-kit.ts";
import {
  type DemoKit,
  type DemoPlatform,
  startBridge,
  startCamera,
  startKit,
  startPlatform,
} from "./demo-processes.ts";
import { DEMO_WIRED, openSimulatedWire } from "./simulated-wire.ts";

const GATEWAY_ID = "elm-street";
const HOST = "127.0.0.1";

/** What `--json` prints (interfaces §1); `config` is where commands such as `device pair` find this gateway. */
export type DemoFacts = {
  readonly broker: string;
  readonly status: string;
  readonly platform: string;
  readonly setupCode: string | null;
  readonly publicKey: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly config: string;
  /** What is to be typed during the set-up, where nothing is set up yet. */
  readonly toType?: {
    readonly platform: string;
    readonly bridge: string;
    readonly camera: { readonly url: string; readonly user: string; readonly password: string };
  };
};

export type Demo = AsyncDisposable & {
  readonly facts: DemoFacts;
  /** Rejects when the gateway cannot go on. */
  readonly failed: Promise<never>;
  readonly platform: DemoPlatform;
  readonly kit: DemoKit;
};

/**
 * Starts everything on ports `portBase` to `portBase + 2`; closing ends it and erases its directory. `isFresh`: nothing is set up,
 * and the sensors' bridge waits for its login on `portBase + 3`. Throws PORT_IN_USE.
 */
export async function openDemo(
  { portBase, isFresh = false }: { portBase: number; isFresh?: boolean },
  stop: AbortSignal,
): Promise<Demo> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "hedgerow-demo-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const dataDir = join(directory, "data");
  await makePrivateDirectory(dataDir);
  const { publicKey } = await openGatewayKey(dataDir);
  const platform = stack.use(
    await startPlatform({ port: portBase + 2, publicKeys: { [GATEWAY_ID]: publicKey } }, stop),
  );
  // Somebody may have to type it.
  const login = { user: "gateway", password: randomBytes(isFresh ? 4 : 12).toString("hex") };
  const camera = stack.use(await startCamera(login, stop));
  const places = { directory, portBase, platformUrl: platform.url, cameraUrl: camera.url, login };
  const config = isFresh ? await writeFirst(places) : await writeConfiguration(places);
  const log = openLog({ level: "info", fd: openSync(join(directory, "gateway.log"), "a", 0o600) });
  const { lines } = stack.use(openSimulatedWire(stop));
  const settings = await loadSettings(config);
  const ended = new AbortController();
  const until = AbortSignal.any([stop, ended.signal]);
  const first = Promise.withResolvers<Gateway>();
  const sessions = new KeptSessions();
  const house = { clock: systemClock, log, lines, isLocalReached: true, sessions };
  const running = keepOpen<Gateway>(
    {
      settings,
      load: () => loadSettings(config),
      open: (now, trouble) => openGateway({ ...house, settings: now, trouble }, until),
      close: async (gateway) => await gateway[Symbol.asyncDispose](),
      opened: first.resolve,
      log,
    },
    until,
  );
  stack.defer(async () => {
    ended.abort();
    await running;
  });
  running.catch(first.reject);
  const gateway = await first.promise;
  const broker = `mqtt://${HOST}:${portBase}`;
  const bridge = isFresh ? stack.use(await startBridge({ port: portBase + 3, broker }, stop)) : null;
  const kit = bridge ?? stack.use(await startKit({ broker, ...(await credentialsOf(gateway)) }, stop));
  const owned = stack.move();
  return {
    facts: {
      broker,
      status: `http://${HOST}:${portBase + 1}`,
      platform: platform.url,
      setupCode: gateway.setupCode,
      publicKey,
      dataDir,
      pid: process.pid,
      config,
      ...(bridge && {
        toType: { platform: platform.url, bridge: bridge.url, camera: { url: camera.url, ...login } },
      }),
    },
    failed: running.then(() => new Promise<never>(() => {})),
    platform,
    kit,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Places = {
  readonly directory: string;
  readonly portBase: number;
  readonly platformUrl: string;
  readonly cameraUrl: string;
  readonly login: { readonly user: string; readonly password: string };
};

/** What `hedgerow init` writes, on this machine's own address. Resolves to gateway.yaml's path. */
async function writeFirst({ directory, portBase }: Places): Promise<string> {
  const facts = {
    id: GATEWAY_ID,
    dataDir: "./data",
    timezone: "UTC",
    language: "en",
    host: HOST,
    ports: { broker: portBase, status: portBase + 1 },
  };
  await writeFile(join(directory, "gateway.yaml"), firstGateway(facts), { mode: 0o600 });
  await writeFile(join(directory, "policy.yaml"), firstPolicy(facts), { mode: 0o600 });
  return join(directory, "gateway.yaml");
}

/** The three files of a real installation (JSON is YAML too). Resolves to gateway.yaml's path. */
async function writeConfiguration({ directory, portBase, platformUrl, cameraUrl, login }: Places): Promise<string> {
  const write = (name: string, content: unknown) =>
    writeFile(join(directory, name), typeof content === "string" ? content : JSON.stringify(content, null, 2), {
      mode: 0o600,
    });
  await write("gate-cam.cred", `${login.user}:${login.password}`);
  await write("gateway.yaml", {
    gateway: { id: GATEWAY_ID, name: "Elm Street (demonstration)", dataDir: "./data", timezone: "Europe/Paris" },
    broker: { listen: { host: HOST, port: portBase } },
    platform: [{ id: "main", kind: "https", url: platformUrl }],
    status: { host: HOST, port: portBase + 1 },
  });
  await write("kit.yaml", {
    ...DEMO_KIT,
    devices: [...DEMO_KIT.devices, DEMO_WIRED],
    cameras: [demoCamera({ url: cameraUrl, credentialsFile: "./gate-cam.cred" })],
  });
  await write("policy.yaml", DEMO_POLICY);
  return join(directory, "gateway.yaml");
}

/** A login for the bridge and for each device that has its own, made as a person would make them. */
async function credentialsOf({ commands }: Gateway) {
  const make = async (kind: "device" | "bridge", id: string) => {
    const { username, password } = await commands.renewCredentials({ kind, id });
    if (username === null || password === null)
      throw new GatewayError("INTERNAL", `${kind} ${id} of the demo has no login of its own`);
    return { username, password };
  };
  return {
    bridge: await make("bridge", "z2m"),
    tasmota: {
      lamp3: await make("device", "lamp-3"),
      yardpir: await make("device", "yard-pir"),
      streetlux: await make("device", "street-lux"),
    },
  };
}
