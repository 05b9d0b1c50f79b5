// A gateway at a Mosquitto of the site, which delivers to three platforms at once, each behind a tap on the wire.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect } from "vitest";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { openPlatform } from "../../src/demo/platform.ts";
import { callGateway } from "../../src/web/local-socket.ts";
import { openHouse, type TestHouse } from "./gateway-process.ts";
import { startMosquitto } from "./site-broker.ts";
import { openWireTap } from "./wire-tap.ts";

const long = { timeout: 60_000, interval: 100 };
const PASSPHRASE = "a green hedge in May";

export type TappedSite = AsyncDisposable & {
  readonly house: TestHouse;
  /** A message of a device, at the site's broker. */
  send(topic: string, payload: string): Promise<unknown>;
  /** Resolves when the last device was heard and nothing waits for a platform. */
  settled(): Promise<void>;
  end(): Promise<void>;
  log(): readonly string[];
  wires(): Readonly<Record<string, Buffer>>;
};

/** Needs Mosquitto (hasMosquitto). The kit has a device `last`, whose charge of 77 % tells that all before it was heard. */
export async function openTappedSite(kit: object, policy: object): Promise<TappedSite> {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(
    // By itself it drops what is more than a thousand ahead of the gateway.
    await startMosquitto({ lines: ["allow_anonymous true", "max_queued_messages 0"] }),
  );
  const publicKeys = new Map<string, string>();
  const platform = stack.use(await openPlatform({ host: "127.0.0.1", port: 0, publicKeys }));
  const taps = {
    https: stack.use(await openWireTap(Number(new URL(platform.url).port))),
    mqtt5: stack.use(await openWireTap(broker.port)),
    mqtt3: stack.use(await openWireTap(broker.port, { isOfMqtt3: true })),
  };
  const house = stack.use(
    await openHouse({
      kit,
      policy,
      platform: [
        { id: "https", kind: "https", url: `http://127.0.0.1:${taps.https.port}` },
        { id: "mqtt5", kind: "mqtt", url: `mqtt://127.0.0.1:${taps.mqtt5.port}`, prefix: "five" },
        { id: "mqtt3", kind: "mqtt", url: `mqtt://127.0.0.1:${taps.mqtt3.port}`, prefix: "three" },
      ],
      broker: { mode: "external", external: { url: `mqtt://127.0.0.1:${broker.port}` } },
      gateway: { gateway: { id: "test-street", dataDir: "./data", cell: "u09tun" }, log: { level: "trace" } },
    }),
  );
  publicKeys.set("test-street", (await openGatewayKey(house.dataDir)).publicKey);
  const gateway = await house.start();
  await expect.poll(() => gateway.log.some((line) => line.includes("the site's broker is there")), long).toBe(true);
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0 });
  stack.defer(() => void client.end(true));
  const owned = stack.move();
  return {
    house,
    send: (topic, payload) => client.publishAsync(topic, payload, { qos: 1 }),
    settled: () =>
      expect
        .poll(async () => {
          const status = await callGateway(house.dataDir, "status", {});
          const last = status?.devices.find(({ id }) => id === "last")?.batteryPct;
          return { last, waiting: status?.conservation.sinks.map(({ waiting }) => waiting) };
        }, long)
        .toEqual({ last: 77, waiting: [0, 0, 0] }),
    end: async () => expect(await gateway.end("SIGTERM")).toBe(0),
    log: () => gateway.log,
    wires: () => Object.fromEntries(Object.entries(taps).map(([name, tap]) => [name, tap.sent()])),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The volunteer's name, which is nobody's business outside. */
export const VOLUNTEER = "vera-qxzkw";

/** The cookies of the first steward and of a volunteer. */
export async function logInAsBoth(house: TestHouse): Promise<{ readonly steward: string; readonly volunteer: string }> {
  const steward = await logInAsSteward(house);
  await callGateway(house.dataDir, "addUser", { user: VOLUNTEER, role: "volunteer", passphrase: PASSPHRASE });
  return { steward, volunteer: await logIn(house, "login", { user: VOLUNTEER, passphrase: PASSPHRASE }) };
}

/** The cookie of a session. */
async function logIn({ statusPort }: TestHouse, way: "setup" | "login", words: object): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${statusPort}/api/v1/${way}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(words),
  });
  expect(answer.status).toBe(200);
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function logInAsSteward(house: TestHouse): Promise<string> {
  const code = (await readFile(join(house.dataDir, "setup-code.txt"), "utf8")).trim();
  return logIn(house, "setup", { code, passphrase: PASSPHRASE });
}
