// Shown: a neighbour's first hour at the command line, with the real gateway and mosquitto_pub as the device: pair, be
// heard, revoke, approve. The first device with the real program; later commands run in this process. Skipped aloud where Debian's mosquitto-clients are missing.
import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { z } from "zod";
import { callHere } from "../helpers/command-line.ts";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import type { TestHouse } from "../helpers/gateway-process.ts";

const isMissing = spawnSync("mosquitto_pub", ["--help"]).error !== undefined;
const EMPTY = { bridges: [], devices: [], cameras: [] };

const Login = z.object({
  id: z.string(),
  username: z.string(),
  password: z.string(),
  topic: z.string(),
  link: z.string(),
});
type Login = z.infer<typeof Login>;

const ask = async (house: TestHouse, ...args: string[]): Promise<unknown> =>
  JSON.parse(await callHere(house.config, [...args, "--json"]));
const pair = async (house: TestHouse, ...args: string[]): Promise<Login> => Login.parse(await ask(house, ...args));
const proposals = async (house: TestHouse) =>
  z
    .array(z.object({ id: z.string(), topic: z.string(), profile: z.string().nullable() }))
    .parse(await ask(house, "device", "approve"));

/** Publishes with QoS 1 and waits for the acknowledgement; rejects when the login or the topic is refused. */
async function publish(
  house: TestHouse,
  { username, password }: Login,
  topic: string,
  payload: object | string,
): Promise<void> {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const login = ["-h", "127.0.0.1", "-p", String(house.brokerPort), "-u", username, "-P", password];
  await promisify(execFile)("mosquitto_pub", [...login, "-q", "1", "-t", topic, "-m", text]);
}

test.skipIf(isMissing)("a device is paired, heard, and cut off within five seconds of its revocation", async () => {
  await using house = await openHouseWithPlatform({ kit: EMPTY });
  await house.start();
  const pairing = ["device", "pair", "--profile", "tasmota/relay", "--zone", "path", "--name", "Lamp 3"];
  const lamp = Login.parse(JSON.parse(await house.hedgerow(...pairing, "--config", house.config, "--json")));
  expect(lamp).toMatchObject({ id: "lamp-3", username: "lamp-3", topic: "lamp-3" });
  expect(lamp.link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/pair\/[\w-]{22}$/);
  await publish(house, lamp, "tele/lamp-3/STATE", { POWER: "ON" });
  expect(await ask(house, "status")).toMatchObject({
    devices: [{ id: "lamp-3", isPaired: true, state: "ok", heardAt: expect.stringMatching(/^20/) }],
  });
  await house.drained();
  expect(house.events().map(({ type, data }) => [type, data["zone"]])).toContainEqual([
    "hedgerow.light.state.v1",
    "path",
  ]);

  const { username, password } = lamp;
  const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, {
    username,
    password,
    reconnectPeriod: 0,
  });
  client.on("error", () => undefined);
  const isCut = new Promise<void>((resolve, reject) => {
    client.once("close", () => resolve());
    AbortSignal.timeout(5000).addEventListener("abort", () => reject(new Error("not cut within five seconds")));
  });
  await house.hedgerow("device", "revoke", "lamp-3", "--config", house.config);
  await isCut.finally(() => client.end(true));
  await expect(publish(house, lamp, "tele/lamp-3/STATE", { POWER: "OFF" })).rejects.toThrow(/not authori[sz]ed/i);
  expect(await ask(house, "device", "list")).toMatchObject([{ id: "lamp-3", isPaired: false }]);
  const renewed = await pair(house, "device", "credentials", "lamp-3");
  await publish(house, renewed, "tele/lamp-3/STATE", { POWER: "OFF" });
});

