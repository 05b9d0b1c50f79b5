// Shown: senders that nobody of us wrote: mosquitto_pub, mosquitto_rr (Debian mosquitto-clients), Eclipse Paho (Debian
// python3-paho-mqtt) and mqtt.js: retained flag, wills, QoS 0, 1 and 2, TLS and WebSocket. Skipped aloud where missing.
import { execFile, spawn, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import type { Arrival } from "../../../src/core/arrival.ts";
import { openBrokerHouse } from "../../helpers/broker-house.ts";
import { makeCertificates } from "../../helpers/certificates.ts";
import { tempDir } from "../../helpers/temp-dir.ts";

const run = promisify(execFile);
// Debian's packages are for Debian's Python, whichever other one comes first.
const PYTHON = "/usr/bin/python3";
const hasMosquitto = spawnSync("mosquitto_pub", ["--help"]).error === undefined;
const hasPaho = spawnSync(PYTHON, ["-c", "import paho.mqtt.client"]).status === 0;
if (!hasMosquitto) console.warn("SKIPPED: mosquitto_pub is missing (apt-get install mosquitto-clients)");
if (!hasPaho) console.warn("SKIPPED: Eclipse Paho is missing (apt-get install python3-paho-mqtt)");

async function openHouse() {
  const directory = await tempDir();
  const certificates = await makeCertificates(directory.path);
  const { certFile, keyFile, caFile } = certificates;
  const house = await openBrokerHouse({
    tls: { port: 0, certFile, keyFile, clientCaFile: caFile },
    websocket: { port: 0, tls: false },
    maySubscribe: (login, filter) => filter.startsWith(`${login.id}/`),
  });
  return {
    ...house,
    certificates,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const said = (taken: readonly Arrival[]) =>
  taken.map(({ topic, payload }) => `${topic} ${Buffer.from(payload).toString()}`);
const login = ["-u", "a", "-P", "right"];
const to = (port: number | null) => ["-h", "127.0.0.1", "-p", String(port)];

test.skipIf(!hasMosquitto).each([0, 1, 2])(
  "mosquitto_pub sends with QoS %i, retained or not, line by line",
  async (qos) => {
    await using house = await openHouse();
    const args = [...to(house.broker.port), ...login, "-q", String(qos), "-t", "a/line"];
    await run("mosquitto_pub", [...args, "-r", "-m", "kept by nobody"]);
    const lines = spawn("mosquitto_pub", [...args, "-l"], { stdio: ["pipe", "ignore", "inherit"] });
    lines.stdin.end(Array.from({ length: 300 }, (_, n) => `${n}\n`).join(""));
    const expected = ["a/line kept by nobody", ...Array.from({ length: 300 }, (_, n) => `a/line ${n}`)];
    await expect.poll(() => said(house.taken), { timeout: 10_000 }).toEqual(expected);
  },
);

test.skipIf(!hasMosquitto)(
  "mosquitto_pub is told in plain words when its password is wrong or its version is 5",
  async () => {
    await using house = await openHouse();
    const pub = (...args: string[]) =>
      run("mosquitto_pub", [...to(house.broker.port), "-t", "a/x", "-m", "1", ...args]);
    await expect(pub("-u", "a", "-P", "wrong")).rejects.toThrow("not authorised");
    await expect(pub(...login, "-V", "5")).rejects.toThrow("Unsupported Protocol Version");
    await pub(...login, "-V", "mqttv31");
    expect(said(house.taken)).toEqual(["a/x 1"]);
  },
);

test.skipIf(!hasMosquitto)("mosquitto_pub comes by TLS, with a password or a certificate alone", async () => {
  await using house = await openHouse();
  const { caFile } = house.certificates;
  const args = [...to(house.broker.tlsPort), "--cafile", caFile, "-q", "1", "-m", "1"];
  await run("mosquitto_pub", [...args, ...login, "-t", "a/x"]);
  const device = await house.certificates.issue("porch-lux");
  await run("mosquitto_pub", [...args, "--cert", device.certFile, "--key", device.keyFile, "-t", "porch-lux/x"]);
  expect(said(house.taken)).toEqual(["a/x 1", "porch-lux/x 1"]);
});

test.skipIf(!hasMosquitto)("mosquitto_rr asks, and a command answers it", async () => {
  await using house = await openHouse();
  const rr = spawn("mosquitto_rr", [
    ...to(house.broker.port),
    ...login,
    "-V",
    "311",
    "-t",
    "a/ask",
    "-e",
    "a/answer",
    "-m",
    "?",
    "-q",
    "1",
  ]);
  const answer = new Promise<string>((resolve) =>
    rr.stdout.once("data", (bytes: Buffer) => resolve(bytes.toString().trim())),
  );
  await expect.poll(() => said(house.taken)).toEqual(["a/ask ?"]);
  expect(await house.broker.send({ topic: "a/answer", payload: Buffer.from("yes"), qos: 1 })).toBe(true);
  expect(await answer).toBe("yes");
});

const PAHO = `
import json, sys, threading
import paho.mqtt.client as mqtt
import paho.mqtt
o = json.loads(sys.argv[1])
args = (mqtt.CallbackAPIVersion.VERSION1,) if hasattr(mqtt, "CallbackAPIVersion") else ()
def client(name, will=None):
    c = mqtt.Client(*args, client_id=name, transport=o["transport"])
    c.username_pw_set("a", "right")
    if o.get("ca"): c.tls_set(o["ca"])
    if will: c.will_set("a/will", will, qos=1, retain=True)
    connected = threading.Event()
    c.on_connect = lambda *_: connected.set()
    c.connect("127.0.0.1", o["port"])
    c.loop_start()
    if not connected.wait(10): sys.exit("not connected")
    return c
c = client("sender")
for qos in (0, 1, 2):
    for n in range(50):
        c.publish("a/q%d" % qos, str(n), qos=qos, retain=n % 2 == 0).wait_for_publish()
w = client("dying", will="gone")
w._sock_close() if hasattr(w, "_sock_close") else w._sock.close()
c.disconnect()
`;

for (const door of ["tcp", "tls", "websockets"] as const) {
  test.skipIf(!hasPaho)(
    `Eclipse Paho sends by ${door}: QoS 0, 1, 2, retained, and a will when it is lost`,
    async () => {
      await using house = await openHouse();
      const { port, tlsPort, websocketPort } = house.broker;
      const options = {
        transport: door === "websockets" ? "websockets" : "tcp",
        port: { tcp: port, tls: tlsPort, websockets: websocketPort }[door],
        ca: door === "tls" ? house.certificates.caFile : null,
      };
      await run(PYTHON, ["-c", PAHO, JSON.stringify(options)], { timeout: 20_000 });
      await expect.poll(() => said(house.taken).filter((line) => line === "a/will gone").length).toBeGreaterThan(0);
      for (const qos of [0, 1, 2]) {
        const its = said(house.taken).filter((line) => line.startsWith(`a/q${qos} `));
        expect(its).toEqual(Array.from({ length: 50 }, (_, n) => `a/q${qos} ${n}`));
      }
    },
  );
}

test("mqtt.js sends by TCP, TLS and WebSocket: QoS 0, 1, 2, retained, and a will when it is lost", async () => {
  await using house = await openHouse();
  const { port, tlsPort, websocketPort } = house.broker;
  for (const url of [`mqtt://127.0.0.1:${port}`, `mqtts://127.0.0.1:${tlsPort}`, `ws://127.0.0.1:${websocketPort}`]) {
    const options = { username: "a", password: "right", reconnectPeriod: 0, rejectUnauthorized: false };
    const client = await connectAsync(url, {
      ...options,
      will: { topic: "a/will", payload: Buffer.from(url), qos: 1, retain: true },
    });
    client.on("error", () => undefined);
    for (const qos of [0, 1, 2] as const) await client.publishAsync("a/x", `${qos}`, { qos, retain: true });
    client.stream.destroy();
    await expect.poll(() => house.taken.length).toBe(4);
    expect(said(house.taken.splice(0))).toEqual(["a/x 0", "a/x 1", "a/x 2", `a/will ${url}`]);
  }
});
