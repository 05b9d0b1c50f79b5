// The demo's processes, started as the demo starts them: they say when they are ready, do their part, and end with us.
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { Aedes } from "aedes";
import { describe, expect, test } from "vitest";
import { startBridge, startCamera, startKit, startPlatform } from "../../src/demo/demo-processes.ts";
import { openHttpClient } from "../../src/core/http-client.ts";

const stop = new AbortController().signal;
const bounds = { answerBytesMax: 1024 * 1024, timeoutMs: 5000 };

describe("the platform's process", () => {
  test("listens, goes away and comes back", async () => {
    await using platform = await startPlatform({ port: 0, publicKeys: {} }, stop);
    await using http = openHttpClient({ connectTimeoutMs: 2000 });
    const post = () => http.ask({ method: "POST", url: `${platform.url}/v1/events`, body: "[]", ...bounds }, stop);
    expect(await post()).toMatchObject({ status: 401 });
    await platform.setAway(true, stop);
    expect(await post()).toMatchObject({ status: 503 });
    await platform.setAway(false, stop);
    expect(await post()).toMatchObject({ status: 401 });
  });

  test("says which port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    await expect(startPlatform({ port: portOf(other), publicKeys: {} }, stop)).rejects.toMatchObject({
      code: "PORT_IN_USE",
    });
    other.close();
  });
});

describe("the camera's process", () => {
  test("gives another JPEG each time, to who knows its password", async () => {
    await using camera = await startCamera({ user: "kit", password: "secret" }, stop);
    await using http = openHttpClient({ connectTimeoutMs: 2000 });
    const headers = { authorization: `Basic ${Buffer.from("kit:secret").toString("base64")}` };
    const grab = () => http.ask({ method: "GET", url: camera.url, headers, ...bounds }, stop);
    const [first, second] = [await grab(), await grab()];
    if (first.kind !== "answer" || second.kind !== "answer") throw new Error("no answer");
    expect(first.headers["content-type"]).toBe("image/jpeg");
    expect(first.body.subarray(0, 3).toString("hex")).toBe("ffd8ff");
    expect(second.body.equals(first.body)).toBe(false);
    expect(await http.ask({ method: "GET", url: camera.url, ...bounds }, stop)).toMatchObject({ status: 401 });
  });
});

describe("the kit's process", () => {
  test("moves, shines and reports within seconds, as Zigbee2MQTT and Tasmota do", async () => {
    const broker = await Aedes.createBroker();
    const server = createServer(broker.handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    const seen = new Map<string, string>();
    const all = Promise.withResolvers<void>();
    const offline = Promise.withResolvers<void>();
    broker.on("publish", ({ topic, payload }) => {
      seen.set(topic, payload.toString());
      if (topic === "tele/lamp3/LWT" && payload.toString() === "Offline") offline.resolve();
      if (WANTED.every((wanted) => seen.has(wanted))) all.resolve();
    });
    const login = { username: "u", password: "p" };
    {
      const url = `mqtt://127.0.0.1:${portOf(server)}`;
      await using kit = await startKit(
        { broker: url, bridge: login, tasmota: { lamp3: login, yardpir: login, streetlux: login } },
        stop,
      );
      await all.promise;
      seen.delete("zigbee2mqtt/gate_motion");
      const walked = Promise.withResolvers<void>();
      broker.on("publish", ({ topic, payload }) => {
        if (topic === "zigbee2mqtt/gate_motion" && payload.toString().includes('"occupancy":true')) walked.resolve();
      });
      kit.walkThroughGate();
      await walked.promise;
    }
    await offline.promise;
    server.close();
    await new Promise<void>((resolve) => broker.close(resolve));
    expect(seen.get("tele/streetlux/SENSOR")).toContain("BH1750");
  });
});

describe("the process of a bridge that has no login yet", () => {
  test("speaks once somebody types a login into its page, and says which", async () => {
    const broker = await Aedes.createBroker();
    const heard = Promise.withResolvers<string>();
    broker.authenticate = (_client, username, password, done) =>
      done(null, username === "u-3f8a" && password?.toString() === "made-up-word");
    broker.on("publish", ({ topic }) => {
      if (topic === "zigbee2mqtt/path_lux") heard.resolve(topic);
    });
    const server = createServer(broker.handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    {
      const at = `mqtt://127.0.0.1:${portOf(server)}`;
      await using bridge = await startBridge({ port: 0, broker: at }, stop);
      const page = async () => await (await fetch(bridge.url)).text();
      expect(await page()).toContain("It has no login yet.");
      const body = new URLSearchParams({ user: "u-3f8a", password: "made-up-word" });
      await fetch(bridge.url, { method: "POST", body });
      await heard.promise;
      expect(await page()).toContain("It speaks as <code>u-3f8a</code>");
    }
    server.close();
    await new Promise<void>((resolve) => broker.close(resolve));
  });
});

const WANTED = [
  "zigbee2mqtt/bridge/state",
  "zigbee2mqtt/porch_motion/availability",
  "zigbee2mqtt/porch_motion",
  "zigbee2mqtt/path_lux",
  "tele/lamp3/LWT",
  "tele/lamp3/STATE",
  "stat/lamp3/POWER",
  "stat/yardpir/RESULT",
  "tele/streetlux/SENSOR",
];

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
