// Shown with the real program: outside the hours of `connect.between` only what is urgent leaves the house, people are told until
// when the platform rests, and "send now" sends what waits at once.
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { openPlatform } from "../../src/demo/platform.ts";
import { callGateway } from "../../src/web/local-socket.ts";
import { openHouse } from "../helpers/gateway-process.ts";

/** The hour that begins in three, as HH:MM in UTC. */
function laterToday(): [string, string] {
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  return [at(3), at(4)];
}

test("outside its hours a platform gets what is urgent, and the rest when a person says so", async () => {
  const publicKeys = new Map<string, string>();
  await using platform = await openPlatform({ host: "127.0.0.1", port: 0, publicKeys });
  const between = laterToday();
  await using house = await openHouse({
    kit: {
      bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
      devices: [{ id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" }],
    },
    gateway: { gateway: { id: "test-street", dataDir: "./data", timezone: "UTC" } },
    platform: [{ id: "main", kind: "https", url: platform.url, connect: { between } }],
  });
  const ask = async (...args: string[]) =>
    JSON.parse(await house.hedgerow(...args, "--config", house.config, "--json"));
  publicKeys.set("test-street", (await ask("key", "show")).publicKey);
  const { password } = await ask("bridge", "credentials", "z2m");
  await house.start();
  const types = () => platform.store.events().map(({ type }) => type);
  await expect.poll(types).toContain("hedgerow.gateway.status.v1");

  const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { username: "bridge_z2m", password });
  await client.publishAsync("zigbee2mqtt/lux", JSON.stringify({ illuminance: 42 }), { qos: 1 });
  await client.endAsync(true);
  const sink = async () => (await callGateway(house.dataDir, "status", {}))?.sinks[0];
  await expect.poll(sink).toMatchObject({ state: "resting", why: `sends from ${between[0]} to ${between[1]}` });
  const { until = "", lastAcceptedAt = null } = (await sink()) ?? {};
  expect(until?.slice(11, 16)).toBe(between[0]);
  expect(lastAcceptedAt).not.toBeNull();
  expect(types()).not.toContain("hedgerow.light.level.v1");

  await callGateway(house.dataDir, "sendNow", { id: "main" });
  await expect.poll(types).toContain("hedgerow.light.level.v1");
  await expect.poll(async () => (await sink())?.state).toBe("resting");
  await expect(callGateway(house.dataDir, "sendNow", { id: "other" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});