test.skipIf(isMissing)("a bridge's unknown device waits: nothing of it leaves until a person approves it", async () => {
  await using house = await openHouseWithPlatform({ kit: EMPTY });
  const gateway = await house.start();
  const bridge = await pair(house, "bridge", "add", "--family", "zigbee2mqtt", "--base", "zigbee2mqtt");
  await publish(house, bridge, "zigbee2mqtt/Kitchen of Unit 5", { occupancy: true });
  await publish(house, bridge, "zigbee2mqtt/Kitchen of Unit 5", { occupancy: false, battery: 12 });
  const [waiting, ...others] = await proposals(house);
  expect(waiting).toMatchObject({ topic: "zigbee2mqtt/Kitchen of Unit 5", profile: "zigbee2mqtt/any" });
  expect(others).toEqual([]);
  expect(await ask(house, "status")).toMatchObject({ proposals: 1, devices: [] });
  expect(await callHere(house.config, ["device", "list"])).toContain("1 waits for approval: hedgerow device approve");
  await house.drained();
  const before = house.events();
  expect(before.map(({ type }) => type)).not.toContain("hedgerow.motion.detected.v1");

  const id = waiting?.id ?? "";
  expect(await ask(house, "device", "approve", id, "--zone", "hall", "--name", "Hall")).toEqual({ id: "hall" });
  expect(await proposals(house)).toEqual([]);
  await publish(house, bridge, "zigbee2mqtt/Kitchen of Unit 5", { occupancy: true });
  await house.drained();
  const after = house.events().slice(before.length);
  expect(after.map(({ type, data }) => [type, data["zone"]])).toContainEqual(["hedgerow.motion.detected.v1", "hall"]);

  // Its name stands in the registry alone: not in what left, not in the log, not in the spool.
  expect(JSON.stringify(house.events())).not.toContain("Kitchen");
  expect(gateway.log.join("\n")).not.toContain("Kitchen");
  expect(await readFile(join(house.dataDir, "spool.db"), "latin1")).not.toContain("Kitchen");
  expect(await readFile(join(house.dataDir, "registry.json"), "utf8")).toContain("Kitchen");
});

test.skipIf(isMissing)("a removed bridge is cut off, and what it says afterwards is nobody's", async () => {
  await using house = await openHouseWithPlatform({ kit: EMPTY });
  await house.start();
  const bridge = await pair(house, "bridge", "add", "--family", "zigbee2mqtt", "--base", "z");
  await publish(house, bridge, "z/stairs", { occupancy: true });
  const [waiting] = await proposals(house);
  await ask(house, "device", "approve", waiting?.id ?? "", "--zone", "hall");
  await expect(ask(house, "bridge", "remove", bridge.id)).rejects.toThrow("still speaks for stairs");
  await ask(house, "device", "pause", "stairs");
  expect(await ask(house, "status")).toMatchObject({ devices: [{ id: "stairs", state: "paused" }] });
  await ask(house, "device", "resume", "stairs");
  await ask(house, "device", "remove", "stairs");
  await ask(house, "bridge", "remove", bridge.id);
  await expect(publish(house, bridge, "z/stairs", { occupancy: true })).rejects.toThrow(/not authori[sz]ed/i);
  expect(await ask(house, "status")).toMatchObject({ devices: [], bridges: [], proposals: 0 });
});

test.skipIf(isMissing)(
  "what a device announced waits over a restart, and is read as announced once approved",
  async () => {
    await using house = await openHouseWithPlatform({ kit: EMPTY });
    const gateway = await house.start();
    const bridge = await pair(house, "bridge", "add", "--family", "zigbee2mqtt", "--base", "z");
    const config = {
      name: "Door",
      uniq_id: "made-up-1",
      stat_t: "z/cellar/state of the door",
      dev_cla: "motion",
      dev: { ids: ["made-up"], name: "Cellar" },
    };
    await publish(house, bridge, "homeassistant/binary_sensor/made-up/door/config", config);
    expect(await gateway.end("SIGTERM")).toBe(0);
    // Without a gateway, too, it is listed.
    expect(await proposals(house)).toMatchObject([{ topic: "z/cellar/state of the door" }]);
    await house.start();
    const [waiting] = await proposals(house);
    expect(waiting).toMatchObject({ topic: "z/cellar/state of the door", profile: "discovered/cellar" });
    await ask(house, "device", "approve", waiting?.id ?? "", "--zone", "cellar");
    await publish(house, bridge, "z/cellar/state of the door", "ON");
    await house.drained();
    expect(house.events().map(({ type, data }) => [type, data["zone"]])).toContainEqual([
      "hedgerow.motion.detected.v1",
      "cellar",
    ]);
    expect(JSON.stringify(house.events())).not.toMatch(/Cellar|made-up/);
  },
);
