// Shown: a device that sends SSID, MAC, GPS, names and free text: none of it is in any byte that leaves towards the platform,
// in the public page, or in the log (promise 5). The bytes are recorded on the wire, between gateway and platform.
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { openWireTap, type WireTap } from "../helpers/wire-tap.ts";

const SECRETS = [
  "Cafe-Wifi-2",
  "02:42:AC:11:00:02",
  "0242ac110002",
  "0x00158d00aabbccdd",
  "192.168.7.31",
  "48.8566",
  "2.3522",
  "Somebody Here",
  "hello neighbour",
  "AB-123-CD",
  "somebodys_porch",
  "somebodyslamp",
];
const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [
    {
      id: "porch",
      name: "Somebody Here",
      profile: "zigbee2mqtt/occupancy",
      topic: "zigbee2mqtt/somebodys_porch",
      zone: "porch",
    },
    { id: "lamp", profile: "tasmota/relay", topic: "somebodyslamp", zone: "path" },
  ],
};
const identities = {
  ssid: "Cafe-Wifi-2",
  SSId: "Cafe-Wifi-2",
  BSSId: "02:42:AC:11:00:02",
  mac: "02:42:AC:11:00:02",
  ieee_address: "0x00158d00aabbccdd",
  ip: "192.168.7.31",
  latitude: 48.8566,
  longitude: 2.3522,
  gps: [48.8566, 2.3522],
  name: "Somebody Here",
  plate: "AB-123-CD",
  text: "hello neighbour",
  action: "hello neighbour",
  Wifi: { SSId: "Cafe-Wifi-2", BSSId: "02:42:AC:11:00:02" },
};

test("no identity that a device sends is in any byte that leaves, in the public page or in the log", async () => {
  const taps: WireTap[] = [];
  await using house = await openHouseWithPlatform({
    kit,
    policy: { events: { timeBucketS: 60, motion: { mode: "each" }, fields: { batteryPct: true, linkPct: true } } },
    through: async (port) => {
      const tap = await openWireTap(port);
      taps.push(tap);
      return tap.port;
    },
  });
  const [wire] = taps;
  if (wire === undefined) throw new Error("unreachable");
  await using _ = wire;
  const gateway = await house.start();
  const url = `mqtt://127.0.0.1:${house.brokerPort}`;
  const lampLogin = JSON.parse(
    await house.hedgerow("device", "credentials", "lamp", "--config", house.config, "--json"),
  );
  const bridge = await connectAsync(url, {
    username: "bridge_z2m",
    password: await house.bridgePassword("z2m"),
    clientId: "Somebody Here",
  });
  const lamp = await connectAsync(url, {
    username: lampLogin.username,
    password: lampLogin.password,
    will: { topic: "tele/somebodyslamp/LWT", payload: Buffer.from("Offline"), qos: 1, retain: true },
  });
  const send = (client: typeof bridge, topic: string, payload: unknown) =>
    client.publishAsync(topic, typeof payload === "string" ? payload : JSON.stringify(payload), { qos: 1 });
  await send(bridge, "zigbee2mqtt/somebodys_porch", {
    ...identities,
    occupancy: true,
    illuminance: 7,
    battery: 55,
    linkquality: 100,
    state: "hello neighbour",
  });
  await send(bridge, "zigbee2mqtt/somebodys_porch", {
    ...identities,
    occupancy: "Somebody Here",
    illuminance: "Cafe-Wifi-2",
    battery: "AB-123-CD",
  });
  await send(bridge, "zigbee2mqtt/bridge/devices", [identities]);
  await send(bridge, "zigbee2mqtt/Somebody Here", { ...identities, occupancy: true });
  await send(lamp, "tele/somebodyslamp/STATE", { ...identities, POWER: "ON", Dimmer: 40 });
  await send(lamp, "stat/somebodyslamp/POWER", "hello neighbour");
  await send(lamp, "tele/somebodyslamp/LWT", "Online");
  lamp.stream.destroy();
  bridge.end(true);
  lamp.end(true);
  await house.drained();
  const page = await (await fetch(`http://127.0.0.1:${house.statusPort}/transparency`)).text();
  const api = await (await fetch(`http://127.0.0.1:${house.statusPort}/api/v1/transparency`)).text();
  expect(await gateway.end("SIGTERM")).toBe(0);

  expect(house.events().map(({ type }) => type)).toEqual(
    expect.arrayContaining([
      "hedgerow.motion.detected.v1",
      "hedgerow.light.level.v1",
      "hedgerow.light.state.v1",
      "hedgerow.device.status.v1",
    ]),
  );
  expect(wire.sent().toString("latin1")).toContain("POST /v1/events");
  const told = { wire: wire.sent().toString("latin1"), page, api, log: gateway.log.join("\n") };
  for (const [where, text] of Object.entries(told)) {
    for (const secret of SECRETS)
      expect(text.toLowerCase(), `${secret} in ${where}`).not.toContain(secret.toLowerCase());
  }
});
